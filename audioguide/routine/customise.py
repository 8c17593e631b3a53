"""A listener's options on a routine: Routine in, Routine out. Nothing after this knows that there are options.

The order: other poses in the places of some; then what is for all poses, `--hold` over the step over the routine's
defaults over the pose; then sides, rounds and reps; then `--hold POSE=…`, which changes what is held so far or replaces
it; then a change for all the others, as `--hold +5s`, and `--scale`. The last one, `--length`, needs to know how long
the speech is: see `timeline.fit`.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from audioguide.errors import RequestError, RoutineError, blame
from audioguide.model import holds
from audioguide.model.options import SILENT, Options
from audioguide.model.routine import BackgroundSpec, BreatheStep, Length, LengthChange, PoseStep, Routine, SayStep, Step
from audioguide.model.selectors import find_steps
from audioguide.routine.sources import read_pose
from audioguide.routine.step_options import change_hold, choose_sides, pin_hold, set_keep, set_reps, set_rounds
from audioguide.routine.swap import FindPose, swap_poses
from audioguide.units import format_duration


@dataclass(frozen=True, slots=True)
class Customised:
    """The routine with its options applied, the poses (with their hold) that could not go along, and lines to show."""

    routine: Routine
    clamped: dict[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def customise(routine: Routine, options: Options, find_pose: FindPose | None = None) -> Customised:
    """Apply the options; `find_pose` finds the poses that are to take another one's place.

    RequestError: a pose that is not there, a hold over its limit, a contradiction, nothing left to do.
    """
    find_pose = find_pose or (lambda id: read_pose(id, routine.language)[0])
    steps, swapped, notes = swap_poses(routine.steps, options, find_pose)
    find = partial(_find, steps, routine.steps)
    steps = [_apply_to_all(step, options) for step in steps]
    for selector, names in options.sides:
        with blame("sides", selector):
            found = find(selector)
            chosen = choose_sides([step for step in steps if step.number in found], names)
            steps = [new for step in steps if (new := chosen.get(step.number, step))]
    changes: dict[str, Callable[[Step, Any], Step]] = {"rounds": set_rounds, "reps": set_reps, "keep": set_keep}
    changes["holds"] = partial(pin_hold, beyond_limits=options.beyond_limits)
    # By which of its selectors each option named a step last.
    named: defaultdict[str, dict[int, str]] = defaultdict(dict, swap=swapped)
    for option, change in changes.items():
        for one in getattr(options, option):
            selector, value = (one, None) if isinstance(one, str) else one
            with blame(option, selector):
                found = find(selector)
                steps = [change(step, value) if step.number in found else step for step in steps]
            named[option] |= dict.fromkeys(found, selector)
    for selector in options.skip:
        with blame("skip", selector):
            found = find(selector)
            for other in ("keep", "swap"):
                if both := found & named[other].keys():
                    hint = f"Leave out --skip {selector} or --{other} {named[other][both.pop()]}."
                    raise RequestError(f"A pose is to be left out, and --{other} needs it.", hint)
            steps = [step for step in steps if step.number not in found]
    steps = [step for step in steps if not isinstance(step, PoseStep) or step.is_in_level]
    if not steps:
        raise RequestError("With these options nothing is left of the routine.", "Skip less of it.", ("skip", None))

    stayed: dict[str, str] = {}
    if options.hold and options.hold.unit == "breaths":
        free = [step for step in steps if isinstance(step, PoseStep) and step.origin != "pinned"]
        if unchanged := dict.fromkeys(one.pose.name for one in free if one.breath is None and not one.pose.reps):
            how = "held for" if isinstance(options.hold, Length) else "changed by"
            notes += (f"Without a breath pattern, so not {how} {options.hold}: {', '.join(unchanged)}.",)
    if not options.beyond_limits:
        _check_limits(steps, named["holds"])
        steps = [_clamp(step, stayed) if isinstance(step, PoseStep) else step for step in steps]
    for move in (options.hold, options.scale):
        if move not in (None, 1) and not isinstance(move, Length):
            steps = [_move(step, move, options.beyond_limits, stayed) for step in steps]
    if problem := holds.too_long(steps):
        raise RoutineError([problem])
    title, voice = options.title or routine.title, options.voice or routine.voice
    return Customised(replace(routine, steps=tuple(steps), title=title, voice=voice), stayed, notes)


def _find(after: Sequence[Step], before: Sequence[Step], selector: str) -> set[int]:
    """The steps of a name: that of a pose, or else of the one whose place it took."""
    with suppress(RequestError):
        return find_steps(after, selector)
    return find_steps(before, selector)


def _apply_to_all(step: Step, options: Options) -> Step:
    background = None if options.background == SILENT else step.background
    if options.background and options.background != SILENT:
        background = replace(background or BackgroundSpec(""), name=options.background)
    if background and (level := options.background_level):
        background = replace(background, gain=background.gain + level, between=background.between + level)
    step = replace(step, background=background)
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
        stayed[step.pose.name] = _with_hold(clamped)
    return clamped


def _move(step: Step, by: LengthChange | float, beyond_limits: bool, stayed: dict[str, str]) -> Step:
    """The step with its hold changed or scaled, to a second or a breath at least and within the limits of its pose.

    Counted poses keep their reps.
    """
    if not isinstance(step, PoseStep) or step.origin == "pinned" or step.pose.reps:
        return step
    if isinstance(by, LengthChange):
        if by.unit == "breaths" and step.breath is None:
            return step
        hold = change_hold(step, by)
    else:
        amount = step.hold.amount * by
        hold = replace(step.hold, amount=holds.whole_cycles(amount) if step.hold.unit == "breaths" else amount)
    moved = replace(step, hold=replace(hold, amount=max(hold.amount, 1.0)), origin="option")
    clamped = moved if beyond_limits else _clamp(moved, stayed)
    # A hold that was written shorter than its limit is not lengthened by a wish to shorten it.
    if holds.hold_seconds(moved) <= holds.hold_seconds(step) < holds.hold_seconds(clamped):
        stayed[step.pose.name] = _with_hold(step)
        return step
    return clamped


def _with_hold(step: PoseStep) -> str:
    return f"{step.pose.name} ({format_duration(holds.hold_seconds(step))})"
