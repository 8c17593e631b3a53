"""An endless sound out of a short one: grains of a table that are taken from ever other places, and flow into another.

A grain rises through one hop and falls through the next as sine and cosine do, so the power of sounds that have
nothing to do with one another stays the same all the way. Where in the table grain *n* begins is a function of *n*:
multiples of the golden ratio, which keep grains that sound together far apart, and chance, which keeps any lag from
coming twice.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from audioguide.sound.chance import chance
from audioguide.sound.sound import GRID

_GOLDEN = (5**0.5 - 1) / 2
_JITTER = 0.24  # of the table. Neighbours stay 0.38 - 0.24 of it apart.


def looped(period: NDArray[np.float32], hop: int) -> NDArray[np.float32]:
    """A period of an endless sound, shape (channels, frames), and its beginning again: a grain may lie anywhere."""
    return np.concatenate([period, period[:, : 2 * hop]], axis=1)


class Grains:
    """Grains of a table made by `looped`, of two hops each.

    `hop`, a multiple of `GRID`, is at most a sixteenth of the period: then no two grains at a time are the same sound.
    """

    def __init__(self, table: NDArray[np.float32], hop: int, seed: int, gain: float) -> None:
        self._frames = table.shape[1] - 2 * hop
        self._table = table
        turn = np.pi / 2 * np.arange(hop) / hop
        self._rise = (gain * np.sin(turn)).astype(np.float32)
        self._fall = (gain * np.cos(turn)).astype(np.float32)
        self._hop, self._seed = hop, seed

    def make(self, index: int) -> NDArray[np.float32]:
        """Grid block `index`: shape (channels, GRID)."""
        grain, at = divmod(index * GRID, self._hop)
        begun, begins = self._place(grain - 1) + self._hop + at, self._place(grain) + at
        made: NDArray[np.float32] = self._table[:, begun : begun + GRID] * self._fall[at : at + GRID]
        made += self._table[:, begins : begins + GRID] * self._rise[at : at + GRID]
        return made

    def _place(self, grain: int) -> int:
        return int((grain * _GOLDEN + _JITTER * chance(self._seed, grain)) % 1.0 * self._frames)
