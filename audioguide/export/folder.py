"""A folder that a phone plays from, or a server of audio books: sessions, a playlist, a cover, and a podcast feed.

Only what changed is written. A file tells by the session that it carries what it is, and a hidden file of the folder
what was put into it. All others are never touched.
"""

import hashlib
import html
import os
import re
import shutil
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import lru_cache
from itertools import accumulate, pairwise
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

from pydantic import TypeAdapter

from audioguide.draw.cover import Bar, render_cover
from audioguide.draw.render import MADE_BY
from audioguide.errors import EnvironmentFailure, RequestError
from audioguide.export.feed import FEED, render_feed
from audioguide.export.formats import LAYOUTS, read_label
from audioguide.export.mp3 import read_seconds
from audioguide.export.tags.id3 import may_be_ours, read_cover
from audioguide.system.files import atomic_write, make_folder, os_error_message, safe_name, write_bytes

PLAYLIST, COVER, MANIFEST = "audioguide.m3u8", "cover.jpg", ".audioguide.json"


class MadeFile(NamedTuple):
    """A file that was put here: its bytes, its sound, and the routine's id, fingerprint and length of its session."""

    bytes: int
    sound: str
    id: str
    mark: str
    seconds: float


_MANIFEST = TypeAdapter(dict[str, MadeFile])  # by names below the folder


class FolderFailure(EnvironmentFailure):
    """The folder is full or gone, so that nothing more can be written to it."""


class ExportFolder:
    """The folder at `path`; RequestError when there is none. What writes raises FolderFailure when that fails.

    Its sounds end with `ending` and lie in a layout. `feed` is the address of its feed, "" for the one that it has.
    """

    def __init__(self, path: Path, ending: str = ".mp3", layout: str = "plain", feed: str = "") -> None:
        self.path, self.ending, self.layout = path, ending, layout
        self._added: set[Path] = set()
        self._old_feed = b""
        with suppress(OSError, ValueError):
            if path.is_dir():
                self._device = path.stat().st_dev
                if (there := path / FEED).is_file() and _may_replace(there):
                    self._old_feed = there.read_bytes()
                found = re.search(r'<atom:link rel="self".* href="(.*)"', self._old_feed.decode("utf-8", "replace"))
                self.feed = feed or html.unescape(found[1] if found else "")
                return
        raise RequestError(f"There is no folder {path}.", "Make it, or plug the phone in, then try again.")

    def place(self, id: str, **parts: str) -> Path:
        """The file of the session `id`, also of one whose id differs only in what a phone's file system ignores; or,
        without an id, of whatever session lies there. `parts` are the name, and the artist and title of a layout.
        """
        self._check_folder()
        names = [part.format(**parts) for part in LAYOUTS[self.layout]]
        place = self._find(names)
        if id and (label := read_label(place)) and label.id != id:
            own = hashlib.sha256(id.encode("utf-8", "surrogatepass")).hexdigest()[:6]
            return self._find([*names[:-2], *(f"{safe_name(name, '')[:30]}-{own}" for name in names[-2:])])
        return place

    def _find(self, names: Sequence[str]) -> Path:
        *above, name = (*(safe_name(one, "") for one in names[:-1]), safe_name(names[-1], self.ending))
        place = self.path.joinpath(*above, name)
        others = place.parent.iterdir() if place.parent.is_dir() else ()
        return next((other for other in others if other.name.casefold() == name.casefold()), place)

    def seconds(self, files: Sequence[Path], mark: str) -> float:
        """The length in seconds of the session in `files`, the sound first; 0 unless all exist and have this `mark`."""
        label = read_label(files[0]) or self._find_made(files[0])
        same = mark and label and label.mark == mark and all(file.is_file() for file in files)
        return self._length(files[0]) if same else 0.0

    def _length(self, sound: Path) -> float:
        return read_seconds(sound) or (made.seconds if (made := self._find_made(sound)) else 0.0)

    def _find_made(self, path: Path) -> MadeFile | None:
        """What is known of a file that was put here, unless it has changed since then."""
        made = self._read_manifest().get(self.name(path))
        with suppress(OSError):
            return made if made and path.stat().st_size == made.bytes else None
        return None

    def _read_manifest(self) -> dict[str, MadeFile]:
        """What was put here; nothing that would lie elsewhere."""
        path = self.path / MANIFEST
        with suppress(OSError, ValueError):  # a damaged one is of no use
            about = path.stat()
            return _parse_manifest(path, about.st_ino, about.st_mtime_ns)
        return {}

    def name(self, path: Path) -> str:
        """A file by its name below the folder."""
        return path.relative_to(self.path).as_posix()

    def check(self, files: Sequence[Path]) -> None:
        """FolderFailure where these files cannot be written, RequestError where one would replace a foreign file."""
        self._check_folder()
        if not os.access(self.path, os.W_OK):
            raise FolderFailure(f"{self.path} may not be written. Choose another folder.")
        if read_label(files[0]) is None:
            for path in files:
                if path.exists() and not self._find_made(path):
                    fault = f"{path} may not be from audioguide."
                    raise RequestError(fault, "Move it away, or choose another folder with --to.")

    def add(self, files: Sequence[Path], sound: Path, id: str, mark: str, seconds: float) -> None:
        """Copy the files of a session, the sound first, to where that is to lie: all or none. They keep their names."""
        targets = [sound.with_name(file.name) for file in files]
        self.check(targets)
        make_folder(sound.parent)
        own, sizes = (self.name(sound), id, mark, seconds), [file.stat().st_size for file in files]
        made = {self.name(target): MadeFile(size, *own) for target, size in zip(targets, sizes, strict=True)}
        # All at once, so that a killed process leaves no WAV of which nobody knows whose it is.
        with self._failures(), atomic_write(*([self.path / MANIFEST] if id else ()), *targets) as parts:
            if id:
                parts[0].write_bytes(_MANIFEST.dump_json(self._read_manifest() | made, indent=1))
            for file, part in zip(files, parts[-len(files) :], strict=True):
                try:
                    shutil.copyfile(file, part)
                except OSError as error:
                    raise os_error_message(error, part) from None
        self._added.add(sound)

    def prune(self, kept: Collection[Path], is_asked: Callable[[str], bool]) -> list[Path]:
        """Remove what was put here as sessions of the ids asked for, but for the sounds `kept`; returns the others.

        A file that has changed since then is somebody else's, and stays.
        """
        known = self._read_manifest()
        gone = {name for name, made in known.items() if is_asked(made.id) and self.path / made.sound not in kept}
        removed = [path for name in sorted(gone) if self._find_made(path := self.path / name)]
        for path in removed:
            with self._failures():
                path.unlink()
            with suppress(OSError):  # there is something else in it
                for above in path.relative_to(self.path).parents[:-1]:
                    (self.path / above).rmdir()
        self._update(
            MANIFEST, _MANIFEST.dump_json({key: made for key, made in known.items() if key not in gone}, indent=1)
        )
        return [path for path in removed if known[name := self.name(path)].sound == name]

    def sessions(self) -> dict[Path, float]:
        """The sounds in the folder, and how many seconds they take."""
        brought = (path for path in self.path.glob("*.mp3") if may_be_ours(path) and read_label(path))
        made = (self.path / made.sound for made in self._read_manifest().values())
        return {path: self._length(path) for path in sorted({*brought, *made}) if path.is_file()}

    def finish(self) -> None:
        """Update playlist, cover and feed to the sessions in the folder. A cover or feed from elsewhere stays."""
        sessions, picture = self.sessions(), self.path / COVER
        if self.feed and _may_replace(self.path / FEED):
            base = self.feed.rpartition("/")[0]
            addresses = {path: (f"{base}/{quote(self.name(path))}", seconds, "") for path, seconds in sessions.items()}
            self._update(FEED, render_feed(self.feed, self.path.resolve().name, addresses, self._old_feed))
        if self.layout != "plain":
            return
        lines = ["#EXTM3U"]  # extended M3U (RFC 8216), with bare file names, so that the folder can be moved
        for path, seconds in sessions.items():
            title = label.title if (label := read_label(path)) else path.stem
            lines += (f"#EXTINF:{round(seconds)},{' '.join(title.split())}", self.name(path))
        playlist = "\n".join((*lines, "")).encode("utf-8", "replace")
        changed = self._added or not picture.exists() or not self._has(PLAYLIST, playlist)
        if sessions and _may_replace(picture) and changed:
            self._update(COVER, self._render_cover(sessions))
        self._update(PLAYLIST, playlist)  # last: who is killed before it draws the cover the next time

    def _render_cover(self, sessions: dict[Path, float]) -> bytes:
        if len(sessions) == 1 and next(iter(sessions)).suffix == ".mp3":
            return read_cover(*sessions)
        ends = list(accumulate(sessions.values(), initial=0.0))
        bars = [Bar(start / ends[-1], end / ends[-1]) for start, end in pairwise(ends) if end]
        return render_cover("audioguide", "audioguide", bars)

    def _check_folder(self) -> None:
        """Raise FolderFailure if it is gone. An unplugged disk can leave an empty folder, on another device."""
        with suppress(OSError):
            if self.path.is_dir() and self.path.stat().st_dev == self._device:
                return
        raise FolderFailure(f"The folder {self.path} is gone. Plug it in again, then start anew: what is there stays.")

    def _update(self, name: str, content: bytes) -> None:
        if not self._has(name, content):
            with self._failures():
                write_bytes(self.path / name, content)

    def _has(self, name: str, content: bytes) -> bool:
        with suppress(OSError):
            return (self.path / name).read_bytes() == content
        return False

    @contextmanager
    def _failures(self) -> Iterator[None]:
        self._check_folder()
        try:
            yield
        except (EnvironmentFailure, RequestError) as error:
            self._check_folder()
            raise FolderFailure(str(error)) from None
        except OSError as error:
            raise FolderFailure(str(os_error_message(error, self.path / "any"))) from None


@lru_cache(maxsize=4)
def _parse_manifest(path: Path, *version: int) -> dict[str, MadeFile]:
    found = _MANIFEST.validate_json(path.read_bytes())
    return {name: made for name, made in found.items() if not (Path(name).anchor or ".." in Path(name).parts)}


def _may_replace(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return MADE_BY.encode() in file.read(100)
    except FileNotFoundError:
        return True
    except OSError:
        return False
