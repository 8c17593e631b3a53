"""A person's own recordings: decoded once into a file that is read a piece at a time, and measured on the way."""

from __future__ import annotations

import errno
import os
import re
import struct
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from audioguide.blobs import Blobs, key_of, room
from audioguide.errors import EnvironmentFailure, RequestError
from audioguide.media import decode
from audioguide.resources import cache_root, shown
from audioguide.units import RATE, frames, gain

LONGEST = 30 * 60
"""Seconds of a recording that are used: more than any hold lasts, and 318 MB in the cache."""

SHORTEST = frames(1.0)
"""A recording of less sound than this is refused."""

ROOM = 2_000_000_000
"""Bytes of decoded recordings that are kept; the ones not used for longest go first."""

_QUIET = gain(-60)
_SILENT = -69.0  # LUFS. The gate of BS.1770 lets nothing under -70 through, and ebur128 then says -70.
_LOUDNESS = struct.Struct("<f")  # after the samples
_PIECE = frames(10.0)


@dataclass(frozen=True, slots=True, eq=False)
class Recording:
    """Sound in a file that is mapped into memory: what of it was not read lately takes none."""

    samples: NDArray[np.int16]
    """Shape (frames, 2), the quiet at both ends left out."""

    loudness: float
    """Integrated, in LUFS."""

    def __len__(self) -> int:
        return len(self.samples)

    def read(self, first: int, last: int) -> NDArray[np.float32]:
        """The frames from `first` to `last`, ±1.0 being full scale: shape (2, frames)."""
        return np.multiply(self.samples[first:last].T, np.float32(2**-15), dtype=np.float32)


def kept_music() -> Blobs:
    """Where decoded recordings are kept."""
    return Blobs(cache_root() / "music", ".pcm", b"agmusic\x02", room(ROOM), shared=None)


def recording(path: Path) -> Recording:
    """The sound of a file in any format, in two channels at 44.1 kHz.

    Raises RequestError for one that has no sound in it, EnvironmentFailure where there is no room to decode it.
    """
    try:
        stat = path.stat()
    except OSError as error:
        raise RequestError(f"{shown(path)} cannot be read: {error.strerror}.", "Name another file.") from None
    return _recording(path, stat.st_size, stat.st_mtime_ns)


@lru_cache(maxsize=64)
def _recording(path: Path, size: int, changed: int) -> Recording:
    kept, key = kept_music(), key_of(str(path.resolve()), size, changed)
    content = kept.map(key)
    if content is None:
        try:
            kept.fill(key, lambda file: _decode(path, file))
        except OSError as error:
            raise EnvironmentFailure(
                f"{shown(path)} cannot be decoded into {kept.folder}: {error.strerror or error}. "
                "Make room there, or choose another background."
            ) from None
        content = kept.map(key)
    if content is None:
        raise EnvironmentFailure(f"What was decoded into {kept.folder} is not there, or damaged. Check the disk.")
    samples = np.frombuffer(content[: -_LOUDNESS.size], "<i2").reshape(-1, 2)
    (loudness,) = _LOUDNESS.unpack(content[-_LOUDNESS.size :])
    first, last = _sounding(samples)
    if last - first < SHORTEST or not loudness > _SILENT:
        raise RequestError(f"There is next to no sound in {shown(path)}.", "Name a piece of a few seconds at least.")
    return Recording(samples[first:last], loudness)


def _decode(path: Path, file: BinaryIO) -> None:
    """Write the samples of a sound file, and its loudness after them."""
    start = file.tell()
    filters = f"aresample={RATE},aformat=channel_layouts=stereo,ebur128=framelog=quiet"
    done = decode(path, LONGEST, "-af", filters, into=file)
    said = done.stderr.decode("utf-8", "replace")
    if "No space left" in said:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    if done.returncode < 0:  # by a signal: what is written may be cut off
        raise OSError(f"ffmpeg was ended by signal {-done.returncode}")
    found = re.findall(r"^\s*I:\s+(-?[\d.]+|-inf|nan) LUFS", said, re.MULTILINE)
    if not found or file.seek(0, os.SEEK_END) == start:
        raise RequestError(f"{shown(path)} is no audio file that can be read.", "Name a file that a player plays.")
    file.write(_LOUDNESS.pack(float(found[-1])))


def _sounding(samples: NDArray[np.int16]) -> tuple[int, int]:
    """The first and the last frame of sound above -60 dBFS, looked for from both ends."""
    least = int(_QUIET * 2**15)
    first, last = 0, len(samples)
    while first < last:
        loud = np.flatnonzero(np.abs(samples[first : first + _PIECE].astype(np.int32)).max(axis=1) > least)
        if len(loud):
            first += int(loud[0])
            break
        first += _PIECE
    while last > first:
        begin = max(first, last - _PIECE)
        loud = np.flatnonzero(np.abs(samples[begin:last].astype(np.int32)).max(axis=1) > least)
        if len(loud):
            last = begin + int(loud[-1]) + 1
            break
        last = begin
    return min(first, last), last
