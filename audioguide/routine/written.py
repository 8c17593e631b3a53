"""A routine as it is written: which keys there are, and what each may hold."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    Tag,
    WithJsonSchema,
    model_validator,
)
from pydantic_core import PydanticCustomError

from audioguide.errors import Code, nearest
from audioguide.routine import values
from audioguide.routine.model import BreathPattern, Chime, During, Length, Level, Limits, Position
from audioguide.units import parse_duration, parse_pause

PLACEHOLDERS = ("pose", "next", "hold", "side", "round", "rounds")
STEP_KINDS = ("pose", "say", "rest", "breathe", "repeat", "include")
_TIMES = "Write 45s, 1m30s, 1:30 or 2 min."
MOST_TEXT = 5_000
"""Characters in one spoken text: about six minutes of talk."""


def slip(code: Code, reason: str, fix: str) -> PydanticCustomError:
    """What a validator raises: pydantic carries the code as the error's type, reason and fix in its context."""
    return PydanticCustomError(code, "{reason}", {"reason": reason, "fix": fix})


def _read(code: Code, parse: Callable[[Any], Any], fix: str) -> BeforeValidator:
    """A notation; where it is not met, the parser says why, and `fix` what to write."""

    def validate(value: object) -> object:
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            given = str(value).lower() if isinstance(value, bool) else "nothing" if value is None else ""
            raise slip(code, f"A single value belongs here, not {given or 'a list or a mapping'}.", fix)
        try:
            return parse(value)
        except ValueError as error:
            raise slip(code, str(error).removesuffix(fix).rstrip(), fix) from None

    return BeforeValidator(validate)


def _as(pattern: str, *examples: str, number: bool = False) -> WithJsonSchema:
    wrong = f"Write it as {' or '.join(examples)}."  # what VS Code says in place of the pattern
    text = {"type": "string", "pattern": pattern, "examples": list(examples), "patternErrorMessage": wrong}
    return WithJsonSchema({"anyOf": [text, {"type": "number", "minimum": 0}]} if number else text)


_HOURS, _MINUTES = r"(\d+(\.\d+)?\s*(h|hours?))?", r"(\d+(\.\d+)?\s*(m|mins?|minutes?))?"
_TIME = (
    r"^\s*((\d+:[0-5]?\d|\d{1,3}):[0-5]\d(\.\d+)?"
    rf"|(?=\s*\d){_HOURS}\s*{_MINUTES}\s*(\d+(\.\d+)?\s*(s|secs?|seconds?)?)?)\s*$"
)
_DASHES = r"^\s*\d+(\.\d+)?(\s*-\s*\d+(\.\d+)?){%s}\s*$"

Duration = Annotated[
    float, _read("not-a-duration", parse_duration, _TIMES), _as(_TIME, "45s", "1m30s", "1:30", number=True)
]
Pause = Annotated[float, _read("not-a-pause", parse_pause, _TIMES), _as(_TIME, "0s", "10s", number=True)]
Interval = Annotated[
    float, _read("not-a-duration", values.parse_interval, _TIMES), _as(_TIME, "20s", "1:30", number=True)
]
Hold = Annotated[
    Length,
    _read("not-a-hold", values.parse_length, _TIMES),
    _as(_TIME + r"|^\s*\d+\s*breaths?\s*$", "45s", "5 breaths", number=True),
]
Pattern = Annotated[
    BreathPattern,
    _read("not-a-breath-pattern", values.parse_pattern, "Write 4-6, 4-7-8 or 4-4-4-4."),
    _as(_DASHES % "1,3", "4-6", "4-7-8", "4-4-4-4"),
]
Tempo = Annotated[
    tuple[float, float, float],
    _read("not-a-tempo", values.parse_tempo, "Write effort, pause and return in seconds: 2-1-2."),
    _as(_DASHES % "2", "2-1-2"),
]
Span = Annotated[
    Limits,
    _read("not-limits", values.parse_limits, "Write the shortest and the longest: 10s..60s."),
    _as(r"^.+\.\..+$", "10s..60s"),
]
At = Annotated[
    float | Literal["half"],
    _read("not-a-moment", values.parse_at, "Write 10s, -5s (before the end) or half."),
    _as(r"^.+$", "10s", "-5s", "half", number=True),
]


def _no_truth(value: object) -> object:
    if isinstance(value, bool):
        raise slip("not-a-number", f"A whole number belongs here, not {str(value).lower()}.", "Write it in figures.")
    return value


Count = Annotated[int, Field(ge=1, le=999), BeforeValidator(_no_truth)]


def _spoken(text: str) -> str:
    try:
        parts = values.split_pauses(text)
    except ValueError as error:
        raise slip("not-a-pause", str(error), "A pause looks like {pause 2s}.") from None
    _phrase(" ".join(part for part in parts if isinstance(part, str)))
    return _visible(" ".join(text.split()))


def _phrase(text: str) -> str:
    if values.has_pause(text):
        hint = "It may in say, instructions, caution and release."
        raise slip("unknown-placeholder", "A pause may not stand in these words.", hint)
    if not any(letter.isalnum() for letter in text):
        raise slip("no-words", "There is nothing to say here.", "Write at least one word.")
    for word in re.findall(r"\{(\w*)\}", text):
        if word not in PLACEHOLDERS:
            raise slip("unknown-placeholder", f"{{{word}}} stands for nothing.", nearest(word, PLACEHOLDERS))
    if re.search(r"[{}]", re.sub(r"\{\w+\}", "", text)):
        raise slip("lone-brace", "A brace here has no partner.", "Placeholders look like {next}.")
    return _visible(" ".join(text.split()))


def _visible(text: str) -> str:
    if any(unicodedata.category(letter) == "Cc" for letter in text):
        raise slip("control-character", "There is a control character in this text.", "Type it again by hand.")
    return text


def _named(text: str) -> str:
    if not any(letter.isalnum() for letter in text):
        raise slip("no-name", "This is no name.", "Write at least one letter.")
    if values.has_pause(text):
        raise slip("unknown-placeholder", "A pause may not stand in a name.", "Take it out.")
    return _visible(text)


Spoken = Annotated[str, Field(max_length=MOST_TEXT), AfterValidator(_spoken)]
Phrase = Annotated[str, Field(max_length=MOST_TEXT), AfterValidator(_phrase)]
"""Spoken without a pause, since it has its moment."""

Name = Annotated[str, Field(min_length=1, max_length=120), AfterValidator(_named)]
Id = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$", max_length=80)]


class Form(BaseModel):
    """What all written things share: no unknown keys, nothing changed after reading."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        coerce_numbers_to_str=True,
        arbitrary_types_allowed=True,
        allow_inf_nan=False,
        defer_build=True,  # those within another form are built as a part of it, and only there
    )


class LevelsForm(Form):
    """One thing to say at three amounts of talk."""

    brief: Spoken | None = None
    normal: Spoken | None = None
    full: Spoken | None = None


def _text_or_levels(value: object) -> str:
    return "@levels" if isinstance(value, dict) else "@text"


SpokenLevels = Annotated[
    Annotated[Spoken, Tag("@text")] | Annotated[LevelsForm, Tag("@levels")], Discriminator(_text_or_levels)
]


class PromptForm(Form):
    """A person's own words at a moment of the hold."""

    say: Phrase
    at: At | None = None
    every: Interval | None = None

    @model_validator(mode="after")
    def _one_moment(self) -> PromptForm:
        if (self.at is None) == (self.every is None):
            raise slip(
                "two-moments", "A prompt has one moment.", "Write either `at` (10s, -5s, half) or `every` (20s)."
            )
        return self


class BreathWordsForm(Form):
    """What to do on the in-breath and on the out-breath."""

    inhale: Phrase = Field(alias="in")
    exhale: Phrase = Field(alias="out")


class PoseForm(Form):
    """A pose: a file of the pose library, or written in place."""

    id: Id | None = None
    name: Name
    sanskrit: str | None = None
    instructions: SpokenLevels | None = None
    hold: Hold | None = None
    limits: Span | None = None
    sides: Annotated[list[Name], Field(min_length=1, max_length=8)] | None = None
    position: Position | None = None
    settle: Pause | None = None
    breath: Pattern | None = None
    breath_words: BreathWordsForm | None = None
    reps: Count | None = None
    tempo: Tempo | None = None
    prompts: list[PromptForm] | None = None
    begin: Phrase | None = None
    release: Spoken | None = None
    caution: SpokenLevels | None = None
    targets: list[str] | None = None
    source: str | None = None

    @model_validator(mode="after")
    def _one_way_of_moving(self) -> PoseForm:
        if self.reps is not None and self.breath_words is not None:
            raise slip(
                "two-movements",
                "A pose moves with the breath (`breath_words`) or is counted (`reps`), not both.",
                "Take one of them out.",
            )
        return self


LoudnessUnits = Annotated[float, Field(ge=-50, le=-6)]
"""Relative to the narration. Up to the least distance at which a background is still one, down to the inaudible."""


class BedForm(Form):
    """A background and how it lies under the session; what is left out is as it is around."""

    name: Name | None = None
    during: During | None = None
    gain: LoudnessUnits | None = None
    between: LoudnessUnits | None = None

    @model_validator(mode="after")
    def _between_what(self) -> BedForm:
        if self.between is not None and self.during != "always":
            reason = "`between` is for a background that sounds between the holds as well."
            raise slip("invalid", reason, "Add during: always, or take `between` out.")
        return self


def _name_or_bed(value: object) -> str:
    return "@bed" if isinstance(value, dict) else "@background"


Background = Annotated[
    Annotated[Name, Tag("@background")] | Annotated[BedForm, Tag("@bed")], Discriminator(_name_or_bed)
]
ChimeOrNone = Literal[Chime, "none"]


class Settings(Form):
    """What a step, a group of steps or a whole routine may set for its poses."""

    hold: Hold | None = None
    breath: Pattern | None = None
    background: Background | None = None
    chime: ChimeOrNone | None = None
    level: Level | None = None
    snap: Literal["breath"] | None = None


class Defaults(Settings):
    """The settings of a routine; only a routine has a voice."""

    voice: Name | None = None


def _id_or_pose(value: object) -> str:
    return "@pose" if isinstance(value, dict) else "@id"


class PoseStepForm(Settings):
    """`- pose: childs-pose`, or a pose written in place."""

    pose: Annotated[Annotated[str, Tag("@id")] | Annotated[PoseForm, Tag("@pose")], Discriminator(_id_or_pose)]
    rounds: Count = 1
    rest: Pause = 0.0
    settle: Pause | None = None
    prompts: list[PromptForm] | None = None
    optional: Literal["normal", "full"] | None = None


class SayStepForm(Form):
    """`- say: words between poses`."""

    say: Spoken
    chapter: Name | None = None


class RestStepForm(Form):
    """`- rest: 20s`."""

    rest: Duration
    background: Background | None = None


class BreatheForm(Form):
    """So many rounds of one breath pattern."""

    pattern: Pattern
    rounds: Count


class BreatheStepForm(Form):
    """`- breathe: {pattern: 4-7-8, rounds: 4}`."""

    breathe: BreatheForm
    background: Background | None = None
    chime: ChimeOrNone | None = None


class RepeatStepForm(Settings):
    """`- repeat: 2` with steps of its own."""

    repeat: Count
    steps: Annotated[list[StepForm], Field(min_length=1)]


class IncludeStepForm(Settings):
    """`- include: another routine's id`."""

    include: Name


def _kind(value: object) -> str | None:
    keys = value if isinstance(value, dict) else {}
    # `rest` is also a setting of a pose step, so it decides last.
    return next((f"@{kind}" for kind in ("pose", "say", "breathe", "repeat", "include", "rest") if kind in keys), None)


StepForm = Annotated[
    Annotated[PoseStepForm, Tag("@pose")]
    | Annotated[SayStepForm, Tag("@say")]
    | Annotated[RestStepForm, Tag("@rest")]
    | Annotated[BreatheStepForm, Tag("@breathe")]
    | Annotated[RepeatStepForm, Tag("@repeat")]
    | Annotated[IncludeStepForm, Tag("@include")],
    Discriminator(_kind),
]
StepFormClass = PoseStepForm | SayStepForm | RestStepForm | BreatheStepForm | RepeatStepForm | IncludeStepForm


class RoutineForm(Form):
    """A routine file."""

    title: Name
    description: str = ""
    tags: list[str] = []
    source: str | None = None
    language: Annotated[str, Field(pattern=r"^[a-z]{2}$")] = "en"
    defaults: Defaults = Field(default_factory=Defaults)
    steps: Annotated[list[StepForm], Field(min_length=1)]
