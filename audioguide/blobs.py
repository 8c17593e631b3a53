"""What can be made again, kept as files that are found by a key: spoken clips, encoded pieces.

Any number of processes may share such a folder: a file appears whole, by a rename, and never changes. It is bounded in
size: what was not used for longest goes. Whatever goes wrong with it (a folder that may not be written, a full disk, a
damaged file, one that another process took away) costs time and nothing else: it is made again.

Where a store is shared with other machines (see `shared`), what is missing here is asked there and then kept here, and
what is made here is put there, too.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import random
import re
import struct
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from audioguide import store
from audioguide.errors import RequestError
from audioguide.shared import Shared, shared_store

LARGEST = 64_000_000
"""Bytes that a shared store is asked for: an hour of MP3, or 12 minutes of speech."""

_HEAD = struct.Struct("<8sI20s")  # mark, length of the content, digest of key and content


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


@dataclass(frozen=True, slots=True)
class Blobs:
    """Blobs of one kind, below one folder. A key is 40 hexadecimal digits, and names all that a blob is made of.

    `ending` is that of the files, with its dot, and `mark` at most 8 bytes: the kind and its version. What has another
    mark counts as absent.
    """

    folder: Path
    ending: str
    mark: bytes
    room: int
    """Bytes that they may take; what is in use is kept even beyond that."""

    shared: Shared | None = field(default_factory=shared_store)
    """Where else they are kept, if anywhere."""

    @property
    def name(self) -> re.Pattern[str]:
        """What the names of its files are like."""
        return re.compile(rf"[0-9a-f]{{40}}{re.escape(self.ending)}")

    def length(self, key: str) -> int | None:
        """The bytes of a blob, from its head alone; None when it is not there or not whole, as far as that tells."""
        path = self.path(key)
        with contextlib.suppress(OSError), path.open("rb") as file:
            stat = os.fstat(file.fileno())
            length = self._length(file.read(_HEAD.size), stat.st_size)
            if length is not None:
                store.note_use(path, stat.st_mtime)
                return length
        content = self._fetch(key)
        return None if content is None else len(content)

    def get(self, key: str) -> bytes | None:
        """A blob; None when it is not there or is not what was put there."""
        path = self.path(key)
        with contextlib.suppress(OSError), path.open("rb") as file:
            used = os.fstat(file.fileno()).st_mtime
            if (content := self._content(key, file.read(_HEAD.size), file.read())) is not None:
                store.note_use(path, used)
                return content
        return self._fetch(key)

    def put(self, key: str, content: bytes) -> None:
        """Keep a blob, if the folder lets us, and where else it is kept."""
        blob = _HEAD.pack(self.mark, len(content), _digest(key, content)) + content
        self._keep(key, blob)
        if self.shared:
            self.shared.put(self._shared_name(key), blob)

    def path(self, key: str) -> Path:
        """The file of a blob, whether it is there or not."""
        return self.folder / key[:2] / f"{key}{self.ending}"

    def _keep(self, key: str, blob: bytes) -> None:
        path = self.path(key)
        with contextlib.suppress(OSError):
            path.parent.mkdir(parents=True, exist_ok=True)
            handle, part = tempfile.mkstemp(prefix=".", suffix=".part", dir=path.parent)
            try:
                with os.fdopen(handle, "wb") as file:
                    file.write(blob)
                Path(part).replace(path)
            except BaseException:
                Path(part).unlink(missing_ok=True)
                raise
        # To look through 10,000 files takes 0.2 s. By chance, it is done once in a twentieth of the room: however many
        # processes write, and however little each.
        if random.random() * self.room < len(blob) * 20 or not store.looked_through(self.folder):
            store.make_room(self.folder, self.name, self.room)

    def _fetch(self, key: str) -> bytes | None:
        """A blob that others have made, which is kept here from now on."""
        blob = self.shared.get(self._shared_name(key), LARGEST + _HEAD.size) if self.shared else None
        content = self._content(key, blob[: _HEAD.size], blob[_HEAD.size :]) if blob else None
        if blob and content is not None:
            self._keep(key, blob)
        return content

    def _shared_name(self, key: str) -> str:
        return f"{self.folder.name}/{key[:2]}/{key}{self.ending}"

    def _content(self, key: str, head: bytes, content: bytes) -> bytes | None:
        whole = self._length(head, len(head) + len(content)) is not None
        return content if whole and _HEAD.unpack(head)[2] == _digest(key, content) else None

    def _length(self, head: bytes, size: int) -> int | None:
        if len(head) < _HEAD.size:
            return None
        mark, length, _ = _HEAD.unpack(head)
        return int(length) if mark == self.mark.ljust(8, b"\0") and size == _HEAD.size + length else None


def _digest(key: str, content: bytes) -> bytes:
    """Of both, so that a file under another's name counts as damaged."""
    return hashlib.blake2b(content, digest_size=20, key=key.encode()).digest()
