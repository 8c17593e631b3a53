"""`music`: the user's own files, one after the other in a loop, with crossfades between them.

A file is decoded once, into the cache, and measured meanwhile. Decoded samples are mapped, not held in memory.
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

from annotated_types import Len

from audioguide.arrays import NDArray, np
from audioguide.errors import EnvironmentFailure, RequestError
from audioguide.schema.document import Keys
from audioguide.sound.synth.layer import GRID, LOUDNESS, LayerSpec, Planes
from audioguide.system import paths
from audioguide.system.cache import BlobCache, cache_key, size_limit
from audioguide.system.ffmpeg import decode
from audioguide.system.files import cache_by_file
from audioguide.system.paths import display_path
from audioguide.units import RATE, db_to_amplitude, to_frames

MAX_FILES = 50  # files in one layer
CROSSFADE = to_frames(3.0)  # frames of a crossfade between two recordings; at most a quarter of each
LONGEST = 30 * 60  # seconds of a recording that are used: longer than any hold, and 318 MB in the cache
SHORTEST = to_frames(1.0)  # frames: a shorter recording is refused
MAX_BYTES = 2_000_000_000  # bytes that decoded recordings may take in the cache
_SILENT = -69.0  # LUFS. The gate of BS.1770 lets nothing under -70 through, and ebur128 then says -70.
_LOUDNESS = struct.Struct("<f")  # after the samples
_CHUNK = to_frames(10.0)


@dataclass(frozen=True)
class MusicFiles(LayerSpec):
    """`music: {files: [a.mp3, b.flac]}`, paths from the preset; `music: {}`: the music folder."""

    self_contained: ClassVar[bool] = False
    streamed: ClassVar[bool] = True

    files: Annotated[tuple[Annotated[str, Len(1, 1000)], ...], Len(1, MAX_FILES)] | None = None

    def layer(self, gain: float, folder: Path) -> Music:
        """The music. Files that are not in the cache are decoded now."""
        return Music([load_recording(path) for path in self.find_files(folder)], gain)

    def missing_files(self, folder: Path) -> Iterator[tuple[Keys, str, str]]:
        """The missing files, or the empty music folder."""
        files = self.find_files(folder)
        if not files:
            yield (), f"There is no music in {display_path(music_folder())} yet.", "Put files of any format there."
        for number, path in enumerate(files):
            if not paths.is_file(path):
                message = f"There is no file {display_path(path)}."
                yield ("files", number), message, "Write its path as seen from this file."

    def dependencies(self, folder: Path) -> Iterator[tuple[str, int, int]]:
        """Name, size and time of change of each file: reading all of them would take too long."""
        for path in self.find_files(folder):
            stat = path.stat()
            yield path.name, stat.st_size, stat.st_mtime_ns

    def find_files(self, folder: Path) -> list[Path]:
        """The paths of the files, including missing ones."""
        if self.files is not None:
            return [folder / paths.expand(file) for file in self.files]
        try:
            found = sorted(music_folder().iterdir())
        except OSError:
            return []
        return [path for path in found if path.suffix.lower() in paths.MUSIC_ENDINGS and path.is_file()][:MAX_FILES]


def music_folder() -> Path:
    """The folder of the user's own music."""
    return paths.user_dir() / "music"


class Music:
    """A layer that plays recordings in a loop, each at `LOUDNESS` and crossfaded into the next."""

    def __init__(self, recordings: Sequence[Recording], factor: float) -> None:
        self._recordings = tuple(recordings)
        self._gains = [np.float32(factor * db_to_amplitude(LOUDNESS - one.loudness)) for one in recordings]
        pairs = zip(recordings, (*recordings[1:], recordings[0]), strict=True)
        self._fades_out = [min(CROSSFADE, len(one) // 4, len(following) // 4) for one, following in pairs]
        self._fades_in = [self._fades_out[-1], *self._fades_out[:-1]]
        steps = (len(one) - fade for one, fade in zip(recordings, self._fades_out, strict=True))
        *self._starts, self._period = accumulate(steps, initial=0)

    def make(self, index: int) -> Planes:
        """Grid block `index`."""
        block = np.zeros((2, GRID), np.float32)
        loop, at = divmod(index * GRID, self._period)
        # Recordings are counted on through all loops. The one before this may still be fading out.
        count = max(0, loop * len(self._recordings) + bisect_right(self._starts, at) - 2)
        while (start := self._start(count) - index * GRID) < GRID:
            self._add_recording(count, block, start)
            count += 1
        return block

    def _start(self, count: int) -> int:
        loop, number = divmod(count, len(self._recordings))
        return loop * self._period + self._starts[number]

    def _add_recording(self, count: int, block: Planes, start: int) -> None:
        number = count % len(self._recordings)
        recording = self._recordings[number]
        first, last = max(start, 0), min(start + len(recording), GRID)
        if first >= last:
            return
        at = np.arange(first - start, last - start)
        sound = recording.read(first - start, last - start)
        sound *= self._gains[number]
        fade_in, fade_out = self._fades_in[number] if count else 0, self._fades_out[number]
        if at[0] < fade_in:
            sound *= np.sin(np.pi / 2 * np.minimum(at / fade_in, 1)).astype(np.float32)
        if at[-1] >= len(recording) - fade_out:
            sound *= np.sin(np.pi / 2 * np.minimum((len(recording) - at) / fade_out, 1)).astype(np.float32)
        block[:, first:last] += sound


@dataclass(frozen=True, slots=True, eq=False)
class Recording:
    """Samples in a file that is mapped into memory, with their loudness."""

    samples: NDArray[np.int16]  # shape (frames, 2), without the silence at both ends
    loudness: float  # integrated, in LUFS

    def __len__(self) -> int:
        return len(self.samples)

    def read(self, first: int, last: int) -> NDArray[np.float32]:
        """The frames from `first` to `last`, where ±1.0 is full scale: shape (2, frames)."""
        return np.multiply(self.samples[first:last].T, np.float32(2**-15), dtype=np.float32)


def open_music_cache() -> BlobCache:
    """The cache of decoded recordings."""
    return BlobCache(paths.cache_root() / "music", ".pcm", b"agmusic\x02", size_limit(MAX_BYTES), shared=None)


@cache_by_file
def load_recording(path: Path) -> Recording:
    """The sound of a file in any format, in two channels at 44.1 kHz.

    Raises RequestError for one without sound, EnvironmentFailure where the disk has no room to decode it.
    """
    try:
        stat = path.stat()
    except OSError as error:
        raise RequestError(f"{display_path(path)} cannot be read: {error.strerror}.", "Name another file.") from None
    cache, key = open_music_cache(), cache_key(str(path.resolve()), stat.st_size, stat.st_mtime_ns)
    content = cache.map(key)
    if content is None:
        try:
            cache.fill(key, lambda file: _decode(path, file))
        except OSError as error:
            fault = f"{display_path(path)} cannot be decoded into {cache.folder}: {error.strerror or error}."
            raise EnvironmentFailure(f"{fault} Make room there, or choose another background.") from None
        content = cache.map(key)
    if content is None:
        raise EnvironmentFailure(f"The decoded music in {cache.folder} is missing or damaged. Check the disk.")
    samples = np.frombuffer(content[: -_LOUDNESS.size], "<i2").reshape(-1, 2)
    (loudness,) = _LOUDNESS.unpack(content[-_LOUDNESS.size :])
    first, last = _trim_silence(samples)
    if last - first < SHORTEST or not loudness > _SILENT:
        hint = "Name a file of a few seconds at least."
        raise RequestError(f"There is hardly any sound in {display_path(path)}.", hint)
    return Recording(samples[first:last], loudness)


def _decode(path: Path, file: BinaryIO) -> None:
    start = file.tell()
    filters = f"aresample={RATE},aformat=channel_layouts=stereo,ebur128=framelog=quiet"
    done = decode(path, LONGEST, "-af", filters, into=file)
    messages = done.stderr.decode("utf-8", "replace")
    if "No space left" in messages:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    if done.returncode < 0:  # by a signal: the output may be cut off
        raise OSError(f"ffmpeg was ended by signal {-done.returncode}")
    found = re.findall(r"^\s*I:\s+(-?[\d.]+|-inf|nan) LUFS", messages, re.MULTILINE)
    if not found or file.seek(0, os.SEEK_END) <= start:  # nothing written leaves the file empty, before it
        message = f"{display_path(path)} is not an audio file that can be read."
        raise RequestError(message, "Name a file that a player plays.")
    file.write(_LOUDNESS.pack(float(found[-1])))


def _trim_silence(samples: NDArray[np.int16]) -> tuple[int, int]:
    """The first frame above -60 dBFS and the end of the last one, searched from both ends."""
    threshold, chunks = int(db_to_amplitude(-60) * 2**15), range(0, len(samples), _CHUNK)

    def loud_frames(at: int) -> NDArray[np.int64]:
        return at + np.flatnonzero(np.abs(samples[at : at + _CHUNK].astype(np.int32)).max(axis=1) > threshold)

    first = next((int(found[0]) for at in chunks if len(found := loud_frames(at))), 0)
    last = next((int(found[-1]) + 1 for at in reversed(chunks) if len(found := loud_frames(at))), 0)
    return first, last
