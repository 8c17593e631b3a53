"""What written options reach in a routine that may have changed since: poses by name, and steps by number and pose.

In a preset a step is `7 bridge`, the seventh step, which is the bridge. When that is another pose now, nothing is
reached, and it can be told.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from audioguide.errors import RequestError
from audioguide.routine.customise import MOST_DIGITS, Options, number_in, slug, steps_named
from audioguide.routine.model import BreatheStep, PoseStep, RestStep, Routine, Step

_NUMBERED = re.compile(rf"\s*(\d{{1,{MOST_DIGITS}}})(?:\s+(\S.*?))?\s*")


@dataclass(frozen=True, slots=True)
class Fitting:
    """Options as far as a routine has what they name, as the command line names it; `missing` is what it does not have.

    `bare` are the steps that were named by their number alone, with what they are.
    """

    options: Options
    missing: tuple[str, ...]
    bare: dict[str, str] = field(default_factory=dict)


def fitting(options: Options, routine: Routine) -> Fitting:
    """The part of written options that a routine can follow."""
    missing: dict[str, None] = {}
    bare: dict[str, str] = {}

    def selector(written: str, kind: type[object]) -> str | None:
        numbered = _NUMBERED.fullmatch(written)
        if numbered is None or (numbered[2] and _has_pose(routine, written)):  # a name may begin with a number
            found = written if _has_pose(routine, written) else None
        else:
            number, meant = numbered.groups()
            steps = (step for step in routine.steps if step.number == int(number) and isinstance(step, kind))
            step = next((step for step in steps if meant is None or slug(meant) in map(slug, labels(step))), None)
            found = number if step else None
            if step and meant is None:
                bare[number] = next(labels(step))
        if found is None:
            missing[written] = None
        return found

    held = [(selector(pose, PoseStep), length) for pose, length in options.holds]
    skipped = [selector(pose, object) for pose in options.skip]
    holds = tuple((pose, length) for pose, length in held if pose is not None)
    skip = tuple(pose for pose in skipped if pose is not None)
    return Fitting(replace(options, holds=holds, skip=skip), tuple(missing), bare)


def lasting(selector: str, routine: Routine) -> str:
    """A name that still means the same when the routine has changed: a number gets its pose, a name becomes an id."""
    steps = {step.number: step for step in routine.steps}
    found = {next(labels(steps[number])) for number in steps_named(routine.steps, selector)}
    if (number := number_in(selector)) is not None:
        return f"{number} {found.pop()}"
    return found.pop() if len(found) == 1 else selector


def labels(step: Step) -> Iterator[str]:
    """What a step is called: a pose by its id, if the library has it, and by its name; another by its kind."""
    match step:
        case PoseStep():
            if step.listed and step.pose.id:
                yield step.pose.id
            yield step.pose.name
        case BreatheStep():
            yield "breathe"
        case RestStep():
            yield "rest"
        case _:
            yield "say"


def _has_pose(routine: Routine, name: str) -> bool:
    try:
        return bool(steps_named(routine.steps, name))
    except RequestError:
        return False
