"""A background as it is written, and read: layers with their levels."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from audioguide.errors import Problem, RequestError, RoutineError, nearest
from audioguide.files import cached_by_file
from audioguide.routine.checked import Checked, checked, checked_document
from audioguide.routine.document import Document, read
from audioguide.shape import built
from audioguide.sound.layers.kind import KINDS, LOUDNESS, LayerSpec
from audioguide.sound.motion import Breath, BreathMotion, Moved, WaveMotion
from audioguide.sound.sound import Layer, Sound
from audioguide.units import frames, gain

MEASURED = frames(60)
"""Frames that a preset without a level of its own is measured by."""

_FORM = "audioguide.sound.preset_form:PresetForm"


@dataclass(frozen=True)
class Written:
    """One layer: a kind of them with its numbers, its level, and what moves it."""

    word: str
    kind: LayerSpec
    level: float
    breath: float | None
    waves: WaveMotion | None

    def layer(self, level: float, folder: Path, breaths: Sequence[Breath]) -> Layer:
        """The generator, `level` dB louder than it is written."""
        made = self.kind.layer(gain(self.level + level), folder)
        if self.waves:
            made = Moved(made, self.waves)
        return Moved(made, BreathMotion(self.breath, breaths)) if self.breath else made


def _layer(data: Mapping[str, Any]) -> Written:
    motion = ("level", "breath", "waves")
    word, numbers = next((word, data[word]) for word in data if word not in motion and data[word] is not None)
    waves = data["waves"] and built(WaveMotion, data["waves"])
    return Written(word, built(_kind(word), numbers), data["level"], data["breath"], waves)


def _kind(word: str) -> type[LayerSpec]:
    if found := KINDS.find(word):
        return found
    raise RequestError(f"There is no kind of layer {word!r}.", nearest(word, KINDS.names()))


@dataclass(frozen=True, eq=False)
class Background:
    """A background that can be heard: what a preset file says."""

    name: str
    path: Path
    description: str
    level: float | None
    layers: tuple[Written, ...]
    data: Mapping[str, Any] = field(default_factory=dict, repr=False)
    """What it was read from."""

    @property
    def travels(self) -> bool:
        """Whether `data` is all of it: no files besides."""
        return all(layer.kind.travels for layer in self.layers)

    @property
    def stereo_only(self) -> bool:
        """Whether a mono sum would spoil it."""
        return any(layer.kind.stereo_only for layer in self.layers)

    @property
    def follows_breath(self) -> bool:
        """Whether it is another sound for other breaths."""
        return any(layer.breath for layer in self.layers)

    def sound(self, breaths: Sequence[Breath] = ()) -> Sound:
        """The sound of it in a hold with these breaths: frame 0 is the hold's first frame.

        Music that was never heard before is decoded now: RequestError where it is no sound, EnvironmentFailure where
        the disk is full.
        """
        return _sound(self, tuple(breaths) if self.follows_breath else ())

    def layered(self, level: float, breaths: Sequence[Breath] = ()) -> Sound:
        """The sound of it, `level` dB louder than its layers are written."""
        return Sound([layer.layer(level, self.path.parent, breaths) for layer in self.layers])


@lru_cache(maxsize=8)
def _sound(background: Background, breaths: tuple[Breath, ...]) -> Sound:
    return background.layered(_level(background), breaths)


@lru_cache(maxsize=64)
def _level(background: Background) -> float:
    """The decibels that bring it to `LOUDNESS`: as written, or measured over its first minute."""
    if background.level is not None:
        return background.level
    from audioguide.sound.loudness import integrated

    found = integrated(background.layered(0).block(0, MEASURED))
    return LOUDNESS - found if math.isfinite(found) else 0.0


def load_background(path: Path) -> Background:
    """Read a preset file. Raises RoutineError with every problem, each at its line and column."""
    background = _read(path)
    if problems := tuple(_missing(background)):
        raise RoutineError(problems)
    return background


@cached_by_file
def _read(path: Path) -> Background:
    try:
        found = checked(path, _FORM)
    except RoutineError as error:
        raise RoutineError(map(_of_a_background, error.problems)) from None
    return _background(found, path.stem, path)


def background_in(document: Document, name: str, path: Path) -> Background:
    """The background in a document; files that it names are looked for beside `path`. RoutineError as of a file."""
    return _background(checked_document(document, _FORM), name, path)


def _background(found: Checked, name: str, path: Path) -> Background:
    made = found.made
    return Background(name, path, made["description"], made["level"], tuple(map(_layer, made["layers"])), found.data)


def _of_a_background(problem: Problem) -> Problem:
    """What is said of a file that is no routine, said of one that is no background."""
    if problem.code not in ("empty-file", "not-a-routine"):
        return problem
    message = "The file is empty." if problem.code == "empty-file" else "This is not a background."
    return replace(problem, code="invalid", message=message, hint="It begins with `layers:`, and each is `- noise: …`.")


def _missing(background: Background) -> Iterator[Problem]:
    """Files that it names and that are not there: looked for whenever it is wanted, since they come and go."""
    for number, layer in enumerate(background.layers):
        for keys, message, hint in layer.kind.missing(background.path.parent):
            place = read(background.path).place(("layers", number, layer.word, *keys))
            yield Problem(place, "unreadable", message, hint)
