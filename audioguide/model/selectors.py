"""Finds the steps that options name: poses by name, steps by number.

In a preset a step is `7 bridge`: the seventh step, if that is still the bridge; otherwise the option is missing.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from audioguide.errors import RequestError, suggest
from audioguide.model.options import Option, Options
from audioguide.model.routine import BreatheStep, Pose, PoseStep, Routine, Step

MOST_DIGITS = 9  # most digits of a step's number


def find_steps(steps: Sequence[Step], selector: str) -> set[int]:
    """The numbers of the steps with an id, a name or a number. RequestError suggests a name where there are none."""
    if (number := step_number(selector)) is not None:
        if all(step.number != number for step in steps):
            raise RequestError(f"There is no step {number} in this routine.", "See `audioguide show --all`.")
        return {number}
    wanted = slug(selector)
    poses = [step for step in steps if isinstance(step, PoseStep)]
    found = {step.number for step in poses if wanted in map(slug, (*names_of(step), step.pose.id or step.pose.name))}
    if not found:
        known = {next(names_of(step)) for step in poses}
        raise RequestError(f"No pose of this routine is called {selector!r}. {suggest(selector, known)}".strip())
    return found


def pose_names(steps: Iterable[Step]) -> dict[str, str]:
    """The names of all poses, each once and in order, by their ids; by their names where they have none."""
    return {next(names_of(step)): step.pose.name for step in steps if isinstance(step, PoseStep)}


def step_number(selector: str) -> int | None:
    """The step number that a selector is, or None where it is a name."""
    written = selector.strip()
    return int(written) if written.isdecimal() and len(written) <= MOST_DIGITS else None


def slug(text: str) -> str:
    """A name in the form of an id: lower case, hyphens, no apostrophes."""
    return re.sub(r"[\W_]+", "-", text.casefold().replace("'", "").replace("’", "")).strip("-")


def select_sides(pose: Pose, names: Iterable[str]) -> tuple[str, ...]:
    """The sides of a pose that are named, as often and in the order as they are: `left` is `left leg`.

    A name is a side, else what one begins with, else a word in one. RequestError names the sides where that is none, or
    several.
    """
    return tuple(_find_side(pose, name) for name in names)


def _find_side(pose: Pose, name: str) -> str:
    wanted, sides = slug(name), {side: slug(side) for side in pose.sides}
    written = {
        side: slug(text) for side, text in zip(pose.all_sides, pose.original_sides, strict=False) if side in sides
    }
    matches = (wanted.__eq__, lambda side: side.startswith(f"{wanted}-"), lambda side: f"-{wanted}-" in f"-{side}-")
    ways = ([side for side, text in names.items() if match(text)] for names in (sides, written) for match in matches)
    found = next(filter(None, ways), [])
    if len(found) == 1:
        return found[0]
    if not sides:
        raise RequestError(f"{pose.name!r} has no sides.", "Leave them out here.")
    reason = "may be several sides" if found else "is no side"
    raise RequestError(f"{name!r} {reason} of {pose.name!r}.", f"Its sides are: {', '.join(sides)}.")


_NUMBERED = re.compile(rf"\s*(\d{{1,{MOST_DIGITS}}})(?:\s+(\S.*?))?\s*")


class Applicable(NamedTuple):
    """The options that apply to a routine, with steps as the command line names them; `missing` names the others.

    `bare` has the names of steps that were given by their number alone.
    """

    options: Options
    missing: tuple[str, ...]
    bare: dict[str, str]


def applicable(options: Options, routine: Routine, above: Options | None = None) -> Applicable:
    """The part of saved options that applies to a routine, with the poses that these or those above them swap in."""
    added = {slug(pose) for _, pose in (*options.swap, *(above.swap if above else ()))}
    missing: dict[str, None] = {}
    bare: dict[str, str] = {}

    def find(row: Option, written: str) -> str | None:
        numbered = _NUMBERED.fullmatch(written)
        if numbered is None or (numbered[2] and _has_pose(routine, written)):  # a name may begin with a number
            found = written if slug(written) in added or _has_pose(routine, written) else None
        else:
            number, meant = numbered.groups()
            kinds = PoseStep | BreatheStep if row.name == "rounds" else PoseStep if row.kind == "by pose" else object
            steps = (step for step in routine.steps if step.number == int(number) and isinstance(step, kinds))
            step = next((step for step in steps if meant is None or slug(meant) in map(slug, names_of(step))), None)
            found = number if step else None
            if step and meant is None:
                bare[number] = next(names_of(step))
        if found is None:
            missing[written] = None
        return found

    return Applicable(options.with_poses(find), tuple(missing), bare)


def stable_selector(selector: str, routine: Routine) -> str:
    """A selector for saved options, safe against edits of the routine: a number gets its pose, a name becomes an id.

    A pose that is only swapped in stays as it is named.
    """
    if step_number(selector) is None and not _has_pose(routine, selector):
        return selector
    numbers = find_steps(routine.steps, selector)
    found = {next(names_of(step)) for step in routine.steps if step.number in numbers}
    if (number := step_number(selector)) is not None:
        return f"{number} {found.pop()}"
    return found.pop() if len(found) == 1 else selector


def names_of(step: Step) -> Iterator[str]:
    """The names of a step: a pose's id, if it is in the library, and its names; the kind of any other step."""
    if isinstance(step, PoseStep) and step.in_library and step.pose.id:
        yield step.pose.id
    if isinstance(step, PoseStep) and step.pose.original_name:
        yield step.pose.original_name
    yield step.pose.name if isinstance(step, PoseStep) else step.kind


def _has_pose(routine: Routine, name: str) -> bool:
    try:
        return bool(find_steps(routine.steps, name))
    except RequestError:
        return False
