"""A gain that moves between silence and full level over a fixed number of frames, and can turn back midway."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from audioguide.sound.block import Block, Samples


def rising(length: int) -> Samples:
    """The raised cosine of a fade of `length` frames: above 0 on the first of them, exactly 1 on the last."""
    return _gains(length, np.arange(1, length + 1))


def _gains(length: int, levels: NDArray[np.int64]) -> Samples:
    gains: Samples = (0.5 - 0.5 * np.cos(np.pi / length * levels)).astype(np.float32)
    return gains


class Fade:
    """A raised-cosine fade of `length` frames; `level` counts from 0 (silence) to `length` (full level)."""

    def __init__(self, length: int, *, level: int) -> None:
        self.length = length
        self.level = level

    def apply(self, block: Block, *, rising: bool) -> None:
        """Scale `block` in place, going on from where the last call left off.

        At full level the samples stay exactly as they are; at level 0 they become exact zeros.
        """
        count = len(block)
        if not rising and not self.level:
            block.fill(0.0)
        elif not (rising and self.level == self.length):
            step = 1 if rising else -1
            levels = np.clip(self.level + step * np.arange(1, count + 1), 0, self.length)
            block *= _gains(self.length, levels)[:, np.newaxis]
            self.level = int(levels[-1]) if count else self.level
