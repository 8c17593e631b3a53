"""Backgrounds: presets of layers with their levels, found by name, and made into sound.

They are the shipped ones, the person's own, and those that came along with a session's file.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, Optional

from annotated_types import Interval, Len
from pydantic import ModelWrapValidatorHandler, create_model, model_validator

from audioguide.errors import Problem, RequestError, RoutineError, suggest
from audioguide.schema.document import Document, read_document
from audioguide.schema.form import Form, problem
from audioguide.schema.validate import validate
from audioguide.sound.synth.layer import BUILT_IN, KINDS, LOUDNESS, Layer, LayerSpec, LoopedSource
from audioguide.sound.synth.modulation import BreathMotion, BreathPhase, Depth, Modulated, WaveMotion
from audioguide.system import paths
from audioguide.system.files import cache_by_file
from audioguide.units import db_to_amplitude, to_frames

MEASURED = to_frames(60)
"""Frames that a preset without a level of its own is measured by."""

MOST_GUESTS = 1_000
"""That came along with files, in one process: each is a few kilobytes. Of more, the first ones are forgotten."""

_guests: dict[str, Background] = {}

Decibels = Annotated[float, Interval(ge=-60, le=20)]


class LayerForm(Form):
    """One layer as it is written: a kind with its numbers, in a field of its word; its level, and what moves it."""

    level: Decibels = 0.0
    breath: Depth | None = None
    waves: WaveMotion | None = None

    @property
    def kinds(self) -> list[tuple[str, LayerSpec]]:
        """The kind, after its word; where something is wrong, none or several."""
        return [(word, value) for word, value in self if isinstance(value, LayerSpec)]

    @property
    def kind(self) -> LayerSpec:
        """The numbers of the layer."""
        return self.kinds[0][1]

    def layer(self, level: float, folder: Path, breaths: Sequence[BreathPhase]) -> Layer:
        """The generator, `level` dB louder than it is written."""
        made = self.kind.layer(db_to_amplitude(self.level + level), folder)
        if self.waves:
            made = Modulated(made, self.waves.gains)
        return Modulated(made, BreathMotion(self.breath, breaths).gains) if self.breath else made

    @model_validator(mode="wrap")
    @classmethod
    def _with_other_kinds(cls, data: Any, handler: ModelWrapValidatorHandler[LayerForm]) -> LayerForm:
        """Read kinds that are not built in, too."""
        words = set(data) - cls.model_fields.keys() if isinstance(data, dict) else ()
        others = [word for word in words if KINDS.find(word)]
        return cls.with_kinds(others).model_validate(data) if others else handler(data)

    @model_validator(mode="after")
    def _one_kind(self) -> LayerForm:
        if len(self.kinds) != 1:
            fix = f"Write one of {', '.join(KINDS.names())} in it."
            raise problem("invalid", "A layer has one kind, and this has not.", fix)
        return self

    @classmethod
    def with_kinds(cls, words: Iterable[str]) -> type[LayerForm]:
        """The form that has these kinds besides."""
        fields: dict[str, Any] = {word: (Optional[KINDS.find(word)], None) for word in words}  # noqa: UP045 – a value
        return create_model("LayerForm", __base__=cls, **fields)


_ANY_LAYER = LayerForm.with_kinds(BUILT_IN)


class BackgroundForm(Form):
    """A background as it is written. `level` (dB) brings it to the usual loudness; if left out, that is measured."""

    description: str = ""
    level: Decibels | None = None
    layers: Annotated[list[_ANY_LAYER], Len(1, 12)]  # type: ignore[valid-type]  # made above


@dataclass(frozen=True, eq=False)
class Background:
    """A background that can be heard: what a preset file says."""

    name: str
    path: Path
    preset: BackgroundForm
    data: Mapping[str, Any] = field(default_factory=dict, repr=False)
    """What it was read from."""

    files: tuple[Any, ...] = ()
    """What its sound depends on besides, as `LayerSpec.dependencies` tells it."""

    @property
    def layers(self) -> Sequence[LayerForm]:
        """What sounds together."""
        return self.preset.layers

    @property
    def self_contained(self) -> bool:
        """Whether `data` is all of it: no files besides."""
        return all(layer.kind.self_contained for layer in self.layers)

    @property
    def stereo_only(self) -> bool:
        """Whether a mono sum would spoil it."""
        return any(layer.kind.stereo_only for layer in self.layers)

    @property
    def follows_breath(self) -> bool:
        """Whether it is another sound for other breaths."""
        return any(layer.breath for layer in self.layers)

    def sound(self, breaths: Sequence[BreathPhase] = ()) -> LoopedSource:
        """The sound of it in a hold with these breaths: frame 0 is the hold's first frame.

        Music that was never heard before is decoded now: RequestError where it is no sound, EnvironmentFailure where
        the disk is full.
        """
        return _sound(self, tuple(breaths) if self.follows_breath else ())

    def layered(self, level: float, breaths: Sequence[BreathPhase] = ()) -> LoopedSource:
        """The sound of it, `level` dB louder than its layers are written."""
        return LoopedSource([layer.layer(level, self.path.parent, breaths) for layer in self.layers])


def background_names() -> list[str]:
    """Every background, in alphabetical order."""
    return sorted(paths.background_files())


def find_background(name: str) -> Background:
    """The background of that name. RequestError with the nearest name, or with every problem of its file."""
    if guest := _guests.get(name):
        return guest
    known = paths.background_files()
    if name not in known:
        raise RequestError(f"There is no background {name!r}.", suggest(name, known))
    return load_background(known[name])


def dependencies(name: str) -> list[Any]:
    """What the sound of a background depends on, plain data: its preset, and what its layers add to that."""
    found = find_background(name)
    return [found.data, *found.files]


def add_embedded(name: str, document: Document) -> str | None:
    """The name under which a background that came along with a file is found from now on in this process.

    None for one that needs files, which nobody looks for, and for one that cannot be read here: it may have a kind of
    layer that is not on this machine. The name (`forest/1f2e…`) tells what is in it, so that two of one name can sound
    in one process.
    """
    try:
        made = _made(document, name, Path())
    except RoutineError:
        return None
    if not made.self_contained:
        return None
    digest = hashlib.blake2b(json.dumps(document.data, sort_keys=True).encode(), digest_size=16).hexdigest()
    guest = f"{name}/{digest}"  # no file has a name like that
    _guests.setdefault(guest, made)
    while len(_guests) > MOST_GUESTS:
        _guests.pop(next(iter(_guests)), None)
    return guest


def load_background(path: Path) -> Background:
    """Read a preset file. Raises RoutineError with every problem, each at its line and column."""
    found = _read(path)
    if problems := tuple(_missing(found)):
        raise RoutineError(problems)
    return _with_files(found, tuple(one for layer in found.layers for one in layer.kind.dependencies(path.parent)))


@lru_cache(maxsize=64)
def _with_files(found: Background, files: tuple[Any, ...]) -> Background:
    """Another background where its files are others, so that it is another sound."""
    return replace(found, files=files)


@lru_cache(maxsize=8)
def _sound(background: Background, breaths: tuple[BreathPhase, ...]) -> LoopedSource:
    return background.layered(_level(background), breaths)


@lru_cache(maxsize=64)
def _level(background: Background) -> float:
    """The decibels that bring it to `LOUDNESS`: as written, or measured over its first minute."""
    if background.preset.level is not None:
        return background.preset.level
    from audioguide.sound.loudness import integrated

    found = integrated(background.layered(0).block(0, MEASURED))
    return LOUDNESS - found if math.isfinite(found) else 0.0


@cache_by_file
def _read(path: Path) -> Background:
    try:
        return _made(read_document(path), path.stem, path)
    except RoutineError as error:
        raise RoutineError(map(_of_a_background, error.problems)) from None


def _made(document: Document, name: str, path: Path) -> Background:
    return Background(name, path, validate(document, BackgroundForm), document.data)


def _of_a_background(problem: Problem) -> Problem:
    """What is said of a file that is no routine, said of one that is no background."""
    if problem.code not in ("empty-file", "not-a-routine"):
        return problem
    message = "The file is empty." if problem.code == "empty-file" else "This is not a background."
    return replace(problem, code="invalid", message=message, hint="It begins with `layers:`, and each is `- noise: …`.")


def _missing(background: Background) -> Iterator[Problem]:
    """Files that it names and that are not there: looked for whenever it is wanted, since they come and go."""
    for number, layer in enumerate(background.layers):
        for keys, message, hint in layer.kind.missing_files(background.path.parent):
            place = read_document(background.path).place(("layers", number, layer.kinds[0][0], *keys))
            yield Problem(place, "unreadable", message, hint)
