"""The form of a routine file: its keys, and what each may hold."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Discriminator, Field, Tag, model_validator

from audioguide.errors import suggest
from audioguide.model.routine import Chime, During, Level, Position
from audioguide.schema.form import (
    Count,
    Duration,
    Form,
    Hold,
    Id,
    Interval,
    Moment,
    Name,
    Pattern,
    Pause,
    Phrase,
    Range,
    Spoken,
    Tempo,
    problem,
)

STEP_KINDS = ("pose", "say", "rest", "breathe", "repeat", "include")


class LevelTextsForm(Form):
    """One thing to say, in a text for each level."""

    brief: Spoken | None = None
    normal: Spoken | None = None
    full: Spoken | None = None


def _choose(scalar: str, mapping: str) -> Discriminator:
    """Chooses the member of a union by whether a mapping is written."""
    return Discriminator(lambda value: mapping if isinstance(value, dict) else scalar)


SpokenLevels = Annotated[
    Annotated[Spoken, Tag("@text")] | Annotated[LevelTextsForm, Tag("@levels")], _choose("@text", "@levels")
]


class PromptForm(Form):
    """Words at a moment of the hold."""

    say: Phrase
    at: Moment | None = None
    every: Interval | None = None

    @model_validator(mode="after")
    def _one_moment(self) -> PromptForm:
        if (self.at is None) == (self.every is None):
            raise problem(
                "two-moments", "A prompt needs one moment.", "Give either `at` (10s, -5s, half) or `every` (20s)."
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
    limits: Range | None = None
    sides: Annotated[tuple[Name, ...], Field(min_length=1, max_length=8)] | None = None
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
            raise problem(
                "two-movements",
                "A pose moves with the breath (`breath_words`) or is counted (`reps`), not both.",
                "Take one of them out.",
            )
        return self


LoudnessUnits = Annotated[float, Field(ge=-50, le=-6)]
"""Relative to the narration: from the loudest that is still a background down to inaudible."""


class BackgroundSpecForm(Form):
    """A background, when it sounds and how loud; keys that are left out keep the defaults."""

    name: Name | None = None
    during: During | None = None
    gain: LoudnessUnits | None = None
    between: LoudnessUnits | None = None

    @model_validator(mode="after")
    def _between_what(self) -> BackgroundSpecForm:
        if self.between is not None and self.during != "always":
            reason = "`between` is for a background that sounds between the holds as well."
            raise problem("invalid", reason, "Add during: always, or take `between` out.")
        return self


Background = Annotated[
    Annotated[Name, Tag("@background")] | Annotated[BackgroundSpecForm, Tag("@spec")], _choose("@background", "@spec")
]
ChimeOrNone = Literal[Chime, "none"]


class PoseSettings(Form):
    """The settings of poses that a step, a repeat, an include or a routine may have."""

    hold: Hold | None = None
    breath: Pattern | None = None
    background: Background | None = None
    chime: ChimeOrNone | None = None
    level: Level | None = None
    snap: Literal["breath"] | None = None


class Defaults(PoseSettings):
    """The settings of a routine; only these have a voice."""

    voice: Name | None = None


class PoseStepForm(PoseSettings):
    """`- pose: childs-pose`, or a pose written in place."""

    pose: Annotated[Annotated[str, Tag("@id")] | Annotated[PoseForm, Tag("@pose")], _choose("@id", "@pose")]
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
    """A number of rounds of a breath pattern."""

    pattern: Pattern
    rounds: Count


class BreatheStepForm(Form):
    """`- breathe: {pattern: 4-7-8, rounds: 4}`."""

    breathe: BreatheForm
    background: Background | None = None
    chime: ChimeOrNone | None = None


class RepeatStepForm(PoseSettings):
    """`- repeat: 2` with steps of its own."""

    repeat: Count
    steps: Annotated[list[StepForm], Field(min_length=1)]


class IncludeStepForm(PoseSettings):
    """`- include: another routine's id`."""

    include: Name


def _step_kind(value: object) -> str | None:
    keys = value if isinstance(value, dict) else {}
    # `rest` is also a setting of a pose step, so it decides last.
    return next((f"@{kind}" for kind in sorted(STEP_KINDS, key="rest".__eq__) if kind in keys), None)


def _require_kind(value: object) -> object:
    if _step_kind(value) is None:
        near = (suggest(key, STEP_KINDS) for key in (value if isinstance(value, dict) else {}))
        fix = next((hint for hint in near if hint.startswith("Did")), "Begin it as `- pose:` or `- say:`.")
        raise problem("unknown-step", f"A step is one of {', '.join(STEP_KINDS)}; this is none of them.", fix)
    return value


StepForm = Annotated[
    Annotated[PoseStepForm, Tag("@pose")]
    | Annotated[SayStepForm, Tag("@say")]
    | Annotated[RestStepForm, Tag("@rest")]
    | Annotated[BreatheStepForm, Tag("@breathe")]
    | Annotated[RepeatStepForm, Tag("@repeat")]
    | Annotated[IncludeStepForm, Tag("@include")],
    Discriminator(_step_kind),
    BeforeValidator(_require_kind),
]


class RoutineForm(Form):
    """A routine file."""

    title: Name
    description: str = ""
    tags: list[str] = Field(default_factory=list)
    source: str | None = None
    language: Annotated[str, Field(pattern=r"^[a-z]{2}$")] = "en"
    defaults: Defaults = Field(default_factory=Defaults)
    steps: Annotated[list[StepForm], Field(min_length=1)]
