"""The form of a routine file: its keys, and what each may hold."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, ConfigDict, Discriminator, Field, Tag, WithJsonSchema, model_validator

from audioguide.errors import suggest
from audioguide.model.notation import MOST_SIDES
from audioguide.model.routine import TARGETS, Chime, During, Equipment, Level, Load, Position
from audioguide.routine.figure_form import SparedFigure
from audioguide.schema import form

STEP_KINDS = ("pose", "say", "rest", "breathe", "repeat", "include")


class LevelTextsForm(form.Form):
    """One thing to say, in a text for each level."""

    brief: form.Spoken | None = None
    normal: form.Spoken | None = None
    full: form.Spoken | None = None


def _choose(scalar: str, other: str, kind: type = dict) -> Discriminator:
    return Discriminator(lambda value: other if isinstance(value, kind) else scalar)


SpokenLevels = Annotated[
    Annotated[form.Spoken, Tag("@text")] | Annotated[LevelTextsForm, Tag("@levels")], _choose("@text", "@levels")
]


class PromptForm(form.Form):
    """Words at a moment of the hold."""

    say: form.Phrase
    at: form.Moment | None = None
    every: form.Interval | None = None

    @model_validator(mode="after")
    def _one_moment(self) -> PromptForm:
        if (self.at is None) == (self.every is None):
            fix = "Give either `at` (10s, -5s, half) or `every` (20s)."
            raise form.problem("two-moments", "A prompt needs one moment.", fix)
        return self


class BreathWordsForm(form.Form):
    """What to do on the in-breath and on the out-breath."""

    inhale: form.Phrase = Field(alias="in")
    exhale: form.Phrase = Field(alias="out")


Sides = Annotated[tuple[form.Name, ...], Field(min_length=1, max_length=MOST_SIDES)]
StepSides = Annotated[
    Annotated[form.Name, Tag("@side")] | Annotated[Sides, Tag("@sides")], _choose("@side", "@sides", list)
]


class TempoWordsForm(form.Form):
    """What is said in the phases of a rep; what is left out has the usual word."""

    effort: form.Phrase | None = None
    pause: form.Phrase | None = None
    back: form.Phrase | None = Field(None, alias="return")


Target = Annotated[str, WithJsonSchema({"anyOf": [{"enum": list(TARGETS)}, {"type": "string"}]})]
"""One of a closed list; another word is a warning of `check`, since everything else of the pose works."""


class PoseForm(form.Form):
    """A pose: a file of the pose library, or written in place."""

    id: form.Id | None = None
    name: form.Name
    sanskrit: str | None = None
    instructions: SpokenLevels | None = None
    hold: form.Hold | None = None
    limits: form.Range | None = None
    sides: Sides | None = None
    position: Position | None = None
    settle: form.Pause | None = None
    breath: form.Pattern | None = None
    breath_words: BreathWordsForm | None = None
    reps: form.Count | None = None
    tempo: form.Tempo | None = None
    tempo_words: TempoWordsForm | None = None
    prompts: list[PromptForm] | None = None
    begin: form.Phrase | None = None
    release: form.Spoken | None = None
    caution: SpokenLevels | None = None
    targets: tuple[Target, ...] | None = None
    loads: tuple[Load, ...] | None = None
    equipment: tuple[Equipment, ...] | None = None
    figure: SparedFigure = None
    source: str | None = None
    original_name: form.Name | None = None
    original_sides: Sides | None = None

    @model_validator(mode="after")
    def _one_way_of_moving(self) -> PoseForm:
        if self.reps is not None and self.breath_words is not None:
            reason = "A pose moves with the breath (`breath_words`) or is counted (`reps`), not both."
            raise form.problem("two-movements", reason, "Take one of them out.")
        return self


LoudnessUnits = Annotated[float, Field(ge=-50, le=-6)]
"""Relative to the narration: from the loudest that is still a background down to inaudible."""


class BackgroundSpecForm(form.Form):
    """A background, when it sounds and how loud; keys that are left out keep the defaults."""

    name: form.Name | None = None
    during: During | None = None
    gain: LoudnessUnits | None = None
    between: LoudnessUnits | None = None

    @model_validator(mode="after")
    def _between_what(self) -> BackgroundSpecForm:
        if self.between is not None and self.during != "always":
            reason = "`between` is for a background that sounds between the holds as well."
            raise form.problem("invalid", reason, "Add during: always, or take `between` out.")
        return self


Background = Annotated[
    Annotated[form.Name, Tag("@background")] | Annotated[BackgroundSpecForm, Tag("@spec")],
    _choose("@background", "@spec"),
]
ChimeOrNone = Literal[Chime, "none"]


class PoseSettings(form.Form):
    """The settings of poses that a step, a repeat, an include or a routine may have."""

    hold: form.Hold | None = None
    breath: form.Pattern | None = None
    background: Background | None = None
    chime: ChimeOrNone | None = None
    level: Level | None = None
    settle: form.Pause | None = None
    snap: Literal["breath"] | None = None
    cues: form.Cues | None = None


class Defaults(PoseSettings):
    """The settings of a routine; only these have a voice, and the length of the whole session."""

    voice: form.Name | None = None
    length: form.Duration | None = None


class PoseStepForm(PoseSettings):
    """`- pose: childs-pose`, or a pose written in place."""

    pose: Annotated[Annotated[str, Tag("@id")] | Annotated[PoseForm, Tag("@pose")], _choose("@id", "@pose")]
    reps: form.Count | None = None
    rounds: form.Count | None = None
    sets: form.Count | None = None
    rest: form.Pause = 0.0
    sides: StepSides | None = None
    order: Literal["sides-first", "rounds-first"] = "sides-first"
    prompts: list[PromptForm] | None = None
    release: form.Spoken | None = None
    optional: Literal["normal", "full"] | None = None
    keep: Literal["always"] | None = None

    @model_validator(mode="after")
    def _rounds_once(self) -> PoseStepForm:
        if self.sets is not None and self.rounds is not None:
            raise form.problem("invalid", "`sets` and `rounds` are the same.", "Take one of them out.")
        return self


class SayStepForm(form.Form):
    """`- say: words between poses`."""

    say: form.Spoken
    chapter: form.Name | None = None


class RestStepForm(form.Form):
    """`- rest: 20s`."""

    rest: form.Duration
    background: Background | None = None
    cues: form.Cues | None = None


class BreatheForm(form.Form):
    """A number of rounds of a breath pattern, or as many as fit into a time; a ladder goes from it to another one."""

    model_config = ConfigDict(json_schema_extra={"oneOf": [{"required": ["rounds"]}, {"required": ["for"]}]})

    pattern: form.Pattern
    to: form.Pattern | None = None
    rounds: form.Count | None = None
    time: form.Duration | None = Field(default=None, alias="for")

    @model_validator(mode="after")
    def _one_length(self) -> BreatheForm:
        if self.rounds is None and self.time is None:
            raise form.problem("missing-key", "'rounds' is missing here.", "Add rounds: 8, or for: 3m.")
        if self.rounds is not None and self.time is not None:
            reason = "A breathing exercise has a number of rounds (`rounds`) or a time (`for`), not both."
            raise form.problem("two-lengths", reason, "Take one of them out.")
        if self.to and self.rounds == 1:
            fix = "Write rounds: 2 or more, or take `to` out."
            raise form.problem("out-of-range", "In one round nothing grows.", fix)
        return self


class BreatheStepForm(form.Form):
    """`- breathe: {pattern: 4-7-8, rounds: 4}`."""

    breathe: BreatheForm
    background: Background | None = None
    chime: ChimeOrNone | None = None
    cues: form.Cues | None = None


class RepeatStepForm(PoseSettings):
    """`- repeat: 2` with steps of its own."""

    repeat: form.Count
    steps: Annotated[list[StepForm], Field(min_length=1)]


class IncludeStepForm(PoseSettings):
    """`- include: another routine's id`."""

    include: form.Name


def _step_kind(value: object) -> str | None:
    keys = value if isinstance(value, dict) else {}
    # `rest` is also a setting of a pose step, so it decides last.
    return next((f"@{kind}" for kind in sorted(STEP_KINDS, key="rest".__eq__) if kind in keys), None)


def _require_kind(value: object) -> object:
    if _step_kind(value) is None:
        near = (suggest(key, STEP_KINDS) for key in (value if isinstance(value, dict) else {}))
        fix = next((hint for hint in near if hint.startswith("Did")), "Begin it as `- pose:` or `- say:`.")
        kind, _, rest = str(value).replace(":", " ", 1).partition(" ")
        if kind in STEP_KINDS and rest:  # `pose bridge` or `pose:bridge`
            fix = f"Write it as `- {kind}: {rest.strip()}`, with a colon and a space."
        raise form.problem("unknown-step", f"A step is one of {', '.join(STEP_KINDS)}; this is none of them.", fix)
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


class RoutineForm(form.Form):
    """A routine file."""

    title: form.Name
    description: str = ""
    tags: list[str] = Field(default_factory=list)
    source: str | None = None
    language: Annotated[str, Field(pattern=r"^[a-z]{2}$")] = "en"
    defaults: Defaults = Field(default_factory=Defaults)
    steps: Annotated[list[StepForm], Field(min_length=1)]
