"""Voices are profiles: files that say which engine speaks, in which language, how fast and how loud."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Annotated, Any, Generic, Literal, TypeVar

from annotated_types import Interval, Len

from audioguide.model.timeline import Role
from audioguide.schema.document import Document, Record
from audioguide.schema.validate import read_as, validate
from audioguide.speech.languages import same_language
from audioguide.system.files import cache_by_file
from audioguide.system.paths import voice_file

Number = TypeVar("Number")
Part = Literal["narration", "breath", "count"]
ANY_MODEL = "any"  # of an engine that has a voice for each language
PARTS: tuple[Part, ...] = ("narration", "breath", "count")
Name = Annotated[str, Len(1)]
Rate = Annotated[float, Interval(ge=0.5, le=2.0)]
Gain = Annotated[float, Interval(ge=-40.0, le=20.0)]  # dB: what a stored clip has headroom for (`clip.py`)


@dataclass(frozen=True, slots=True)
class ByPart(Record, Generic[Number]):
    """A number (pace or gain) for breath words, for counts, and for everything else as narration."""

    narration: Number
    breath: Number
    count: Number

    def of(self, role: Role) -> Number:
        """The number of the part that a role belongs to."""
        return {"narration": self.narration, "breath": self.breath, "count": self.count}[part_of(role)]


def part_of(role: Role) -> Part:
    """The part that a role belongs to."""
    return "breath" if role == "breath" else "count" if role in ("count", "countdown") else "narration"


@dataclass(frozen=True, slots=True, kw_only=True)
class VoiceFile(Record):
    """The form of a file in `voices/`.

    `rate` is the pace, 1.0 the engine's own; `gain` is in dB on the engine's samples, and without it each text is
    levelled by itself. `pause` is the silence between two sentences in seconds, at any rate; `letters` the letters and
    digits per second at rate 1.0, for estimates. Both default to those of the embedded voice. `lexicon` turns the
    shipped lexicon on or off, or names one beside the profile, used as well. `source` is the origin and licence,
    `sample` the text of a preview, `fallback` the voice that says what this one cannot.
    """

    title: str = ""
    description: str = ""
    source: str = ""
    sample: str = ""
    engine: Name
    model: Name
    language: Name
    seed: Annotated[int, Interval(ge=0, lt=2**32)] = 0
    rate: ByPart[Rate]
    gain: ByPart[Gain] | None = None
    pause: Annotated[float, Interval(ge=0.0, le=5.0)] = 0.71
    letters: Annotated[float, Interval(ge=5.0, le=50.0)] = 19.4
    lexicon: bool | Name = True
    fallback: Name | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class VoiceProfile(VoiceFile):
    """A voice, named after its file. Paths in the file are relative to `folder`."""

    name: str
    folder: Path = Path()

    @property
    def display_name(self) -> str:
        """The title, or else the name."""
        return self.title or self.name

    def in_language(self, language: str) -> VoiceProfile:
        """The voice as it speaks a language, if its model is `any`; else itself."""
        able = self.model == ANY_MODEL and not same_language(self.language, language)
        return replace(self, language=language) if able else self

    def at_pace(self, pace: float) -> VoiceProfile:
        """The voice with its narration faster or slower."""
        return replace(self, rate=replace(self.rate, narration=self.rate.narration * pace))

    def gain_of(self, role: Role) -> float:
        """The gain for a role, in dB; 0 where it was never measured."""
        return self.gain.of(role) if self.gain else 0.0

    @property
    def own_lexicon(self) -> Path | None:
        """The lexicon that the profile names, which may be missing."""
        return self.folder / self.lexicon if isinstance(self.lexicon, str) else None


def find_profile(name: str) -> VoiceProfile:
    """The voice of that name. RequestError when there is none, or with every problem of its file."""
    return load_profile(voice_file(name))


@cache_by_file
def load_profile(path: Path) -> VoiceProfile:
    """Read a profile file. Raises RoutineError with every problem, each at its line and column."""
    file = read_as(path, VoiceFile)
    settings = {field.name: getattr(file, field.name) for field in fields(file)}
    return VoiceProfile(name=path.stem, folder=path.parent, **settings)


_SOUND = ("title", "engine", "model", "language", "seed", "rate", "gain", "pause", "letters")


def serialize_profile(profile: VoiceProfile) -> dict[str, Any]:
    """The settings that decide how a voice sounds, as plain data to embed; no files, and no texts about it."""
    data = asdict(profile)
    settings = {key: data[key] for key in _SOUND} | {"lexicon": bool(profile.lexicon)}
    return settings | ({"fallback": profile.fallback} if profile.fallback else {})


def restore_profile(voice: VoiceProfile, name: str, document: Document) -> VoiceProfile | None:
    """The local `voice` with a document's settings, but not files; None if engine, model or language differ."""
    other = validate(document, VoiceFile)
    if (other.engine, other.model, other.language) != (voice.engine, voice.model, voice.language):
        return None
    settings = {key: getattr(other, key) for key in (*_SOUND, "fallback")}
    return replace(voice, name=name, lexicon=voice.lexicon if other.lexicon else False, **settings)
