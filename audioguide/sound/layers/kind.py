"""What every kind of layer has in common."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from audioguide.routine.document import Keys
from audioguide.sound.sound import Layer

LOUDNESS = -29.0
"""Integrated loudness of every background where nobody speaks, in LUFS: 13 LU under a narration at -16."""

LEVEL = 0.1
"""Root of the mean power that noises and drops are made with, full scale being 1."""


def at_level(table: NDArray[np.float64]) -> NDArray[np.float32]:
    """A table brought to `LEVEL`."""
    made: NDArray[np.float32] = (table * (LEVEL / np.sqrt((table**2).mean()))).astype(np.float32)
    return made


class Kind(ABC):
    """The numbers of one kind of layer; what each may be says `preset_form.py`."""

    stereo_only: ClassVar[bool] = False
    """Whether it is lost when both channels are mixed into one."""

    travels: ClassVar[bool] = True
    """Whether its numbers are all of it: no files besides."""

    @abstractmethod
    def layer(self, gain: float, folder: Path) -> Layer:
        """The generator, with a factor of amplitude; `folder` is where the preset's file lies."""

    def missing(self, folder: Path) -> Iterator[tuple[Keys, str, str]]:
        """Of files that are not there: where in it they are named, what is wrong, and what to do."""
        yield from ()

    def makings(self, folder: Path) -> Iterator[tuple[str, int, int]]:
        """What else its sound depends on than its numbers: the name of each file, its size, and when it was changed."""
        yield from ()
