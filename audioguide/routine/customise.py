"""A listener's options on a routine: Routine in, Routine out. Nothing after this knows that there are options.

The order: `--hold POSE=…` over `--hold` over the step over the routine's defaults over the pose; then `--scale`. The
last one, `--length`, needs to know how long the speech is: see `timeline.fit`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from audioguide.errors import RequestError, RoutineError, blame
from audioguide.model import holds
from audioguide.model.options import SILENT, Options
from audioguide.model.routine import (
    LEVELS,
    SHORTEST_HOLD,
    BackgroundSpec,
    BreatheStep,
    BreathPattern,
    Length,
    Origin,
    PoseStep,
    Routine,
    Step,
)
from audioguide.model.selectors import find_steps
from audioguide.units import format_duration


@dataclass(frozen=True, slots=True)
class Customised:
    """The routine with its options applied; `stayed` are the poses (with their hold) that could not go along, and
    `notes` what else a listener should be told, a line each.
    """

    routine: Routine
    stayed: dict[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def customise(routine: Routine, options: Options) -> Customised:
    """Apply the options. RequestError: a pose that is not there, a hold over its limit, nothing left to do."""
    steps = [_settings(step, options) for step in routine.steps]
    pinned: dict[int, str] = {}  # what a step was named by, the last time that it was given a hold of its own
    for selector, length in options.holds:
        with blame("holds", selector):
            chosen = find_steps(steps, selector)
            pinned |= dict.fromkeys(chosen, selector)
            steps = [_pin(step, length) if step.number in chosen else step for step in steps]
    skipped: set[int] = set()
    for selector in options.skip:
        with blame("skip", selector):
            skipped |= find_steps(steps, selector)
    steps = [step for step in steps if step.number not in skipped and _is_at_level(step)]
    if not steps:
        raise RequestError("With these options nothing is left of the routine.", "Skip less of it.", ("skip", None))

    stayed: dict[str, str] = {}
    unpaced = [step.pose.name for step in _poses(steps) if _unpaced(step, options)]
    if not options.beyond_limits:
        problems = []
        for step in _poses(steps):
            if problem := holds.limit_problem(step):
                if step.number in pinned:
                    raise RequestError(problem.message, problem.hint, ("holds", pinned[step.number]))
                problems.append(problem)
        if problems:
            raise RoutineError(problems)
        steps = [_bound(step, stayed) for step in steps]
    if options.scale is not None and options.scale != 1:
        steps = [_scaled(step, options.scale, options.beyond_limits, stayed) for step in steps]
    if problem := holds.too_long(steps):
        raise RoutineError([problem])
    notes: tuple[str, ...] = ()
    if unpaced:
        notes = (f"Without a breath pattern, so not held for {options.hold}: {', '.join(dict.fromkeys(unpaced))}.",)
    return Customised(replace(routine, steps=tuple(steps), voice=options.voice or routine.voice), stayed, notes)


def _settings(step: Step, options: Options) -> Step:
    if options.background:
        step = replace(step, background=_with_background(step.background, options.background))
    if options.chime and isinstance(step, PoseStep | BreatheStep):
        step = replace(step, chime=None if options.chime == "none" else options.chime)
    if isinstance(step, PoseStep):
        step = replace(step, level=options.level or step.level)
        if options.breath:
            step = _breathed(step, options.breath)
        if options.hold:
            step = _held(step, options.hold, "option")
    return step


def _with_background(spec: BackgroundSpec | None, name: str) -> BackgroundSpec | None:
    if name == SILENT:
        return None
    return replace(spec, name=name) if spec else BackgroundSpec(name)


def _breathed(step: PoseStep, breath: BreathPattern) -> PoseStep:
    """The step in another breath. A hold that is written in breaths has another length then, which nobody meant."""
    meant = step.hold.unit == "seconds" or holds.limit_problem(step)
    return replace(step, breath=breath, origin=step.origin if meant else "option")


def _unpaced(step: PoseStep, options: Options) -> bool:
    """Whether a hold in breaths was asked of it and it has no breath to count."""
    in_breaths = options.hold is not None and options.hold.unit == "breaths"
    return in_breaths and step.breath is None and step.origin != "pinned"


def _held(step: PoseStep, length: Length, origin: Origin) -> PoseStep:
    if length.unit == "breaths" and step.breath is None:
        if origin == "option":
            return step
        hint = "Give it in seconds."
        raise RequestError(f"{step.pose.name!r} has no breath pattern, so it cannot be held for {length}. {hint}")
    return replace(step, hold=length, origin=origin)


def _pin(step: Step, length: Length) -> Step:
    if not isinstance(step, PoseStep):
        raise RequestError(f"Step {step.number} is not a pose, so it has no hold. See `audioguide show`.")
    return _held(step, length, "pinned")


def _is_at_level(step: Step) -> bool:
    if not isinstance(step, PoseStep) or step.optional is None:
        return True
    return LEVELS.index(step.level) >= LEVELS.index(step.optional)


def _poses(steps: Sequence[Step]) -> list[PoseStep]:
    return [step for step in steps if isinstance(step, PoseStep)]


def _bound(step: Step, stayed: dict[str, str]) -> Step:
    """Keep what was set for the whole session within the limits of each pose."""
    if not isinstance(step, PoseStep) or step.origin not in ("default", "option"):
        return step
    bound = holds.clamp(step)
    if bound is not step:
        stayed[step.pose.name] = f"{step.pose.name} ({format_duration(holds.hold_seconds(bound))})"
    return bound


def _scaled(step: Step, factor: float, beyond: bool, stayed: dict[str, str]) -> Step:
    if not isinstance(step, PoseStep) or step.origin == "pinned":
        return step
    amount = step.hold.amount * factor
    amount = holds.whole_cycles(amount) if step.hold.unit == "breaths" else max(amount, SHORTEST_HOLD)
    scaled = replace(step, hold=replace(step.hold, amount=amount), origin="option")
    if beyond:
        return scaled
    bound = holds.clamp(scaled)
    if bound is scaled:
        return scaled
    # A hold that was written shorter than its limit is not lengthened by a wish to shorten it.
    if factor < 1 and holds.hold_seconds(bound) > holds.hold_seconds(step):
        bound = step
    stayed[step.pose.name] = f"{step.pose.name} ({format_duration(holds.hold_seconds(bound))})"
    return bound
