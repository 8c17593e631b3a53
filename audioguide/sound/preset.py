"""A background as it is written, and read: layers with their levels."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field, create_model, model_validator

from audioguide.errors import Problem, RoutineError
from audioguide.routine.document import Document, read
from audioguide.routine.validate import validate
from audioguide.routine.written import Form, slip
from audioguide.sound.layers import KINDS
from audioguide.sound.layers.form import LOUDNESS, KindForm, Seed
from audioguide.sound.motion import Breath, BreathMotion, Moved, WaveMotion
from audioguide.sound.sound import Layer, Sound
from audioguide.units import frames, gain

MEASURED = frames(60)
"""Frames that a preset without a level of its own is measured by."""

Decibels = Annotated[float, Field(ge=-60, le=20)]
Depth = Annotated[float, Field(ge=0, le=40)]


class WavesForm(Form):
    """`waves: {period: 11, depth: 12}`: what `motion.WaveMotion` says."""

    period: Annotated[float, Field(ge=5, le=120)]
    depth: Depth
    lag: Annotated[float, Field(ge=0, le=10)] = 0.0
    sharp: Annotated[float, Field(ge=0.5, le=5)] = 1.0
    spread: Annotated[float, Field(ge=0, le=3)] = 0.0
    seed: Seed = 0


class _AnyLayerForm(Form):
    """One layer: a kind with its numbers, its level, and what moves it."""

    level: Decibels = 0.0
    breath: Depth | None = None
    waves: WavesForm | None = None

    @model_validator(mode="after")
    def _one_kind(self) -> _AnyLayerForm:
        if len([word for word in KINDS if getattr(self, word)]) != 1:
            fix = f"Write one of {', '.join(KINDS)} in it."
            raise slip("invalid", "A layer has one kind, and this has not.", fix)
        return self

    @property
    def kind(self) -> tuple[str, KindForm]:
        """The word for its kind, and the kind's own numbers."""
        return next((word, form) for word in KINDS if (form := getattr(self, word)))

    def layer(self, level: float, folder: Path, breaths: Sequence[Breath]) -> Layer:
        """The generator, `level` dB louder than it is written."""
        made = self.kind[1].layer(gain(self.level + level), folder)
        if self.waves:
            made = Moved(made, WaveMotion(**self.waves.model_dump()))
        return Moved(made, BreathMotion(self.breath, breaths)) if self.breath else made


if TYPE_CHECKING:
    LayerForm = _AnyLayerForm
else:  # a new kind in KINDS is a new key here
    _kinds = {word: (form | None, None) for word, form in KINDS.items()}
    LayerForm = create_model("LayerForm", __base__=_AnyLayerForm, **_kinds)


class PresetForm(Form):
    """A background as it is written. `level` (dB) brings it to `LOUDNESS`; where it is left out, that is measured."""

    description: str = ""
    level: Decibels | None = None
    layers: Annotated[list[LayerForm], Field(min_length=1, max_length=12)]


@dataclass(frozen=True, eq=False)
class Background:
    """A background that can be heard: what a preset file says."""

    name: str
    path: Path
    description: str
    level: float | None
    layers: tuple[LayerForm, ...]
    data: Mapping[str, Any] = field(default_factory=dict, repr=False)
    """What it was read from."""

    @property
    def travels(self) -> bool:
        """Whether `data` is all of it: no files besides."""
        return all(layer.kind[1].travels for layer in self.layers)

    @property
    def stereo_only(self) -> bool:
        """Whether a mono sum would spoil it."""
        return any(layer.kind[1].stereo_only for layer in self.layers)

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
    background, document = _read(path)
    if problems := tuple(_missing(document, background)):
        raise RoutineError(problems)
    return background


@lru_cache(maxsize=64)
def _read(path: Path) -> tuple[Background, Document]:
    try:
        document = read(path)
    except RoutineError as error:
        raise RoutineError(map(_of_a_background, error.problems)) from None
    return background_in(document, path.stem, path), document


def background_in(document: Document, name: str, path: Path) -> Background:
    """The background in a document; files that it names are looked for beside `path`. RoutineError as of a file."""
    form = validate(document, PresetForm)
    return Background(name, path, form.description, form.level, tuple(form.layers), document.data)


def _of_a_background(problem: Problem) -> Problem:
    """What is said of a file that is no routine, said of one that is no background."""
    if problem.code not in ("empty-file", "not-a-routine"):
        return problem
    message = "The file is empty." if problem.code == "empty-file" else "This is not a background."
    return replace(problem, code="invalid", message=message, hint="It begins with `layers:`, and each is `- noise: …`.")


def _missing(document: Document, background: Background) -> Iterator[Problem]:
    """Files that it names and that are not there: looked for whenever it is wanted, since they come and go."""
    for number, layer in enumerate(background.layers):
        word, kind = layer.kind
        for keys, message, hint in kind.missing(background.path.parent):
            yield Problem(document.place(("layers", number, word, *keys)), "unreadable", message, hint)
