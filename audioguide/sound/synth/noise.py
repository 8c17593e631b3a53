"""`noise` and `drops`: an endless sound from a short table, by overlapping grains from ever different places.

A grain rises through one hop as a sine and falls through the next as a cosine, so the power of uncorrelated grains
stays constant. The place of grain *n* in the table is a function of *n*: multiples of the golden ratio, which keep
overlapping grains far apart, plus a random offset, so that no lag repeats.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Annotated

from annotated_types import Interval

from audioguide.arrays import NDArray, np
from audioguide.sound.synth.layer import GRID, Hertz, LayerSpec, Seed, Share
from audioguide.units import RATE, to_frames

_BITS = 2**64 - 1
_GOLDEN = (5**0.5 - 1) / 2
_JITTER = 0.24  # of the table. Neighbours stay 0.38 - 0.24 of it apart.
_LEVEL = 0.1  # root of the mean power of a table, full scale being 1
_NOISE_PERIOD = 2**18
_DROPS_PERIOD = 2**20
_DROPS_HOP = 8 * GRID
_LONGEST_DROP = to_frames(0.12)


def chance(seed: int, number: int) -> float:
    """A pseudorandom number from 0 up to 1 for a seed and a number, which may be negative.

    SplitMix64's finaliser (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014).
    """
    bits = (seed * 0xD1342543DE82EF95 + number * 0x9E3779B97F4A7C15) & _BITS
    bits = ((bits ^ (bits >> 30)) * 0xBF58476D1CE4E5B9) & _BITS
    bits = ((bits ^ (bits >> 27)) * 0x94D049BB133111EB) & _BITS
    return ((bits ^ (bits >> 31)) >> 11) * 2.0**-53


@dataclass(frozen=True)
class Noise(LayerSpec):
    """`noise: {slope: -3, low: 40, high: 12000}`: from a distant sea to a breath of air.

    `slope` is in decibels an octave (pink -3, brown -6). Below `low` and above `high` (hertz) it falls by 12 and 24
    more. `width` is the amplitude of the side signal: at 0.45 a mono sum loses 0.8 dB.
    """

    slope: Annotated[float, Interval(ge=-18, le=6)]
    low: Hertz = 30.0
    high: Hertz = 16_000.0
    width: Share = 0.45
    seed: Seed = 0

    def layer(self, gain: float, folder: Path) -> Grains:
        """The noise."""
        return Grains(_noise(self), GRID, self.seed, gain)


@dataclass(frozen=True)
class Drops(LayerSpec):
    """`drops: {rate: 40, low: 700, high: 5000}`: single drops on leaves, stone or water.

    `rate` is their number a second, `low` and `high` are their lowest and highest pitch (hertz), `ring` is the decay
    time (60 dB) of the lowest in seconds. `splash` is the share of noise in them, from 0 (plops) to 1 (patters).
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
        return Grains(_drops(self), _DROPS_HOP, self.seed, gain)


class Grains:
    """A layer of grains, of two hops each, from a table by `_make_table`.

    `hop`, a multiple of `GRID`, is at most a sixteenth of the period, so that overlapping grains are different sounds.
    """

    def __init__(self, table: NDArray[np.float32], hop: int, seed: int, gain: float) -> None:
        self._frames = table.shape[1] - 2 * hop
        self._table = table
        turn = np.pi / 2 * np.arange(hop) / hop
        self._rise = (gain * np.sin(turn)).astype(np.float32)
        self._fall = (gain * np.cos(turn)).astype(np.float32)
        self._hop, self._seed = hop, seed

    def make(self, index: int) -> NDArray[np.float32]:
        """Grid block `index`: shape (2, GRID)."""
        grain, at = divmod(index * GRID, self._hop)
        falling, rising = self._place(grain - 1) + self._hop + at, self._place(grain) + at
        block: NDArray[np.float32] = self._table[:, falling : falling + GRID] * self._fall[at : at + GRID]
        block += self._table[:, rising : rising + GRID] * self._rise[at : at + GRID]
        return block

    def _place(self, grain: int) -> int:
        return int((grain * _GOLDEN + _JITTER * chance(self._seed, grain)) % 1.0 * self._frames)


def _make_table(period: NDArray[np.float64], hop: int) -> NDArray[np.float32]:
    """A period of sound at its level, shape (2, frames), and its start again after it for the last grains."""
    table = (period * (_LEVEL / np.sqrt((period**2).mean()))).astype(np.float32)
    return np.concatenate([table, table[:, : 2 * hop]], axis=1)


@lru_cache(maxsize=8)
def _noise(noise: Noise) -> NDArray[np.float32]:
    """Six seconds: its magnitudes are exactly those of the colour, its phases are random."""
    hertz = np.arange(_NOISE_PERIOD // 2 + 1) * (RATE / _NOISE_PERIOD)
    hertz[0] = hertz[1]
    colour = (hertz / 1000) ** (noise.slope / (20 * np.log10(2)))
    colour /= (1 + (noise.low / hertz) ** 2) * (1 + (hertz / noise.high) ** 4)
    colour[[0, -1]] = 0
    turns = np.random.Generator(np.random.Philox(noise.seed)).random((2, len(hertz)))
    middle, side = np.fft.irfft(colour * np.exp(2j * np.pi * turns), _NOISE_PERIOD)
    return _make_table(np.stack([middle + noise.width * side, middle - noise.width * side]), GRID)


@lru_cache(maxsize=4)
def _drops(drops: Drops) -> NDArray[np.float32]:
    """Twenty-four seconds of drops, as a loop: those at the end ring on at the start."""
    random = np.random.Generator(np.random.Philox(drops.seed))
    count = round(drops.rate * _DROPS_PERIOD / RATE)
    places = random.integers(_DROPS_PERIOD, size=count)
    pitches = drops.low * (drops.high / drops.low) ** random.random(count)
    sizes = 10 ** (random.triangular(-22, -16, 0, count) / 20)  # most are far, and few are near
    sides = drops.width * (2 * random.random(count) - 1)
    table = np.zeros((2, _DROPS_PERIOD + _LONGEST_DROP))
    hiss = random.standard_normal(_LONGEST_DROP * 8)
    for place, pitch, size, side in zip(places, pitches, sizes, sides, strict=True):
        fall = drops.ring * (drops.low / pitch) ** 0.5
        time = np.arange(min(to_frames(fall), _LONGEST_DROP)) / RATE
        shape = np.minimum(time / 0.0008, 1.0) * 1000.0 ** (-time / fall) * np.cos(np.pi / 2 * time / fall)
        # The pitch of a drop on water rises as its bubble closes.
        tone = np.sin(2 * np.pi * pitch * time * (1 + 0.6 * time / fall))
        first = place % (_LONGEST_DROP * 7)
        rustle = np.convolve(hiss[first : first + len(time) + 3], (0.25, 0.25, 0.25, 0.25), "valid")[: len(time)]
        drop = size * shape * ((1 - drops.splash) * tone + drops.splash * rustle)
        table[0, place : place + len(drop)] += (1 - side) * drop
        table[1, place : place + len(drop)] += (1 + side) * drop
    table[:, :_LONGEST_DROP] += table[:, _DROPS_PERIOD:]
    table = table[:, :_DROPS_PERIOD] - table[:, :_DROPS_PERIOD].mean(axis=1, keepdims=True)
    return _make_table(table, _DROPS_HOP)
