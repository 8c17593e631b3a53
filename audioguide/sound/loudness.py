"""How loud a sound is: ITU-R BS.1770-4 with gating."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from audioguide.system.ffmpeg import measure_loudness
from audioguide.units import RATE

SHORTEST = RATE * 4 // 10
"""Frames in one measuring window of BS.1770, 400 ms."""


def integrated(sound: NDArray[np.float32]) -> float:
    """Integrated loudness in LUFS, to 0.1, of a block (frames, 2), or of one channel (frames,).

    A sound shorter than `SHORTEST` is measured with silence after it. Silence is -inf.
    The whole sound is held in memory: for clips and backgrounds, not for sessions.
    """
    missing = max(SHORTEST - len(sound), 0)
    padded = np.pad(sound, [(0, missing)] + [(0, 0)] * (sound.ndim - 1)) if missing else sound
    return measure_loudness(np.ascontiguousarray(padded, np.float32), RATE)
