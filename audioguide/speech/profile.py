"""A voice profile: which engine speaks, how fast and how loud for each part that speech plays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Generic, Literal, TypeVar, get_args

from pydantic import Field

from audioguide.resources import voice_file
from audioguide.routine.document import Document, read
from audioguide.routine.validate import validate
from audioguide.routine.written import Form
from audioguide.timeline.model import Role

Part = Literal["narration", "breath", "count"]
"""The parts that speech plays. Each has one pace and one gain, so that the volume never wanders within it."""

PARTS: tuple[Part, ...] = get_args(Part)
_PART_OF: Mapping[str, Part] = {"breath": "breath", "count": "count", "countdown": "count"}


def part_of(role: Role) -> Part:
    """The part that a role belongs to: breath words, counts, and everything else as narration."""
    return _PART_OF.get(role, "narration")


PAUSE = 0.83
"""Seconds between two sentences where a profile does not say: those of the embedded voice."""

LETTERS = 19.5
"""Letters and digits a second at rate 1.0 where a profile does not say: those of the embedded voice."""


@dataclass(frozen=True, slots=True)
class Profile:
    """A voice: `rate` (1.0 is the engine's own pace) and `gain` (dB on the engine's samples) for each part.

    `pause` is the seconds of silence between two sentences, whatever the rate; `letters` how many are spoken a
    second at rate 1.0, for estimates. `lexicon` says whether the shipped one is used, or names another. `folder` is
    where the profile lies: files that it names are looked for there. `source` is whose it is and under which
    licence, `sample` what it says when it is tried. `fallback` is the voice that says what this one
    has no recording of.
    """

    name: str
    engine: str
    model: str
    language: str
    rate: Mapping[Part, float]
    gain: Mapping[Part, float]
    pause: float = PAUSE
    letters: float = LETTERS
    lexicon: bool | Path = True
    title: str = ""
    description: str = ""
    source: str = ""
    sample: str = ""
    seed: int = 0
    folder: Path = Path()
    fallback: str | None = None


def profile(name: str) -> Profile:
    """The voice of that name; RequestError when there is none, or with every problem of its file."""
    return load_profile(voice_file(name))


@cache
def load_profile(path: Path) -> Profile:
    """Read a profile file. Raises RoutineError with every problem, each at its line and column."""
    form = validate(read(path), ProfileForm)
    return Profile(
        name=path.stem,
        engine=form.engine,
        model=form.model,
        language=form.language,
        rate=form.rate.by_part(),
        gain=form.gain.by_part(),
        pause=form.pause,
        letters=form.letters,
        lexicon=form.lexicon if isinstance(form.lexicon, bool) else path.parent / form.lexicon,
        title=form.title,
        description=form.description,
        source=form.source,
        sample=form.sample,
        seed=form.seed,
        folder=path.parent,
        fallback=form.fallback,
    )


def as_written(profile: Profile) -> dict[str, Any]:
    """What a voice sounds like, as plain data that `ProfileForm` reads: no file of it, and nobody's words about it."""
    return {
        "title": profile.title,
        "engine": profile.engine,
        "model": profile.model,
        "language": profile.language,
        "seed": profile.seed,
        "rate": dict(profile.rate),
        "gain": dict(profile.gain),
        "pause": profile.pause,
        "letters": profile.letters,
        "lexicon": bool(profile.lexicon),
        **({"fallback": profile.fallback} if profile.fallback else {}),
    }


def sounding(voice: Profile, name: str, document: Document) -> Profile | None:
    """A voice that is here, as another profile has it that was written elsewhere; None if that is of another voice.

    No file that is named there is looked for. RoutineError with all that is wrong with it.
    """
    form = validate(document, ProfileForm)
    if (form.engine, form.model, form.language) != (voice.engine, voice.model, voice.language):
        return None
    return replace(
        voice,
        name=name,
        title=form.title,
        seed=form.seed,
        rate=form.rate.by_part(),
        gain=form.gain.by_part(),
        pause=form.pause,
        letters=form.letters,
        lexicon=voice.lexicon if form.lexicon else False,
        fallback=form.fallback,
    )


N = TypeVar("N")
Rate = Annotated[float, Field(ge=0.5, le=2.0)]
Gain = Annotated[float, Field(ge=-40.0, le=20.0)]
"""What a stored clip has room for (`clip.py`)."""


class PartsForm(Form, Generic[N]):
    """A number for each part."""

    narration: N
    breath: N
    count: N

    def by_part(self) -> dict[Part, N]:
        """The numbers by part."""
        return {"narration": self.narration, "breath": self.breath, "count": self.count}


class ProfileForm(Form):
    """A voice profile as it is written."""

    title: str = ""
    description: str = ""
    source: str = ""
    sample: str = ""
    engine: Annotated[str, Field(min_length=1)]
    model: Annotated[str, Field(min_length=1)]
    language: Annotated[str, Field(min_length=1)]
    seed: Annotated[int, Field(ge=0, lt=2**32)] = 0
    rate: PartsForm[Rate]
    gain: PartsForm[Gain]
    pause: Annotated[float, Field(ge=0.0, le=5.0)] = PAUSE
    letters: Annotated[float, Field(ge=5.0, le=50.0)] = LETTERS
    lexicon: bool | Annotated[str, Field(min_length=1)] = True
    fallback: Annotated[str, Field(min_length=1)] | None = None
