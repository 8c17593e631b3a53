"""The routine as the rest of the program knows it: poses looked up, steps unrolled, every value settled.

Frozen data with the few facts that follow from it. Seconds throughout: frames begin with the timeline.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from audioguide.errors import SourceLocation
from audioguide.units import format_duration

Level = Literal["brief", "normal", "full"]
Position = Literal["standing", "kneeling", "all-fours", "supine", "prone", "seated", "side"]
Origin = Literal["pose", "default", "step", "option", "pinned"]
"""Who set a hold: the pose, a default around the step, the step, `--hold`, or `--hold POSE=…`."""

During = Literal["holds", "always"]
Chime = Literal["bell", "bowl", "wood"]

SHORTEST_HOLD = 1.0
"""Seconds."""

DEFAULT_BACKGROUND = "warm-drone"
DEFAULT_CHIME: Chime = "bell"

LEVELS: tuple[Level, ...] = ("brief", "normal", "full")
CHIMES: tuple[Chime, ...] = ("bell", "bowl", "wood")


@dataclass(frozen=True, slots=True)
class BackgroundSpec:
    """A background and how it lies under the session.

    `gain` is its loudness in holds, and `between` the one between them, in LU relative to the narration; only what
    sounds `always` sounds between them. A background that came along in a file has a slash in its name.
    """

    name: str
    during: During = "holds"
    gain: float = -13.0
    between: float = -24.0

    @property
    def title(self) -> str:
        """The name that a person knows the background by."""
        return self.name.partition("/")[0]


@dataclass(frozen=True, slots=True)
class BreathPattern:
    """Seconds of in, hold, out, rest; `4-6` is in 4 out 6, with nothing held."""

    inhale: float
    hold: float
    exhale: float
    rest: float

    @property
    def cycle(self) -> float:
        """Seconds of one whole breath."""
        return self.inhale + self.hold + self.exhale + self.rest

    def __str__(self) -> str:
        parts: tuple[float, ...]
        if self.rest:
            parts = (self.inhale, self.hold, self.exhale, self.rest)
        elif self.hold:
            parts = (self.inhale, self.hold, self.exhale)
        else:
            parts = (self.inhale, self.exhale)
        return "-".join(f"{part:g}" for part in parts)


@dataclass(frozen=True, slots=True)
class Length:
    """How long a hold is asked to be: so many seconds, or so many whole breaths."""

    amount: float
    unit: Literal["seconds", "breaths"] = "seconds"

    def __str__(self) -> str:
        if self.unit == "breaths":
            return f"{self.amount:g} breath{'' if self.amount == 1 else 's'}"
        return format_duration(self.amount)


@dataclass(frozen=True, slots=True)
class Limits:
    """The shortest and the longest a still pose is held, in seconds."""

    shortest: float
    longest: float


DEFAULT_LIMITS = Limits(5.0, 60.0)


@dataclass(frozen=True, slots=True)
class LevelTexts:
    """One thing to say at three amounts of talk; a level without a text of its own falls back to the fuller one."""

    brief: str | None = None
    normal: str | None = None
    full: str | None = None

    def for_level(self, level: Level) -> str | None:
        """The text for a level: its own, else the next fuller one, else the next briefer one."""
        order = {
            "brief": (self.brief, self.normal, self.full),
            "normal": (self.normal, self.full, self.brief),
            "full": (self.full, self.normal, self.brief),
        }[level]
        return next((text for text in order if text is not None), None)


@dataclass(frozen=True, slots=True)
class Prompt:
    """A person's own words in a hold: at `at` seconds (below 0: before its end), at half, or every so many seconds."""

    say: str
    at: float | Literal["half"] | None = None
    every: float | None = None


@dataclass(frozen=True, slots=True)
class BreathWords:
    """What a moving pose does with each breath."""

    inhale: str
    exhale: str


@dataclass(frozen=True, slots=True)
class Pose:
    """One exercise. It is *moving* when it has words for the breath, or is counted in `reps`."""

    name: str
    id: str | None = None
    instructions: LevelTexts = field(default_factory=LevelTexts)
    hold: Length | None = None
    limits: Limits = DEFAULT_LIMITS
    sides: tuple[str, ...] = ()
    position: Position | None = None
    settle: float | None = None
    breath: BreathPattern | None = None
    breath_words: BreathWords | None = None
    reps: int | None = None
    tempo: tuple[float, float, float] = (2.0, 1.0, 2.0)
    prompts: tuple[Prompt, ...] = ()
    begin: str | None = None
    release: str | None = None
    caution: LevelTexts | None = None

    @property
    def moving(self) -> bool:
        """Whether it is done in cycles or reps rather than held still."""
        return self.breath_words is not None or self.reps is not None


@dataclass(frozen=True, slots=True)
class PoseStep:
    """A pose as this session does it.

    `origin` says who set the hold, which decides whether a limit binds it or refuses it.
    `in_library` is false for a pose that was written in place.
    """

    number: int
    place: SourceLocation
    pose: Pose
    hold: Length
    origin: Origin
    breath: BreathPattern | None
    level: Level
    background: BackgroundSpec | None
    snap: bool
    rounds: int = 1
    rest: float = 0.0
    settle: float | None = None
    prompts: tuple[Prompt, ...] = ()
    optional: Level | None = None
    in_library: bool = True
    hold_place: SourceLocation | None = None
    chime: Chime | None = "bell"


@dataclass(frozen=True, slots=True)
class SayStep:
    """Words between poses; with a `chapter`, one of that title begins with them."""

    number: int
    place: SourceLocation
    text: str
    chapter: str | None = None
    background: BackgroundSpec | None = None


@dataclass(frozen=True, slots=True)
class RestStep:
    """A pause of exactly `length` seconds. One with a background of its own is `held`: it sounds like a hold."""

    number: int
    place: SourceLocation
    length: float
    background: BackgroundSpec | None = None
    held: bool = False


@dataclass(frozen=True, slots=True)
class BreatheStep:
    """`rounds` cycles of one breath pattern, every one of them voiced."""

    number: int
    place: SourceLocation
    pattern: BreathPattern
    rounds: int
    background: BackgroundSpec | None = None
    chime: Chime | None = "bell"


Step = PoseStep | SayStep | RestStep | BreatheStep


@dataclass(frozen=True, slots=True)
class Routine:
    """A session's plan: its steps in the order in which they are done, numbered from 1.

    `length` is the seconds that the whole takes, where that was asked and its holds are such that it can.
    `notes` are what a listener should be told about how it was read, a line each.
    """

    id: str
    title: str
    description: str
    tags: tuple[str, ...]
    language: str
    voice: str | None
    steps: tuple[Step, ...]
    file: str
    length: float | None = None
    notes: tuple[str, ...] = ()
