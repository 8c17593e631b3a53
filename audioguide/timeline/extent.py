"""How long the holds of a step are, or its rests, and by what and how far that can change."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from audioguide.routine import holds
from audioguide.routine.model import BreatheStep, Length, PoseStep, RestStep, SayStep, Step
from audioguide.timeline.changes import Spot
from audioguide.units import clock, frames

STRIDE = 5.0
"""Seconds that a hold gets longer or shorter by; where it is made of whole breaths or reps, as many as fit in them."""


@dataclass(frozen=True, slots=True)
class Extent:
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
                return self.step.rest if self.kind == "rest" else holds.asked(self.step)
            case SayStep():
                raise ValueError("Nothing is held while something is said.")

    @property
    def unit(self) -> float | None:
        """One breath or rep, where it is made of whole ones."""
        if self.kind == "rest" or not isinstance(self.step, PoseStep | BreatheStep):
            return None
        return self.step.pattern.cycle if isinstance(self.step, BreatheStep) else holds.unit_of(self.step)

    @property
    def stride(self) -> float:
        """What it gets longer or shorter by."""
        return STRIDE if self.unit is None else holds.whole(STRIDE / self.unit) * self.unit

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
        return most if self.unit is None else holds.cycles(0, most, self.unit)[1] * self.unit

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

    def spots(self) -> Iterator[Spot]:
        """Where it is, in order."""
        if not isinstance(self.step, PoseStep):
            yield Spot(self.kind, self.step.number)
            return
        for round in range(1, self.step.rounds + 1):
            for side in (self.step.pose.sides if self.kind == "hold" else ()) or (None,):
                yield Spot(self.kind, self.step.number, round, side)

    def shown(self, seconds: float) -> str:
        """`35 s`, `1:05`, `12 reps`, `5 breaths`."""
        if self.unit is None:
            return f"{seconds:.3g} s" if seconds < 60 else clock(frames(seconds))
        count = round(seconds / self.unit)
        word = "rep" if isinstance(self.step, PoseStep) and self.step.pose.reps else "breath"
        return f"{count} {word}{'' if count == 1 else 's'}"
