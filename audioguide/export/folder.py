"""A folder that a phone plays from: sessions as MP3s, a playlist and a cover.

The folder may be the phone itself, or one that is kept in step with it. So only what changed is written, and whole: a
file is copied under a temporary name, then renamed. What it has is told by the files themselves, each of which carries
its session; what is not ours is never touched.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable, Sequence
from contextlib import suppress
from itertools import accumulate, pairwise
from pathlib import Path

from audioguide.draw.cover import Bar, hold_bars, render_cover
from audioguide.draw.render import MADE_BY
from audioguide.errors import EnvironmentFailure, RequestError
from audioguide.export.mp3 import read_seconds
from audioguide.export.tags.id3 import may_be_ours
from audioguide.export.tags.payload import Label, read_label
from audioguide.model.timeline import Timeline
from audioguide.system.files import atomic_write, os_error_message, safe_name, write_bytes

PLAYLIST, COVER = "audioguide.m3u8", "cover.jpg"

_TITLE = "audioguide"


class FolderFailure(EnvironmentFailure):
    """The folder itself failed, so nothing more can be written to it: it is full, or gone."""


class ExportFolder:
    """The folder at `path`. RequestError when there is none.

    FolderFailure, from all that writes, when it is full, gone, or may not be written.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self._device = path.stat().st_dev
            is_folder = path.is_dir()
        except (OSError, ValueError):
            is_folder = False
        if not is_folder:
            raise RequestError(f"There is no folder {path}.", "Make it, or plug the phone in, then try again.")
        self._added: dict[Path, Timeline] = {}

    def place(self, id: str) -> Path:
        """Where the session that files call `id` lies, or is going to. Two ids that a phone's folder would take for one
        get two names.
        """
        self._check_folder()
        name = safe_name(id, ".mp3")
        there = next((path for path in self.path.iterdir() if path.name.casefold() == name.casefold()), None)
        if there and (label := read_label(there)) and label.id != id:
            own = hashlib.sha256(id.encode("utf-8", "surrogatepass")).hexdigest()[:6]
            return self.path / safe_name(f"{Path(name).stem[:30]}-{own}", ".mp3")
        return there or self.path / name

    def seconds(self, files: Sequence[Path], mark: str) -> float:
        """The length of the session in `files`, the sound first, if they are whole and made by this `Session.mark`;
        else 0.
        """
        label = read_label(files[0])
        unchanged = mark and label and label.mark == mark and all(file.is_file() for file in files)
        return read_seconds(files[0]) if unchanged else 0.0

    def check(self, files: Sequence[Path]) -> None:
        """RequestError when the files of a session, the sound first, would replace one that is not ours; FolderFailure
        when nothing can be written.
        """
        self._check_folder()
        if not os.access(self.path, os.W_OK):
            raise FolderFailure(f"{self.path} may not be written. Choose another folder.")
        if read_label(files[0]) is None:
            for path in files:
                if path.exists():
                    hint = "Move it away, or choose another folder with --to."
                    raise RequestError(f"{path} may not be from audioguide.", hint)

    def add(self, timeline: Timeline, made: Sequence[Path]) -> None:
        """Copy the files of a session, the sound first, into the folder: all or none. They keep their names."""
        places = [self.path / file.name for file in made]
        self.check(places)

        def copy() -> None:
            with atomic_write(*places) as parts:
                for file, part in zip(made, parts, strict=True):
                    try:
                        shutil.copyfile(file, part)
                    except OSError as error:
                        raise os_error_message(error, part) from None

        self._write(copy)
        self._added[places[0]] = timeline

    def finish(self) -> None:
        """Bring the playlist and the cover in step with what lies there now. A cover that is not ours stays."""
        found = ((path, read_label(path)) for path in sorted(self.path.glob("*.mp3")) if may_be_ours(path))
        there = {path: label for path, label in found if label}
        lengths = [read_seconds(path) for path in there]
        self._update(PLAYLIST, _playlist(there, lengths))
        picture = self.path / COVER
        if there and _is_ours(picture) and (self._added or not picture.exists()):
            self._update(COVER, self._drawn(there, lengths))

    def _drawn(self, there: dict[Path, Label], lengths: Sequence[float]) -> bytes:
        """The cover of the folder: that of its only session, or a bar for every session that it has."""
        path, label = next(iter(there.items()))
        if len(there) == 1 and (timeline := self._added.get(path)):
            return render_cover(label.title, timeline.routine, hold_bars(timeline))
        ends = list(accumulate(lengths, initial=0.0))
        return render_cover(
            _TITLE, _TITLE, [Bar(start / ends[-1], end / ends[-1]) for start, end in pairwise(ends) if end]
        )

    def _check_folder(self) -> None:
        """A folder that was unplugged may be there and empty: what is written to it now fills another disk."""
        with suppress(OSError):
            if self.path.is_dir() and self.path.stat().st_dev == self._device:
                return
        raise FolderFailure(f"The folder {self.path} is gone. Plug it in again, then start anew: what is there stays.")

    def _update(self, name: str, content: bytes) -> None:
        path = self.path / name
        with suppress(OSError):
            if path.read_bytes() == content:
                return
        self._write(lambda: write_bytes(path, content))

    def _write(self, write: Callable[[], None]) -> None:
        self._check_folder()
        try:
            write()
        except (EnvironmentFailure, RequestError) as error:
            self._check_folder()
            raise FolderFailure(str(error)) from None


def _playlist(sessions: dict[Path, Label], lengths: Sequence[float]) -> bytes:
    """Extended M3U in UTF-8 (RFC 8216 has its syntax): names only, so that the folder can be anywhere."""
    lines = ["#EXTM3U"]
    for (path, label), seconds in zip(sessions.items(), lengths, strict=True):
        lines += (f"#EXTINF:{round(seconds)},{' '.join(label.title.split())}", path.name)
    return "\n".join((*lines, "")).encode("utf-8", "replace")


def _is_ours(picture: Path) -> bool:
    """Whether a cover may be drawn there: there is none, or one that was drawn here."""
    try:
        with picture.open("rb") as file:
            return MADE_BY.encode() in file.read(100)
    except FileNotFoundError:
        return True
    except OSError:
        return False
