"""Clips: what an engine speaks, resampled, at its level, trimmed and faded; and the caches of finished clips."""

from __future__ import annotations

import math
import threading
from collections.abc import Sequence
from pathlib import Path

from audioguide.arrays import NDArray, np
from audioguide.system.cache import BlobCache
from audioguide.system.ffmpeg import measure_loudness
from audioguide.system.paths import cache_root
from audioguide.units import RATE, db_to_amplitude, to_frames

CACHE_BYTES = 1_000_000_000  # room for cached clips: three hours of speech
FULL_SCALE = 16_384  # the stored value of 1.0: 16 bits with 6 dB of headroom, since the limiter comes after the mix

BEFORE, AFTER = to_frames(0.010), to_frames(0.060)  # frames of a clip before the first loud sample, after the last one
FADE_IN, FADE_OUT = to_frames(0.005), to_frames(0.040)
THRESHOLD = math.floor(db_to_amplitude(-66.0) * FULL_SCALE) + 1  # the least stored value above −66 dBFS: it is loud
NARRATION_LUFS = -19.0  # in one channel: −16 LUFS when both channels have it
MAX_SAMPLE = 2.0  # The highest sample of a stored clip. A knock above it is clipped and does not make the words softer.
HEADROOM = 0.5  # of full scale: with peaks cut there, a voice with many is as loud as the limiter leaves it
ANY_GAIN = 40.0  # dB: as far as the gain of a voice that was never measured may be off
EVENING = 6.0  # the most that a text is made softer or louder than the voice's gain has it, in dB


def make_clip(raw: NDArray[np.float32], sample_rate: int, gain_db: float) -> NDArray[np.int16]:
    """Turn mono samples at `sample_rate` into a clip at `RATE`: int16 in units of 1/`FULL_SCALE`, shape (frames,).

    After the gain, the first sample above −66 dBFS is exactly `BEFORE` frames from the start, and the last one `AFTER`
    frames from the end: soft consonants and breath are kept. Raised cosines fade both ends to 0, and those of `raw`,
    which may begin in the middle of a sound. Samples are rounded before they are compared with the threshold, so that
    everybody who reads the clip finds the same two. Raises ValueError when no sample is above it.
    """
    import soxr

    level = soxr.resample(raw, sample_rate, RATE, quality="VHQ") * np.float32(db_to_amplitude(gain_db) * FULL_SCALE)
    fade_ends(level, FADE_IN, FADE_IN)
    samples = np.clip(np.rint(level), -32_768, 32_767).astype(np.int16)
    loud = np.flatnonzero((samples >= THRESHOLD) | (samples <= -THRESHOLD))
    if not len(loud):
        raise ValueError("Nothing in the samples is above −66 dBFS.")
    clip = np.pad(samples, (BEFORE, AFTER))[loud[0] : loud[-1] + BEFORE + AFTER + 1].astype(np.float32)
    fade_ends(clip, FADE_IN, FADE_OUT)
    return np.rint(clip).astype(np.int16)


def fade_ends(sound: NDArray[np.float32], rise: int, fall: int) -> None:
    """Fade a sound in place by raised cosines: over `rise` frames from exactly 0, over `fall` to exactly 0."""
    for end, count in ((sound, rise), (sound[::-1], fall)):
        ramp = 0.5 - 0.5 * np.cos(np.pi * np.arange(min(count, len(sound))) / count)
        end[: len(ramp)] *= ramp


def join_clips(clips: Sequence[NDArray[np.int16]], pause: int) -> NDArray[np.int16]:
    """The clips one after another, with `pause` frames between their sounds, at least their faded margins."""
    silence = np.zeros(max(0, pause - BEFORE - AFTER), np.int16)
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


def even_narration(sound: NDArray[np.float32], rate: int, most: float = EVENING) -> float:
    """How many dB bring narration in one channel to `NARRATION_LUFS`: at most `most`, either way.

    It is measured between silences, as in a session; a short text at four places in the 100 ms between two blocks
    of BS.1770, since it is up to 1 LU louder at some. Peaks that the limiter takes do not count.
    """
    gain = 0.0
    for _ in range(3):  # the louder it gets, the more is taken
        heard = (sound * np.float32(db_to_amplitude(gain))).clip(-HEADROOM, HEADROOM)
        loud = np.flatnonzero(np.abs(heard) > db_to_amplitude(-60.0))
        if not len(loud):
            return 0.0
        alone = heard[loud[0] : loud[-1] + 1]
        shifts = range(rate // 2, rate // 2 + rate // 10, rate // 40 if len(alone) < 3 * rate else rate)
        levels = [measure_loudness(np.pad(alone, (shift, rate // 2)), rate) for shift in shifts]
        found = (min(levels) + max(levels)) / 2
        gain = float(np.clip(gain + NARRATION_LUFS - found, -most, most)) if math.isfinite(found) else gain
    return gain


def cache_folder() -> Path:
    """The folder of cached clips, in `AUDIOGUIDE_CACHE` or else in the user's cache folder."""
    return cache_root() / "clips"


class ClipCache:
    """Clips by key, as files in one folder. A clip is int16 samples, shape (frames,)."""

    def __init__(self, folder: Path, room: int = CACHE_BYTES) -> None:
        self.blobs = BlobCache(folder, ".clip", b"agclip\x04\n", room)

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

    def __init__(self, limit: int = 2_000_000) -> None:  # 8 MB, 45 seconds
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
