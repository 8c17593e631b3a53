"""Where a stream of sound is cut into buffers, and how two of them meet."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from audioguide.sound.block import Block
from audioguide.units import frames

SEAM = frames(0.06)
"""One buffer goes over into the next in this time, of which both have their part. Measured: a sound server may begin a
buffer 20 ms too late or too soon.
"""

_FALL = np.linspace(1, 0, SEAM, endpoint=False, dtype=np.float32)[:, np.newaxis]


def quietest(sound: Block, least: int) -> int:
    """Where to cut `sound` into a buffer and the next: at frame `least` or later, where the `SEAM` frames that both
    have are the quietest; silence between two words, if there is any. The latest of equals.
    """
    power = np.square(sound, dtype=np.float64).sum(axis=1)
    sums = np.concatenate([[0.0], np.cumsum(power)])
    seams = sums[least + SEAM :] - sums[least : len(sums) - SEAM]
    quiet = np.flatnonzero(seams <= seams.min() + 1e-9)
    return least + int(quiet[-1])


def faded(sound: Block, *, begun: bool) -> Block:
    """A buffer that goes over into the next one, and came (`begun`) out of one before. Their sum is what it was."""
    made = sound.copy()
    if begun:
        made[:SEAM] *= 1 - _FALL
    made[-SEAM:] *= _FALL
    return made


def as_s16(sound: Block) -> NDArray[np.int16]:
    """Sound in whole steps of 16 bits."""
    return np.rint(sound * 32_768).clip(-32_768, 32_767).astype("<i2")
