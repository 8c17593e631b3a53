"""A routine after loading: poses looked up, steps expanded, all values set. Frozen data; times are in seconds."""

from __future__ import annotations

from dataclasses import astuple, dataclass, field
from pathlib import PurePath
from typing import ClassVar, Literal

from audioguide.errors import SourceLocation
from audioguide.model.cues import AS_USUAL, Cues
from audioguide.model.figure import Figure
from audioguide.units import format_duration

Level = Literal["brief", "normal", "full"]
Position = Literal["standing", "kneeling", "all-fours", "supine", "prone", "seated", "side"]
# Who set a hold: the pose, a default around the step, the step, `--hold`, or `--hold POSE=…`.
Origin = Literal["pose", "default", "step", "option", "pinned"]
BreathPart = Literal["in", "more", "hold", "out", "rest"]
# What a pose asks of the body, so that it can be looked for without that.
Load = Literal["wrists", "knees", "neck", "balance", "head-down"]
Equipment = Literal["cushion", "chair", "wall", "roller", "towel", "strap", "block", "ice-pack", "step"]
During = Literal["holds", "always"]
Chime = Literal["bell", "bowl", "wood"]

TARGETS = (  # what a pose is good for; with other words it works, and is not found by them
    "neck,shoulders,arms,wrists,chest,upper back,lower back,spine,side body,abdominals,core,hips,hip flexors,glutes,"
    "inner thighs,outer thighs,front thighs,hamstrings,calves,ankles,feet,whole body,balance,breath,relaxation,"
    "recovery,circulation"
).split(",")
SHORTEST_HOLD = 1.0  # seconds
DEFAULT_BACKGROUND = "warm-drone"
DEFAULT_CHIME: Chime = "bell"
LEVELS: tuple[Level, ...] = ("brief", "normal", "full")
CHIMES: tuple[Chime, ...] = ("bell", "bowl", "wood")


@dataclass(frozen=True, slots=True)
class BackgroundSpec:
    """A background, when it sounds and how loud.

    `gain` is its loudness in holds, `between` that between them, in LU relative to the narration; the second counts
    only with `during` always. Where nobody says `during`, music sounds always, and all else in holds. A background that
    is embedded in a file has a slash in its name; that of a sound file has its path.
    """

    name: str
    during: During | None = None
    gain: float = -13.0
    between: float = -24.0

    @property
    def title(self) -> str:
        """The name without the folders of a sound file, or the part that marks an embedded one."""
        path = PurePath(self.name)
        return path.name if path.suffix else self.name.partition("/")[0]


@dataclass(frozen=True, slots=True)
class BreathPattern:
    """Seconds of breathing in, holding, breathing out and resting; `4-6` is in for 4, out for 6, without holding.

    `more` are those of a second inhale on top of the first: `2+1-6`.
    """

    inhale: float
    hold: float
    exhale: float
    rest: float
    more: float = 0.0

    @property
    def cycle(self) -> float:
        """Seconds of one whole breath."""
        return self.inhale + self.more + self.hold + self.exhale + self.rest

    @property
    def parts(self) -> tuple[tuple[BreathPart, float], ...]:
        """The parts of a breath in their order, with their seconds."""
        names: tuple[BreathPart, ...] = ("in", "more", "hold", "out", "rest")
        return tuple(zip(names, (self.inhale, self.more, self.hold, self.exhale, self.rest), strict=True))

    def cycle_at(self, cycle: int) -> tuple[float, BreathPattern]:
        """The second at which a cycle (from 0) begins, and its pattern."""
        return cycle * self.cycle, self

    def __str__(self) -> str:
        def write(seconds: float) -> str:
            return str(seconds).removesuffix(".0")  # all its digits

        more = f"+{write(self.more)}" if self.more else ""
        holds = [self.hold] if self.hold or self.rest else []
        rests = [self.rest] if self.rest else []
        return "-".join((write(self.inhale) + more, *map(write, (*holds, self.exhale, *rests))))


@dataclass(frozen=True, slots=True)
class Length:
    """The length of a hold, in seconds or in whole breaths; in reps where a listener changes their number."""

    amount: float
    unit: Literal["seconds", "breaths", "reps"] = "seconds"

    def __str__(self) -> str:
        if self.unit == "seconds":
            return format_duration(self.amount)
        return f"{self.amount:g} {self.unit if self.amount != 1 else self.unit[:-1]}"


@dataclass(frozen=True, slots=True)
class LengthChange:
    """How much longer a hold becomes, or shorter where it is below 0: `+5s`, `-2 breaths`."""

    amount: float
    unit: Literal["seconds", "breaths"] = "seconds"

    def __str__(self) -> str:
        return f"{'-' if self.amount < 0 else '+'}{Length(abs(self.amount), self.unit)}"


@dataclass(frozen=True, slots=True)
class Limits:
    """The shortest and the longest hold of a still pose, in seconds."""

    shortest: float
    longest: float


DEFAULT_LIMITS = Limits(5.0, 60.0)
IN_PLACE_LIMITS = Limits(SHORTEST_HOLD, 1800.0)  # of a pose that is written in place, without any of its own


@dataclass(frozen=True, slots=True)
class LevelTexts:
    """One thing to say, in a text for each level."""

    brief: str | None = None
    normal: str | None = None
    full: str | None = None

    def for_level(self, level: Level) -> str | None:
        """The text of a level: its own, or the next fuller one, or else the next briefer one."""
        texts, own = (self.brief, self.normal, self.full), LEVELS.index(level)
        return next((text for text in (*texts[own:], *reversed(texts[:own])) if text is not None), None)


@dataclass(frozen=True, slots=True)
class Prompt:
    """Words in a hold: at `at` seconds (below 0: before its end), at half of it, or `every` so many seconds."""

    say: str
    at: float | Literal["half"] | None = None
    every: float | None = None


@dataclass(frozen=True, slots=True)
class BreathWords:
    """What is said on each breath of a moving pose."""

    inhale: str
    exhale: str


@dataclass(frozen=True, slots=True)
class TempoWords:
    """What is said in the long phases of a tempo; None: the usual word."""

    effort: str | None = None
    pause: str | None = None
    back: str | None = None


@dataclass(frozen=True, slots=True)
class Pose:
    """An exercise. It is *moving* where it has `breath_words` or `reps`, else still.

    `sides` are those that are done, `all_sides` those that the pose has, in the order of its figure.
    `language` is that of its words, where it is known. A pose that was translated has its name and `all_sides` in the
    original, too: options may name it so.
    """

    name: str
    id: str | None = None
    instructions: LevelTexts = field(default_factory=LevelTexts)
    hold: Length | None = None
    limits: Limits = DEFAULT_LIMITS
    sides: tuple[str, ...] = ()
    all_sides: tuple[str, ...] = ()
    position: Position | None = None
    settle: float | None = None
    breath: BreathPattern | None = None
    breath_words: BreathWords | None = None
    reps: int | None = None
    tempo: tuple[float, float, float] = (2.0, 1.0, 2.0)
    tempo_words: TempoWords | None = None
    prompts: tuple[Prompt, ...] = ()
    begin: str | None = None
    release: str | None = None
    caution: LevelTexts | None = None
    targets: tuple[str, ...] = ()
    loads: tuple[Load, ...] = ()
    equipment: tuple[Equipment, ...] = ()
    figure: Figure | None = None
    language: str | None = None
    original_name: str | None = None
    original_sides: tuple[str, ...] = ()

    @property
    def is_moving(self) -> bool:
        """Whether it is done in breaths or reps rather than held still."""
        return self.breath_words is not None or self.reps is not None


@dataclass(frozen=True, slots=True)
class PoseStep:
    """A pose as this session does it; `in_library` is False for one that is written in place.

    `origin` says who set the hold: that decides whether a hold over its limit is shortened or refused. A counted pose
    lasts as long as its reps, and `hold` is that of one rep: `rep_hold` in seconds, with `rest` after it, or where that
    is None the tempo. Where the session is fitted to a length, a step with `keep` is not left out, and pinned rounds
    stay; `settling` is a factor on the time to get into the pose; `again` is 2 or 3 where the pose comes a second or
    third time. `written` is then the number of the step that it comes again of.
    """

    kind: ClassVar[str] = "pose"
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
    cues: Cues = AS_USUAL
    rep_hold: float | None = None
    keep: bool = False
    rounds_pinned: bool = False
    again: int = 1
    settling: float = 1.0
    written: int | None = None

    @property
    def is_in_level(self) -> bool:
        """Whether it is done where so much is said."""
        return LEVELS.index(self.optional or "brief") <= LEVELS.index(self.level)


@dataclass(frozen=True, slots=True)
class SayStep:
    """Words between poses; a `chapter` of that title begins with them, if given."""

    kind: ClassVar[str] = "say"
    number: int
    place: SourceLocation
    text: str
    chapter: str | None = None
    background: BackgroundSpec | None = None


@dataclass(frozen=True, slots=True)
class RestStep:
    """A pause of exactly `length` seconds. `held`: it has a background of its own, and sounds like a hold."""

    kind: ClassVar[str] = "rest"
    number: int
    place: SourceLocation
    length: float
    background: BackgroundSpec | None = None
    held: bool = False
    cues: Cues = AS_USUAL


@dataclass(frozen=True, slots=True)
class BreatheStep:
    """`rounds` cycles of a breath pattern.

    A ladder grows evenly from `pattern` in the first cycle `to` another one in the last; or in the cycle `climb`, if it
    was made longer or shorter while it was played.
    """

    kind: ClassVar[str] = "breathe"
    number: int
    place: SourceLocation
    pattern: BreathPattern
    rounds: int
    background: BackgroundSpec | None = None
    chime: Chime | None = "bell"
    to: BreathPattern | None = None
    climb: int | None = None
    rounds_pinned: bool = False
    cues: Cues = AS_USUAL

    @property
    def seconds(self) -> float:
        """How long it lasts."""
        return self.cycle_at(self.rounds)[0]

    def cycle_at(self, cycle: int) -> tuple[float, BreathPattern]:
        """The second at which a cycle (from 0) begins, the exact sum of those before it; and its pattern."""
        steps = (self.climb or self.rounds) - 1
        if self.to is None or steps < 1:
            return self.pattern.cycle_at(cycle)
        growing, share = min(cycle, steps + 1), min(cycle, steps) / steps
        growth = (self.to.cycle - self.pattern.cycle) / steps * growing * (growing - 1) / 2
        pairs = zip(astuple(self.pattern), astuple(self.to), strict=True)
        pattern = BreathPattern(*(first + (last - first) * share for first, last in pairs))
        return self.pattern.cycle * growing + growth + self.to.cycle * (cycle - growing), pattern

    def __str__(self) -> str:
        return f"{self.pattern} → {self.to}" if self.to else str(self.pattern)


Step = PoseStep | SayStep | RestStep | BreatheStep
"""Each has a `number`, a `place` and a `background`; its `kind` is the word that a routine file writes."""


@dataclass(frozen=True, slots=True)
class Routine:
    """A routine: its steps in the order in which they are done, numbered from 1.

    `languages` are those that it has words in, the one that it was written in first, where that is known.
    `length` is the length of the session in seconds, where `--length` asked for one that is possible, `usual_length`
    the one that the routine has where nobody asks. `notes` are lines to show to the user about how the file was read.
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
    usual_length: float | None = None
    notes: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
