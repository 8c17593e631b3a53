"""The clip cache: finished clips as files named by what they were made from.

Any number of processes may share it: a file appears whole, by a rename, and never changes. Whatever goes wrong with
it (a folder that may not be written, a full disk, a damaged file) only makes a clip be spoken again.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import struct
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

_HEADER = struct.Struct("<8sI20s")  # mark and version, frames, digest of the samples
_MARK = b"agclip\x01\n"


def key_of(*parts: str | float) -> str:
    """The name of what is made from these parts: 40 hexadecimal digits."""
    text = json.dumps([_MARK.hex(), *parts], ensure_ascii=True)
    return hashlib.blake2b(text.encode(), digest_size=20).hexdigest()


def cache_folder() -> Path:
    """Where clips are kept: below `AUDIOGUIDE_CACHE`, or else below the person's cache folder."""
    if own := os.environ.get("AUDIOGUIDE_CACHE"):
        return Path(own) / "clips"
    from platformdirs import user_cache_path

    return user_cache_path("audioguide", appauthor=False) / "clips"


@dataclass(frozen=True, slots=True)
class ClipCache:
    """Clips by key, below one folder. A clip is int16 samples, shape (frames,)."""

    folder: Path

    def frames(self, key: str) -> int | None:
        """The length of a clip, read from its header alone; None when it is not there or not whole."""
        try:
            with self._path(key).open("rb") as file:
                header = file.read(_HEADER.size)
                size = os.fstat(file.fileno()).st_size
        except OSError:
            return None
        return _frames(header, size)

    def load(self, key: str) -> NDArray[np.int16] | None:
        """A clip; None when it is not there or its samples are not those that were written."""
        try:
            content = self._path(key).read_bytes()
        except OSError:
            return None
        if _frames(content, len(content)) is None:
            return None
        samples = content[_HEADER.size :]
        if _digest(samples) != _HEADER.unpack_from(content)[2]:
            return None
        return np.frombuffer(samples, "<i2").astype(np.int16, copy=False)

    def store(self, key: str, clip: NDArray[np.int16]) -> None:
        """Keep a clip, if the folder lets us."""
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

    def _path(self, key: str) -> Path:
        return self.folder / key[:2] / f"{key}.clip"


def _frames(header: bytes, size: int) -> int | None:
    if len(header) < _HEADER.size:
        return None
    mark, count, _ = _HEADER.unpack_from(header)
    return count if mark == _MARK and size == _HEADER.size + 2 * count else None


def _digest(samples: bytes) -> bytes:
    return hashlib.blake2b(samples, digest_size=20).digest()
