"""Clips: raw engine samples are resampled, levelled, trimmed and faded; and where finished clips are kept."""

from __future__ import annotations

import math
import threading
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from audioguide.system.cache import BlobCache
from audioguide.system.paths import cache_root
from audioguide.units import RATE, db_to_amplitude

CACHE_BYTES = 1_000_000_000
"""The most that cached clips may take: three hours of speech, all of it different."""

RECENT_SAMPLES = 8_000_000
"""32 MB of clips in memory: three minutes."""

FULL_SCALE = 16_384
"""A stored sample of this value is 1.0: 16 bits with 6 dB of headroom, since a limiter comes only after the mix."""

MARGIN = math.ceil(0.005 * RATE)
"""Frames kept, and faded, before the first and after the last sample above the threshold: 5 ms."""

THRESHOLD = math.floor(db_to_amplitude(-50.0) * FULL_SCALE) + 1
"""The least stored value above −50 dBFS."""

NARRATION_LUFS = -19.0
"""In one channel, which is −16 LUFS when both channels carry it."""

HIGHEST = 2.0
"""The highest sample that a stored clip can hold. A knock above it is clipped, so that it does not soften the words."""

_SHORTEST_MEASURED = 0.4
"""Seconds: ITU-R BS.1770-4 cannot measure a shorter sound."""

_RMS_TO_LUFS = -0.7
"""LUFS of a sound of 0 dB RMS, without the K-weighting (BS.1770-4, the constant in equation 2)."""

_SILENCE = db_to_amplitude(-60.0)


def make_clip(raw: NDArray[np.float32], sample_rate: int, gain_db: float) -> NDArray[np.int16]:
    """Mono samples at `sample_rate` to a clip at `RATE`, int16 in units of 1/`FULL_SCALE`, shape (frames,).

    After the gain, the first sample above −50 dBFS lies exactly `MARGIN` frames from the start, and the last one as
    far from the end. The margins are faded by raised cosines, to 0 at the ends of the clip. The samples are rounded
    before they are compared with the threshold, so that every reader of the clip finds the same two. Raises ValueError
    when no sample is above it.
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
    """The clips one after another, `pause` frames from the last sound of one to the first of the next.

    Their faded margins lie within the pause; it is never shorter than these.
    """
    silence = np.zeros(max(0, pause - 2 * MARGIN), np.int16)
    return np.concatenate([part for clip in clips for part in (silence, clip)][1:])


def to_float(clip: NDArray[np.int16]) -> NDArray[np.float32]:
    """A stored clip as float32 at its final level, read-only because it is shared."""
    samples = clip.astype(np.float32) / np.float32(FULL_SCALE)
    samples.flags.writeable = False
    return samples


def normalize_loudness(sound: NDArray[np.float32], rate: int) -> NDArray[np.float32]:
    """Make a sound of one channel as loud as narration is before the gain of its voice. Silence stays as it is.

    Loudness is integrated loudness; for a sound under 400 ms, it follows from the RMS between its first and its last
    sample above −60 dBFS.
    """
    audible = np.flatnonzero(np.abs(sound) > _SILENCE)
    if not len(audible):
        return sound
    loudness = _measure_loudness(sound[audible[0] : audible[-1] + 1], rate)
    scaled: NDArray[np.float32] = np.clip(
        sound * np.float32(db_to_amplitude(NARRATION_LUFS - loudness)), -HIGHEST, HIGHEST
    )
    return scaled


def _measure_loudness(sound: NDArray[np.float32], rate: int) -> float:
    if len(sound) >= _SHORTEST_MEASURED * rate:
        from audioguide.system.ffmpeg import measure_loudness

        integrated = measure_loudness(np.ascontiguousarray(sound), rate)
        if np.isfinite(integrated):
            return integrated
    return float(10 * np.log10(np.mean(np.square(sound, dtype=np.float64)))) + _RMS_TO_LUFS


def cache_folder() -> Path:
    """Where clips are cached: below `AUDIOGUIDE_CACHE`, or else below the user's cache folder."""
    return cache_root() / "clips"


class ClipCache:
    """Clips by key, in the files below one folder. A clip is int16 samples, shape (frames,)."""

    def __init__(self, folder: Path, room: int = CACHE_BYTES) -> None:
        self.blobs = BlobCache(folder, ".clip", b"agclip\x03\n", room)

    def frames(self, key: str) -> int | None:
        """The length of a clip, read from its header alone; None when it is missing or not whole."""
        length = self.blobs.length(key)
        return None if length is None else length // 2

    def load(self, key: str) -> NDArray[np.int16] | None:
        """A clip; None when it is missing or damaged."""
        samples = self.blobs.get(key)
        return None if samples is None else np.frombuffer(samples, "<i2").astype(np.int16, copy=False)

    def store(self, key: str, clip: NDArray[np.int16]) -> None:
        """Keep a clip, if the folder can be written."""
        self.blobs.put(key, clip.astype("<i2").tobytes())


class RecentClips:
    """The clips that were used last, in memory: up to `limit` samples in all. A longer clip is kept alone."""

    def __init__(self, limit: int = RECENT_SAMPLES) -> None:
        self._limit = limit
        self._clips: dict[str, NDArray[np.float32]] = {}
        self._lock = threading.Lock()

    def get(self, key: str) -> NDArray[np.float32] | None:
        """A clip, if it is one of them; it is the last one used now."""
        with self._lock:
            clip = self._clips.pop(key, None)
            if clip is not None:
                self._clips[key] = clip
            return clip

    def put(self, key: str, clip: NDArray[np.float32]) -> None:
        """Keep a clip, and drop those not used for longest."""
        with self._lock:
            self._clips[key] = clip
            while len(self._clips) > 1 and sum(map(len, self._clips.values())) > self._limit:
                del self._clips[next(iter(self._clips))]
