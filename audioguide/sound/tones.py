"""Sums of sines, made by matrix products instead of a sine per sample.

With the frame n = 128 r + c, sin(ωn + φ) = sin(ω128r + φ) cos(ωc) + cos(ω128r + φ) sin(ωc): a block of 8192 frames
is the product of a (64, 2 × partials) matrix that holds phase and amplitude with a fixed (2 × partials, 128) table.
Amplitudes move in straight lines within a block, which takes a second product for the slopes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from audioguide.sound.sound import GRID, LINE, Planes
from audioguide.units import RATE

_COLUMNS = 128
_ROWS = 32
"""Rows in one product: few enough that BLAS stays on the caller's thread (its other threads would take the core
that speaks or encodes, and split sums change the last bits) for up to 32 partials."""


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
        self._hertz = _column(partials, "hertz")
        self._turn = _column(partials, "turn")
        self._sway = _column(partials, "sway")
        self._depth = _column(partials, "depth")
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
