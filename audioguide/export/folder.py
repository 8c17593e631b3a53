"""A folder that a phone plays from: sessions as MP3s, a playlist and a cover.

Only what changed is written. A file tells by the session that it carries what it is; others are never touched.
"""

import hashlib
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import accumulate, pairwise
from pathlib import Path

from audioguide.draw.cover import Bar, render_cover
from audioguide.draw.render import MADE_BY
from audioguide.errors import EnvironmentFailure, RequestError
from audioguide.export.formats import SessionLabel, read_label
from audioguide.export.mp3 import read_seconds
from audioguide.export.tags.id3 import may_be_ours, read_cover
from audioguide.system.files import atomic_write, os_error_message, safe_name, write_bytes

PLAYLIST, COVER = "audioguide.m3u8", "cover.jpg"


class FolderFailure(EnvironmentFailure):
    """The folder is full or gone, so that nothing more can be written to it."""


class ExportFolder:
    """The folder at `path`; RequestError when there is none. What writes raises FolderFailure when that fails."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._added: set[Path] = set()
        with suppress(OSError, ValueError):
            if path.is_dir():
                self._device = path.stat().st_dev
                return
        raise RequestError(f"There is no folder {path}.", "Make it, or plug the phone in, then try again.")

    def place(self, id: str, named: str = "") -> Path:
        """The file of the session `id`, also of one whose id differs only in what a phone's file system ignores; or of
        whatever session lies under a name.
        """
        self._check_folder()
        name = safe_name(named or id, ".mp3")
        there = next((path for path in self.path.iterdir() if path.name.casefold() == name.casefold()), None)
        if not named and there and (label := read_label(there)) and label.id != id:
            own = hashlib.sha256(id.encode("utf-8", "surrogatepass")).hexdigest()[:6]
            return self.path / safe_name(f"{Path(name).stem[:30]}-{own}", ".mp3")
        return there or self.path / name

    def seconds(self, files: Sequence[Path], mark: str) -> float:
        """The length in seconds of the session in `files`, the sound first; 0 unless all exist and have this `mark`."""
        label = read_label(files[0])
        unchanged = mark and label and label.mark == mark and all(file.is_file() for file in files)
        return read_seconds(files[0]) if unchanged else 0.0

    def check(self, files: Sequence[Path]) -> None:
        """FolderFailure where these files cannot be written, RequestError where one would replace a foreign file."""
        self._check_folder()
        if not os.access(self.path, os.W_OK):
            raise FolderFailure(f"{self.path} may not be written. Choose another folder.")
        if read_label(files[0]) is None:
            for path in files:
                if path.exists():
                    fault = f"{path} may not be from audioguide."
                    raise RequestError(fault, "Move it away, or choose another folder with --to.")

    def add(self, files: Sequence[Path]) -> None:
        """Copy the files of a session, the sound first, into the folder: all or none. They keep their names."""
        targets = [self.path / file.name for file in files]
        self.check(targets)
        with self._failures(), atomic_write(*targets) as parts:
            for file, part in zip(files, parts, strict=True):
                try:
                    shutil.copyfile(file, part)
                except OSError as error:
                    raise os_error_message(error, part) from None
        self._added.add(targets[0])

    def finish(self) -> None:
        """Update the playlist and the cover to the sessions in the folder. A cover from elsewhere stays."""
        found = ((path, read_label(path)) for path in sorted(self.path.glob("*.mp3")) if may_be_ours(path))
        sessions = {path: label for path, label in found if label}
        lengths = [read_seconds(path) for path in sessions]
        lines = ["#EXTM3U"]  # extended M3U (RFC 8216), with bare file names, so that the folder can be moved
        for (path, label), seconds in zip(sessions.items(), lengths, strict=True):
            lines += (f"#EXTINF:{round(seconds)},{' '.join(label.title.split())}", path.name)
        self._update(PLAYLIST, "\n".join((*lines, "")).encode("utf-8", "replace"))
        picture = self.path / COVER
        if sessions and _may_draw(picture) and (self._added or not picture.exists()):
            self._update(COVER, self._render_cover(sessions, lengths))

    def _render_cover(self, sessions: dict[Path, SessionLabel], lengths: Sequence[float]) -> bytes:
        if len(sessions) == 1 and self._added >= sessions.keys():
            return read_cover(*sessions)
        ends = list(accumulate(lengths, initial=0.0))
        bars = [Bar(start / ends[-1], end / ends[-1]) for start, end in pairwise(ends) if end]
        return render_cover("audioguide", "audioguide", bars)

    def _check_folder(self) -> None:
        """Raise FolderFailure if it is gone. An unplugged disk can leave an empty folder, on another device."""
        with suppress(OSError):
            if self.path.is_dir() and self.path.stat().st_dev == self._device:
                return
        raise FolderFailure(f"The folder {self.path} is gone. Plug it in again, then start anew: what is there stays.")

    def _update(self, name: str, content: bytes) -> None:
        path = self.path / name
        with suppress(OSError):
            if path.read_bytes() == content:
                return
        with self._failures():
            write_bytes(path, content)

    @contextmanager
    def _failures(self) -> Iterator[None]:
        self._check_folder()
        try:
            yield
        except (EnvironmentFailure, RequestError) as error:
            self._check_folder()
            raise FolderFailure(str(error)) from None


def _may_draw(picture: Path) -> bool:
    try:
        with picture.open("rb") as file:
            return MADE_BY.encode() in file.read(100)
    except FileNotFoundError:
        return True
    except OSError:
        return False
