"""Sums of sines, made by matrix products instead of a sine per sample.

With the frame n = 128 r + c, sin(ωn + φ) = sin(ω128r + φ) cos(ωc) + cos(ω128r + φ) sin(ωc): a block of 8192 frames
is the product of a (64, 2 × partials) matrix that holds phase and amplitude with a fixed (2 × partials, 128) table.
Amplitudes move in straight lines within a block, which takes a second product for the slopes.

Blocks lie on a grid anchored to the sound's first frame and are always made whole, in the same shapes, so that every
request is answered with the same bits.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from audioguide.sound.block import Block, silence
from audioguide.units import RATE

GRID = 8192
"""Frames in a grid block."""

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
    """A sum of partials that sounds from frame 0 on, for as long as it is asked for."""

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
        self._line = np.linspace(0, 1, GRID, endpoint=False, dtype=np.float32)
        self._cached = lru_cache(maxsize=2)(self._make)

    def block(self, start: int, count: int) -> Block:
        """`count` frames from `start` on."""
        first, last = start // GRID, -(-(start + count) // GRID)
        offset = start - first * GRID
        return np.concatenate([silence(0), *map(self._cached, range(first, last))])[offset : offset + count]

    def _make(self, index: int) -> Block:
        """The grid block `index`."""
        phase = np.exp(2j * np.pi * ((self._hertz * (index * GRID / RATE) + self._turn) % 1.0))
        rotated = self._rows * phase
        begin, end = self._amplitudes(index), self._amplitudes(index + 1)
        # The axes: channel, level and slope, row, partial.
        lines = np.stack([begin, end - begin], axis=1)[:, :, None, :]
        left = np.concatenate([lines * rotated.imag, lines * rotated.real], axis=-1).astype(np.float32)
        pieces = left.reshape(2, 2, -1, _ROWS, left.shape[-1]) @ self._table
        level, slope = np.moveaxis(pieces.reshape(2, 2, GRID), 1, 0)
        made = np.empty((GRID, 2), np.float32)
        for channel in (0, 1):
            np.add(level[channel], slope[channel] * self._line, out=made[:, channel])
        return made

    def _amplitudes(self, index: int) -> NDArray[np.float64]:
        """Amplitudes at the first frame of a grid block, (channel, partial)."""
        sway = np.sin(2 * np.pi * self._sway * (index * GRID / RATE)).mean(axis=-1)
        amplitudes: NDArray[np.float64] = self._sides * np.sqrt(1 + self._depth * sway)
        return amplitudes


def _column(partials: Sequence[Partial], name: str) -> NDArray[np.float64]:
    return np.array([getattr(partial, name) for partial in partials], np.float64)
