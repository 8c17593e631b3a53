"""Composes a routine from the pose library for what a person wishes, or names the nearest wishes that work. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from audioguide.errors import RequestError
from audioguide.model.routine import PoseStep
from audioguide.routine.lead_over import LeadOvers, find_lead_overs
from audioguide.routine.load import read_library
from audioguide.routine.pose_search import PoseChoice, PoseChooser
from audioguide.routine.wishes import HOME, SHORTEST, Wishes, write_command
from audioguide.schema.yaml_writer import to_yaml
from audioguide.units import format_clock, to_frames

COMPOSED = "# Composed by audioguide"  # so begins a file that was not written by hand
SPARE = 1.2  # holds make a session of all that there is so much longer


class ImpossibleWishes(RequestError):
    """Wishes that no session can have; `nearest` are those that one can, if any were found."""

    def __init__(self, message: str, nearest: Wishes | None) -> None:
        self.nearest = nearest
        super().__init__(message, f"Try: {write_command(nearest)}" if nearest else "Ask for less.")


@dataclass(frozen=True)
class ComposedRoutine:
    """A routine as plain data, with a reason for each of its steps, and what its faults cost."""

    data: dict[str, Any]
    reasons: tuple[str, ...]
    cost: float
    command: str

    def to_yaml(self) -> str:
        """The text of its file; comments say why each step is there."""
        rows = [f"{COMPOSED}: {self.command}\n", to_yaml(self.data | {"steps": []}).replace("steps: []", "steps:")]
        for step, reason in zip(self.data["steps"], self.reasons, strict=True):
            rows.append(f"  # {reason}\n{to_yaml({'steps': [step]}).removeprefix('steps:').lstrip(chr(10))}")
        return "".join(rows)


def compose_routine(
    library: Sequence[PoseStep], wishes: Wishes, words: LeadOvers, recent: Collection[str] = ()
) -> ComposedRoutine:
    """The routine for some wishes; `recent` are the ids of the poses that were done yesterday.

    ImpossibleWishes has the nearest that are possible. RequestError for a pose or a word that is not known.
    """
    if problem := find_problem(library, wishes):
        raise ImpossibleWishes(problem, _find_nearest(library, wishes))
    chooser = PoseChooser(library, wishes, recent)
    cost, poses = chooser.choose()
    steps, reasons = zip(*_list_steps(chooser, poses, words), strict=True)
    data = {
        "title": words.title(wishes.targets, wishes.length),
        "description": words.description(wishes.targets, wishes.occasion),
        "tags": ["composed", *filter(None, [wishes.occasion])],
        "language": wishes.language,
        "defaults": {"breath": "4-6", "level": chooser.level, "length": _clock(wishes.length)},
        "steps": list(steps),
    }
    return ComposedRoutine(data, reasons, cost, write_command(wishes))


def compose_from_library(wishes: Wishes, recent: Collection[str] = ()) -> ComposedRoutine:
    """As `compose_routine`, from the poses and with the words that there are in the language."""
    return compose_routine(read_library(wishes.language)[0], wishes, find_lead_overs(wishes.language), recent)


def _list_steps(
    chooser: PoseChooser, poses: Sequence[PoseChoice], words: LeadOvers
) -> Iterator[tuple[dict[str, Any], str]]:
    """The steps, each with its reason."""
    occasion, turn, before, rounds = chooser.wishes.occasion, chooser.wishes.seed, poses[0].place, chooser.breaths
    needed = tuple(dict.fromkeys(thing for one in poses for thing in one.step.pose.equipment))
    breathe = {"breathe": {"pattern": "4-6", "rounds": rounds}}
    yield {"say": words.opening(occasion, before, needed, turn)}, f"The opening: it begins {_POSTURE[before]}."
    if rounds:
        yield {"say": words.settle(turn)}, "Arriving, before anything moves."
        yield breathe, f"{rounds} slow breaths."
    for number, one in enumerate(poses):
        if one.place != before:
            change = words.change(before, one.place, turn + number)
            yield {"say": change}, f"From {_POSTURE[before]} to {_POSTURE[one.place]}."
        before = one.place
        yield one.written, _explain(chooser, one, poses[:number])
    if chooser.ends_quietly and poses[-1].kind != "rest":
        yield {"say": words.rest(before, turn)}, "A quiet end."
        yield breathe, f"{rounds} slow breaths."
    yield {"say": words.closing(occasion, before, turn)}, "The closing."


_POSTURE = {
    "standing": "standing",
    "chair": "on the chair",
    "seated": "sitting",
    "all-fours": "on hands and knees",
    "kneeling": "kneeling",
    "prone": "on the front",
    "side": "on the side",
    "supine": "on the back",
}


def _explain(chooser: PoseChooser, one: PoseChoice, before: Sequence[PoseChoice]) -> str:
    """Why a pose is in the session, and why here."""
    pose = one.step.pose
    own = [target for target in chooser.wanted if target in pose.targets]
    why = [f"for {', '.join(own)}"] if own else [f"it helps {', '.join(one.helps)}"] if one.helps else []
    if one.kind == "loosen" and all(other.kind != "loosen" for other in before):
        why.append("it moves, before anything is held or lifted")
    if one.bend == "forward" and before and before[-1].bend == "back":
        why.append(f"it bends forwards after {before[-1].step.pose.name}, which bends backwards")
    why += ["it is rest"] if one.kind == "rest" else []
    why += ["you asked for it"] if pose.id in chooser.pinned else []
    return f"{pose.name}: {'; '.join(why) or 'a change from the others'}."


def find_problem(library: Sequence[PoseStep], wishes: Wishes) -> str | None:
    """Why no session can have these wishes; None where one can. RequestError for an unknown word."""
    chooser = PoseChooser(library, wishes)
    poses = chooser.choices
    if missing := chooser.pinned - {str(one.step.pose.id) for one in poses}:
        return f"{min(missing)} is to be in the session, and your other wishes leave it out."
    for target in chooser.wanted if "whole body" not in wishes.targets else ():
        if not any(one.helps.get(target) == 1 for one in poses):
            return f"Your other wishes leave no pose for {target}."
    useful = [one for one in poses if one.helps]
    if not useful:
        return "Your wishes leave no pose."
    longest = _longest(chooser)
    if longest < wishes.length:
        return f"What your other wishes leave takes {_clock(longest)} at most, not {_clock(wishes.length)}."
    pinned = [one for one in poses if one.step.pose.id in chooser.pinned]
    shortest = chooser.seconds(pinned or [min(useful, key=lambda one: one.seconds)])
    if shortest > wishes.length:
        return f"What you wish takes {_clock(shortest)} at least, not {_clock(wishes.length)}."
    return None


def _longest(chooser: PoseChooser) -> float:
    """Seconds of a session of all that there is, of which half at least is for what is wished."""
    poses = chooser.choices
    return SPARE * min(chooser.seconds(poses), 2 * sum(one.seconds for one in poses if one.helps))


def _clock(seconds: float) -> str:
    return format_clock(to_frames(seconds))


def _find_nearest(library: Sequence[PoseStep], wishes: Wishes) -> Wishes | None:
    """The wishes with one change that are possible, else with two, else without what is left out or to be in."""
    once = list(_change_one(library, wishes))
    free = replace(wishes, without=(), pinned=(), equipment=HOME, occasion=None)
    near = (*once, *(two for one in once for two in _change_one(library, one)), free, Wishes(language=wishes.language))
    return next((one for one in near if not find_problem(library, one)), None)


def _change_one(library: Sequence[PoseStep], wishes: Wishes) -> Iterator[Wishes]:
    """Wishes with one change, those first that change least."""
    most = _longest(PoseChooser(library, wishes)) // 30 * 30
    lengths = [most] if SHORTEST <= most < wishes.length else [wishes.length + 60, wishes.length + 180]
    yield from (replace(wishes, length=length) for length in lengths if length > wishes.length / 2)
    things = dict.fromkeys(thing for one in library for thing in one.pose.equipment if thing not in wishes.equipment)
    yield from (replace(wishes, equipment=(*wishes.equipment, thing)) for thing in things)
    yield replace(wishes, demand="medium")
    yield from (replace(wishes, without=_leave_out(wishes.without, gone)) for gone in wishes.without)
    yield from (replace(wishes, pinned=_leave_out(wishes.pinned, gone)) for gone in wishes.pinned)
    if len(wishes.targets) > 1:
        yield from (replace(wishes, targets=_leave_out(wishes.targets, gone)) for gone in wishes.targets)
    yield replace(wishes, occasion=None)
    yield from (replace(wishes, length=length) for length in lengths if length >= SHORTEST)


def _leave_out(names: tuple[str, ...], gone: str) -> tuple[str, ...]:
    return tuple(name for name in names if name != gone)
