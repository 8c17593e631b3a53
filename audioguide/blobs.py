"""What can be made again, kept in files by key: whole, or not at all.

Whatever goes wrong with it (a folder that may not be written, a full disk, a damaged file, one that another process
took away) only makes a thing be made again.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import tempfile
from dataclasses import dataclass
from pathlib import Path

from audioguide import store

_DIGEST = 20


def key_of(*parts: str | float) -> str:
    """The name of what is made from these parts: 40 hexadecimal digits."""
    return hashlib.blake2b(json.dumps(parts).encode(), digest_size=_DIGEST).hexdigest()


@dataclass(frozen=True, slots=True)
class Blobs:
    """Bytes by key, below one folder; `ending` is that of their files.

    They take at most `room` bytes, but for what is in use: what was not used for longest goes.
    """

    folder: Path
    ending: str
    mark: bytes
    room: int

    def get(self, key: str) -> bytes | None:
        """The bytes; None where they are not there, or not those that were put there."""
        path = self._path(key)
        try:
            with path.open("rb") as file:
                content, used = file.read(), os.fstat(file.fileno()).st_mtime
        except OSError:
            return None
        store.note_use(path, used)
        head = len(self.mark) + _DIGEST
        if content[:head] != self.mark + _digest(content[head:]):
            return None
        return content[head:]

    def put(self, key: str, content: bytes) -> None:
        """Keep the bytes, if the folder lets us."""
        path = self._path(key)
        with contextlib.suppress(OSError):
            path.parent.mkdir(parents=True, exist_ok=True)
            handle, part = tempfile.mkstemp(prefix=".", suffix=".part", dir=path.parent)
            try:
                with os.fdopen(handle, "wb") as file:
                    file.write(self.mark + _digest(content) + content)
                Path(part).replace(path)
            except BaseException:
                Path(part).unlink(missing_ok=True)
                raise
        if not store.looked_through(self.folder):
            store.make_room(self.folder, re.compile(rf"[0-9a-f]{{40}}{re.escape(self.ending)}"), self.room)

    def _path(self, key: str) -> Path:
        return self.folder / key[:2] / f"{key}{self.ending}"


def _digest(content: bytes) -> bytes:
    return hashlib.blake2b(content, digest_size=_DIGEST).digest()
