"""`audioguide poses`: the pose library, and how one of its poses sounds."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

import click

from audioguide.cli.console import MessagePrinter, json_option, print_json, print_notes, print_table
from audioguide.cli.flags import output_option
from audioguide.cli.sessions import play_or_export, read_settings
from audioguide.errors import RequestError, suggest
from audioguide.model.holds import describe_dose
from audioguide.model.options import Options
from audioguide.model.routine import LEVELS, TARGETS, Equipment, Length, Load, PoseStep, Position
from audioguide.model.selectors import slug
from audioguide.routine.load import find_pose, read_library, uses_pose
from audioguide.routine.sources import read_pose
from audioguide.session.open import build_session
from audioguide.session.preset import resolve_data
from audioguide.system import paths
from audioguide.system.files import write_bytes

PREVIEW_SECONDS = 8.0  # the hold of a preview


def _choose_language(given: str | None) -> str:
    """The language that is asked for, or that of the settings; RequestError where there is none of that name."""
    return paths.prompts_file(given or read_settings().options.language or "en").stem


language_option = click.option(
    "--language", callback=lambda *option: _choose_language(option[-1]), help="Names and words in this language: de."
)


@click.group("poses", invoke_without_command=True)
@json_option
@click.option("--target", metavar="TARGET", help='Only poses for this part of the body: hips, "lower back".')
@click.option("--position", type=click.Choice(get_args(Position)), help="Only poses in this position.")
@click.option("--equipment", type=click.Choice(("none", *get_args(Equipment))), help="Only poses that need this.")
@language_option
@click.option("--without", multiple=True, type=click.Choice(get_args(Load)), help="Only poses that spare these.")
@click.pass_context
def poses_command(
    context: click.Context,
    as_json: bool,
    target: str | None,
    position: str | None,
    equipment: str | None,
    language: str,
    without: tuple[str, ...],
) -> None:
    """List the poses of the library, shipped and your own: id, position, dose, and what they are good for.

    `audioguide show POSE` shows one, `audioguide poses preview POSE` plays it.
    """
    if context.invoked_subcommand:
        return
    library, problems = read_library(language)
    targets = sorted({*TARGETS, *(one.casefold() for step in library for one in step.pose.targets)})
    if target is not None and target.casefold() not in targets:
        hint = suggest(target, targets) or f"There are {', '.join(targets)}."
        raise RequestError(f"No pose has the target {target!r}.", hint)
    found = [
        step
        for step in library
        if (target is None or target.casefold() in map(str.casefold, step.pose.targets))
        and position in (None, step.pose.position)
        and (equipment is None or equipment in (step.pose.equipment or ("none",)))
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
    name = "" if slug(pose.name) == id else f"{pose.name}: "
    own = " (your own)" * paths.is_user_file(paths.pose_file(id) or Path())
    return id, pose.position or "", describe_dose(step), name + ", ".join(pose.targets) + own


def _pose_to_json(step: PoseStep) -> dict[str, Any]:
    """A pose as its file writes it, with its dose and its file; what a pose may be looked for by is always there."""
    document, pose = read_pose(str(step.pose.id), step.pose.language or "")[1], step.pose
    facts: dict[str, Any] = {"id": pose.id, "name": pose.name, "position": None, "dose": describe_dose(step)}
    return {**facts, "sides": [], "targets": [], "equipment": [], "loads": [], **document.data, "file": document.file}


def show_pose(name: str, routines: Iterable[str], as_json: bool, options: Options, *, has_flags: bool) -> None:
    """Print the pose of a name that no routine has, on one screen where its texts are no longer than the library's.

    RequestError where there is none, or where options are given that change nothing in it.
    """
    if (step := find_pose(name, _choose_language(options.language))) is None:
        hint = suggest(name, {*routines, *paths.pose_files()}) or "See `audioguide list` and `audioguide poses`."
        raise RequestError(f"There is no routine {name!r}.", hint)
    if has_flags or replace(options, language=None) != Options():
        raise RequestError(f"{name} is a pose, not a routine, so no option changes it.", "Leave the options out.")
    pose, facts = step.pose, _pose_to_json(step)
    if as_json:
        print_json(facts)
        return
    dose = ": ".join(filter(None, (facts["dose"], ", ".join(pose.sides))))
    parts = (dose, facts.get("limits"), pose.breath and f"breath {pose.breath}")
    rows = {"dose": "; ".join(str(part) for part in parts if part), "targets": ", ".join(pose.targets)}
    rows["targets"] += f"; loads {', '.join(pose.loads)}" if pose.loads else ""
    rows["needs"] = ", ".join(pose.equipment)
    texts = [pose.instructions.for_level(level) or "" for level in LEVELS]
    for level, text, told in zip(LEVELS, texts, ("", *texts), strict=False):
        rows[level] = text.replace(told or "\0", "…", 1)  # the full text goes on from the normal one
    rows |= {"caution": (pose.caution and pose.caution.for_level("full")) or "", "release": pose.release or ""}
    rows["source"] = str(facts.get("source", "")).partition(": ")[0]
    rows["routines"] = ", ".join(id for id, path in paths.routine_files().items() if uses_pose(path, str(pose.id)))
    click.echo(", ".join(filter(None, (pose.name, facts.get("sanskrit"), pose.position))))
    print_table((name, text) for name, text in rows.items() if text.strip("…"))


@poses_command.command("draw")
@click.argument("pose", required=False)
@click.option("--all", "every", is_flag=True, help="Draw all poses that have a figure, with their names.")
@click.option("--side", type=click.IntRange(1), default=1, help="The side that is drawn, by its number.")
@click.option("--moment", type=click.FloatRange(0, 1), default=0.0, help="Of a moving pose: 0 its start, 1 its end.")
@click.option("-o", "--output", metavar="FILE", required=True, help="The picture: .svg, .png or .pdf.")
@language_option
def draw_pose(pose: str | None, every: bool, side: int, moment: float, output: str, language: str) -> None:
    """Draw a POSE, by id or name, or all of them."""
    from audioguide.draw.contact_sheet import contact_sheet
    from audioguide.draw.figure_svg import draw_figure
    from audioguide.draw.render import check_picture, to_file

    if (pose is None) != every:
        raise RequestError("Draw one pose, or all of them.", "Name a pose, or give --all.")
    ending = check_picture(path := Path(output))
    if every:
        found = [(step.pose.name, step.pose.figure) for step in read_library(language)[0]]
        pages = contact_sheet([(name, figure) for name, figure in found if figure], single=ending != ".pdf")
    else:
        only = _require_pose(str(pose), language).pose
        if only.figure is None:
            raise RequestError(f"{only.name} has no figure.", "Write one in its file: docs/figures.md says how.")
        pages = [draw_figure(only.figure, moment=moment, side=side - 1, scale=4)]
    write_bytes(path, to_file(pages, ending, pose or "Poses", language))
    click.echo(f"Wrote {output}.", err=True)


def _require_pose(name: str, language: str) -> PoseStep:
    if (step := find_pose(name, language)) is None:
        hint = suggest(name, paths.pose_files()) or "See `audioguide poses`."
        raise RequestError(f"There is no pose {name!r}.", hint)
    return step


@poses_command.command("preview")
@click.argument("pose")
@output_option
@language_option
def preview_pose(pose: str, output: str | None, language: str) -> None:
    """Play a POSE, by id or name: what is said at your level, and a short hold on one side."""
    step = _require_pose(pose, language)
    written: dict[str, Any] = {"pose": step.pose.id, "breath": str(step.breath), "settle": 2}
    written |= {"reps": 3} if step.pose.reps else {}
    written |= {"sides": [step.pose.sides[0]]} if step.pose.sides else {}
    short = Options(hold=Length(min(PREVIEW_SECONDS, step.pose.limits.longest)), beyond_limits=True)
    settings = read_settings().options.with_poses(lambda row, name: None)
    routine = {"title": step.pose.name, "language": language, "steps": [written]}
    resolved = resolve_data(routine, replace(short.over(settings), length=None, language=None))
    play_or_export(build_session(resolved, MessagePrinter().tell), output)
