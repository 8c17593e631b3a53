"""A voice profile: which engine speaks, how fast and how loud for each part that speech plays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal, get_args

from audioguide.files import cached_by_file
from audioguide.resources import voice_file
from audioguide.routine.checked import checked, checked_document
from audioguide.routine.document import Document
from audioguide.timeline.model import Role

_FORM = "audioguide.speech.profile_form:ProfileForm"

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


@cached_by_file
def load_profile(path: Path) -> Profile:
    """Read a profile file. Raises RoutineError with every problem, each at its line and column."""
    data = checked(path, _FORM).made
    if isinstance(data["lexicon"], str):
        data["lexicon"] = path.parent / data["lexicon"]
    return Profile(name=path.stem, folder=path.parent, **data)


def as_written(profile: Profile) -> dict[str, Any]:
    """What a voice sounds like, as plain data that its form reads: no file of it, and nobody's words about it."""
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
    data = checked_document(document, _FORM).made
    if (data["engine"], data["model"], data["language"]) != (voice.engine, voice.model, voice.language):
        return None
    heard = {key: data[key] for key in ("title", "seed", "rate", "gain", "pause", "letters", "fallback")}
    return replace(voice, name=name, lexicon=voice.lexicon if data["lexicon"] else False, **heard)
