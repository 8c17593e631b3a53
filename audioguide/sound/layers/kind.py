"""What a layer of a background is: the base class of every kind of them, and the table of kinds."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, ClassVar

from annotated_types import Ge, Interval, Lt

from audioguide.plugins import Plugins
from audioguide.routine.document import Keys, Record
from audioguide.sound.sound import Layer

LOUDNESS = -29.0
"""Integrated loudness of every background where nobody speaks, in LUFS: 13 LU under a narration at -16."""

Seed = Annotated[int, Ge(0), Lt(2**31)]
Hertz = Annotated[float, Interval(ge=20, le=20_000)]
Share = Annotated[float, Interval(ge=0, le=1)]


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

    travels: ClassVar[bool] = True
    """Whether its numbers are all of it, and no files."""

    @abstractmethod
    def layer(self, gain: float, folder: Path) -> Layer:
        """The generator, with a factor of amplitude; `folder` is where the preset's file lies."""

    def missing(self, folder: Path) -> Iterator[tuple[Keys, str, str]]:
        """Of files that are not there: where in the layer they are named, what is wrong, and what to do."""
        yield from ()

    def makings(self, folder: Path) -> Iterator[Any]:
        """Plain data that its sound depends on besides its numbers, so that what was encoded before is made again.

        Of files: name, size and time of change. A package's own kind may give a number here that it raises when it
        sounds different.
        """
        yield from ()


BUILT_IN = {
    "binaural": "audioguide.sound.tones:Binaural",
    "bowls": "audioguide.sound.layers.bowls:Bowls",
    "drone": "audioguide.sound.tones:Drone",
    "drops": "audioguide.sound.layers.noise:Drops",
    "music": "audioguide.sound.layers.music:Files",
    "noise": "audioguide.sound.layers.noise:Noise",
}
"""The kinds that come along, imported when they are wanted: a background needs one or two."""

KINDS: Plugins[type[LayerSpec]] = Plugins("audioguide.layers", BUILT_IN)
"""Every kind of layer by the word that a preset writes."""
