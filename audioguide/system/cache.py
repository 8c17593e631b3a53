"""A cache of files that can be made again (clips, encoded segments, decoded music …), bounded in size.

Any number of processes may share a folder: a file appears whole, by a rename, and never changes. It begins with its own
key and a checksum of its content, so a file that is damaged or has another's name counts as missing. A file's
modification time is its last use, to the hour, so that reading rarely writes. Failures of the folder only cost time.
"""

import contextlib
import hashlib
import json
import mmap
import os
import random
import re
import stat
import struct
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import BinaryIO

from audioguide.errors import RequestError
from audioguide.system.files import sweep, temporary_file
from audioguide.system.remote_cache import RemoteCache, open_remote_cache

HOUR = 3600.0  # seconds between two updates of the time of last use
LARGEST = 64_000_000  # most bytes of a blob from the shared cache: an hour of MP3, or 12 minutes of speech
_HEAD = struct.Struct("<8sq20s20s")  # mark, length of the content, key, checksum of the content
_CHECKSUM = partial(hashlib.sha1, usedforsecurity=False)  # against accidents, and fast
_NAME = re.compile(r"[0-9a-f]{32,64}\.\w+")


def cache_key(*parts: str | float) -> str:
    """The name of what is made from these parts: 40 hexadecimal digits."""
    return hashlib.blake2b(json.dumps(parts, ensure_ascii=True).encode(), digest_size=20).hexdigest()


def size_limit(usual: int) -> int:
    """Most bytes of one kind of blobs: `usual`, or `AUDIOGUIDE_CACHE_MB`. RequestError where that is not a number."""
    written = os.environ.get("AUDIOGUIDE_CACHE_MB", "")
    if written and not (written.isascii() and written.isdecimal()):
        message = f"AUDIOGUIDE_CACHE_MB is {written!r}, and has to be a whole number of megabytes."
        raise RequestError(message, "Set it to 1000, or take it away.")
    return int(written) * 1_000_000 if written else usual


@dataclass(frozen=True, slots=True)
class CacheEntry:
    """A file: its size in bytes, and when it was last used (seconds since the epoch)."""

    path: Path
    bytes: int
    used: float


def entries(folder: Path) -> Iterator[CacheEntry]:
    """The files below a folder whose names are keys; others are left alone, but for what killed processes left."""
    for parent, _, names in os.walk(folder):
        if any(name.endswith(".part") for name in names):
            sweep(Path(parent))
        for path in (Path(parent, name) for name in names if _NAME.fullmatch(name)):
            with contextlib.suppress(OSError):
                found = path.lstat()
                if stat.S_ISREG(found.st_mode):
                    yield CacheEntry(path, found.st_size, found.st_mtime)


def touch(path: Path) -> None:
    """Update a file's time of last use, also one that lies ahead since the clock was wrong."""
    with contextlib.suppress(OSError):
        if abs(path.stat().st_mtime - time.time()) > HOUR:
            os.utime(path)


def evict(folder: Path, room: int) -> None:
    """Remove the least recently used files of a folder until they take at most `room` bytes."""
    now = time.time()
    files = sorted(entries(folder), key=lambda file: file.used if file.used < now + HOUR else 0.0)  # a clock was wrong
    over = sum(file.bytes for file in files) - room
    for file in files:
        if over <= 0 or abs(file.used - now) < 3 * HOUR:  # a running session may need those used since
            break
        over -= remove([file])


def remove(files: Iterable[CacheEntry]) -> int:
    """Remove files; returns how many bytes that freed. A file that another process removed first does not count."""
    gone = 0
    for file in files:
        with contextlib.suppress(OSError):
            file.path.unlink()
            gone += file.bytes
    return gone


@dataclass(frozen=True, slots=True)
class BlobCache:
    """Blobs of one kind, in one folder. A key is 40 hexadecimal digits, made of all that the blob depends on.

    `ending` is that of the files, with its dot; `mark` (at most 8 bytes) is for the kind and its version. `room` is the
    most bytes in all, but for files that may be in use. What is missing is looked up in `shared`.
    """

    folder: Path
    ending: str
    mark: bytes
    room: int
    shared: RemoteCache | None = field(default_factory=open_remote_cache)

    def path(self, key: str) -> Path:
        """The file of a blob, whether or not it exists."""
        return self.folder / key[:2] / f"{key}{self.ending}"

    def length(self, key: str) -> int | None:
        """The size of a blob in bytes; None where it is missing, or its head and its file's size do not match."""
        path = self.path(key)
        with contextlib.suppress(OSError), path.open("rb") as file:
            head, length = file.read(_HEAD.size), os.fstat(file.fileno()).st_size - _HEAD.size
            if head[:-20] == self._head(key, length)[:-20]:
                touch(path)
                return length
        content = self._fetch(key)
        return None if content is None else len(content)

    def get(self, key: str) -> bytes | None:
        """A blob; None where it is missing or damaged."""
        with contextlib.suppress(OSError):
            if (content := self._content(key, self.path(key).read_bytes())) is not None:
                touch(self.path(key))
                return bytes(content)
        return self._fetch(key)

    def map(self, key: str) -> memoryview | None:
        """As `get`, but mapped into memory, and never from the shared cache: for large blobs."""
        path = self.path(key)
        with contextlib.suppress(OSError, ValueError), path.open("rb") as file:
            head = file.read(_HEAD.size)
            checksum = hashlib.file_digest(file, _CHECKSUM).digest()  # read, since mapped pages count as memory
            if head == self._head(key, file.tell() - _HEAD.size, checksum):
                touch(path)
                return memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))[_HEAD.size :]
        return None

    def put(self, key: str, content: bytes) -> None:
        """Keep a blob, if the folder allows it, here and in the shared cache."""
        self._keep(key, content)
        if self.shared:
            head = self._head(key, len(content), _CHECKSUM(content).digest())
            self.shared.put(self._shared_name(key), head + content)

    def fill(self, key: str, write: Callable[[BinaryIO], object]) -> None:
        """Keep what `write`, or a child process that it starts, writes to the file that it is given; not shared.

        Nothing is kept where `write` raises. OSError where the folder does not allow it.
        """
        path = self.path(key)
        path.parent.mkdir(parents=True, exist_ok=True)
        with temporary_file(path.parent) as part:
            with part.open("w+b") as file:
                file.seek(_HEAD.size)
                write(file)
                file.seek(_HEAD.size)
                checksum = hashlib.file_digest(file, _CHECKSUM).digest()
                size = file.tell()
                file.seek(0)
                file.write(self._head(key, size - _HEAD.size, checksum))
            part.replace(path)
        # Scanning 10,000 files takes 0.2 s. On average it happens once per 5 % of the room that is written, no matter
        # how many processes write, or how little each.
        if random.random() * self.room < size * 20:
            evict(self.folder, self.room)

    def _keep(self, key: str, content: bytes | memoryview) -> None:
        with contextlib.suppress(OSError):
            self.fill(key, lambda file: file.write(content))

    def _fetch(self, key: str) -> bytes | None:
        blob = self.shared.get(self._shared_name(key), LARGEST + _HEAD.size) if self.shared else None
        if not blob or (content := self._content(key, blob)) is None:
            return None
        self._keep(key, content)
        return bytes(content)

    def _shared_name(self, key: str) -> str:
        return f"{self.folder.name}/{key[:2]}/{key}{self.ending}"

    def _head(self, key: str, length: int, checksum: bytes = b"") -> bytes:
        return _HEAD.pack(self.mark, length, bytes.fromhex(key), checksum)

    def _content(self, key: str, blob: bytes) -> memoryview | None:
        head, content = blob[: _HEAD.size], memoryview(blob)[_HEAD.size :]
        return content if head == self._head(key, len(content), _CHECKSUM(content).digest()) else None
