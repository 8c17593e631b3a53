"""The timeline: every cue of a session in whole audio frames, cut into chapters. Frozen data, nothing else."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import accumulate, count, pairwise
from typing import Literal

from audioguide.errors import SourceLocation
from audioguide.model.cues import Voiced
from audioguide.model.routine import BackgroundSpec, BreatheStep, BreathPart, BreathPattern, Chime
from audioguide.units import to_frames

Kind = Literal["speech", "breath", "chime", "hold", "rest"]
Role = Literal[
    "say", "name", "instructions", "begin", "breath", "count", "prompt", "halfway", "ten", "countdown", "release"
]
Phase = Literal["in", "hold", "out", "rest"]

KINDS: tuple[Kind, ...] = ("speech", "breath", "chime", "hold", "rest")  # cues that start together are in this order


@dataclass(frozen=True, slots=True)
class Utterance:
    """A text to be spoken, and its role, which sets its loudness and pace."""

    text: str
    role: Role


@dataclass(frozen=True, slots=True)
class Cue:
    """One timed item: `frames` frames from `start`.

    `pose`, `side` and `round` say where in the session it is; `step` and `place` where it was written.
    A hold carries `asked` (seconds, after all options) and its `background`, as does a rest that sounds like one; a
    breath its `phase`; a chime is a `"start"` or a `"release"` chime or a `"tick"` (`chime`), and silent without a
    `sound`. What does not apply is None.
    """

    kind: Kind
    start: int
    frames: int
    role: Role | None = None
    text: str | None = None
    pose: str | None = None
    side: str | None = None
    round: int | None = None
    step: int | None = None
    place: SourceLocation | None = None
    phase: Phase | None = None
    asked: float | None = None
    background: BackgroundSpec | None = None
    chime: Literal["start", "release", "tick"] | None = None
    sound: Chime | None = None

    @property
    def end(self) -> int:
        """The first frame after the cue."""
        return self.start + self.frames

    @property
    def utterance(self) -> Utterance | None:
        """The utterance of a speech cue; None for other cues."""
        return Utterance(self.text, self.role) if self.text is not None and self.role is not None else None


@dataclass(frozen=True, slots=True)
class Chapter:
    """A part of the session with a title; `start` is a multiple of 1152 frames."""

    title: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Stretch:
    """A background that sounds all the time from `start` to `end`."""

    background: BackgroundSpec
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Section:
    """One chapter with its cues, in order. It can be mixed on its own: all that crosses its ends are the backgrounds
    that sound always, and it knows which one the next section begins with (`following`).

    `padding` is the frames without a cue at its end that are there only for the next one to start on the grid, or for
    the session to be as long as was asked. `backgrounds` are in order.
    """

    chapter: Chapter
    cues: tuple[Cue, ...]
    padding: int = 0
    backgrounds: tuple[Stretch, ...] = ()
    following: BackgroundSpec | None = None


@dataclass(frozen=True, slots=True)
class Timeline:
    """A whole session: its sections, contiguous from frame 0."""

    title: str
    routine: str
    sections: tuple[Section, ...]

    @property
    def frames(self) -> int:
        """Length of the session."""
        return self.sections[-1].chapter.end

    @property
    def chapters(self) -> tuple[Chapter, ...]:
        """The chapters, contiguous."""
        return tuple(section.chapter for section in self.sections)

    @property
    def cues(self) -> tuple[Cue, ...]:
        """Every cue, by start and then by kind."""
        return tuple(cue for section in self.sections for cue in section.cues)


@dataclass(frozen=True, slots=True)
class Breath:
    """One part of one cycle, in frames from the hold's start."""

    part: BreathPart
    start: int
    frames: int
    voiced: bool

    @property
    def phase(self) -> Phase:
        """The phase of the breath: a second inhale is in, too."""
        return "in" if self.part == "more" else self.part


def split_breaths(paced: BreathPattern | BreatheStep, hold: int, voiced: Voiced) -> Iterator[Breath]:
    """The parts of all whole cycles in a hold of `hold` frames.

    Of the cycles, none is voiced, the first, some (the first, the second and then every third), or all. Each boundary
    is rounded from the exact second, so that a hundred cycles of 3.3 s do not drift.
    """
    for cycle in count():
        (seconds, pattern), end = paced.cycle_at(cycle), to_frames(paced.cycle_at(cycle + 1)[0])
        if end > hold:
            return
        is_voiced = voiced == "all" or (voiced != "none" and cycle == 0) or (voiced == "some" and cycle % 3 == 1)
        parts, lengths = zip(*((part, length) for part, length in pattern.parts if length), strict=True)
        edges = [*(to_frames(seconds + before) for before in accumulate(lengths[:-1], initial=0.0)), end]
        for part, (first, last) in zip(parts, pairwise(edges), strict=True):
            if last > first:
                yield Breath(part, first, last - first, is_voiced)


def join_inhales(breaths: Iterable[Cue]) -> list[Cue]:
    """Breath cues, with a second inhale as a part of the first."""
    joined: list[Cue] = []
    for cue in breaths:
        if cue.phase == "in" and joined and joined[-1].phase == "in":
            joined[-1] = replace(joined[-1], frames=cue.end - joined[-1].start)
        else:
            joined.append(cue)
    return joined
