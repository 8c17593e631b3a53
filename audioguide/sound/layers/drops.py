"""`drops`: single drops, near and far, small and large, as they fall on leaves, on stone, on water."""

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
from audioguide.units import RATE, frames

_PERIOD = 2**20
_HOP = 8 * GRID
_LONGEST = frames(0.12)


@dataclass(frozen=True)
class Drops(LayerSpec):
    """`drops: {rate: 40, low: 700, high: 5000}`.

    So many a second, with pitches between `low` and `high` (hertz), that ring for `ring` seconds (until they are 60 dB
    down; the high ones shorter). `splash` is the share of noise in them: 0 plops, 1 patters.
    """

    rate: Annotated[float, Interval(ge=1, le=120)]
    low: Hertz
    high: Hertz
    ring: Annotated[float, Interval(ge=0.005, le=0.12)] = 0.04
    splash: Share = 0.5
    width: Share = 0.5
    seed: Seed = 0

    def layer(self, gain: float, folder: Path) -> Grains:
        """The drops."""
        table = _table(self.rate, self.low, self.high, self.ring, self.splash, self.width, self.seed)
        return Grains(table, _HOP, self.seed, gain)


@lru_cache(maxsize=4)
def _table(
    rate: float, low: float, high: float, ring: float, splash: float, width: float, seed: int
) -> NDArray[np.float32]:
    """Twenty-four seconds of drops; what rings at the end rings on at the beginning."""
    random = np.random.Generator(np.random.Philox(seed))
    count = round(rate * _PERIOD / RATE)
    places = random.integers(_PERIOD, size=count)
    pitches = low * (high / low) ** random.random(count)
    sizes = 10 ** (random.triangular(-22, -16, 0, count) / 20)  # far ones are many, and near ones few
    sides = width * (2 * random.random(count) - 1)
    table = np.zeros((2, _PERIOD + _LONGEST))
    hiss = random.standard_normal(_LONGEST * 8)
    for place, pitch, size, side in zip(places, pitches, sizes, sides, strict=True):
        fall = ring * (low / pitch) ** 0.5
        time = np.arange(min(frames(fall), _LONGEST)) / RATE
        shape = np.minimum(time / 0.0008, 1.0) * 1000.0 ** (-time / fall) * np.cos(np.pi / 2 * time / fall)
        # A drop on water rings a little higher as its bubble closes.
        tone = np.sin(2 * np.pi * pitch * time * (1 + 0.6 * time / fall))
        first = place % (_LONGEST * 7)
        rustle = np.convolve(hiss[first : first + len(time) + 3], (0.25, 0.25, 0.25, 0.25), "valid")[: len(time)]
        drop = size * shape * ((1 - splash) * tone + splash * rustle)
        table[0, place : place + len(drop)] += (1 - side) * drop
        table[1, place : place + len(drop)] += (1 + side) * drop
    table[:, :_LONGEST] += table[:, _PERIOD:]
    table = table[:, :_PERIOD] - table[:, :_PERIOD].mean(axis=1, keepdims=True)
    return looped(at_level(table), _HOP)
