"""A listener's options on a routine: Routine in, Routine out. Nothing after this knows that there are options.

The order: `--hold POSE=…` over `--hold` over the step over the routine's defaults over the pose; then `--scale`. The
last one, `--length`, needs to know how long the speech is: see `timeline.fit`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from audioguide.errors import RequestError, RoutineError, blame
from audioguide.model import holds
from audioguide.model.options import SILENT, Options
from audioguide.model.routine import (
    LEVELS,
    SHORTEST_HOLD,
    BackgroundSpec,
    BreatheStep,
    Length,
    PoseStep,
    Routine,
    SayStep,
    Step,
)
from audioguide.model.selectors import find_steps
from audioguide.units import format_duration


@dataclass(frozen=True, slots=True)
class Customised:
    """The routine with its options applied, the poses (with their hold) that could not go along, and lines to show."""

    routine: Routine
    clamped: dict[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def customise(routine: Routine, options: Options) -> Customised:
    """Apply the options. RequestError: a pose that is not there, a hold over its limit, nothing left to do."""
    steps = [_apply_to_all(step, options) for step in routine.steps]
    pinned: dict[int, str] = {}  # the selector that gave a step a hold of its own
    for selector, length in options.holds:
        with blame("holds", selector):
            found = find_steps(steps, selector)
            steps = [_pin_hold(step, length) if step.number in found else step for step in steps]
        pinned |= dict.fromkeys(found, selector)
    skipped: set[int] = set()
    for selector in options.skip:
        with blame("skip", selector):
            skipped |= find_steps(steps, selector)
    poses = [step for step in steps if isinstance(step, PoseStep)]
    skipped |= {step.number for step in poses if LEVELS.index(step.level) < LEVELS.index(step.optional or "brief")}
    steps = [step for step in steps if step.number not in skipped]
    if not steps:
        raise RequestError("With these options nothing is left of the routine.", "Skip less of it.", ("skip", None))

    stayed: dict[str, str] = {}
    notes: tuple[str, ...] = ()
    if options.hold and options.hold.unit == "breaths":
        free = (step for step in steps if isinstance(step, PoseStep) and step.origin != "pinned")
        if unchanged := dict.fromkeys(step.pose.name for step in free if step.breath is None):
            notes = (f"Without a breath pattern, so not held for {options.hold}: {', '.join(unchanged)}.",)
    if not options.beyond_limits:
        _check_limits(steps, pinned)
        steps = [_clamp(step, stayed) if isinstance(step, PoseStep) else step for step in steps]
    if options.scale is not None and options.scale != 1:
        steps = [_scale(step, options.scale, options.beyond_limits, stayed) for step in steps]
    if problem := holds.too_long(steps):
        raise RoutineError([problem])
    return Customised(replace(routine, steps=tuple(steps), voice=options.voice or routine.voice), stayed, notes)


def _apply_to_all(step: Step, options: Options) -> Step:
    if options.background == SILENT:
        step = replace(step, background=None)
    elif options.background:
        step = replace(step, background=replace(step.background or BackgroundSpec(""), name=options.background))
    if options.chime and isinstance(step, PoseStep | BreatheStep):
        step = replace(step, chime=None if options.chime == "none" else options.chime)
    if options.cues and not isinstance(step, SayStep):
        step = replace(step, cues=options.cues.over(step.cues))
    if isinstance(step, PoseStep):
        step = replace(step, level=options.level or step.level)
        if options.breath:
            # A hold in breaths gets another length by it, which nobody set for this pose alone.
            meant = step.hold.unit == "seconds" or holds.limit_problem(step)
            step = replace(step, breath=options.breath, origin=step.origin if meant else "option")
        if options.hold and (options.hold.unit == "seconds" or step.breath):
            step = replace(step, hold=options.hold, origin="option")
    return step


def _pin_hold(step: Step, length: Length) -> Step:
    if not isinstance(step, PoseStep):
        raise RequestError(f"Step {step.number} is not a pose, so it has no hold. See `audioguide show`.")
    if length.unit == "breaths" and step.breath is None:
        hint = "Give it in seconds."
        raise RequestError(f"{step.pose.name!r} has no breath pattern, so it cannot be held for {length}. {hint}")
    return replace(step, hold=length, origin="pinned")


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


def _scale(step: Step, factor: float, beyond_limits: bool, stayed: dict[str, str]) -> Step:
    if not isinstance(step, PoseStep) or step.origin == "pinned":
        return step
    amount = step.hold.amount * factor
    amount = holds.whole_cycles(amount) if step.hold.unit == "breaths" else max(amount, SHORTEST_HOLD)
    scaled = replace(step, hold=replace(step.hold, amount=amount), origin="option")
    clamped = scaled if beyond_limits else _clamp(scaled, stayed)
    # A hold that was written shorter than its limit is not lengthened by a wish to shorten it.
    if clamped is not scaled and factor < 1 and holds.hold_seconds(clamped) > holds.hold_seconds(step):
        clamped = step
        stayed[step.pose.name] = f"{step.pose.name} ({format_duration(holds.hold_seconds(step))})"
    return clamped
