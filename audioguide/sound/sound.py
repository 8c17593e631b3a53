"""From layers to sound: what every layer is, and how several become one that is cut anywhere.

A layer makes whole *grid blocks*, `GRID` frames of both channels each, as a function of their number alone: frame 0 is
the first one of a hold, grid block 0 begins there. Requests are cut out of grid blocks, so any start and any size
have the same bits, seeking costs nothing, and nothing is carried along.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from audioguide.sound.block import Block, silence

GRID = 8192
"""Frames in a grid block."""

Planes = NDArray[np.float32]
"""A grid block as layers make it: shape (2, GRID), left and right apart, which is twice as fast to work on."""

LINE = np.linspace(0, 1, GRID, endpoint=False, dtype=np.float32)
"""A straight line from 0 towards 1, which the next grid block begins with."""


class Layer(Protocol):
    """One generator of a background."""

    def make(self, index: int) -> Planes:
        """Grid block `index`, in an array that is the caller's from now on."""
        ...


KEPT = 128
"""Grid blocks from the beginning that are kept: 24 seconds, 8 MB. Every hold begins with them anew."""


class Sound:
    """Layers that sound together from frame 0 on, for as long as they are asked for. Any thread may ask."""

    def __init__(self, layers: Sequence[Layer]) -> None:
        self._layers = tuple(layers)
        self._first = lru_cache(maxsize=KEPT)(self._make)
        self._later = lru_cache(maxsize=8)(self._make)

    def block(self, start: int, count: int) -> Block:
        """`count` frames from `start` on, read-only: the same bits however they are asked for."""
        first, last = start // GRID, -(-(start + count) // GRID)
        offset = start - first * GRID
        if last == first + 1:
            return self._grid(first)[offset : offset + count]
        return np.concatenate([silence(0), *map(self._grid, range(first, last))])[offset : offset + count]

    def _grid(self, index: int) -> Block:
        return self._first(index) if index < KEPT else self._later(index)

    def _make(self, index: int) -> Block:
        first, *others = self._layers
        total = first.make(index)
        for layer in others:
            total += layer.make(index)
        made = np.ascontiguousarray(total.T)
        made.flags.writeable = False  # it is kept, and handed out in pieces
        return made
