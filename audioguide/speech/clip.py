"""Raw engine samples to a finished clip: resampled, levelled, trimmed, and faded at both ends. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from audioguide.units import RATE, gain

FULL_SCALE = 16_384
"""A stored sample of this value is 1.0: 16 bits with 6 dB of room, since a limiter comes only after the mix."""

MARGIN = math.ceil(0.005 * RATE)
"""Frames kept, and faded, before the first and after the last sample above the threshold: 5 ms."""

THRESHOLD = math.floor(gain(-50.0) * FULL_SCALE) + 1
"""The least stored value above −50 dBFS."""


def make_clip(raw: NDArray[np.float32], sample_rate: int, gain_db: float) -> NDArray[np.int16]:
    """Mono samples at `sample_rate` to a clip at `RATE`, int16 in units of 1/`FULL_SCALE`, shape (frames,).

    The first sample above −50 dBFS (after the gain) lies exactly `MARGIN` frames from the start, the last one as far
    from the end; raised cosines reach 0 at the clip's ends and 1 at those two. The samples are rounded *before* the
    threshold is looked for, so that every reader of the clip finds the same two. Raises ValueError when none is
    above it.
    """
    import soxr

    level = soxr.resample(raw, sample_rate, RATE, quality="VHQ") * np.float32(gain(gain_db) * FULL_SCALE)
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
