"""A person's own recordings: decoded once into a file that is read a piece at a time, and measured on the way."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
import re
import struct
import subprocess
import tempfile
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from audioguide.blobs import make_room, note_use
from audioguide.errors import EnvironmentFailure, RequestError
from audioguide.media import find_ffmpeg
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
_VERSION = 1
_TRAILER = struct.Struct("<f")  # as long as a frame, so that the file stays a whole number of them
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
    key = hashlib.blake2b(json.dumps([_VERSION, str(path.resolve()), size, changed]).encode(), digest_size=16)
    kept = cache_root() / "music" / f"{key.hexdigest()}.pcm"
    try:
        if not kept.is_file():
            _decode(path, kept)
        raw = np.memmap(kept, "<i2", "r").reshape(-1, 2)
        note_use(kept)
    except OSError as error:
        raise EnvironmentFailure(
            f"{shown(path)} cannot be decoded into {kept.parent}: {error.strerror or error}. "
            "Make room there, or choose another background."
        ) from None
    samples, (loudness,) = raw[:-1], _TRAILER.unpack(raw[-1].tobytes())
    first, last = _sounding(samples)
    if last - first < SHORTEST or not loudness > _SILENT:
        raise RequestError(f"There is next to no sound in {shown(path)}.", "Name a piece of a few seconds at least.")
    return Recording(samples[first:last], loudness)


def _decode(path: Path, kept: Path) -> None:
    """Decode a file, in pieces, and measure it. What is kept appears whole, by a rename: samples, then loudness."""
    kept.parent.mkdir(parents=True, exist_ok=True)
    make_room(kept.parent, ROOM - LONGEST * RATE * 4)  # so that one more has room
    handle, name = tempfile.mkstemp(prefix=".", suffix=".part", dir=kept.parent)
    os.close(handle)
    part = Path(name)
    try:
        loudness = _run_decoder(path, part)
        with part.open("ab") as file:
            file.write(_TRAILER.pack(loudness))
        part.replace(kept)
    finally:
        with contextlib.suppress(OSError):
            part.unlink()


def _run_decoder(path: Path, part: Path) -> float:
    # "file:", since a bare name with a colon in it would be taken for a protocol.
    read = ("-t", str(LONGEST), "-i", f"file:{path}", "-map", "0:a:0")
    shape = ("-af", f"aresample={RATE},aformat=channel_layouts=stereo,ebur128=framelog=quiet", "-c:a", "pcm_s16le")
    done = subprocess.run(
        [find_ffmpeg(), "-hide_banner", "-nostdin", "-nostats", "-y", *read, *shape, "-f", "s16le", f"file:{part}"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )
    said = done.stderr.decode("utf-8", "replace")
    if "No space left" in said:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    found = re.findall(r"^\s*I:\s+(-?[\d.]+|-inf|nan) LUFS", said, re.MULTILINE)
    if not found or not part.stat().st_size:
        raise RequestError(f"{shown(path)} is no audio file that can be read.", "Name a file that a player plays.")
    return float(found[-1])


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
