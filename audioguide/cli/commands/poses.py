"""`audioguide poses`: the pose library, and how one of its poses sounds."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any, get_args

import click

from audioguide.cli.console import MessagePrinter, json_option, print_json, print_notes, print_table
from audioguide.cli.flags import output_option
from audioguide.cli.sessions import play_or_export, read_settings
from audioguide.errors import RequestError, suggest
from audioguide.model.holds import describe_dose
from audioguide.model.options import Options
from audioguide.model.routine import LEVELS, Length, Load, PoseStep, Position
from audioguide.routine.load import find_pose, read_library, uses_pose
from audioguide.routine.sources import read_pose
from audioguide.session.open import build_session
from audioguide.session.preset import resolve_data
from audioguide.system import paths
from audioguide.units import format_duration

PREVIEW_SECONDS = 8.0  # the hold of a preview


@click.group("poses", invoke_without_command=True)
@json_option
@click.option("--target", metavar="TARGET", help='Only poses for this part of the body: hips, "lower back".')
@click.option("--position", type=click.Choice(get_args(Position)), help="Only poses in this position.")
@click.option("--without", multiple=True, type=click.Choice(get_args(Load)), help="Only poses that spare these.")
@click.pass_context
def poses_command(
    context: click.Context, as_json: bool, target: str | None, position: str | None, without: tuple[str, ...]
) -> None:
    """List the poses of the library, shipped and your own: id, position, dose, and what they are good for.

    `audioguide show POSE` shows one, `audioguide poses preview POSE` plays it.
    """
    if context.invoked_subcommand:
        return
    library, problems = read_library()
    targets = sorted({one for step in library for one in step.pose.targets}, key=str.casefold)
    if target is not None and target.casefold() not in map(str.casefold, targets):
        hint = suggest(target, targets) or f"There are {', '.join(targets)}."
        raise RequestError(f"No pose has the target {target!r}.", hint)
    found = [
        step
        for step in library
        if (target is None or target.casefold() in map(str.casefold, step.pose.targets))
        and position in (None, step.pose.position)
        and not {*without} & {*step.pose.loads}
    ]
    if as_json:
        print_json([_pose_to_json(step) for step in found])
    elif found:
        print_table(map(_to_row, found))
    else:
        click.echo("No pose fits. Ask for less.", err=True)
    print_notes(f"Left out, since it cannot be used: {problem}" for problem in problems)


def _to_row(step: PoseStep) -> tuple[str, ...]:
    id, pose = str(step.pose.id), step.pose
    name = "" if pose.name.casefold().replace("'", "").replace(" ", "-") == id else f"{pose.name}: "
    own = " (your own)" * paths.is_user_file(paths.pose_files()[id])
    return id, pose.position or "", describe_dose(step), name + ", ".join(pose.targets) + own


def _pose_to_json(step: PoseStep) -> dict[str, Any]:
    """A pose as its file writes it, with its dose and its file; what a pose may be looked for by is always there."""
    document, pose = read_pose(str(step.pose.id))[1], step.pose
    facts: dict[str, Any] = {"id": pose.id, "name": pose.name, "position": None, "dose": describe_dose(step)}
    return {**facts, "sides": [], "targets": [], "loads": [], **document.data, "file": document.file}


def show_pose(name: str, routines: Iterable[str], as_json: bool, *, has_options: bool) -> None:
    """Print the pose of a name that no routine has. RequestError where there is none, or an option is given."""
    if (step := find_pose(name)) is None:
        hint = suggest(name, {*routines, *paths.pose_files()}) or "See `audioguide list` and `audioguide poses`."
        raise RequestError(f"There is no routine {name!r}.", hint)
    if has_options:
        raise RequestError(f"{name} is a pose, not a routine, so no option changes it.", "Leave the options out.")
    if as_json:
        print_json(_pose_to_json(step))
    else:
        _print_pose(step)


def _print_pose(step: PoseStep) -> None:
    """Print what is known of a pose, on one screen where its texts are no longer than those of the library."""
    pose, written = step.pose, read_pose(str(step.pose.id))[1].data
    sides = f": {', '.join(pose.sides)}" if pose.sides else ""
    limits = f"; {format_duration(pose.limits.shortest)}..{format_duration(pose.limits.longest)}"
    breath = f"; breath {pose.breath}" if pose.breath else ""
    loads = f"; loads {', '.join(pose.loads)}" if pose.loads else ""
    rows = {"dose": describe_dose(step) + sides + limits * (not pose.is_moving) + breath}
    rows["targets"] = ", ".join(pose.targets) + loads
    told = ""
    for level in LEVELS:
        text = pose.instructions.for_level(level) or ""
        rows[level] = "" if text == told else text.replace(told, "…", 1) if told else text  # full goes on from normal
        told = text
    rows["caution"] = (pose.caution and pose.caution.for_level("full")) or ""
    rows |= {"release": pose.release or "", "source": str(written.get("source", "")).partition(". ")[0]}
    rows["routines"] = ", ".join(id for id, path in paths.routine_files().items() if uses_pose(path, str(pose.id)))
    click.echo(", ".join(filter(None, (pose.name, written.get("sanskrit"), pose.position))))
    print_table((name, text) for name, text in rows.items() if text)


@poses_command.command("preview")
@click.argument("pose")
@output_option
def preview_pose(pose: str, output: str | None) -> None:
    """Play a POSE, by id or name: what is said at your level, and a short hold."""
    if (step := find_pose(pose)) is None:
        raise RequestError(
            f"There is no pose {pose!r}.", suggest(pose, paths.pose_files()) or "See `audioguide poses`."
        )
    written: dict[str, Any] = {"pose": step.pose.id, "breath": str(step.breath), "settle": 2}
    short = Options(hold=Length(min(PREVIEW_SECONDS, step.pose.limits.longest)), beyond_limits=True)
    settings = replace(read_settings().options.with_poses(lambda row, name: None), length=None, scale=None)
    resolved = resolve_data({"title": step.pose.name, "steps": [written]}, short.over(settings))
    play_or_export(build_session(resolved, MessagePrinter().tell), output)
