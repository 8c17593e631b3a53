"""`music`: a person's own files, one after the other and round again, each flowing into the next.

A file is decoded once, into the cache, and measured on the way. What is decoded is read a piece at a time.
"""

from __future__ import annotations

import errno
import os
import re
import struct
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from typing import Annotated, BinaryIO, ClassVar

import numpy as np
from annotated_types import Len
from numpy.typing import NDArray

from audioguide.errors import EnvironmentFailure, RequestError
from audioguide.schema.document import Keys
from audioguide.sound.synth.layer import GRID, LOUDNESS, LayerSpec, Planes
from audioguide.system import paths as resources
from audioguide.system.cache import BlobCache, cache_key, size_limit
from audioguide.system.ffmpeg import decode
from audioguide.system.files import cache_by_file
from audioguide.system.paths import display_path
from audioguide.units import RATE, db_to_amplitude, to_frames

MOST = 50
"""Files in one layer."""

_ENDINGS = frozenset(
    ".aac .ac3 .aif .aiff .alac .amr .ape .caf .flac .m4a .m4b .mka .mp2 .mp3 .mp4 .oga .ogg .opus .wav .webm .wma "
    ".wv".split()
)

CROSSFADE = to_frames(3.0)
"""Frames in which one piece goes and the next one comes; of a piece under 12 seconds, a quarter."""

LONGEST = 30 * 60
"""Seconds of a recording that are used: more than any hold lasts, and 318 MB in the cache."""

SHORTEST = to_frames(1.0)
"""A recording of less sound than this is refused."""

ROOM = 2_000_000_000
"""Bytes of decoded recordings that are kept; the ones not used for longest go first."""

_SILENT = -69.0  # LUFS. The gate of BS.1770 lets nothing under -70 through, and ebur128 then says -70.
_LOUDNESS = struct.Struct("<f")  # after the samples
_PIECE = to_frames(10.0)


@dataclass(frozen=True)
class MusicFiles(LayerSpec):
    """`music: {files: [a.mp3, b.flac]}`, paths as seen from the preset's file; `music: {}` is all that is one's own."""

    self_contained: ClassVar[bool] = False

    files: Annotated[tuple[Annotated[str, Len(1, 1000)], ...], Len(1, MOST)] | None = None

    def layer(self, gain: float, folder: Path) -> Music:
        """The music. What was never heard before is decoded now."""
        return Music([recording(path) for path in self.paths(folder)], gain)

    def missing_files(self, folder: Path) -> Iterator[tuple[Keys, str, str]]:
        """Files that are not there."""
        paths = self.paths(folder)
        if not paths:
            yield (), f"There is no music in {display_path(music_folder())} yet.", "Put files of any format there."
        for number, path in enumerate(paths):
            if not resources.is_file(path):
                yield (
                    ("files", number),
                    f"There is no file {display_path(path)}.",
                    "Write its path as seen from this file.",
                )

    def dependencies(self, folder: Path) -> Iterator[tuple[str, int, int]]:
        """Name, size and time of change of each file: music is large, and what was not touched is the same."""
        for path in self.paths(folder):
            stat = path.stat()
            yield path.name, stat.st_size, stat.st_mtime_ns

    def paths(self, folder: Path) -> list[Path]:
        """The files, those that are not there included."""
        if self.files is not None:
            return [folder / resources.expand(file) for file in self.files]
        try:
            found = sorted(music_folder().iterdir())
        except OSError:
            return []
        return [path for path in found if path.suffix.lower() in _ENDINGS and path.is_file()][:MOST]


def music_folder() -> Path:
    """The folder of the person's own music."""
    return resources.user_dir() / "music"


class Music:
    """Recordings in a ring: a layer. Each is brought to `LOUDNESS`, and begins while the one before ends."""

    def __init__(self, pieces: Sequence[Recording], factor: float) -> None:
        self._pieces = tuple(pieces)
        self._gains = [np.float32(factor * db_to_amplitude(LOUDNESS - piece.loudness)) for piece in pieces]
        # Between two pieces as much of a crossfade as the shorter one has room for.
        pairs = zip(pieces, (*pieces[1:], pieces[0]), strict=True)
        self._out = [min(CROSSFADE, len(piece) // 4, len(after) // 4) for piece, after in pairs]
        self._in = [self._out[-1], *self._out[:-1]]
        steps = (len(piece) - fade for piece, fade in zip(pieces, self._out, strict=True))
        *self._starts, self._period = accumulate(steps, initial=0)

    def make(self, index: int) -> Planes:
        """Grid block `index`."""
        made = np.zeros((2, GRID), np.float32)
        round_, at = divmod(index * GRID, self._period)
        number = bisect_right(self._starts, at) - 1
        turn = round_ * len(self._pieces) + number - 1  # the one before may still be fading
        while (begin := self._begin(turn) - index * GRID) < GRID:
            # At the very beginning nothing comes before the first piece, and it needs no fade.
            if turn >= 0:
                self._lay(turn, made, begin)
            turn += 1
        return made

    def _begin(self, turn: int) -> int:
        round_, number = divmod(turn, len(self._pieces))
        return round_ * self._period + self._starts[number]

    def _lay(self, turn: int, onto: Planes, begin: int) -> None:
        """Add what of a turn lies in a grid block, where it begins at frame `begin`."""
        number = turn % len(self._pieces)
        piece = self._pieces[number]
        first, last = max(begin, 0), min(begin + len(piece), GRID)
        if first >= last:
            return
        at = np.arange(first - begin, last - begin)
        sound = piece.read(first - begin, last - begin)
        sound *= self._gains[number]
        fade_in, fade_out = self._in[number] if turn else 0, self._out[number]
        if at[0] < fade_in:
            sound *= np.sin(np.pi / 2 * np.minimum(at / fade_in, 1)).astype(np.float32)
        if at[-1] >= len(piece) - fade_out:
            sound *= np.sin(np.pi / 2 * np.minimum((len(piece) - at) / fade_out, 1)).astype(np.float32)
        onto[:, first:last] += sound


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


def open_music_cache() -> BlobCache:
    """Where decoded recordings are kept."""
    return BlobCache(resources.cache_root() / "music", ".pcm", b"agmusic\x02", size_limit(ROOM), shared=None)


@cache_by_file
def recording(path: Path) -> Recording:
    """The sound of a file in any format, in two channels at 44.1 kHz.

    Raises RequestError for one that has no sound in it, EnvironmentFailure where there is no room to decode it.
    """
    try:
        stat = path.stat()
    except OSError as error:
        raise RequestError(f"{display_path(path)} cannot be read: {error.strerror}.", "Name another file.") from None
    kept, key = open_music_cache(), cache_key(str(path.resolve()), stat.st_size, stat.st_mtime_ns)
    content = kept.map(key)
    if content is None:
        try:
            kept.fill(key, lambda file: _decode(path, file))
        except OSError as error:
            raise EnvironmentFailure(
                f"{display_path(path)} cannot be decoded into {kept.folder}: {error.strerror or error}. "
                "Make room there, or choose another background."
            ) from None
        content = kept.map(key)
    if content is None:
        raise EnvironmentFailure(f"What was decoded into {kept.folder} is not there, or damaged. Check the disk.")
    samples = np.frombuffer(content[: -_LOUDNESS.size], "<i2").reshape(-1, 2)
    (loudness,) = _LOUDNESS.unpack(content[-_LOUDNESS.size :])
    first, last = _sounding(samples)
    if last - first < SHORTEST or not loudness > _SILENT:
        raise RequestError(
            f"There is next to no sound in {display_path(path)}.", "Name a piece of a few seconds at least."
        )
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
        raise RequestError(
            f"{display_path(path)} is no audio file that can be read.", "Name a file that a player plays."
        )
    file.write(_LOUDNESS.pack(float(found[-1])))


def _sounding(samples: NDArray[np.int16]) -> tuple[int, int]:
    """The first frame of sound above -60 dBFS, and the end of the last, looked for from both ends."""
    least, pieces = int(db_to_amplitude(-60) * 2**15), range(0, len(samples), _PIECE)

    def loud(at: int) -> NDArray[np.int64]:
        return at + np.flatnonzero(np.abs(samples[at : at + _PIECE].astype(np.int32)).max(axis=1) > least)

    first = next((int(found[0]) for at in pieces if len(found := loud(at))), 0)
    last = next((int(found[-1]) + 1 for at in reversed(pieces) if len(found := loud(at))), 0)
    return first, last
