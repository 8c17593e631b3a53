"""What the options for one pose do to its step. RequestError where a step cannot have it."""

import math
from collections.abc import Sequence
from dataclasses import replace

from audioguide.errors import RequestError
from audioguide.model import holds
from audioguide.model.routine import SHORTEST_HOLD, BreatheStep, Length, LengthChange, LevelTexts, PoseStep, Step
from audioguide.model.selectors import select_sides
from audioguide.units import format_duration


def choose_sides(steps: Sequence[Step], names: tuple[str, ...]) -> dict[int, Step | None]:
    """The steps of a pose with the sides that are named, by their numbers; None for one that has none of them.

    Where each side is a step of its own, since its rounds come first, the first one left has the instructions.
    """
    poses = [_require_pose(step, "sides") for step in steps]
    chosen: dict[int, Step | None] = {}
    texts: LevelTexts | None = None
    for step in poses:
        all_sides = dict.fromkeys(side for one in poses if one.place == step.place for side in one.pose.sides)
        named = select_sides(replace(step.pose, sides=tuple(all_sides)), names)
        sides = tuple(side for side in named if side in step.pose.sides)
        texts = texts or step.pose.instructions
        chosen[step.number] = replace(step, pose=replace(step.pose, sides=sides, instructions=texts)) if sides else None
        texts = None if sides else texts
    return chosen


def set_rounds(step: Step, rounds: int) -> Step:
    """A pose or a breathing exercise in so many rounds, which stay whatever the length of the session."""
    step = step if isinstance(step, BreatheStep) else _require_pose(step, "rounds")
    return replace(step, rounds=rounds, rounds_pinned=True)


def set_reps(step: Step, reps: int) -> Step:
    """A pose that is counted so many times, in its tempo, and is not left out; a still one becomes one."""
    step = _require_pose(step, "reps")
    if step.pose.breath_words:
        hint = f"Give it breaths: --hold '{step.pose.id or step.pose.name}={reps} breaths'."
        raise RequestError(f"{step.pose.name!r} moves with the breath, so it is not counted.", hint)
    pose = replace(step.pose, reps=reps)
    return replace(step, pose=pose, hold=step.hold if step.pose.reps else Length(sum(pose.tempo)), keep=True)


def set_keep(step: Step, _: None) -> Step:
    """A pose that is not left out for the length of the session."""
    return replace(_require_pose(step, "place to keep"), keep=True)


def pin_hold(step: Step, hold: Length | LengthChange, beyond_limits: bool) -> PoseStep:
    """A pose with a hold of its own. It is not yet checked against the longest one."""
    step = _require_pose(step, "hold")
    if hold.unit == "breaths" and (step.breath is None or step.pose.reps):
        reason = "is counted" if step.pose.reps else "has no breath pattern"
        raise RequestError(f"{step.pose.name!r} {reason}, so it cannot be held for {hold}.", "Give it in seconds.")
    new = hold if isinstance(hold, Length) else _shorten_or_lengthen(step, hold, beyond_limits)
    return replace(step, hold=new, origin="pinned", rep_hold=new.amount if step.pose.reps else None)


def _shorten_or_lengthen(step: PoseStep, change: LengthChange, beyond_limits: bool) -> Length:
    if step.pose.reps and step.rep_hold is None:
        hint = f"Change its reps, as --reps {step.pose.id or step.pose.name}={step.pose.reps + 2}."
        raise RequestError(f"{step.pose.name!r} is counted, so its hold cannot change by {change}.", hint)
    hold, still = change_hold(step, change), not step.pose.is_moving and not beyond_limits
    shortest = step.pose.limits.shortest if still else SHORTEST_HOLD
    seconds = hold.amount if hold.unit == "seconds" else holds.hold_seconds(replace(step, hold=hold))
    if change.amount < 0 and (hold.amount <= 0 or seconds < shortest):
        message = f"{change} leaves too little of {step.pose.name!r}, which is held for {step.hold}"
        raise RequestError(f"{message}: {format_duration(shortest)} is its shortest.", "Take away less.")
    return hold


def change_hold(step: PoseStep, change: LengthChange) -> Length:
    """A longer or a shorter hold, which may be too short. Breaths stay whole: seconds are rounded up."""
    if step.rep_hold is not None:
        return Length(step.rep_hold + change.amount)
    hold, cycle = step.hold, step.breath.cycle if step.breath else 1
    if step.pose.breath_words:
        hold = Length(holds.count_cycles(step), "breaths")
    amount = change.amount
    if hold.unit != change.unit:
        amount = amount * cycle if change.unit == "breaths" else math.copysign(math.ceil(abs(amount) / cycle), amount)
    return replace(hold, amount=hold.amount + amount)


def _require_pose(step: Step, what: str) -> PoseStep:
    if not isinstance(step, PoseStep):
        raise RequestError(f"Step {step.number} is not a pose, so it has no {what}. See `audioguide show --all`.")
    return step
