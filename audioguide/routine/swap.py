"""Puts other poses of the library in the places of some: `--swap bird-dog=dead-bug`."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace

from audioguide.errors import RequestError, RoutineError, blame, suggest
from audioguide.model import holds
from audioguide.model.options import Options
from audioguide.model.routine import BreathPattern, Pose, PoseStep, SayStep, Step
from audioguide.model.selectors import find_steps, select_sides, slug
from audioguide.routine.sources import read_pose
from audioguide.system.paths import pose_files

FindPose = Callable[[str], Pose]
MOST_SUGGESTED = 4  # poses with the same targets


def swap_poses(
    steps: Sequence[Step], options: Options, find_pose: FindPose
) -> tuple[list[Step], dict[int, str], tuple[str, ...]]:
    """The steps with the poses that are asked for, all at once, and the selector that each changed step was named by.

    With them come lines to show, of new poses that train something else, and of old ones that are still named.
    RequestError suggests poses with the same targets where there is no such pose.
    """
    changed, named = {step.number: step for step in steps}, dict[int, str]()
    exchanged: dict[int, tuple[Pose, Pose]] = {}
    for selector, wanted in options.swap:
        with blame("swap", selector):
            for number in find_steps(steps, selector):
                step = next(step for step in steps if step.number == number)
                if not isinstance(step, PoseStep):
                    raise RequestError(f"Step {number} is not a pose, so none can take its place.")
                if slug(wanted) in (step.in_library and step.pose.id, slug(step.pose.name)):
                    raise RequestError(f"{wanted} cannot take its own place.", _suggest_alike(step.pose))
                try:
                    pose = find_pose(slug(wanted))
                except RoutineError:
                    raise
                except RequestError as error:
                    hint = f"{suggest(slug(wanted), pose_files())} {_suggest_alike(step.pose)}"
                    raise RequestError(error.message, hint.strip()) from None
                changed[number] = _put(step, pose, options.breath)
                named[number], exchanged[number] = selector, (step.pose, pose)
    notes: dict[str, None] = {}
    for _, (old, new) in sorted(exchanged.items()):
        if not {*old.targets} & {*new.targets}:
            notes[f"{new.name} has other targets than {old.name}. {_suggest_alike(old)}".rstrip()] = None
        for say in changed.values():
            if isinstance(say, SayStep) and old.name.casefold() in say.text.casefold():
                notes[f"Step {say.number} still speaks of {old.name}."] = None
    return [*changed.values()], named, tuple(notes)


def _suggest_alike(pose: Pose) -> str:
    """A hint that names poses of the library with the same targets, the most alike first; "" where there are none."""
    found: dict[str, int] = {}
    for id in pose_files():
        with suppress(RequestError):  # a pose with mistakes is none
            found[id] = id != pose.id and len(set(pose.targets) & set(read_pose(id)[0].targets))
    alike = sorted(filter(found.get, found), key=lambda id: (-found[id], id))[:MOST_SUGGESTED]
    return f"The same targets have: {', '.join(alike)}." if alike else ""


def _put(step: PoseStep, pose: Pose, breath: BreathPattern | None) -> PoseStep:
    """The step with another pose. What is its own stays: rounds, rests, and its hold as far as the limits allow it.

    A moving pose in the place of a still one, or the other way round, is done once.
    """
    old = step.pose
    breath = breath or (pose.breath if pose.breath and step.breath == old.breath else step.breath)
    own = step.prompts[: len(step.prompts) - len(old.prompts)]
    if len(old.sides) == 1 < len(pose.sides):  # one side of several whose rounds come first
        with suppress(RequestError):
            pose = replace(pose, sides=select_sides(pose, old.sides))
    hold = holds.own_hold(pose)
    new = replace(
        step,
        pose=pose,
        hold=hold,
        origin="pose",
        rep_hold=hold.amount if pose.reps and pose.hold else None,
        rounds=step.rounds if old.is_moving == pose.is_moving else 1,  # four holds of 5 s are no four sets of 10
        breath=breath,
        settle=pose.settle if step.settle == old.settle else step.settle,
        prompts=(*own, *pose.prompts),
        in_library=True,
        hold_place=None,
    )
    kept = replace(new, hold=step.hold, origin=step.origin)
    still = not (old.is_moving or pose.is_moving) and (breath or step.hold.unit == "seconds")
    if still and (step.origin == "default" or (step.origin == "step" and holds.clamp(kept) is kept)):
        new = kept
    if breath is None and (pose.breath_words or new.hold.unit == "breaths"):
        raise RequestError(f"{pose.name!r} is done by the breath, and there is no breath pattern.", "Add --breath 4-6.")
    return new
