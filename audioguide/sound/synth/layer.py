"""From layers to sound: what a layer is, which kinds there are, and how several become one sound.

A layer makes whole *grid blocks*, `GRID` frames of both channels each, as a function of their number alone: frame 0 is
the first one of a hold, grid block 0 begins there. Requests are cut out of grid blocks, so any start and any size
have the same bits, seeking costs nothing, and nothing is carried along.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path
from typing import Annotated, Any, ClassVar, Protocol

import numpy as np
from annotated_types import Ge, Interval, Lt
from numpy.typing import NDArray

from audioguide.schema.document import Keys, Record
from audioguide.sound.block import Block, silence
from audioguide.system.plugins import Plugins

GRID = 8192
"""Frames in a grid block."""

Planes = NDArray[np.float32]
"""A grid block as layers make it: shape (2, GRID), left and right apart, which is twice as fast to work on."""

LINE = np.linspace(0, 1, GRID, endpoint=False, dtype=np.float32)
"""A straight line from 0 towards 1, which the next grid block begins with."""

CACHED_BLOCKS = 128
"""Grid blocks from the beginning that are kept: 24 seconds, 8 MB. Every hold begins with them anew."""

LOUDNESS = -29.0
"""Integrated loudness of every background where nobody speaks, in LUFS: 13 LU under a narration at -16."""

Seed = Annotated[int, Ge(0), Lt(2**31)]
Hertz = Annotated[float, Interval(ge=20, le=20_000)]
Share = Annotated[float, Interval(ge=0, le=1)]


class Layer(Protocol):
    """One generator of a background."""

    def make(self, index: int) -> Planes:
        """Grid block `index`, in an array that is the caller's from now on."""
        ...


@dataclass(frozen=True)
class LayerSpec(Record, ABC):
    """The numbers of one layer of a background, and what makes sound of them.

    To add a kind of layer, here or in a package of your own:

    1. Derive a frozen dataclass. Its fields are the keys that a preset writes; their annotations are their bounds, as
       `Hertz`, `Share` or `Annotated[float, Interval(ge=1, le=9)]`; one with a default may be left out.
    2. Write `layer`, which gives an object whose `make(index)` returns grid block `index`: float32 of shape (2, GRID),
       left and right, a function of the number alone.
    3. Name it: by `KINDS.register("wind", Wind)`, or in the package's pyproject.toml by
       `[project.entry-points."audioguide.layers"]` and `wind = "its_package.wind:Wind"`.
    4. Write a preset with `layers: [{wind: {}}]`, and hear it: `audioguide backgrounds preview NAME`.
    """

    stereo_only: ClassVar[bool] = False
    """Whether it is lost when both channels are mixed into one."""

    self_contained: ClassVar[bool] = True
    """Whether its numbers are all of it, and no files."""

    @abstractmethod
    def layer(self, gain: float, folder: Path) -> Layer:
        """The generator, with a factor of amplitude; `folder` is where the preset's file lies."""

    def missing_files(self, folder: Path) -> Iterator[tuple[Keys, str, str]]:
        """Of files that are not there: where in the layer they are named, what is wrong, and what to do."""
        yield from ()

    def dependencies(self, folder: Path) -> Iterator[Any]:
        """Plain data that its sound depends on besides its numbers, so that what was encoded before is made again.

        Of files: name, size and time of change. A package's own kind may give a number here that it raises when it
        sounds different.
        """
        yield from ()


BUILT_IN = {
    "binaural": "audioguide.sound.synth.tones:Binaural",
    "bowls": "audioguide.sound.synth.bowls:Bowls",
    "drone": "audioguide.sound.synth.tones:Drone",
    "drops": "audioguide.sound.synth.noise:Drops",
    "music": "audioguide.sound.synth.music:MusicFiles",
    "noise": "audioguide.sound.synth.noise:Noise",
}
"""The kinds that come along, imported when they are wanted: a background needs one or two."""

KINDS: Plugins[type[LayerSpec]] = Plugins("audioguide.layers", BUILT_IN)
"""Every kind of layer by the word that a preset writes."""


class LoopedSource:
    """Layers that sound together from frame 0 on, for as long as they are asked for. Any thread may ask."""

    def __init__(self, layers: Sequence[Layer]) -> None:
        # Caches of a method would keep the sound, and its blocks, until Python looks for rings of references.
        make = partial(_sum, tuple(layers))
        self._first, self._later = lru_cache(CACHED_BLOCKS)(make), lru_cache(8)(make)

    def block(self, start: int, count: int) -> Block:
        """`count` frames from `start` on, read-only: the same bits however they are asked for."""
        first, last = start // GRID, -(-(start + count) // GRID)
        offset = start - first * GRID
        if last == first + 1:
            return self._grid(first)[offset : offset + count]
        return np.concatenate([silence(0), *map(self._grid, range(first, last))])[offset : offset + count]

    def _grid(self, index: int) -> Block:
        return self._first(index) if index < CACHED_BLOCKS else self._later(index)


def _sum(layers: Sequence[Layer], index: int) -> Block:
    """Grid block `index` of all layers together."""
    first, *others = layers
    total = first.make(index)
    for layer in others:
        total += layer.make(index)
    made = np.ascontiguousarray(total.T)
    made.flags.writeable = False  # it is kept, and handed out in pieces
    return made
