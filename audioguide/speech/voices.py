"""A voice profile: which engine speaks, how fast and how loud for each part that speech plays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Annotated, Any, Literal

from annotated_types import Interval, Len

from audioguide.model.timeline import Role
from audioguide.schema.document import Document, Record, read_document
from audioguide.schema.validate import validate
from audioguide.system.files import cache_by_file
from audioguide.system.paths import voice_file

Part = Literal["narration", "breath", "count"]
"""The parts that speech plays. Each has one pace and one gain, so that the volume never wanders within it."""

_PART_OF: Mapping[str, Part] = {"breath": "breath", "count": "count", "countdown": "count"}

Name = Annotated[str, Len(1)]
Rate = Annotated[float, Interval(ge=0.5, le=2.0)]
Gain = Annotated[float, Interval(ge=-40.0, le=20.0)]
"""What a stored clip has room for (`clip.py`)."""


def part_of(role: Role) -> Part:
    """The part that a role belongs to: breath words, counts, and everything else as narration."""
    return _PART_OF.get(role, "narration")


@dataclass(frozen=True, slots=True)
class Rates(Record):
    """The pace of each part; 1.0 is the engine's own."""

    narration: Rate
    breath: Rate
    count: Rate


@dataclass(frozen=True, slots=True)
class Gains(Record):
    """The gain of each part, in dB on the engine's samples."""

    narration: Gain
    breath: Gain
    count: Gain


@dataclass(frozen=True, slots=True, kw_only=True)
class VoiceFile(Record):
    """What a file of `voices/` says.

    `pause` is the seconds of silence between two sentences, whatever the rate; `letters` how many letters and digits
    are spoken a second at rate 1.0, for estimates. The defaults of both are those of the embedded voice. `lexicon` says
    whether the shipped one is used, or names another, beside the profile. `source` is whose it is and under which
    licence, `sample` what it says when it is tried. `fallback` is the voice that says what this one cannot.
    """

    title: str = ""
    description: str = ""
    source: str = ""
    sample: str = ""
    engine: Name
    model: Name
    language: Name
    seed: Annotated[int, Interval(ge=0, lt=2**32)] = 0
    rate: Rates
    gain: Gains
    pause: Annotated[float, Interval(ge=0.0, le=5.0)] = 0.83
    letters: Annotated[float, Interval(ge=5.0, le=50.0)] = 19.5
    lexicon: bool | Name = True
    fallback: Name | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class VoiceProfile(VoiceFile):
    """A voice: its file, without the ending its name, in the folder where the files that it names are looked for."""

    name: str
    folder: Path = Path()

    def rate_of(self, role: Role) -> float:
        """The pace of the part that a role belongs to."""
        rate: float = getattr(self.rate, part_of(role))
        return rate

    def gain_of(self, role: Role) -> float:
        """The gain of the part that a role belongs to, in dB."""
        gain: float = getattr(self.gain, part_of(role))
        return gain

    @property
    def display_name(self) -> str:
        """What a listener is shown: the title, or else the name."""
        return self.title or self.name

    @property
    def own_lexicon(self) -> Path | None:
        """The lexicon that the profile names, which may be missing."""
        return self.folder / self.lexicon if isinstance(self.lexicon, str) else None


def find_profile(name: str) -> VoiceProfile:
    """The voice of that name; RequestError when there is none, or with every problem of its file."""
    return load_profile(voice_file(name))


@cache_by_file
def load_profile(path: Path) -> VoiceProfile:
    """Read a profile file. Raises RoutineError with every problem, each at its line and column."""
    written = validate(read_document(path), VoiceFile)
    return VoiceProfile(name=path.stem, folder=path.parent, **{key: getattr(written, key) for key in _KEYS})


_KEYS = tuple(field.name for field in fields(VoiceFile))
_SOUND = ("title", "engine", "model", "language", "seed", "rate", "gain", "pause", "letters")


def serialize_profile(profile: VoiceProfile) -> dict[str, Any]:
    """What a voice sounds like, as plain data that its form reads: no file of it, and nobody's words about it."""
    data = asdict(profile)
    heard = {key: data[key] for key in _SOUND} | {"lexicon": bool(profile.lexicon)}
    return heard | ({"fallback": profile.fallback} if profile.fallback else {})


def restore_profile(voice: VoiceProfile, name: str, document: Document) -> VoiceProfile | None:
    """A voice that is here, as another profile has it that was written elsewhere; None if that is of another voice.

    No file that is named there is looked for. RoutineError with all that is wrong with it.
    """
    other = validate(document, VoiceFile)
    if (other.engine, other.model, other.language) != (voice.engine, voice.model, voice.language):
        return None
    heard = {key: getattr(other, key) for key in (*_SOUND, "fallback")}
    return replace(voice, name=name, lexicon=voice.lexicon if other.lexicon else False, **heard)
