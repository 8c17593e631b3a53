"""A listener's wish for the hold that is heard becomes changes: of this hold, and of the same step's that are to come.

Pure: nothing is compiled here. A wish is a stride longer or shorter, or to keep the hold going until it is let go.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

from audioguide.model import holds
from audioguide.model.routine import BreatheStep, Length, PoseStep, RestStep, Routine, SayStep, Step
from audioguide.model.timeline import Cue, Section
from audioguide.timeline.edits import NO_EDITS, HoldEdit, HoldEdits, HoldId
from audioguide.units import RATE, format_clock, to_frames

STRIDE = 5.0
"""Seconds that a hold gets longer or shorter by; where it is made of whole breaths or reps, as many as fit in them."""


@dataclass(frozen=True, slots=True)
class HoldRange:
    """The holds of a step, or its rests. Seconds throughout."""

    step: Step
    kind: Literal["hold", "rest"]

    @property
    def written(self) -> float:
        """How long it is if nothing is changed."""
        match self.step:
            case BreatheStep():
                return self.step.pattern.cycle * self.step.rounds
            case RestStep():
                return self.step.length
            case PoseStep():
                return self.step.rest if self.kind == "rest" else holds.hold_seconds(self.step)
            case SayStep():
                raise ValueError("Nothing is held while something is said.")

    @property
    def unit(self) -> float | None:
        """One breath or rep, where it is made of whole ones."""
        if self.kind == "rest" or not isinstance(self.step, PoseStep | BreatheStep):
            return None
        return self.step.pattern.cycle if isinstance(self.step, BreatheStep) else holds.cycle_seconds(self.step)

    @property
    def stride(self) -> float:
        """What it gets longer or shorter by."""
        return STRIDE if self.unit is None else holds.whole_cycles(STRIDE / self.unit) * self.unit

    @property
    def moving(self) -> bool:
        """Whether what has begun in it, a breath or a rep, is done to its end even when it is made shorter."""
        return isinstance(self.step, BreatheStep) or (
            isinstance(self.step, PoseStep) and self.step.pose.moving and self.kind == "hold"
        )

    @property
    def longest(self) -> float:
        """As long as it may be: the limit of a still pose."""
        if not isinstance(self.step, PoseStep) or self.kind == "rest" or self.moving:
            return math.inf
        most = self.step.pose.limits.longest
        return most if self.unit is None else holds.cycle_range(0, most, self.unit)[1] * self.unit

    @property
    def shortest(self) -> float:
        """As short as it is made before it has begun."""
        least = STRIDE
        if isinstance(self.step, PoseStep) and self.kind == "hold":
            least = self.step.pose.limits.shortest
        return min(self.unit or least, self.written)

    def length(self, seconds: float) -> Length:
        """A length as the step has it: in breaths, or in seconds."""
        step, unit = self.step, self.unit
        in_breaths = isinstance(step, BreatheStep) or (isinstance(step, PoseStep) and step.hold.unit == "breaths")
        if unit is not None and in_breaths and not (isinstance(step, PoseStep) and step.pose.reps):
            return Length(round(seconds / unit), "breaths")
        return Length(round(seconds, 9))  # so that 5 s more and 5 s less are nothing

    def seconds(self, length: Length) -> float:
        """The length in seconds."""
        return length.amount * (self.unit or 1) if length.unit == "breaths" else length.amount

    def spots(self) -> Iterator[HoldId]:
        """Where it is, in order."""
        if not isinstance(self.step, PoseStep):
            yield HoldId(self.kind, self.step.number)
            return
        for round in range(1, self.step.rounds + 1):
            for side in (self.step.pose.sides if self.kind == "hold" else ()) or (None,):
                yield HoldId(self.kind, self.step.number, round, side)

    def shown(self, seconds: float) -> str:
        """`35 s`, `1:05`, `12 reps`, `5 breaths`."""
        if self.unit is None:
            return f"{seconds:.3g} s" if seconds < 60 else format_clock(to_frames(seconds))
        count = round(seconds / self.unit)
        word = "rep" if isinstance(self.step, PoseStep) and self.step.pose.reps else "breath"
        return f"{count} {word}{'' if count == 1 else 's'}"


EditCommand = Literal["longer", "shorter", "keep"]

FADE = to_frames(0.3)
"""From the frame up to which all stays as it was, so long at least until a hold ends: its background has to go out."""

NOTHING_HERE = "There is no hold here to change."
TOO_LATE = "That came too late: the hold is over, and stays as it was."


@dataclass(frozen=True, slots=True)
class EditTime:
    """When something is wished: the frame that is heard then, and the one up to which nothing can change any more."""

    position: int
    since: int


def apply_edit(
    routine: Routine,
    section: Section,
    changes: HoldEdits,
    wish: EditCommand,
    at: EditTime,
    *,
    beyond_limits: bool = False,
) -> tuple[HoldEdits, str]:
    """The changes with a wish fulfilled, as far as it can be, and what the listener is told of it.

    It is for the hold of the section that is heard, or else the next one in it, or for the rest that is heard; and
    the same for the holds (or rests) of the same step that are still to come: so that both sides get the same.
    """
    cue = find_target(section, at)
    if cue is None or cue.step is None:
        return changes, NOTHING_HERE
    wishing = _wishing(routine, section, changes, cue, at.since, beyond_limits)
    return wishing.keep() if wish == "keep" else wishing.move(1 if wish == "longer" else -1)


def end_open_hold(routine: Routine, section: Section, changes: HoldEdits, since: int) -> HoldEdits:
    """The changes with the hold of the section let go that is kept going, or is going to be."""
    cue = next((cue for cue in section.cues if cue.kind == "hold" and cue.asked is None), None)
    return changes if cue is None else _wishing(routine, section, changes, cue, since, False).let_go()[0]


def find_target(section: Section, at: EditTime) -> Cue | None:
    """The hold or the rest that is heard, or the hold that comes next."""
    for cue in section.cues:
        if cue.kind in ("hold", "rest") and cue.start <= at.position < cue.end <= at.since:
            return None  # it ends before anything can be done about it
        if cue.end > at.since and (cue.kind == "hold" or (cue.kind == "rest" and cue.start < at.since)):
            return cue
    return None


def _wishing(
    routine: Routine, section: Section, changes: HoldEdits, cue: Cue, since: int, beyond_limits: bool
) -> _Wishing:
    step = next(step for step in routine.steps if step.number == cue.step)
    extent = HoldRange(step, "rest" if cue.kind == "rest" else "hold")
    return _Wishing(extent, section, cue, since, changes, math.inf if beyond_limits else extent.longest)


@dataclass(frozen=True, slots=True)
class _Wishing:
    """A wish for one cue of a section, which is a hold or a rest. Nothing changes before the frame `since`."""

    extent: HoldRange
    section: Section
    cue: Cue
    since: int
    changes: HoldEdits
    longest: float

    def move(self, ways: Literal[1, -1]) -> tuple[HoldEdits, str]:
        """A stride longer, or shorter."""
        if self.kept:
            return (self.changes, f"{self.name} goes on until you press =") if ways > 0 else self.let_go()
        here, *later = self.spots
        change = self.longer(here) if ways > 0 else self.cut() if self.going_on else self.shorter(here)
        others = {spot: self.longer(spot) if ways > 0 else self.shorter(spot) for spot in later}
        return self.settled(replace(change, pace=self.pace), others), self.told(change, ways)

    def longer(self, spot: HoldId) -> HoldEdit:
        """A hold or a rest that is a stride longer, up to its limit."""
        seconds = self.seconds(spot)
        return HoldEdit(self.extent.length(max(seconds, min(seconds + self.extent.stride, self.longest))))

    def shorter(self, spot: HoldId) -> HoldEdit:
        """One that has not begun and is a stride shorter."""
        seconds = self.seconds(spot)
        return HoldEdit(self.extent.length(max(seconds - self.extent.stride, min(seconds, self.extent.shortest))))

    def cut(self) -> HoldEdit:
        """One that has begun and is a stride shorter: at least what was heard of it."""
        seconds = self.seconds(self.spots[0])
        wanted = seconds - self.extent.stride
        if self.extent.moving:
            return HoldEdit(self.extent.length(max(wanted, min(seconds, self.begun))))
        if to_frames(wanted) > self.least:
            return HoldEdit(self.extent.length(wanted))
        return replace(self.shorter(self.spots[0]), cut_at=min(self.least, self.cue.frames))

    def keep(self) -> tuple[HoldEdits, str]:
        """Keep the hold going, or let it go."""
        if self.cue.kind == "rest":
            return self.changes, "A rest cannot be kept going: press + for 5 s more, or pause."
        if self.kept:
            return self.let_go()
        kept = HoldEdit(self.extent.length(self.seconds(self.spots[0])), open_ended=True, pace=self.pace)
        return self.settled(kept), f"{self.name} goes on until you press = again"

    def let_go(self) -> tuple[HoldEdits, str]:
        """End a hold that was kept going as soon as nothing is being said; before it has begun, it is as it was."""
        if not self.going_on:
            change = replace(self.changes[self.spots[0]], open_ended=False)
            return self.settled(change), self.told(change, 1)
        unit = self.extent.unit or 1.0
        lasted = self.extent.length(max(1, round(self.least / RATE / unit)) * unit)
        return self.settled(HoldEdit(lasted, cut_at=self.least)), f"{self.name} ends"

    def settled(self, change: HoldEdit, later: HoldEdits = NO_EDITS) -> HoldEdits:
        """All changes with this one, and some that come later, without any that changes nothing.

        That a hold was ended stays true in what was heard. Whoever hears it again from before gets its whole length.
        """
        every = {spot: replace(before, cut_at=None, pace=0) for spot, before in self.changes.items()}
        for spot, new in {self.spots[0]: change, **later}.items():
            every.pop(spot, None)  # the last one stands last
            if replace(new, pace=0) != HoldEdit(self.extent.length(self.extent.written)):
                every[spot] = new
        return every

    @property
    def going_on(self) -> bool:
        """Whether it has begun."""
        return self.cue.start < self.since

    @property
    def kept(self) -> bool:
        """Whether it is kept going."""
        change = self.changes.get(self.spots[0])
        return change is not None and change.open_ended

    @property
    def least(self) -> int:
        """Frames that it has at least when it is ended now: nobody is cut short in it."""
        said = (cue.end for cue in self.section.cues if cue.kind == "speech" and cue.start < self.since)
        return max(self.since + FADE, *said, 0) - self.cue.start

    @property
    def counts(self) -> list[int]:
        """The frames at which its reps are counted."""
        within = range(self.cue.start, self.cue.end)
        return [cue.start for cue in self.section.cues if cue.role == "count" and cue.start in within]

    @property
    def pace(self) -> int:
        """Frames of each of its reps, if they are being done."""
        return math.ceil(self.cue.frames / len(self.counts)) if self.counts and self.going_on else 0

    @property
    def begun(self) -> float:
        """Seconds of all its breaths or reps that have begun."""
        unit = self.extent.unit or 1.0
        if self.counts:
            return unit * sum(start < self.since for start in self.counts)
        return unit * math.ceil((self.since - self.cue.start) / (unit * RATE))

    @property
    def spots(self) -> list[HoldId]:
        """Where it is, and the others of its step that come after it."""
        every = list(self.extent.spots())
        return every[every.index(HoldId(self.extent.kind, every[0].step, self.cue.round, self.cue.side)) :]

    def seconds(self, spot: HoldId) -> float:
        """How long it is planned to be."""
        change = self.changes.get(spot)
        return self.extent.seconds(change.length) if change else self.extent.written

    @property
    def name(self) -> str:
        """What it is called: the pose and the side."""
        if self.cue.kind == "rest":
            return "Rest"
        step = self.extent.step
        name = step.pose.name if isinstance(step, PoseStep) else self.section.chapter.title
        return f"{name}, {self.cue.side}" if self.cue.side else name

    def told(self, change: HoldEdit, ways: Literal[1, -1]) -> str:
        """How long it is now, and why it is no longer or shorter than that."""
        if change.cut_at is not None:
            return f"{self.name} ends"
        seconds, before = self.extent.seconds(change.length), self.seconds(self.spots[0])
        long = f"{self.name}: {self.extent.shown(seconds)}"
        if ways > 0 and seconds >= self.longest:
            return f"{long}, its limit (= goes on)"
        return f"{long}, the least" if ways < 0 and seconds == before else long
