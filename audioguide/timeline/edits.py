"""What a listener has changed in holds and rests while hearing them: the data, and how a step is done with it."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Literal

from audioguide.model import holds
from audioguide.model.routine import BreatheStep, Length, PoseStep
from audioguide.model.timeline import Cue, Kind, Section
from audioguide.units import RATE, to_frames

ENDLESS = 3600.0
"""Seconds after its time at which a hold that is kept going ends like any other."""

ENDLESS_REPS = 100
"""The same for reps: each is a word of its own, to be spoken before the section can sound."""


@dataclass(frozen=True, slots=True)
class HoldId:
    """One hold or one rest of a session; a rest between rounds is that of the round before it."""

    kind: Literal["hold", "rest"]
    step: int
    round: int | None = None
    side: str | None = None


@dataclass(frozen=True, slots=True)
class HoldEdit:
    """How long it is to be.

    A hold that is `kept` goes on until it is let go. One that is `ended` is exactly so many frames long, and nothing
    more is begun in it. Reps that are being done go on at their `pace`, at least so many frames each.
    """

    length: Length
    open_ended: bool = False
    cut_at: int | None = None
    pace: int = 0


HoldEdits = Mapping[HoldId, HoldEdit]

NO_EDITS: HoldEdits = MappingProxyType({})


def pose_with(step: PoseStep, change: HoldEdit | None) -> PoseStep:
    """The step with the hold that it has after a change."""
    if change is None:
        return step
    step = replace(step, hold=change.length)
    if not change.open_ended:
        return step
    more = ENDLESS_REPS * sum(step.pose.tempo) if step.pose.reps else ENDLESS
    return replace(step, hold=Length(holds.hold_seconds(step) + more))


def breathing_with(step: BreatheStep, change: HoldEdit | None) -> BreatheStep:
    """The same for a breathing exercise, whose rounds are breaths."""
    if change is None:
        return step
    more = holds.whole_cycles(ENDLESS / step.pattern.cycle) if change.open_ended else 0
    return replace(step, rounds=int(change.length.amount) + more)


def rest_with(seconds: float, change: HoldEdit | None) -> int:
    """The frames of a rest."""
    if change is None:
        return to_frames(seconds)
    return to_frames(change.length.amount) if change.cut_at is None else change.cut_at


def hold_with(seconds: float, change: HoldEdit | None) -> float:
    """The seconds of a hold that without an end of its own would take `seconds`."""
    return seconds if change is None or change.cut_at is None else change.cut_at / RATE


@dataclass(frozen=True, slots=True)
class PlayedCues:
    """The cues of a section that begin before the frame `since`, in order: what comes after them may change.

    All that is compiled up to `since` depends on these only, so it comes out the same, cue by cue.
    """

    since: int = 0
    cues: tuple[Cue, ...] = ()

    def at(self, start: int, kind: Kind) -> Cue | None:
        """The cue of a kind that begins at a frame."""
        return next(iter(self.within(start, start + 1, kind)), None)

    def within(self, start: int, end: int, kind: Kind) -> list[Cue]:
        """The cues of a kind that begin within these frames."""
        first, last = (bisect_left(self.cues, frame, key=_start) for frame in (start, end))
        return [cue for cue in self.cues[first:last] if cue.kind == kind]

    def over(self, start: int, kind: Kind) -> Cue | None:
        """The same as `at`, if it has ended as well."""
        cue = self.at(start, kind)
        return cue if cue and cue.end <= self.since else None


NOTHING_PLAYED = PlayedCues()


def played_cues(section: Section, since: int) -> PlayedCues:
    """What has been heard of a section by a frame."""
    return PlayedCues(since, section.cues[: bisect_left(section.cues, since, key=_start)])


def _start(cue: Cue) -> int:
    return cue.start
