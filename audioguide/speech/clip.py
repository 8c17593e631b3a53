"""Raw engine samples to a finished clip: resampled, levelled, trimmed and faded at both ends. The cache of clips."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from audioguide.system.cache import BlobCache
from audioguide.system.paths import cache_root
from audioguide.units import RATE, db_to_amplitude

ROOM = 1_000_000_000
"""Bytes that clips may take: three hours of speech, all of it different."""

FULL_SCALE = 16_384
"""A stored sample of this value is 1.0: 16 bits with 6 dB of room, since a limiter comes only after the mix."""

MARGIN = math.ceil(0.005 * RATE)
"""Frames kept, and faded, before the first and after the last sample above the threshold: 5 ms."""

THRESHOLD = math.floor(db_to_amplitude(-50.0) * FULL_SCALE) + 1
"""The least stored value above −50 dBFS."""

LOUDNESS = -19.0
"""LUFS in one channel, which is −16 LUFS when both channels carry it."""

HIGHEST = 2.0
"""The highest sample that a stored clip holds; a knock that would lie above it is cut, not the whole text made soft."""

_WINDOW = 0.4
"""Seconds: nothing shorter can be measured as ITU-R BS.1770-4 does it."""

_RMS_TO_LUFS = -0.7
"""LUFS of a sound of 0 dB RMS, without the K-weighting (BS.1770-4, the constant in equation 2)."""

_SILENCE = 10 ** (-60 / 20)


def make_clip(raw: NDArray[np.float32], sample_rate: int, gain_db: float) -> NDArray[np.int16]:
    """Mono samples at `sample_rate` to a clip at `RATE`, int16 in units of 1/`FULL_SCALE`, shape (frames,).

    The first sample above −50 dBFS (after the gain) lies exactly `MARGIN` frames from the start, the last one as far
    from the end; raised cosines reach 0 at the clip's ends and 1 at those two. The samples are rounded *before* the
    threshold is looked for, so that every reader of the clip finds the same two. Raises ValueError when none is
    above it.
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


def as_float(clip: NDArray[np.int16]) -> NDArray[np.float32]:
    """A stored clip as float32 at its final level, read-only because it is shared."""
    samples = clip.astype(np.float32) / np.float32(FULL_SCALE)
    samples.flags.writeable = False
    return samples


def levelled(sound: NDArray[np.float32], rate: int) -> NDArray[np.float32]:
    """The sound, one channel, as loud as narration is before its profile's gain. Silence stays as it is.

    Its loudness is the integrated one; where it sounds for less than 400 ms, that of its RMS between the first and
    the last audible sample.
    """
    audible = np.flatnonzero(np.abs(sound) > _SILENCE)
    if not len(audible):
        return sound
    heard = sound[audible[0] : audible[-1] + 1]
    factor = 10 ** ((LOUDNESS - _loudness(heard, rate)) / 20)
    louder: NDArray[np.float32] = np.clip(sound * np.float32(factor), -HIGHEST, HIGHEST)
    return louder


def _loudness(sound: NDArray[np.float32], rate: int) -> float:
    if len(sound) >= _WINDOW * rate:
        from audioguide.system.ffmpeg import measure_loudness

        integrated = measure_loudness(np.ascontiguousarray(sound), rate)
        if np.isfinite(integrated):
            return integrated
    return float(10 * np.log10(np.mean(np.square(sound, dtype=np.float64)))) + _RMS_TO_LUFS


def cache_folder() -> Path:
    """Where clips are kept: below `AUDIOGUIDE_CACHE`, or else below the person's cache folder."""
    return cache_root() / "clips"


class ClipCache:
    """Clips by key, below one folder. A clip is int16 samples, shape (frames,)."""

    def __init__(self, folder: Path, room: int = ROOM) -> None:
        self.blobs = BlobCache(folder, ".clip", b"agclip\x03\n", room)

    def frames(self, key: str) -> int | None:
        """The length of a clip, read from its header alone; None when it is not there or not whole."""
        length = self.blobs.length(key)
        return None if length is None else length // 2

    def load(self, key: str) -> NDArray[np.int16] | None:
        """A clip; None when it is not there or its samples are not those that were written."""
        samples = self.blobs.get(key)
        return None if samples is None else np.frombuffer(samples, "<i2").astype(np.int16, copy=False)

    def store(self, key: str, clip: NDArray[np.int16]) -> None:
        """Keep a clip, if the folder lets us."""
        self.blobs.put(key, clip.astype("<i2").tobytes())
