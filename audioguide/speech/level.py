"""Bringing a sound whose loudness nobody knows to the loudness of narration."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from audioguide.media import loudness_of

LOUDNESS = -19.0
"""LUFS in one channel, which is −16 LUFS when both channels carry it."""

HIGHEST = 2.0
"""The highest sample that a stored clip holds; a knock that would lie above it is cut, not the whole text made soft."""

_WINDOW = 0.4
"""Seconds: nothing shorter can be measured as ITU-R BS.1770-4 does it."""

_RMS_TO_LUFS = -0.7
"""LUFS of a sound of 0 dB RMS, without the K-weighting (BS.1770-4, the constant in equation 2)."""

_SILENCE = 10 ** (-60 / 20)


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
        integrated = loudness_of(np.ascontiguousarray(sound), rate)
        if np.isfinite(integrated):
            return integrated
    return float(10 * np.log10(np.mean(np.square(sound, dtype=np.float64)))) + _RMS_TO_LUFS
