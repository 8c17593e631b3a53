"""Layers: what a layer is, which kinds there are, and how the layers of a background are mixed.

A layer renders whole *grid blocks*, `GRID` frames of both channels each, as a function of their number alone. Grid
block 0 starts with frame 0, the first one of a hold. Requests are cut out of grid blocks, so any start and any size
give the same bits, seeking costs nothing, and there is no state.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache, partial, reduce
from pathlib import Path
from typing import Annotated, Any, ClassVar, Protocol

from annotated_types import Ge, Interval, Lt

from audioguide.arrays import Floats, np
from audioguide.schema.document import Keys, Record
from audioguide.sound.block import Block, silence
from audioguide.system.plugins import Plugins

GRID = 8192  # frames in a grid block
Planes = Floats  # a grid block as layers render it: shape (2, GRID), which is twice as fast to compute
CACHED_BLOCKS = 128  # grid blocks from the start that are cached: 24 seconds, 8 MB. Every hold starts with them.
LOUDNESS = -29.0  # integrated loudness in LUFS of every background away from speech: 13 LU under a narration at -16

Seed = Annotated[int, Ge(0), Lt(2**31)]
Hertz = Annotated[float, Interval(ge=20, le=20_000)]
Share = Annotated[float, Interval(ge=0, le=1)]


@cache
def line() -> Floats:
    """From 0 to just before 1, where the next one starts."""
    return np.linspace(0, 1, GRID, endpoint=False, dtype=np.float32)


class Layer(Protocol):
    """One generator of a background."""

    def make(self, index: int) -> Planes:
        """Grid block `index`, in a new array that the caller may change."""


@dataclass(frozen=True)
class LayerSpec(Record, ABC):
    """The parameters of one layer of a background, and the generator that they make.

    To add a kind of layer, here or in a package of your own:

    1. Derive a frozen dataclass. Its fields are the keys in a preset; their annotations are their bounds, as
       `Hertz`, `Share` or `Annotated[float, Interval(ge=1, le=9)]`; one with a default may be left out.
    2. Write `layer`. It returns an object whose `make(index)` returns grid block `index`: float32 of shape (2, GRID),
       left and right, a function of `index` alone.
    3. Name it: by `LAYERS.register("wind", Wind)`, or in the package's pyproject.toml by
       `[project.entry-points."audioguide.layers"]` and `wind = "its_package.wind:Wind"`.
    4. Write a preset with `layers: [{wind: {}}]`, and hear it: `audioguide backgrounds preview NAME`.
    """

    stereo_only: ClassVar[bool] = False  # whether mixing both channels into one would spoil it
    self_contained: ClassVar[bool] = True  # whether it needs no files
    streamed: ClassVar[bool] = False  # whether it goes through a session in one piece

    @abstractmethod
    def layer(self, gain: float, folder: Path) -> Layer:
        """The generator; `gain` is a factor of amplitude, `folder` that of the preset's file."""

    def missing_files(self, folder: Path) -> Iterator[tuple[Keys, str, str]]:
        """For each missing file: where in the layer it is named, what is wrong, and what to do."""
        yield from ()

    def dependencies(self, folder: Path) -> Iterator[Any]:
        """Plain data that its sound depends on besides its fields: when it changes, sessions are encoded again.

        For files: name, size and time of change. A kind of another package may give its version.
        """
        yield from ()


# The kinds of this package. They are imported when used, since a background needs only one or two.
BUILT_IN = {
    "binaural": "audioguide.sound.synth.tones:Binaural",
    "bowls": "audioguide.sound.synth.bowls:Bowls",
    "drone": "audioguide.sound.synth.tones:Drone",
    "drops": "audioguide.sound.synth.noise:Drops",
    "music": "audioguide.sound.synth.music:MusicFiles",
    "noise": "audioguide.sound.synth.noise:Noise",
}
LAYERS: Plugins[type[LayerSpec]] = Plugins("audioguide.layers", BUILT_IN)  # every kind of layer by its key in a preset


class LoopedSource:
    """The endless sum of some layers, from frame 0. Any thread may use it."""

    def __init__(self, layers: Sequence[Layer]) -> None:
        # Caches of a method would refer to self, so that the blocks stay until the garbage collector runs.
        make = partial(_sum, tuple(layers))
        self._first, self._later = lru_cache(CACHED_BLOCKS)(make), lru_cache(8)(make)

    def block(self, start: int, count: int) -> Block:
        """`count` frames from `start`, read-only: the same bits for any start and size."""
        first, last = start // GRID, -(-(start + count) // GRID)
        offset = start - first * GRID
        if last == first + 1:
            return self._grid(first)[offset : offset + count]
        return np.concatenate([silence(0), *map(self._grid, range(first, last))])[offset : offset + count]

    def _grid(self, index: int) -> Block:
        return self._first(index) if index < CACHED_BLOCKS else self._later(index)


def _sum(layers: Sequence[Layer], index: int) -> Block:
    block = np.ascontiguousarray(reduce(np.add, (layer.make(index) for layer in layers)).T)
    block.flags.writeable = False  # it is cached, and handed out in parts
    return block
