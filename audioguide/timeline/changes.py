"""What a listener has changed in holds and rests while hearing them: the data, and how a step is done with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Literal

from audioguide.routine import holds
from audioguide.routine.model import BreatheStep, Length, PoseStep
from audioguide.units import RATE, frames

ENDLESS = 3600.0
"""Seconds after its time at which a hold that is kept going ends like any other."""

ENDLESS_REPS = 100
"""The same for reps: each is a word of its own, to be spoken before the section can sound."""


@dataclass(frozen=True, slots=True)
class Spot:
    """One hold or one rest of a session; a rest between rounds is that of the round before it."""

    kind: Literal["hold", "rest"]
    step: int
    round: int | None = None
    side: str | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """How long it is to be.

    A hold that is `kept` goes on until it is let go. One that is `ended` is exactly so many frames long, and nothing
    more is begun in it. Reps that are being done go on at their `pace`, at least so many frames each.
    """

    length: Length
    kept: bool = False
    ended: int | None = None
    pace: int = 0


Changes = Mapping[Spot, Change]

UNCHANGED: Changes = MappingProxyType({})


def pose_with(step: PoseStep, change: Change | None) -> PoseStep:
    """The step with the hold that it has after a change."""
    if change is None:
        return step
    step = replace(step, hold=change.length)
    if not change.kept:
        return step
    more = ENDLESS_REPS * sum(step.pose.tempo) if step.pose.reps else ENDLESS
    return replace(step, hold=Length(holds.asked(step) + more))


def breathing_with(step: BreatheStep, change: Change | None) -> BreatheStep:
    """The same for a breathing exercise, whose rounds are breaths."""
    if change is None:
        return step
    more = holds.whole(ENDLESS / step.pattern.cycle) if change.kept else 0
    return replace(step, rounds=int(change.length.amount) + more)


def rest_with(seconds: float, change: Change | None) -> int:
    """The frames of a rest."""
    if change is None:
        return frames(seconds)
    return frames(change.length.amount) if change.ended is None else change.ended


def hold_with(seconds: float, change: Change | None) -> float:
    """The seconds of a hold that without an end of its own would take `seconds`."""
    return seconds if change is None or change.ended is None else change.ended / RATE
