"""Backgrounds: presets of layers with their levels, found by name, and the sound that is made of them."""

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
from audioguide.schema.validate import validate_kept
from audioguide.sound.synth.layer import BUILT_IN, LAYERS, LOUDNESS, Layer, LayerSpec, LoopedSource
from audioguide.sound.synth.modulation import BreathMotion, BreathPhase, Depth, Modulated, WaveMotion
from audioguide.sound.synth.music import music_folder
from audioguide.system import paths
from audioguide.system.ffmpeg import decode
from audioguide.system.files import cache_by_file, read_bytes
from audioguide.system.paths import display_path
from audioguide.units import db_to_amplitude, to_frames

MEASURED = to_frames(60)  # frames of a preset without a level that are measured
MAX_EMBEDDED = 1_000  # backgrounds from files in one process, of a few kilobytes each; the oldest ones are forgotten

Decibels = Annotated[float, Interval(ge=-60, le=20)]


class LayerForm(Form):
    """A layer of a preset: its kind with its numbers, as `noise: {slope: -3}`; its level, and what modulates it."""

    level: Decibels = 0.0
    breath: Depth | None = None
    waves: WaveMotion | None = None

    @property
    def kinds(self) -> list[tuple[str, LayerSpec]]:
        """The kinds that are written, each with its word: one, unless something is wrong."""
        return [(word, value) for word, value in self if isinstance(value, LayerSpec)]

    @property
    def kind(self) -> LayerSpec:
        """The one kind."""
        return self.kinds[0][1]

    def layer(self, level: float, folder: Path, breaths: Sequence[BreathPhase]) -> Layer:
        """The generator, `level` dB louder than written."""
        layer = self.kind.layer(db_to_amplitude(self.level + level), folder)
        if self.waves:
            layer = Modulated(layer, self.waves.gains)
        return Modulated(layer, BreathMotion(self.breath, breaths).gains) if self.breath else layer

    @model_validator(mode="wrap")
    @classmethod
    def _with_other_kinds(cls, data: Any, handler: ModelWrapValidatorHandler[LayerForm]) -> LayerForm:
        """Also read kinds from other packages."""
        words = set(data) - cls.model_fields.keys() if isinstance(data, dict) else ()
        others = [word for word in words if LAYERS.find(word)]
        return cls.with_kinds(others).model_validate(data) if others else handler(data)

    @model_validator(mode="after")
    def _one_kind(self) -> LayerForm:
        if len(self.kinds) != 1:
            fix = f"Write one of {', '.join(LAYERS.names())} in it."
            raise problem("invalid", "A layer has one kind, and this has not.", fix)
        return self

    @classmethod
    def with_kinds(cls, words: Iterable[str]) -> type[LayerForm]:
        """The form with these kinds added."""
        fields: dict[str, Any] = {word: (Optional[LAYERS.find(word)], None) for word in words}  # noqa: UP045 – a value
        return create_model("LayerForm", __base__=cls, **fields)


class AnyLayer(LayerForm.with_kinds(BUILT_IN)):  # type: ignore[misc]  # made above
    """A layer of any kind that comes with the program."""


class BackgroundPreset(Form):
    """A preset file. `level` (dB) brings it to `LOUDNESS`; if left out, the sound is measured."""

    description: str = ""
    level: Decibels | None = None
    layers: Annotated[list[AnyLayer], Len(1, 12)]


@dataclass(frozen=True, eq=False)
class Background:
    """A background that can be played."""

    name: str
    path: Path
    preset: BackgroundPreset
    data: Mapping[str, Any] = field(default_factory=dict, repr=False)  # the preset file's content
    files: tuple[Any, ...] = ()  # what its sound depends on besides, as `LayerSpec.dependencies` gives it

    @property
    def layers(self) -> Sequence[LayerForm]:
        """The layers, which sound together."""
        return self.preset.layers

    @property
    def self_contained(self) -> bool:
        """Whether its sound needs no files besides its preset."""
        return all(layer.kind.self_contained for layer in self.layers)

    @property
    def streamed(self) -> bool:
        """Whether it goes through a session in one piece, from the session's first frame on, if it sounds always."""
        return any(layer.kind.streamed for layer in self.layers)

    @property
    def stereo_only(self) -> bool:
        """Whether mixing both channels into one would spoil it."""
        return any(layer.kind.stereo_only for layer in self.layers)

    @property
    def follows_breath(self) -> bool:
        """Whether its sound depends on the breaths of a hold."""
        return any(layer.breath for layer in self.layers)

    def make_source(self, breaths: Sequence[BreathPhase] = ()) -> LoopedSource:
        """Its sound in a hold with these breaths, from the hold's first frame. Music is decoded if it is not cached.

        Raises RequestError where that is not a sound file, and EnvironmentFailure where the disk is full.
        """
        return _source_at_level(self, tuple(breaths) if self.follows_breath else ())

    def mix_layers(self, level: float, breaths: Sequence[BreathPhase] = ()) -> LoopedSource:
        """The sum of its layers, `level` dB louder than written."""
        return LoopedSource([layer.layer(level, self.path.parent, breaths) for layer in self.layers])


def background_names() -> list[str]:
    """The names of all backgrounds, in alphabetical order."""
    return sorted(paths.background_files())


def find_background(name: str) -> Background:
    """The background of that name, or of a sound file: its whole path, or its name in the music folder.

    Raises RequestError for an unknown one and for a file without sound, RoutineError for a preset with problems.
    """
    if embedded := _embedded.get(name):
        return embedded
    known = paths.background_files()
    if name not in known and paths.is_sound_file(name):
        found = _read_music(music_folder() / name)  # a whole path stays as it is
        return _with_files(found, tuple(found.layers[0].kind.dependencies(Path())))
    if name not in known:
        raise RequestError(f"There is no background {name!r}.", suggest(name, known))
    return load_background(known[name])


def dependencies(name: str) -> list[Any]:
    """Plain data that the sound of a background depends on: its preset, and what its layers add."""
    found = find_background(name)
    return [found.data, *found.files]


def add_embedded(name: str, document: Document) -> str | None:
    """Add the background `name` from a session's file; the name by which this process finds it from now on.

    It has a digest of the content (`forest/1f2e…`), so that two of one name can be used. None for a background that
    needs other files or a kind of layer that is not installed.
    """
    try:
        found = _parse(document, name, Path())
    except RoutineError:
        return None
    if not found.self_contained:
        return None
    digest = hashlib.blake2b(json.dumps(document.data, sort_keys=True).encode(), digest_size=16).hexdigest()
    unique = f"{name}/{digest}"  # no file has a name like that
    _embedded.setdefault(unique, found)
    while len(_embedded) > MAX_EMBEDDED:
        _embedded.pop(next(iter(_embedded)), None)
    return unique


_embedded: dict[str, Background] = {}


def load_background(path: Path) -> Background:
    """Read a preset file. Raises RoutineError with every problem, each at its line and column."""
    found = _read(path)
    if problems := tuple(_find_missing(found)):
        raise RoutineError(problems)
    return _with_files(found, tuple(item for layer in found.layers for item in layer.kind.dependencies(path.parent)))


@lru_cache(maxsize=64)  # a background of its own for each state of its files, so that a changed file is heard
def _with_files(found: Background, files: tuple[Any, ...]) -> Background:
    return replace(found, files=files)


@lru_cache(maxsize=8)
def _source_at_level(background: Background, breaths: tuple[BreathPhase, ...]) -> LoopedSource:
    return background.mix_layers(_level(background), breaths)


@lru_cache(maxsize=64)
def _level(background: Background) -> float:
    """The decibels that bring it to `LOUDNESS`: as written, or as measured over its first minute."""
    if background.preset.level is not None:
        return background.preset.level
    from audioguide.system.ffmpeg import measure_loudness

    found = measure_loudness(background.mix_layers(0).block(0, MEASURED))
    return LOUDNESS - found if math.isfinite(found) else 0.0


@cache_by_file
def _read(path: Path) -> Background:
    try:
        return _parse(read_document(path), path.stem, path)
    except RoutineError as error:
        messages = {"empty-file": "The file is empty.", "not-a-routine": "This is not a background."}
        hint = "It begins with `layers:`, and each is `- noise: …`."
        raise RoutineError(
            replace(fault, code="invalid", message=messages[fault.code], hint=hint) if fault.code in messages else fault
            for fault in error.problems
        ) from None


@cache_by_file
def _read_music(path: Path) -> Background:
    shown = display_path(path)
    if not read_bytes(path, 0, "sound", f"Check the spelling, or put it into {display_path(music_folder())}."):
        raise RequestError(f"{shown} is empty.", "Name another file.")
    if decode(path, 0.1).returncode:
        raise RequestError(f"{shown} is no sound that can be read.", "Name an MP3 or another file with music.")
    data = {"level": 0, "layers": [{"music": {"files": [str(path)]}}]}
    return Background(path.name, path, BackgroundPreset.model_validate(data), data)


def _parse(document: Document, name: str, path: Path) -> Background:
    return Background(name, path, validate_kept(document, BackgroundPreset), document.data)


def _find_missing(background: Background) -> Iterator[Problem]:
    """Missing files that it names. They are looked for each time, since they come and go."""
    for number, layer in enumerate(background.layers):
        for keys, message, hint in layer.kind.missing_files(background.path.parent):
            place = read_document(background.path).place(("layers", number, layer.kinds[0][0], *keys))
            yield Problem(place, "unreadable", message, hint)
