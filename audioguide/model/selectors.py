"""What written options reach in a routine that may have changed since: poses by name, and steps by number and pose.

In a preset a step is `7 bridge`, the seventh step, which is the bridge. When that is another pose now, nothing is
reached, and it can be told.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from audioguide.errors import RequestError, suggest
from audioguide.model.options import Options
from audioguide.model.routine import (
    BreatheStep,
    PoseStep,
    RestStep,
    Routine,
    Step,
)

MOST_DIGITS = 9
"""Of a step's number, and more than any has."""


def find_steps(steps: Sequence[Step], selector: str) -> set[int]:
    """The numbers of the steps that an id, a name or a number names; RequestError names the nearest."""
    if (number := step_number(selector)) is not None:
        if all(step.number != number for step in steps):
            raise RequestError(f"There is no step {number} in this routine. See its numbers with `audioguide show`.")
        return {number}
    wanted = slug(selector)
    found = {step.number for step, names in _named(steps) if wanted in names}
    if not found:
        known = {step.pose.id if step.pose.id and step.in_library else step.pose.name for step, _ in _named(steps)}
        raise RequestError(f"No pose of this routine is called {selector!r}. {suggest(selector, known)}".strip())
    return found


def step_number(selector: str) -> int | None:
    """The number, where a step is named by it; one of more digits than any step has is a name like others."""
    written = selector.strip()
    return int(written) if written.isdecimal() and len(written) <= MOST_DIGITS else None


def _named(steps: Sequence[Step]) -> Iterator[tuple[PoseStep, set[str]]]:
    for step in steps:
        if isinstance(step, PoseStep):
            yield step, {slug(step.pose.name), slug(step.pose.id or step.pose.name)}


def slug(text: str) -> str:
    """A name as an id would write it: small letters, hyphens, no apostrophes."""
    return re.sub(r"[\W_]+", "-", text.casefold().replace("'", "").replace("’", "")).strip("-")


_NUMBERED = re.compile(rf"\s*(\d{{1,{MOST_DIGITS}}})(?:\s+(\S.*?))?\s*")


@dataclass(frozen=True, slots=True)
class Applicable:
    """Options as far as a routine has what they name, as the command line names it; `missing` is what it does not have.

    `bare` are the steps that were named by their number alone, with what they are.
    """

    options: Options
    missing: tuple[str, ...]
    bare: dict[str, str] = field(default_factory=dict)


def applicable(options: Options, routine: Routine) -> Applicable:
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
            step = next((step for step in steps if meant is None or slug(meant) in map(slug, names_of(step))), None)
            found = number if step else None
            if step and meant is None:
                bare[number] = next(names_of(step))
        if found is None:
            missing[written] = None
        return found

    found = options.with_poses(lambda row, pose: selector(pose, PoseStep if row.kind == "by pose" else object))
    return Applicable(found, tuple(missing), bare)


def stable_selector(selector: str, routine: Routine) -> str:
    """A name that still means the same when the routine has changed: a number gets its pose, a name becomes an id."""
    steps = {step.number: step for step in routine.steps}
    found = {next(names_of(steps[number])) for number in find_steps(routine.steps, selector)}
    if (number := step_number(selector)) is not None:
        return f"{number} {found.pop()}"
    return found.pop() if len(found) == 1 else selector


def names_of(step: Step) -> Iterator[str]:
    """What a step is called: a pose by its id, if the library has it, and by its name; another by its kind."""
    match step:
        case PoseStep():
            if step.in_library and step.pose.id:
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
        return bool(find_steps(routine.steps, name))
    except RequestError:
        return False
