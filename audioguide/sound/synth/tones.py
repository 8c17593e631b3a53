"""`drone` and `binaural`: sums of sines, made by matrix products instead of a sine per sample.

With the frame n = 128 r + c, sin(ωn + φ) = sin(ω128r + φ) cos(ωc) + cos(ω128r + φ) sin(ωc): a block of 8192 frames
is the product of a (64, 2 × partials) matrix that holds phase and amplitude with a fixed (2 × partials, 128) table.
Amplitudes move in straight lines within a block, which takes a second product for the slopes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, ClassVar

import numpy as np
from annotated_types import Gt, Interval, Le, Len
from numpy.typing import NDArray

from audioguide.schema.document import Record
from audioguide.sound.synth.layer import GRID, LINE, Hertz, LayerSpec, Planes, Share
from audioguide.units import RATE

_COLUMNS = 128
_ROWS = 32
"""Rows in one product: few enough that BLAS stays on the caller's thread (its other threads would take the core
that speaks or encodes, and split sums change the last bits) for up to 32 partials."""

Slow = Annotated[float, Interval(ge=0, le=5)]
"""Hertz of what sways and beats."""


@dataclass(frozen=True)
class Pair(Record):
    """Two tones (hertz) of equal amplitude that trade power, so that the colour moves and the loudness does not.

    Beside each, `drift` hertz off, lies a quieter one in the side signal (left +, right -): each ear hears the two
    beat slowly, one ear's swell in the other's ebb, while the power of both ears together, and the mono sum that a
    phone plays, hold still. `depth` is the share of power that is traded, at the two rates of `sway` (hertz).
    """

    hertz: tuple[Hertz, Hertz]
    amplitude: Annotated[float, Gt(0), Le(2)]
    sway: tuple[Slow, Slow]
    depth: Share
    drift: Slow

    def partials(self, gain: float) -> tuple[Partial, ...]:
        """The four of them."""
        low, high = self.hertz
        amplitude, side = self.amplitude * gain, 0.4 * self.amplitude * gain
        return (
            Partial(low, amplitude, amplitude, self.sway, self.depth),
            Partial(low + self.drift, side, -side, self.sway, self.depth, turn=0.4),
            Partial(high, amplitude, amplitude, self.sway, -self.depth, turn=0.3),
            Partial(high + 1.23 * self.drift, side, -side, self.sway, -self.depth, turn=0.9),
        )


@dataclass(frozen=True)
class Drone(LayerSpec):
    """`drone: {pairs: [...]}`: pairs of tones that never stand still."""

    pairs: Annotated[tuple[Pair, ...], Len(1, 8)]  # four partials each: what one matrix product has room for

    def layer(self, gain: float, folder: Path) -> Tones:
        """The drone."""
        return Tones([partial for pair in self.pairs for partial in pair.partials(gain)])


@dataclass(frozen=True)
class Binaural(LayerSpec):
    """`binaural: {carrier: 220, beat: 6}`: a tone for each ear, so close that only both ears together hear them beat.

    In hertz; `overtones` says how much of its octave and twelfth sound along, with the same beat. Mixed into one
    channel it would be an ugly tremolo.
    """

    stereo_only: ClassVar[bool] = True

    carrier: Annotated[float, Interval(ge=50, le=1000)]
    beat: Annotated[float, Interval(ge=0.5, le=40)]
    overtones: Share = 0.0

    def layer(self, gain: float, folder: Path) -> Tones:
        """The tones."""
        partials = []
        for number, share, depth in ((1, 1.0, 0.3), (2, self.overtones, -0.3), (3, self.overtones / 2, -0.3)):
            amplitude = 0.1 * share * gain
            for side, (left, right) in ((-1, (amplitude, 0.0)), (1, (0.0, amplitude))):
                hertz = number * self.carrier + side * self.beat / 2
                partials.append(Partial(hertz, left, right, (0.0173, 0.0291), depth, turn=0.17 * number))
        return Tones([one for one in partials if one.left or one.right])


@dataclass(frozen=True, slots=True)
class Partial:
    """One sine: its frequency in hertz, its amplitudes left and right (±1.0 full scale; opposite signs: side signal).

    Its power sways around that by up to `depth` (-1..1, of itself), beginning in the middle, at two rates together
    (`sway`, in hertz). `turn` is where in its cycle the sine begins (0..1).
    """

    hertz: float
    left: float
    right: float
    sway: tuple[float, float] = (0.0, 0.0)
    depth: float = 0.0
    turn: float = 0.0


class Tones:
    """A sum of partials: a layer."""

    def __init__(self, partials: Sequence[Partial]) -> None:
        self._hertz, self._turn, self._depth = (_column(partials, name) for name in ("hertz", "turn", "depth"))
        self._sway = _column(partials, "sway")
        self._sides = np.stack([_column(partials, "left"), _column(partials, "right")])
        columns = 2 * np.pi * self._hertz[:, None] * np.arange(_COLUMNS) / RATE
        self._table = np.concatenate([np.cos(columns), np.sin(columns)]).astype(np.float32)
        rows = np.arange(0, GRID, _COLUMNS)
        self._rows = np.exp(2j * np.pi * self._hertz * rows[:, None] / RATE)

    def make(self, index: int) -> Planes:
        """Grid block `index`."""
        phase = np.exp(2j * np.pi * ((self._hertz * (index * GRID / RATE) + self._turn) % 1.0))
        rotated = self._rows * phase
        begin, end = self._amplitudes(index), self._amplitudes(index + 1)
        # The axes: channel, level and slope, row, partial.
        lines = np.stack([begin, end - begin], axis=1)[:, :, None, :]
        left = np.concatenate([lines * rotated.imag, lines * rotated.real], axis=-1).astype(np.float32)
        pieces = left.reshape(2, 2, -1, _ROWS, left.shape[-1]) @ self._table
        level, slope = np.moveaxis(pieces.reshape(2, 2, GRID), 1, 0)
        made: Planes = level + slope * LINE
        return made

    def _amplitudes(self, index: int) -> NDArray[np.float64]:
        """Amplitudes at the first frame of a grid block, (channel, partial)."""
        sway = np.sin(2 * np.pi * self._sway * (index * GRID / RATE)).mean(axis=-1)
        amplitudes: NDArray[np.float64] = self._sides * np.sqrt(1 + self._depth * sway)
        return amplitudes


def _column(partials: Sequence[Partial], name: str) -> NDArray[np.float64]:
    return np.array([getattr(partial, name) for partial in partials], np.float64)
