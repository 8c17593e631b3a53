"""`noise`: from the roar of a distant sea to a breath of air, by its slope and its limits."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Annotated

import numpy as np
from annotated_types import Interval
from numpy.typing import NDArray

from audioguide.sound.grains import Grains, looped
from audioguide.sound.layers.kind import Hertz, LayerSpec, Seed, Share, at_level
from audioguide.sound.sound import GRID
from audioguide.units import RATE

_PERIOD = 2**18


@dataclass(frozen=True)
class Noise(LayerSpec):
    """`noise: {slope: -3, low: 40, high: 12000}`.

    `slope` is in decibels an octave (pink -3, brown -6). Below `low` and above `high` (hertz) it falls off by 12 and 24
    more. `width` is the side signal's share: at 0.45 a mono sum loses 0.8 dB.
    """

    slope: Annotated[float, Interval(ge=-18, le=6)]
    low: Hertz = 30.0
    high: Hertz = 16_000.0
    width: Share = 0.45
    seed: Seed = 0

    def layer(self, gain: float, folder: Path) -> Grains:
        """The noise."""
        return Grains(_table(self.slope, self.low, self.high, self.width, self.seed), GRID, self.seed, gain)


@lru_cache(maxsize=8)
def _table(slope: float, low: float, high: float, width: float, seed: int) -> NDArray[np.float32]:
    """A period of it in both channels: its magnitudes are exactly the colour's, its phases chance."""
    hertz = np.arange(_PERIOD // 2 + 1) * (RATE / _PERIOD)
    hertz[0] = hertz[1]
    colour = (hertz / 1000) ** (slope / (20 * np.log10(2)))
    colour /= (1 + (low / hertz) ** 2) * (1 + (hertz / high) ** 4)
    colour[[0, -1]] = 0
    turns = np.random.Generator(np.random.Philox(seed)).random((2, len(hertz)))
    middle, side = np.fft.irfft(colour * np.exp(2j * np.pi * turns), _PERIOD)
    table = np.stack([middle + width * side, middle - width * side])
    return looped(at_level(table), GRID)
