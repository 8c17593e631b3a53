"""What a listener changed during playback: the data, what the compiler makes of it, and how it is saved as options.

`edit_hold` turns a key press into edits.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import count
from operator import attrgetter
from types import MappingProxyType
from typing import Literal, TypeVar

from audioguide.model import holds
from audioguide.model.options import Options
from audioguide.model.routine import BreatheStep, Length, PoseStep, RestStep, Routine
from audioguide.model.selectors import find_steps
from audioguide.model.timeline import Cue, Kind, Section
from audioguide.units import RATE, format_clock, format_duration, to_frames

STEP_SECONDS = 5.0  # a hold gets so much longer or shorter at a time, or by as many breaths or reps as fit into it
OPEN_ENDED_SECONDS = 3600.0  # a hold that is kept going ends like any other after so much more than its length
OPEN_ENDED_REPS = 100  # the same for counted poses; fewer, since every count is spoken before the section is played

HoldKind = Literal["hold", "rest"]
Holding = TypeVar("Holding", PoseStep, BreatheStep)


@dataclass(frozen=True, slots=True)
class HoldId:
    """Names one hold or one rest of a session; a rest between two rounds has the number of the first one.

    `nth` is the place of the side in its round, from 0: the same side may come twice.
    """

    kind: HoldKind
    step: int
    round: int | None = None
    nth: int = 0


@dataclass(frozen=True, slots=True)
class HoldEdit:
    """The new length of a hold or a rest.

    An `open_ended` hold goes on until the listener ends it. One with `cut_at` is exactly so many frames long, and
    nothing more is said in it. `rep_frames` is the least length of a rep, so that reps that have begun keep their pace.
    """

    length: Length
    open_ended: bool = False
    cut_at: int | None = None
    rep_frames: int = 0


HoldEdits = Mapping[HoldId, HoldEdit]
NO_EDITS: HoldEdits = MappingProxyType({})
EditHistory = tuple[tuple[HoldEdits, int], ...]  # all edits after each change, and the first frame that it changed


def with_edit(step: Holding, edit: HoldEdit | None) -> Holding:
    """The step with an edited hold; the rounds of a breathing exercise are its breaths, and a ladder keeps its pace."""
    if edit is None:
        return step
    if isinstance(step, BreatheStep):
        last = (step.to or step.pattern).cycle
        more = holds.whole_cycles(OPEN_ENDED_SECONDS / last) if edit.open_ended else 0
        return replace(step, rounds=int(edit.length.amount) + more, climb=step.climb or step.rounds)
    if step.pose.reps:
        reps = int(edit.length.amount) + (OPEN_ENDED_REPS if edit.open_ended else 0)
        return replace(step, pose=replace(step.pose, reps=reps))
    step = replace(step, hold=edit.length)
    return replace(step, hold=Length(holds.hold_seconds(step) + OPEN_ENDED_SECONDS)) if edit.open_ended else step


@dataclass(frozen=True, slots=True)
class PlayedCues:
    """The cues of a section that begin before the frame `change_frame`, in order. Only what comes later may change.

    What is compiled up to `change_frame` depends on these cues alone, so it comes out the same, cue by cue.
    """

    change_frame: int = 0
    cues: tuple[Cue, ...] = ()

    @classmethod
    def from_section(cls, section: Section, change_frame: int) -> PlayedCues:
        """What will have begun of a section by a frame."""
        return cls(change_frame, section.cues[: bisect_left(section.cues, change_frame, key=attrgetter("start"))])

    def find_within(self, start: int, end: int, kind: Kind) -> list[Cue]:
        """The cues of a kind that begin from `start` on and before `end`."""
        first, last = (bisect_left(self.cues, frame, key=attrgetter("start")) for frame in (start, end))
        return [cue for cue in self.cues[first:last] if cue.kind == kind]

    def find_at(self, start: int, kind: Kind) -> Cue | None:
        """The cue of a kind that begins at a frame."""
        return next(iter(self.find_within(start, start + 1, kind)), None)

    def find_ended(self, start: int, kind: Kind) -> Cue | None:
        """The cue of a kind that begins at a frame, if it has ended, too."""
        cue = self.find_at(start, kind)
        return cue if cue and cue.end <= self.change_frame else None


NOTHING_PLAYED = PlayedCues()


@dataclass(frozen=True, slots=True)
class HoldRange:
    """The holds of a step (or its rests): how long they are as written, and how far they may move. In seconds."""

    step: PoseStep | BreatheStep | RestStep
    kind: HoldKind

    @property
    def written(self) -> float:
        """The length without any edit."""
        match self.step:
            case BreatheStep():
                return self.step.seconds
            case RestStep():
                return self.step.length
            case PoseStep():
                if self.cycle and self.step.pose.reps:
                    return self.step.pose.reps * self.cycle  # each rep with the rest after it
                return self.step.rest if self.kind == "rest" else holds.hold_seconds(self.step)

    @property
    def cycle(self) -> float | None:
        """The length of one breath or rep, where the hold is made of whole ones; in a ladder that of a mean one."""
        if isinstance(self.step, BreatheStep):
            return self.step.seconds / self.step.rounds
        return holds.cycle_seconds(self._pose_step) if self._pose_step else None

    @property
    def increment(self) -> float:
        """How much longer or shorter the hold gets at a time."""
        return STEP_SECONDS if self.cycle is None else holds.whole_cycles(STEP_SECONDS / self.cycle) * self.cycle

    @property
    def is_moving(self) -> bool:
        """Whether a breath or rep that has begun is finished even when the hold is made shorter."""
        return isinstance(self.step, BreatheStep) or (self._pose_step is not None and self._pose_step.pose.is_moving)

    @property
    def longest(self) -> float:
        """The limit of a still pose; infinite for everything else."""
        if self._pose_step is None or self.is_moving:
            return math.inf
        longest = self._pose_step.pose.limits.longest
        return longest if self.cycle is None else holds.cycle_range(0, longest, self.cycle)[1] * self.cycle

    @property
    def shortest(self) -> float:
        """The least length before the hold has begun."""
        shortest = self._pose_step.pose.limits.shortest if self._pose_step else STEP_SECONDS
        return min(self.cycle or shortest, self.written)

    @property
    def ids(self) -> list[HoldId]:
        """Every hold (or rest) of the step, in order."""
        if not isinstance(self.step, PoseStep):
            return [HoldId(self.kind, self.step.number)]
        sides = range(max(1, len(self._pose_step.pose.sides)) if self._pose_step else 1)
        rounds = range(1, self.step.rounds + 1)
        return [HoldId(self.kind, self.step.number, round, nth) for round in rounds for nth in sides]

    def to_length(self, seconds: float) -> Length:
        """Seconds in the step's own unit: breaths, reps or seconds."""
        if self.cycle is not None and (pose := self._pose_step) and pose.pose.reps:
            return Length(round(seconds / self.cycle), "reps")
        if self.cycle is not None and (pose is None or pose.hold.unit == "breaths"):
            return Length(round(seconds / self.cycle), "breaths")
        return Length(round(seconds, 9))  # rounded, so that 5 s more and 5 s less cancel out

    def to_seconds(self, length: Length) -> float:
        """A length in seconds."""
        return length.amount if length.unit == "seconds" else length.amount * (self.cycle or 1)

    def count_begun(self, length: int) -> int:
        """The breaths that have begun in the first `length` frames of the hold."""
        if isinstance(self.step, BreatheStep) and self.step.to:
            return next(n for n in count() if to_frames(self.step.cycle_at(n)[0]) >= length)
        return math.ceil(length / ((self.cycle or 1.0) * RATE))

    def format(self, seconds: float) -> str:
        """`35 s`, `1:05`, `12 reps`, `5 breaths`."""
        if self.cycle is None:
            return f"{seconds:.3g} s" if seconds < 60 else format_clock(to_frames(seconds))
        unit: Literal["reps", "breaths"] = "reps" if self._pose_step and self._pose_step.pose.reps else "breaths"
        return str(Length(round(seconds / self.cycle), unit))

    @property
    def _pose_step(self) -> PoseStep | None:
        """The step, if these are the holds of a pose."""
        return self.step if isinstance(self.step, PoseStep) and self.kind == "hold" else None


def find_range(routine: Routine, number: int, kind: HoldKind) -> HoldRange:
    """The holds or rests of a step by its number."""
    steps = (step for step in routine.steps if isinstance(step, PoseStep | BreatheStep | RestStep))
    return HoldRange(next(step for step in steps if step.number == number), kind)


@dataclass(frozen=True, slots=True)
class EditedHold:
    """The holds of an edited step (or with `rest` its rests between rounds): their length as written and as edited."""

    step: int
    name: str
    before: Length
    after: Length
    rest: bool = False

    def __str__(self) -> str:
        """`Child's pose: 30s → 35s`."""
        return f"{self.name}: {self.before} → {self.after}"


def summarize_edits(routine: Routine, edits: HoldEdits) -> tuple[EditedHold, ...]:
    """The edited steps in their order, each with the last length that one of its holds was given."""
    edited = []
    for (number, kind), after in sorted({(hold.step, hold.kind): edit.length for hold, edit in edits.items()}.items()):
        range = find_range(routine, number, kind)
        match range.step:
            case PoseStep():
                name = f"Rest between rounds of {range.step.pose.name}" if kind == "rest" else range.step.pose.name
                number = range.step.written or number  # the step that options can name
            case BreatheStep():
                name = f"Breathing {range.step}"
            case RestStep():
                name = "Rest"
        if (before := range.to_length(range.written)) != after:
            edited.append(EditedHold(number, name, before, after, kind == "rest"))
    return tuple(edited)


def to_options(
    edits: Iterable[EditedHold], routine: Routine, *, beyond_limits: bool = False
) -> tuple[Options, tuple[str, ...]]:
    """Edits as options, and a note for each one that cannot be saved, or only (without `beyond_limits`) at its limit.

    A pose is named by its id or name, or by its step's number if it occurs more than once.
    """
    saved: list[tuple[str, Length]] = []
    reps: list[tuple[str, int]] = []
    notes: list[str] = []
    steps = {step.number: step for step in routine.steps}
    for edited in edits:
        step = steps.get(edited.step)
        if not isinstance(step, PoseStep) or edited.rest:
            notes.append(f"{edited} is not saved: only the holds of poses can be.")
            continue
        name = step.pose.id if step.in_library and step.pose.id else step.pose.name
        name = name if find_steps(routine.steps, name) == {step.number} else str(step.number)
        if edited.after.unit == "reps":
            reps.append((name, int(edited.after.amount)))
            continue
        hold = replace(step, hold=edited.after)
        if not beyond_limits and edited.after.amount > step.hold.amount and (limited := holds.clamp(hold)) is not hold:
            hold = limited
            notes.append(f"{edited.name} is saved at its limit of {format_duration(holds.hold_seconds(hold))}.")
        saved.append((name, hold.hold))
    return Options(holds=tuple(saved), reps=tuple(reps)), tuple(notes)
