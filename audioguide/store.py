"""Folders of files that can be made again: found by their names, bounded in size, the least recently used going first.

A file's time of change is when it was last used, to the hour: who reads one often does not write to the disk each
time. Whatever goes wrong here costs time and nothing else, so nothing is raised.
"""

from __future__ import annotations

import contextlib
import os
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

HOUR = 3600.0
"""Seconds. A use is noted when the last note is older than this."""

SPARED = 3 * HOUR
"""What was used within these seconds may be needed by a session that is running, and stays."""

ABANDONED = 24 * HOUR
"""A temporary file of this age belongs to a process that was killed."""

_LOOKED = ".looked-through"

_PART = re.compile(r"\..+\.part")


@dataclass(frozen=True, slots=True)
class Kept:
    """A file: its size in bytes, and when it was last used (seconds since the epoch)."""

    path: Path
    bytes: int
    used: float


def kept(folder: Path, name: re.Pattern[str]) -> Iterator[Kept]:
    """The files below a folder that have such a name; what else lies there is nobody's business here."""
    with contextlib.suppress(OSError):
        for entry in os.scandir(folder):
            if entry.is_dir(follow_symlinks=False):
                yield from kept(Path(entry.path), name)
            elif name.fullmatch(entry.name) and entry.is_file(follow_symlinks=False):
                with contextlib.suppress(OSError):
                    stat = entry.stat(follow_symlinks=False)
                    yield Kept(Path(entry.path), stat.st_size, stat.st_mtime)


def note_use(path: Path, used: float) -> None:
    """Note that a file is used now, when the last note of it is old."""
    if used < time.time() - HOUR:
        with contextlib.suppress(OSError):
            os.utime(path)


def looked_through(folder: Path) -> bool:
    """Whether some process made room in a folder within the last day; notes that it is being done now, if not."""
    mark = folder / _LOOKED
    with contextlib.suppress(OSError):
        if mark.exists() and mark.stat().st_mtime > time.time() - ABANDONED:
            return True
        mark.touch()
    return False


def make_room(folder: Path, name: re.Pattern[str], room: int) -> int:
    """Remove what was not used for longest until nine tenths of `room` bytes are left, if there is more than `room`.

    Also what killed processes left behind. Returns how many bytes went.
    """
    now = time.time()
    remove(part for part in kept(folder, _PART) if part.used < now - ABANDONED)
    files = sorted(kept(folder, name), key=lambda file: file.used)
    total = sum(file.bytes for file in files)
    if total <= room:
        return 0
    going = []
    for file in files:
        if total <= room * 9 // 10 or file.used > now - SPARED:
            break
        going.append(file)
        total -= file.bytes
    return remove(going)


def remove(files: Iterator[Kept] | list[Kept]) -> int:
    """Remove files, and say how many bytes went. One that another process removed first is none of ours."""
    gone = 0
    for file in files:
        with contextlib.suppress(OSError):
            file.path.unlink()
            gone += file.bytes
    return gone
