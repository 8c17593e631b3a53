"""Clips: what an engine speaks, resampled, at its level, trimmed and faded; and the caches of finished clips."""

import math
import threading
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from audioguide.system.cache import BlobCache
from audioguide.system.ffmpeg import measure_loudness
from audioguide.system.paths import cache_root
from audioguide.units import RATE, db_to_amplitude

CACHE_BYTES = 1_000_000_000  # room for cached clips: three hours of speech
FULL_SCALE = 16_384  # the stored value of 1.0: 16 bits with 6 dB of headroom, since the limiter comes after the mix

MARGIN = math.ceil(0.005 * RATE)  # frames of the fades before and after the samples above the threshold: 5 ms
THRESHOLD = math.floor(db_to_amplitude(-50.0) * FULL_SCALE) + 1  # the least stored value above −50 dBFS
NARRATION_LUFS = -19.0  # in one channel: −16 LUFS when both channels have it
MAX_SAMPLE = 2.0  # The highest sample of a stored clip. A knock above it is clipped and does not make the words softer.


def make_clip(raw: NDArray[np.float32], sample_rate: int, gain_db: float) -> NDArray[np.int16]:
    """Turn mono samples at `sample_rate` into a clip at `RATE`: int16 in units of 1/`FULL_SCALE`, shape (frames,).

    After the gain, the first sample above −50 dBFS is exactly `MARGIN` frames from the start, and the last one as far
    from the end. The margins are faded by raised cosines, to 0 at the ends. Samples are rounded before they are
    compared with the threshold, so that everybody who reads the clip finds the same two. Raises ValueError when no
    sample is above it.
    """
    import soxr

    level = soxr.resample(raw, sample_rate, RATE, quality="VHQ") * np.float32(db_to_amplitude(gain_db) * FULL_SCALE)
    samples = np.clip(np.rint(level), -32_768, 32_767).astype(np.int16)
    loud = np.flatnonzero((samples >= THRESHOLD) | (samples <= -THRESHOLD))
    if not len(loud):
        raise ValueError("Nothing in the samples is above −50 dBFS.")
    clip = np.pad(samples, MARGIN)[loud[0] : loud[-1] + 2 * MARGIN + 1]
    ramp = 0.5 - 0.5 * np.cos(np.pi * np.arange(MARGIN) / MARGIN)
    clip[:MARGIN] = np.rint(clip[:MARGIN] * ramp)
    clip[-MARGIN:] = np.rint(clip[-MARGIN:] * ramp[::-1])
    return clip


def join_clips(clips: Sequence[NDArray[np.int16]], pause: int) -> NDArray[np.int16]:
    """The clips one after another, with `pause` frames between their sounds, at least their faded margins."""
    silence = np.zeros(max(0, pause - 2 * MARGIN), np.int16)
    return np.concatenate([part for clip in clips for part in (silence, clip)][1:])


def to_float(clip: NDArray[np.int16]) -> NDArray[np.float32]:
    """A stored clip as float32 at its final level; read-only, since it is shared."""
    samples = clip.astype(np.float32) / np.float32(FULL_SCALE)
    samples.flags.writeable = False
    return samples


def normalize_loudness(sound: NDArray[np.float32], rate: int) -> NDArray[np.float32]:
    """Bring a sound of one channel to `NARRATION_LUFS`, clipped at ±`MAX_SAMPLE`. Silence stays as it is.

    What is measured lies between the first and the last sample above −60 dBFS; for less than 400 ms, it is the RMS.
    """
    audible = np.flatnonzero(np.abs(sound) > db_to_amplitude(-60.0))
    if not len(audible):
        return sound
    part = sound[audible[0] : audible[-1] + 1]
    loudness = measure_loudness(part, rate) if len(part) >= 0.4 * rate else -math.inf
    if not math.isfinite(loudness):  # the RMS, as BS.1770-4 has it without K-weighting (equation 2)
        loudness = float(10 * np.log10(np.mean(np.square(part, dtype=np.float64)))) - 0.7
    return (sound * np.float32(db_to_amplitude(NARRATION_LUFS - loudness))).clip(-MAX_SAMPLE, MAX_SAMPLE)


def cache_folder() -> Path:
    """The folder of cached clips, in `AUDIOGUIDE_CACHE` or else in the user's cache folder."""
    return cache_root() / "clips"


class ClipCache:
    """Clips by key, as files in one folder. A clip is int16 samples, shape (frames,)."""

    def __init__(self, folder: Path, room: int = CACHE_BYTES) -> None:
        self.blobs = BlobCache(folder, ".clip", b"agclip\x03\n", room)

    def frames(self, key: str) -> int | None:
        """The length of a clip, from its header alone; None when it is missing or incomplete."""
        length = self.blobs.length(key)
        return None if length is None else length // 2

    def load(self, key: str) -> NDArray[np.int16] | None:
        """A clip; None when it is missing or damaged."""
        samples = self.blobs.get(key)
        return None if samples is None else np.frombuffer(samples, "<i2").astype(np.int16, copy=False)

    def store(self, key: str, clip: NDArray[np.int16]) -> None:
        """Store a clip, if the folder can be written."""
        self.blobs.put(key, clip.astype("<i2").tobytes())


class RecentClips:
    """The clips used last, in memory: up to `limit` samples in all, and at least one clip."""

    def __init__(self, limit: int = 8_000_000) -> None:  # 32 MB, three minutes
        self._limit = limit
        self._clips: dict[str, NDArray[np.float32]] = {}
        self._lock = threading.Lock()

    def get(self, key: str) -> NDArray[np.float32] | None:
        """A clip, None if it is not here. It counts as used now."""
        with self._lock:
            clip = self._clips.pop(key, None)
            if clip is not None:
                self._clips[key] = clip
            return clip

    def put(self, key: str, clip: NDArray[np.float32]) -> None:
        """Add a clip, and drop those used least recently."""
        with self._lock:
            self._clips[key] = clip
            while len(self._clips) > 1 and sum(map(len, self._clips.values())) > self._limit:
                del self._clips[next(iter(self._clips))]
