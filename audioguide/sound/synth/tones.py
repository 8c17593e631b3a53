"""`drone` and `binaural`: sums of sines, computed by matrix products instead of a sine for each sample.

With the frame n = 128 r + c, sin(ωn + φ) = sin(ω128r + φ) cos(ωc) + cos(ω128r + φ) sin(ωc): a block of 8192 frames
is the product of a (64, 2 × partials) matrix that holds phase and amplitude with a fixed (2 × partials, 128) table.
Amplitudes are straight lines within a block, so a second product computes the slopes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, ClassVar, NamedTuple

from annotated_types import Gt, Interval, Le, Len

from audioguide.arrays import NDArray, np
from audioguide.schema.document import Record
from audioguide.sound.synth.layer import GRID, Hertz, LayerSpec, Planes, Share, line
from audioguide.units import RATE

_COLUMNS = 128
# Rows in one product: few enough that BLAS uses only the caller's thread for up to 32 partials. Its other threads
# would compete with the encoder, and split sums change the last bits.
_ROWS = 32
Slow = Annotated[float, Interval(ge=0, le=5)]  # hertz of a slow modulation


@dataclass(frozen=True)
class Pair(Record):
    """Two tones (hertz) of equal amplitude that exchange power, so that the colour changes and the loudness does not.

    Each has a quieter one, `drift` hertz off, in the side signal (left +, right -). So each ear hears them beat slowly,
    one louder while the other is softer, but the power of both ears, and the mono sum that a phone plays, are constant.
    `depth` is the share of power that is exchanged, at the two rates of `sway` (hertz).
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
    """`drone: {pairs: [...]}`: pairs of tones that change all the time."""

    pairs: Annotated[tuple[Pair, ...], Len(1, 8)]  # four partials each: the most for one matrix product

    def layer(self, gain: float, folder: Path) -> Tones:
        """The drone."""
        return Tones([partial for pair in self.pairs for partial in pair.partials(gain)])


@dataclass(frozen=True)
class Binaural(LayerSpec):
    """`binaural: {carrier: 220, beat: 6}`: a tone for each ear (hertz), whose beat only both ears together hear.

    `overtones` is the amount of its octave and twelfth, with the same beat. Mixed into one channel it would be a
    tremolo.
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


class Partial(NamedTuple):
    """One sine: its frequency in hertz, its amplitudes left and right (±1.0 full scale; opposite signs: side signal).

    Its power varies around that by up to the factor `depth` (-1..1), from the middle, at the two rates of `sway`
    (hertz). `turn` is the phase of the sine at frame 0 (0..1).
    """

    hertz: float
    left: float
    right: float
    sway: tuple[float, float] = (0.0, 0.0)
    depth: float = 0.0
    turn: float = 0.0


class Tones:
    """A layer: a sum of partials."""

    def __init__(self, partials: Sequence[Partial]) -> None:
        columns = (np.array(column, np.float64) for column in zip(*partials, strict=True))
        self._hertz, left, right, self._sway, self._depth, self._turn = columns
        self._sides = np.stack([left, right])
        angles = 2 * np.pi * self._hertz[:, None] * np.arange(_COLUMNS) / RATE
        self._table = np.concatenate([np.cos(angles), np.sin(angles)]).astype(np.float32)
        rows = np.arange(0, GRID, _COLUMNS)
        self._rows = np.exp(2j * np.pi * self._hertz * rows[:, None] / RATE)

    def make(self, index: int) -> Planes:
        """Grid block `index`."""
        phase = np.exp(2j * np.pi * ((self._hertz * (index * GRID / RATE) + self._turn) % 1.0))
        rotated = self._rows * phase
        begin, end = self._amplitudes(index), self._amplitudes(index + 1)
        # The axes: channel, level and slope, row, partial.
        lines = np.stack([begin, end - begin], axis=1)[:, :, None, :]
        factors = np.concatenate([lines * rotated.imag, lines * rotated.real], axis=-1).astype(np.float32)
        products = factors.reshape(2, 2, -1, _ROWS, factors.shape[-1]) @ self._table
        level, slope = np.moveaxis(products.reshape(2, 2, GRID), 1, 0)
        block: Planes = level + slope * line()
        return block

    def _amplitudes(self, index: int) -> NDArray[np.float64]:
        """At the first frame of a grid block: (channel, partial)."""
        sway = np.sin(2 * np.pi * self._sway * (index * GRID / RATE)).mean(axis=-1)
        amplitudes: NDArray[np.float64] = self._sides * np.sqrt(1 + self._depth * sway)
        return amplitudes
