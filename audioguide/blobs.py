"""What can be made again, kept in files by key: whole, or not at all.

Whatever goes wrong with it (a folder that may not be written, a full disk, a damaged file, one that another process
took away) only makes a thing be made again. What this machine does not have, a store that it shares with others may.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import struct
import tempfile
import threading
from dataclasses import dataclass, field
from pathlib import Path

from audioguide import store
from audioguide.errors import RequestError
from audioguide.shared import Shared, shared_store

_HEAD = struct.Struct("<8sI20s")  # mark and version, bytes, digest of the bytes

LARGEST = 256_000_000
"""Bytes of one of them: what a shared store has under its name may be anything."""


def key_of(*parts: str | float) -> str:
    """The name of what is made from these parts: 40 hexadecimal digits."""
    return hashlib.blake2b(json.dumps(parts, ensure_ascii=True).encode(), digest_size=20).hexdigest()


def room(usual: int) -> int:
    """Bytes that one kind of blobs may take: `usual`, or what `AUDIOGUIDE_CACHE_MB` says for each kind.

    RequestError where that is something else than a number.
    """
    written = os.environ.get("AUDIOGUIDE_CACHE_MB", "")
    if not written:
        return usual
    if not (written.isascii() and written.isdecimal()):
        message = f"AUDIOGUIDE_CACHE_MB is {written!r}, and has to be a whole number of megabytes."
        raise RequestError(message, "Set it to 1000, or take it away.")
    return int(written) * 1_000_000


class Stored:
    """How much this process stored since the folder was last looked through, which takes 0.2 s with 10,000 files."""

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
class Blobs:
    """Bytes by key, below one folder, whose name is that of their kind.

    `ending` is that of their files, and `mark`, eight bytes, what these begin with. They take at most `room` bytes;
    what was not used for longest goes first, and what is in use is kept even beyond that.
    """

    folder: Path
    ending: str
    mark: bytes
    room: int
    shared: Shared | None = field(default_factory=shared_store)
    _stored: Stored = field(default_factory=Stored, repr=False, compare=False)

    def length(self, key: str) -> int | None:
        """How many bytes they are, read from the head alone; None when they are not there or not whole."""
        path = self.path(key)
        try:
            with path.open("rb") as file:
                head = file.read(_HEAD.size)
                stat = os.fstat(file.fileno())
        except OSError:
            content = self._fetched(key)
            return None if content is None else len(content)
        store.note_use(path, stat.st_mtime)
        return self._length(head, stat.st_size)

    def get(self, key: str) -> bytes | None:
        """The bytes; None when they are not there, or not those that were put there."""
        path = self.path(key)
        try:
            with path.open("rb") as file:
                kept, used = file.read(), os.fstat(file.fileno()).st_mtime
        except OSError:
            return self._fetched(key)
        store.note_use(path, used)
        content = self._content(kept)
        return self._fetched(key) if content is None else content

    def put(self, key: str, content: bytes) -> None:
        """Keep the bytes, if the folder lets us, and share them."""
        kept = _HEAD.pack(self.mark, len(content), _digest(content)) + content
        self._write(key, kept)
        if self.shared:
            self.shared.put(self._shared_name(key), kept)

    def path(self, key: str) -> Path:
        """Where they are kept."""
        return self.folder / key[:2] / f"{key}{self.ending}"

    @property
    def name(self) -> re.Pattern[str]:
        """What the files are called."""
        return re.compile(rf"[0-9a-f]{{40}}{re.escape(self.ending)}")

    def _write(self, key: str, kept: bytes) -> None:
        path = self.path(key)
        with contextlib.suppress(OSError):
            path.parent.mkdir(parents=True, exist_ok=True)
            handle, part = tempfile.mkstemp(prefix=".", suffix=".part", dir=path.parent)
            try:
                with os.fdopen(handle, "wb") as file:
                    file.write(kept)
                Path(part).replace(path)
            except BaseException:
                Path(part).unlink(missing_ok=True)
                raise
        if self._stored.add(len(kept), self.room) or not store.looked_through(self.folder):
            store.make_room(self.folder, self.name, self.room)

    def _fetched(self, key: str) -> bytes | None:
        """What the shared store has, which is kept here from now on."""
        kept = self.shared.get(self._shared_name(key), LARGEST) if self.shared else None
        content = None if kept is None else self._content(kept)
        if kept is not None and content is not None:
            self._write(key, kept)
        return content

    def _shared_name(self, key: str) -> str:
        return f"{self.folder.name}/{key[:2]}/{key}{self.ending}"

    def _content(self, kept: bytes) -> bytes | None:
        if self._length(kept[: _HEAD.size], len(kept)) is None:
            return None
        content = kept[_HEAD.size :]
        return content if _digest(content) == _HEAD.unpack_from(kept)[2] else None

    def _length(self, head: bytes, size: int) -> int | None:
        if len(head) < _HEAD.size:
            return None
        mark, count, _ = _HEAD.unpack_from(head)
        return count if mark == self.mark and size == _HEAD.size + count else None


def _digest(content: bytes) -> bytes:
    return hashlib.blake2b(content, digest_size=20).digest()
