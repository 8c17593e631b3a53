"""A listener's options on a routine: Routine in, Routine out. Nothing after this knows that there are options.

The order: other poses in the places of some; then what is for all poses, `--hold` over the step over the routine's
defaults over the pose; then sides, rounds and reps; then `--hold POSE=…`, which changes what is held so far or replaces
it; then a change for all the others, as `--hold +5s`, and `--scale`. The last one, `--length`, needs to know how long
the speech is: see `timeline.fit`.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from audioguide.errors import RequestError, RoutineError, blame
from audioguide.model import holds
from audioguide.model.options import SILENT, Options
from audioguide.model.routine import (
    LEVELS,
    SHORTEST_HOLD,
    BackgroundSpec,
    BreatheStep,
    Length,
    LengthChange,
    PoseStep,
    Routine,
    SayStep,
    Step,
)
from audioguide.model.selectors import find_steps
from audioguide.routine.step_options import change_hold, choose_sides, pin_hold, set_keep, set_reps, set_rounds
from audioguide.routine.swap import FindPose, describe_swaps, find_in_library, swap_poses
from audioguide.units import format_duration


@dataclass(frozen=True, slots=True)
class Customised:
    """The routine with its options applied, the poses (with their hold) that could not go along, and lines to show."""

    routine: Routine
    clamped: dict[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def customise(routine: Routine, options: Options, find_pose: FindPose = find_in_library) -> Customised:
    """Apply the options; `find_pose` finds the poses that are to take another one's place.

    RequestError: a pose that is not there, a hold over its limit, a contradiction, nothing left to do.
    """
    steps, swapped = swap_poses(routine.steps, options, find_pose)
    notes = describe_swaps(routine.steps, steps)
    find = partial(_find, steps, routine.steps)
    steps = [_apply_to_all(step, options) for step in steps]
    for selector, names in options.sides:
        with blame("sides", selector):
            found = find(selector)
            chosen = choose_sides([step for step in steps if step.number in found], names)
            steps = [new for step in steps if (new := chosen.get(step.number, step))]
    steps, _ = _change(steps, "rounds", options.rounds, set_rounds, find)
    steps, _ = _change(steps, "reps", options.reps, set_reps, find)
    steps, kept = _change(steps, "keep", ((pose, None) for pose in options.keep), lambda step, _: set_keep(step), find)
    pin = partial(pin_hold, beyond_limits=options.beyond_limits)
    steps, pinned = _change(steps, "holds", options.holds, pin, find)
    skipped: set[int] = set()
    for selector in options.skip:
        with blame("skip", selector):
            found = find(selector)
            for other, named in (("keep", kept), ("swap", swapped)):
                if both := found & named.keys():
                    hint = f"Leave out --skip {selector} or --{other} {named[both.pop()]}."
                    raise RequestError(f"A pose is to be left out, and --{other} needs it.", hint)
            skipped |= found
    poses = [step for step in steps if isinstance(step, PoseStep)]
    skipped |= {step.number for step in poses if LEVELS.index(step.level) < LEVELS.index(step.optional or "brief")}
    steps = [step for step in steps if step.number not in skipped]
    if not steps:
        raise RequestError("With these options nothing is left of the routine.", "Skip less of it.", ("skip", None))

    stayed: dict[str, str] = {}
    if options.hold and options.hold.unit == "breaths":
        free = [step for step in steps if isinstance(step, PoseStep) and step.origin != "pinned"]
        if unchanged := dict.fromkeys(one.pose.name for one in free if one.breath is None and not one.pose.reps):
            how = "held for" if isinstance(options.hold, Length) else "changed by"
            notes += (f"Without a breath pattern, so not {how} {options.hold}: {', '.join(unchanged)}.",)
    if not options.beyond_limits:
        _check_limits(steps, pinned)
        steps = [_clamp(step, stayed) if isinstance(step, PoseStep) else step for step in steps]
    if isinstance(options.hold, LengthChange):
        longer, by_all = options.hold.amount > 0, partial(_lengthen, change=options.hold)
        steps = [_move(step, by_all, longer, options.beyond_limits, stayed) for step in steps]
    if options.scale is not None and options.scale != 1:
        longer, by_factor = options.scale > 1, partial(_scale, factor=options.scale)
        steps = [_move(step, by_factor, longer, options.beyond_limits, stayed) for step in steps]
    if problem := holds.too_long(steps):
        raise RoutineError([problem])
    title, voice = options.title or routine.title, options.voice or routine.voice
    return Customised(replace(routine, steps=tuple(steps), title=title, voice=voice), stayed, notes)


def _find(after: Sequence[Step], before: Sequence[Step], selector: str) -> set[int]:
    """The steps of a name: that of a pose, or else of the one whose place it took."""
    with suppress(RequestError):
        return find_steps(after, selector)
    return find_steps(before, selector)


def _change(
    steps: list[Step],
    option: str,
    values: Iterable[tuple[str, Any]],
    change: Callable[[Step, Any], Step],
    find: Callable[[str], set[int]],
) -> tuple[list[Step], dict[int, str]]:
    """The steps with an option for some poses, and which of its selectors named a step last, by the step's number."""
    named: dict[int, str] = {}
    for selector, value in values:
        with blame(option, selector):
            found = find(selector)
            steps = [change(step, value) if step.number in found else step for step in steps]
        named |= dict.fromkeys(found, selector)
    return steps, named


def _apply_to_all(step: Step, options: Options) -> Step:
    if options.background == SILENT:
        step = replace(step, background=None)
    elif options.background:
        step = replace(step, background=replace(step.background or BackgroundSpec(""), name=options.background))
    if options.background_level and step.background:
        gain, between = (
            step.background.gain + options.background_level,
            step.background.between + options.background_level,
        )
        step = replace(step, background=replace(step.background, gain=gain, between=between))
    if options.chime and isinstance(step, PoseStep | BreatheStep):
        step = replace(step, chime=None if options.chime == "none" else options.chime)
    if options.cues and not isinstance(step, SayStep):
        step = replace(step, cues=options.cues.over(step.cues))
    if isinstance(step, PoseStep):
        settle = step.settle if options.settle is None else options.settle
        step = replace(step, level=options.level or step.level, settle=settle)
        if options.breath:
            # A hold in breaths gets another length by it, which nobody set for this pose alone.
            meant = step.hold.unit == "seconds" or holds.limit_problem(step)
            step = replace(step, breath=options.breath, origin=step.origin if meant else "option")
        if isinstance(options.hold, Length) and not step.pose.reps and (options.hold.unit == "seconds" or step.breath):
            step = replace(step, hold=options.hold, origin="option")
    return step


def _check_limits(steps: Sequence[Step], pinned: Mapping[int, str]) -> None:
    problems = []
    for step in steps:
        if isinstance(step, PoseStep) and (problem := holds.limit_problem(step)):
            if step.number in pinned:
                raise RequestError(problem.message, problem.hint, ("holds", pinned[step.number]))
            problems.append(problem)
    if problems:
        raise RoutineError(problems)


def _clamp(step: PoseStep, stayed: dict[str, str]) -> PoseStep:
    if step.origin not in ("default", "option"):
        return step
    clamped = holds.clamp(step)
    if clamped is not step:
        stayed[step.pose.name] = f"{step.pose.name} ({format_duration(holds.hold_seconds(clamped))})"
    return clamped


def _move(
    step: Step, move: Callable[[PoseStep], PoseStep], longer: bool, beyond_limits: bool, stayed: dict[str, str]
) -> Step:
    """The step with its hold moved by an option for all poses, as far as its limits; counted poses keep their reps."""
    if not isinstance(step, PoseStep) or step.origin == "pinned" or step.pose.reps:
        return step
    moved = move(step)
    clamped = moved if beyond_limits else _clamp(moved, stayed)
    # A hold that was written shorter than its limit is not lengthened by a wish to shorten it.
    if clamped is not moved and not longer and holds.hold_seconds(clamped) > holds.hold_seconds(step):
        clamped = step
        stayed[step.pose.name] = f"{step.pose.name} ({format_duration(holds.hold_seconds(step))})"
    return clamped


def _lengthen(step: PoseStep, change: LengthChange) -> PoseStep:
    if change.unit == "breaths" and step.breath is None:
        return step
    return _at_least(change_hold(step, change, "option"))


def _scale(step: PoseStep, factor: float) -> PoseStep:
    amount = step.hold.amount * factor
    if step.hold.unit == "breaths":
        amount = holds.whole_cycles(amount)
    return _at_least(replace(step, hold=replace(step.hold, amount=amount), origin="option"))


def _at_least(step: PoseStep) -> PoseStep:
    """The step with a hold of a second or a breath at least."""
    return replace(step, hold=replace(step.hold, amount=max(step.hold.amount, SHORTEST_HOLD)))
