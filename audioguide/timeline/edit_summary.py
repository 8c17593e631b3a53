"""What a listener has changed, as it can be kept: the options of a preset, where they have a place for it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

from audioguide.model import holds
from audioguide.model.routine import BreatheStep, Length, PoseStep, Routine
from audioguide.model.selectors import find_steps
from audioguide.timeline.edit_hold import HoldRange
from audioguide.timeline.edits import HoldEdits
from audioguide.units import format_duration


@dataclass(frozen=True, slots=True)
class EditedHold:
    """A step that was changed, with the length that it had and the last one that it was given.

    `name` is the pose's, or says what it is; `rest` tells the rests between the rounds of a pose from its holds.
    """

    step: int
    pose: str | None
    name: str
    before: Length
    after: Length
    rest: bool = False

    def __str__(self) -> str:
        """`Child's pose: 30s → 35s`."""
        return f"{self.name}: {self.before} → {self.after}"


def summarize_edits(routine: Routine, changes: HoldEdits) -> tuple[EditedHold, ...]:
    """What changes come to, in the order of the steps: one for each, its last."""
    last: dict[tuple[int, Literal["hold", "rest"]], Length] = {}
    for spot, change in changes.items():
        last[spot.step, spot.kind] = change.length
    steps = {step.number: step for step in routine.steps}
    every = (_changed(HoldRange(steps[number], kind), after) for (number, kind), after in last.items())
    return tuple(sorted((one for one in every if one.before != one.after), key=lambda one: (one.step, one.rest)))


def _changed(extent: HoldRange, after: Length) -> EditedHold:
    step, rest = extent.step, extent.kind == "rest"
    before = extent.length(extent.written)
    match step:
        case PoseStep():
            name = f"Rest between rounds of {step.pose.name}" if rest else step.pose.name
            return EditedHold(step.number, step.pose.id if step.in_library else None, name, before, after, rest)
        case BreatheStep():
            return EditedHold(step.number, None, f"Breathing {step.pattern}", before, after)
    return EditedHold(step.number, None, "Rest", before, after, rest)


@dataclass(frozen=True, slots=True)
class SavedEdits:
    """Holds as `Options.holds` has them, and a line for each change that cannot be kept, or only in part."""

    holds: tuple[tuple[str, Length], ...]
    notes: tuple[str, ...]


def to_options(every: Iterable[EditedHold], routine: Routine, *, beyond_limits: bool = False) -> SavedEdits:
    """Changes as options of the routine: of a pose by its name, or by the number of its step where it occurs again.

    A hold beyond the limits of its pose is kept at the limit, unless that was allowed.
    """
    kept: list[tuple[str, Length]] = []
    notes: list[str] = []
    steps = {step.number: step for step in routine.steps}
    for one in every:
        step = steps.get(one.step)
        if not isinstance(step, PoseStep) or one.rest:
            notes.append(f"{one} is not kept: only the holds of poses can be.")
            continue
        held = replace(step, hold=one.after)
        bound = held if beyond_limits or held.hold.amount <= step.hold.amount else holds.clamp(held)
        if bound is not held:
            notes.append(f"{one.name} is kept at its limit of {format_duration(holds.hold_seconds(bound))}.")
        kept.append((_selector(step, routine), bound.hold))
    return SavedEdits(tuple(kept), tuple(notes))


def _selector(step: PoseStep, routine: Routine) -> str:
    """What names this step, and no other."""
    name = step.pose.id if step.in_library and step.pose.id else step.pose.name
    return name if find_steps(routine.steps, name) == {step.number} else str(step.number)
