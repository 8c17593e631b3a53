"""The clip cache: finished clips as files named by what they were made from.

Any number of processes may share it: a file appears whole, by a rename, and never changes. It is bounded in size: what
was not used for longest goes. Whatever goes wrong with it (a folder that may not be written, a full disk, a damaged
file, one that another process took away) only makes a clip be spoken again.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import struct
import threading
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from audioguide import store
from audioguide.errors import RequestError
from audioguide.resources import cache_root

_HEADER = struct.Struct("<8sI20s")  # mark and version, frames, digest of the samples
_MARK = b"agclip\x01\n"

CLIP_NAME = re.compile(r"[0-9a-f]{40}\.clip")

ROOM = 1_000
"""Megabytes that clips may take: three hours of speech, all of it different. `AUDIOGUIDE_CACHE_MB` sets another."""


def key_of(*parts: str | float) -> str:
    """The name of what is made from these parts: 40 hexadecimal digits."""
    text = json.dumps([_MARK.hex(), *parts], ensure_ascii=True)
    return hashlib.blake2b(text.encode(), digest_size=20).hexdigest()


def cache_folder() -> Path:
    """Where clips are kept: below `AUDIOGUIDE_CACHE`, or else below the person's cache folder."""
    return cache_root() / "clips"


def room() -> int:
    """Bytes that clips may take. RequestError where the environment asks for something else than a number."""
    written = os.environ.get("AUDIOGUIDE_CACHE_MB", "")
    if not written:
        return ROOM * 1_000_000
    if not (written.isascii() and written.isdecimal()):
        message = f"AUDIOGUIDE_CACHE_MB is {written!r}, and has to be a whole number of megabytes."
        raise RequestError(message, "Set it to 1000, or take it away.")
    return int(written) * 1_000_000


class Stored:
    """How much this process stored since the folder was last looked through, which takes 0.2 s with 10,000 clips."""

    def __init__(self) -> None:
        self._bytes = 0
        self._lock = threading.Lock()

    def add(self, count: int, room: int) -> bool:
        """Count what was stored; whether that is a twentieth of the room by now."""
        with self._lock:
            self._bytes += count
            if self._bytes <= room / 20:
                return False
            self._bytes = 0
            return True


@dataclass(frozen=True, slots=True)
class ClipCache:
    """Clips by key, below one folder. A clip is int16 samples, shape (frames,)."""

    folder: Path
    room: int = ROOM * 1_000_000
    """Bytes that they may take; what is in use is kept even beyond that."""

    _stored: Stored = field(default_factory=Stored, repr=False, compare=False)

    def frames(self, key: str) -> int | None:
        """The length of a clip, read from its header alone; None when it is not there or not whole."""
        try:
            with self._path(key).open("rb") as file:
                header = file.read(_HEADER.size)
                stat = os.fstat(file.fileno())
        except OSError:
            return None
        store.note_use(self._path(key), stat.st_mtime)
        return _frames(header, stat.st_size)

    def load(self, key: str) -> NDArray[np.int16] | None:
        """A clip; None when it is not there or its samples are not those that were written."""
        try:
            with self._path(key).open("rb") as file:
                content, used = file.read(), os.fstat(file.fileno()).st_mtime
        except OSError:
            return None
        store.note_use(self._path(key), used)
        if _frames(content, len(content)) is None:
            return None
        samples = content[_HEADER.size :]
        if _digest(samples) != _HEADER.unpack_from(content)[2]:
            return None
        return np.frombuffer(samples, "<i2").astype(np.int16, copy=False)

    def store(self, key: str, clip: NDArray[np.int16]) -> None:
        """Keep a clip, if the folder lets us."""
        import tempfile  # slow to load, and most clips are known

        samples = clip.astype("<i2").tobytes()
        path = self._path(key)
        with contextlib.suppress(OSError):
            path.parent.mkdir(parents=True, exist_ok=True)
            handle, part = tempfile.mkstemp(prefix=".", suffix=".part", dir=path.parent)
            try:
                with os.fdopen(handle, "wb") as file:
                    file.write(_HEADER.pack(_MARK, len(clip), _digest(samples)) + samples)
                Path(part).replace(path)
            except BaseException:
                Path(part).unlink(missing_ok=True)
                raise
        if self._stored.add(len(samples), self.room) or not store.looked_through(self.folder):
            store.make_room(self.folder, CLIP_NAME, self.room)

    def _path(self, key: str) -> Path:
        return self.folder / key[:2] / f"{key}.clip"


def _frames(header: bytes, size: int) -> int | None:
    if len(header) < _HEADER.size:
        return None
    mark, count, _ = _HEADER.unpack_from(header)
    return count if mark == _MARK and size == _HEADER.size + 2 * count else None


def _digest(samples: bytes) -> bytes:
    return hashlib.blake2b(samples, digest_size=20).digest()
