"""Computes how long a pose is held: breaths to seconds, whole cycles and reps, limits."""

import math
from collections.abc import Sequence
from dataclasses import replace
from itertools import accumulate

from audioguide.errors import Problem
from audioguide.model.routine import BreatheStep, Length, Pose, PoseStep, RestStep, Step
from audioguide.units import LONGEST_SESSION, format_duration

DEFAULT_HOLD = 30.0  # seconds of a hold that is written nowhere, within the limits of its pose
SHORTEST_PAUSE = 2.0  # seconds: a longer rest, or time to get into a pose, is not made shorter than that
_SLACK = 1e-9  # relative tolerance, so that rounding errors lose no whole cycle: 3 × 0.1 s are 0.3 s


def cycle_seconds(step: PoseStep) -> float | None:
    """Seconds of one breath or rep, where a hold consists of whole ones; None where it may have any length."""
    pose = step.pose
    if pose.reps:
        return sum(pose.tempo) if step.rep_hold is None else step.rep_hold + step.rest
    if step.breath and (pose.breath_words or step.hold.unit == "breaths" or step.snap):
        return step.breath.cycle
    return None


def rep_phases(step: PoseStep) -> tuple[float, float, float]:
    """The seconds of the effort, the pause and the way back in one rep of a counted pose."""
    return step.pose.tempo if step.rep_hold is None else (1.0, max(0.0, step.rep_hold - 2.0), 1.0)


def count_cycles(step: PoseStep) -> int:
    """The reps of a counted pose, or the whole breaths of one that is moved by them: rounded down, at least one."""
    unit = cycle_seconds(step)
    assert unit is not None
    if step.pose.reps or step.hold.unit == "breaths":
        return step.pose.reps or int(step.hold.amount)
    return whole_cycles(_nominal_seconds(step) / unit)


def whole_cycles(amount: float) -> int:
    """A number of breaths or reps, rounded down; at least one."""
    return max(1, math.floor(amount * (1 + _SLACK) + _SLACK))


def cycle_range(shortest: float, longest: float, unit: float) -> tuple[int, int]:
    """The fewest (at least one) and the most whole breaths of `unit` seconds between two lengths."""
    return max(1, math.ceil(shortest / unit * (1 - _SLACK))), math.floor(longest / unit * (1 + _SLACK))


def _nominal_seconds(step: PoseStep) -> float:
    if step.hold.unit == "seconds":
        return step.hold.amount
    assert step.breath is not None
    return step.hold.amount * step.breath.cycle


def hold_seconds(step: PoseStep) -> float:
    """The hold in seconds, as the timeline has it.

    A counted pose takes all its reps, a breath-moved one whole breaths, rounded down, at least one. With `snap: breath`
    a still hold becomes the nearest number of whole breaths that its upper limit allows; where that is none, it stays.
    """
    unit, written = cycle_seconds(step), _nominal_seconds(step)
    if unit and step.pose.is_moving:
        return count_cycles(step) * unit - (0.0 if step.rep_hold is None else step.rest)
    if unit is None or step.hold.unit == "breaths":
        return written
    longest = max(step.pose.limits.longest, written)  # a hold above its limit was allowed explicitly
    cycles = min(max(1, math.floor(written / unit + 0.5)), math.floor(longest / unit * (1 + _SLACK)))
    return cycles * unit or written


def scale_pause(seconds: float, factor: float) -> float:
    """A rest, or the time to get into a pose, made longer or shorter: one of over 2 s not to under 2 s."""
    return max(seconds * factor, min(seconds, SHORTEST_PAUSE))


def duration(step: Step) -> float:
    """Seconds of a step, without what is said around its holds."""
    match step:
        case RestStep():
            return step.length
        case BreatheStep():
            return step.seconds
        case PoseStep():
            return hold_seconds(step) * max(1, len(step.pose.sides)) * step.rounds + step.rest * (step.rounds - 1)
    return 0.0


def too_long(steps: Sequence[Step]) -> Problem | None:
    """The problem at the step where pauses and holds alone exceed the longest session; None where they do not."""
    for step, total in zip(steps, accumulate(map(duration, steps)), strict=True):
        if total > LONGEST_SESSION:
            return too_long_from(step)
    return None


def too_long_from(step: Step) -> Problem:
    """The problem of a session that is longer than any may be, at the step with which it is."""
    message = f"With this the session is longer than {format_duration(LONGEST_SESSION)}, the most there can be."
    return Problem(step.place, "session-too-long", message, "Take steps out, or shorten them.")


def own_hold(pose: Pose) -> Length:
    """The hold of a pose where nothing else says it; of a counted pose that of one rep."""
    usual = sum(pose.tempo) if pose.reps else min(max(DEFAULT_HOLD, pose.limits.shortest), pose.limits.longest)
    return pose.hold or Length(usual)


def limit_problem(step: PoseStep) -> Problem | None:
    """The problem of a hold over its limit, if it was set for this pose alone: at its step or by `--hold POSE=…`."""
    longest = step.pose.limits.longest
    general = (step.pose.is_moving and step.rep_hold is None) or step.origin in ("default", "option")
    if general or _nominal_seconds(step) <= longest * (1 + _SLACK):
        return None
    place = step.hold_place or step.place
    message = f"A hold of {step.hold} is over the limit of {step.pose.name!r}, which is {format_duration(longest)}."
    return Problem(place, "over-limit", message, "Shorten it, or allow it with --beyond-limits.")


def clamp(step: PoseStep) -> PoseStep:
    """The step with its hold within the limits of its pose; a moving pose has none."""
    if step.pose.is_moving:
        return step
    limits, written = step.pose.limits, _nominal_seconds(step)
    if limits.shortest * (1 - _SLACK) <= written <= limits.longest * (1 + _SLACK):
        return step
    bound = limits.longest if written > limits.longest else limits.shortest
    if step.hold.unit == "seconds" or step.breath is None:
        return replace(step, hold=Length(bound))
    cycles = bound / step.breath.cycle
    count = whole_cycles(cycles) if written > bound else max(1, math.ceil(cycles * (1 - _SLACK)))
    return replace(step, hold=Length(count, "breaths"))


def describe_dose(step: Step, before: Step | None = None) -> str:
    """`2 × 30s a side`, `3 × 10`, `10 × 5s, rest 5s`, `8 reps at 3-5-3`, `8 breaths 4-6`; "" where nothing is done.

    What differs from the step `before` is written as `20s → 35s`.
    """
    rounds, amount, rest = map(_mark_change, _measure(before or step), _measure(step))
    sides = " a side" if isinstance(step, PoseStep) and len(step.pose.sides) > 1 else ""
    amount = f"{rounds} × {amount.replace(' reps', '')}" if rounds not in ("", "1") else amount
    return amount + sides + (f", rest {rest}" if rest else "")


def _measure(step: Step) -> tuple[str, str, str]:
    """Rounds, what is done in one of them, and the rest."""
    match step:
        case BreatheStep():
            return "1", f"{Length(step.rounds, 'breaths')} {step}", ""
        case PoseStep(pose=pose, rep_hold=rep_hold):
            unit = cycle_seconds(step)
            amount = format_duration(round(hold_seconds(step), 1))
            if pose.reps and rep_hold:
                amount = f"{pose.reps} × {format_duration(rep_hold)}"
            elif pose.reps:
                tempo = f" at {'-'.join(f'{part:g}' for part in pose.tempo)}" if pose.tempo_words else ""
                amount = f"{Length(pose.reps, 'reps')}{tempo}"
            elif unit and (pose.is_moving or step.hold.unit == "breaths"):
                amount = str(Length(count_cycles(step), "breaths"))
            rest = format_duration(round(step.rest, 1)) if step.rest and (step.rounds > 1 or rep_hold) else ""
            return str(step.rounds), amount, rest
    return "", "", ""


def _mark_change(old: str, new: str) -> str:
    unit = new[len(new.partition(" ")[0]) :]  # "8 → 3 breaths" where these words are the same
    return new if old == new or not (old and new) else f"{old.removesuffix(unit)} → {new}"
