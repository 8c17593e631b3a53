"""How long a pose is really held: breaths to seconds, whole cycles and reps, limits."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import replace

from audioguide.errors import Problem
from audioguide.model.routine import BreatheStep, Length, PoseStep, RestStep, Step
from audioguide.units import LONGEST_SESSION, format_duration

_SLACK = 1e-9
"""Relative: keeps 3 × 0.1 s from being a hair less than 0.3 s when whole cycles are counted."""


def cycle_seconds(step: PoseStep) -> float | None:
    """Seconds of one breath or rep where the hold is made of whole ones; None for a hold of any length."""
    pose = step.pose
    if pose.reps:
        return sum(pose.tempo)
    if step.breath and (pose.breath_words or step.hold.unit == "breaths" or step.snap):
        return step.breath.cycle
    return None


def count_cycles(step: PoseStep) -> int:
    """How many whole breaths or reps a moving pose takes: rounded down, at least one."""
    unit = cycle_seconds(step)
    assert unit is not None
    if step.hold.unit == "breaths" and not step.pose.reps:
        return int(step.hold.amount)
    return whole_cycles(written_seconds(step) / unit)


def whole_cycles(amount: float) -> int:
    """So many whole breaths or reps: rounded down, at least one."""
    return max(1, math.floor(amount * (1 + _SLACK) + _SLACK))


def cycle_range(shortest: float, longest: float, unit: float) -> tuple[int, int]:
    """The fewest (at least one) and the most whole breaths of `unit` seconds between two lengths."""
    return max(1, math.ceil(shortest / unit * (1 - _SLACK))), math.floor(longest / unit * (1 + _SLACK))


def written_seconds(step: PoseStep) -> float:
    """The hold in seconds as it was asked, before it is made whole."""
    if step.hold.unit == "seconds":
        return step.hold.amount
    return step.hold.amount * (step.breath.cycle if step.breath else sum(step.pose.tempo))


def hold_seconds(step: PoseStep) -> float:
    """The hold in seconds: what the timeline gives it, to the frame.

    A moving pose takes whole cycles or reps, rounded down, at least one. With `snap: breath` a still hold becomes
    the nearest whole number of breaths that its longest limit allows; where not even one is allowed, it stays.
    """
    unit = cycle_seconds(step)
    if unit is None or (step.hold.unit == "breaths" and not step.pose.reps):
        return written_seconds(step)
    if step.pose.moving:
        return count_cycles(step) * unit
    written = written_seconds(step)
    longest = max(step.pose.limits.longest, written)  # above its limit it is only where that was allowed
    cycles = min(max(1, math.floor(written / unit + 0.5)), math.floor(longest / unit * (1 + _SLACK)))
    return cycles * unit or written


def duration(step: Step) -> float:
    """The seconds that a step takes, but for what is said around its holds."""
    match step:
        case RestStep():
            return step.length
        case BreatheStep():
            return step.pattern.cycle * step.rounds
        case PoseStep():
            return hold_seconds(step) * max(1, len(step.pose.sides)) * step.rounds + step.rest * (step.rounds - 1)
    return 0.0


def too_long(steps: Iterable[Step]) -> Problem | None:
    """The step with which the pauses and holds alone are longer than a session may be; None where they are not."""
    total = 0.0
    for step in steps:
        total += duration(step)
        if total > LONGEST_SESSION:
            message = f"With this the session is longer than {format_duration(LONGEST_SESSION)}, the most there can be."
            return Problem(step.place, "session-too-long", message, "Take steps out, or shorten them.")
    return None


def limit_problem(step: PoseStep) -> Problem | None:
    """What is wrong with a hold that was meant (written at the step, or asked for this pose) and is over its limit."""
    longest = step.pose.limits.longest
    if (
        step.pose.moving
        or step.origin not in ("step", "pose", "pinned")
        or written_seconds(step) <= longest * (1 + _SLACK)
    ):
        return None
    place = step.hold_place or step.place
    message = f"A hold of {step.hold} is over the limit of {step.pose.name!r}, which is {format_duration(longest)}."
    return Problem(place, "over-limit", message, "Shorten it, or allow it with --beyond-limits.")


def clamp(step: PoseStep) -> PoseStep:
    """The step with its hold brought inside the limits of its pose; a moving pose has none."""
    if step.pose.moving:
        return step
    limits, written = step.pose.limits, written_seconds(step)
    if limits.shortest * (1 - _SLACK) <= written <= limits.longest * (1 + _SLACK):
        return step
    bound = limits.longest if written > limits.longest else limits.shortest
    if step.hold.unit == "seconds" or step.breath is None:
        return replace(step, hold=Length(bound))
    cycles = bound / step.breath.cycle
    count = whole_cycles(cycles) if written > bound else max(1, math.ceil(cycles * (1 - _SLACK)))
    return replace(step, hold=Length(count, "breaths"))
