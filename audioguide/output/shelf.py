"""A folder that a phone plays from: sessions, a playlist and a cover, and a hidden file that says what lies there.

The folder may be the phone itself, or one that is kept in step with it. So only what changed is written, and whole: a
file is copied under a temporary name, then renamed. What is not ours there is never touched.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Sequence
from contextlib import suppress
from itertools import accumulate, pairwise
from pathlib import Path

from audioguide.draw.cover import Bar, bars, cover
from audioguide.errors import EnvironmentFailure, RequestError
from audioguide.files import explain, safe_name, staged, write_bytes
from audioguide.output.manifest import Shelved, manifest, read_manifest
from audioguide.output.tags.embedded import find_payload
from audioguide.timeline.model import Timeline
from audioguide.units import RATE

MANIFEST, PLAYLIST, COVER = ".audioguide.json", "audioguide.m3u8", "cover.jpg"

_TITLE = "audioguide"


class FolderFailure(EnvironmentFailure):
    """The folder itself failed, so nothing more can be written to it: it is full, or gone."""


class Shelf:
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
        self._sessions, self._cover = read_manifest(path / MANIFEST)
        self._changed = False

    def file(self, id: str) -> Path:
        """Where the sound of a session lies, or is going to. Two ids that a phone's folder would take for one get two
        names.
        """
        if known := self._sessions.get(id):
            return self.path / known.sound
        taken = {name.casefold() for session in self._sessions.values() for name in session.files}
        name = safe_name(id, ".mp3")
        if name.casefold() in taken:
            own = hashlib.sha256(id.encode("utf-8", "surrogatepass")).hexdigest()[:6]
            name = safe_name(f"{Path(name).stem[:30]}-{own}", ".mp3")
        return self.path / name

    def kept(self, id: str, mark: str | None) -> Shelved | None:
        """The session that lies there whole, as it would be made now; else None. Every byte of it is read for that."""
        known = self._sessions.get(id)
        if known is None or known.mark != mark:
            return None
        whole = all(_digest_of(self.path / name) == digest for name, digest in known.files.items())
        return known if whole else None

    def check(self, names: Sequence[str]) -> None:
        """RequestError when one of these files is there and is not ours, FolderFailure when nothing can be written."""
        self._check_folder()
        if not os.access(self.path, os.W_OK):
            raise FolderFailure(f"{self.path} may not be written. Choose another folder.")
        ours = {name for session in self._sessions.values() for name in session.files}
        for name in names:
            path = self.path / name
            if name not in ours and path.exists() and not _is_session(path):
                raise RequestError(
                    f"{path} is not from audioguide.", "Move it away, or choose another folder with --to."
                )

    def put(self, id: str, mark: str, timeline: Timeline, made: Sequence[Path]) -> Shelved:
        """Copy the files of a session, the sound first, into the folder: all or none. They keep their names."""
        names = [file.name for file in made]
        self.check(names)
        try:
            with staged(*(self.path / name for name in names)) as parts:
                for file, part in zip(made, parts, strict=True):
                    try:
                        shutil.copyfile(file, part)
                    except OSError as error:
                        raise explain(error, part) from None
        except (EnvironmentFailure, RequestError) as error:
            self._check_folder()
            raise FolderFailure(str(error)) from None
        digests = {file.name: _digest_of(file) for file in made}
        put = Shelved(id, mark, timeline.title, timeline.frames / RATE, bars(timeline), digests)
        self._sessions[id] = put
        self._changed = True
        self._write(MANIFEST, manifest(self._sessions, self._cover))
        self._write(PLAYLIST, _playlist(self._there()))
        return put

    def finish(self) -> None:
        """Bring the playlist and the cover in step with what lies there now. A cover that is not ours stays."""
        there = self._there()
        self._write(PLAYLIST, _playlist(there))
        picture = self.path / COVER
        lies = _digest_of(picture) if picture.exists() else None
        if there and lies in (None, self._cover) and (self._changed or lies is None):
            drawn = _drawn(there)
            self._write(COVER, drawn)
            self._cover = hashlib.sha256(drawn).hexdigest()
            self._write(MANIFEST, manifest(self._sessions, self._cover))

    def _there(self) -> list[Shelved]:
        return [session for session in self._sessions.values() if (self.path / session.sound).is_file()]

    def _check_folder(self) -> None:
        """A folder that was unplugged may be there and empty: what is written to it now fills another disk."""
        with suppress(OSError):
            if self.path.is_dir() and self.path.stat().st_dev == self._device:
                return
        raise FolderFailure(f"The folder {self.path} is gone. Plug it in again, then start anew: what is there stays.")

    def _write(self, name: str, content: bytes) -> None:
        self._check_folder()
        path = self.path / name
        with suppress(OSError):
            if path.read_bytes() == content:
                return
        try:
            write_bytes(path, content)
        except (EnvironmentFailure, RequestError) as error:
            self._check_folder()
            raise FolderFailure(str(error)) from None


def _playlist(sessions: Sequence[Shelved]) -> bytes:
    """Extended M3U in UTF-8 (RFC 8216 has its syntax): names only, so that the folder can be anywhere."""
    lines = ["#EXTM3U"]
    for session in sessions:
        lines += (f"#EXTINF:{round(session.seconds)},{' '.join(session.title.split())}", session.sound)
    return "\n".join((*lines, "")).encode("utf-8", "replace")


def _drawn(sessions: Sequence[Shelved]) -> bytes:
    """The cover of the folder: that of its only session, or a bar for every session that it has."""
    if len(sessions) == 1:
        (only,) = sessions
        return cover(only.title, only.id, only.bars)
    ends = list(accumulate((session.seconds for session in sessions), initial=0.0))
    return cover(_TITLE, _TITLE, [Bar(start / ends[-1], end / ends[-1]) for start, end in pairwise(ends)])


def _is_session(path: Path) -> bool:
    try:
        find_payload(path)
    except RequestError:
        return False
    return True


def _digest_of(path: Path) -> str:
    """The SHA-256 of a file; "" when it cannot be read."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""
