"""`audioguide plan`: sessions for weeks; and what is due of them, for `play` and `export`."""

import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import click

from audioguide.cli.commands.log import can_show
from audioguide.cli.commands.plan_outputs import calendar_command, export_plan_command
from audioguide.cli.console import confirm, json_option, print_json, print_notes, print_table, yes_option
from audioguide.cli.due import find_days, summarize, tell_date
from audioguide.cli.flags import read_option, session_options
from audioguide.cli.sessions import read_settings, resolve_routine
from audioguide.errors import RequestError
from audioguide.model.options import Options, to_data, write_hold
from audioguide.model.selectors import find_steps, slug, stable_selector
from audioguide.player.history import find_monday
from audioguide.routine.choose_poses import compose_from_library
from audioguide.routine.load import read_library
from audioguide.routine.wishes import parse_wishes, write_wishes
from audioguide.schema.document import read_document
from audioguide.session.embedded import inline_routine, read_embedded
from audioguide.session.open import build_session
from audioguide.session.plan_days import PlannedDay, State, find_due, find_next, list_days
from audioguide.session.plan_session import resolve_day
from audioguide.session.preset import find_sound, resolve_data
from audioguide.session.week_plan import (
    DAYS,
    MOST_WEEKS,
    WeekPlan,
    find_plan,
    own_file,
    parse_date,
    parse_days,
    parse_progress,
    parse_time,
    parse_zone,
    save_plan,
)
from audioguide.system import clock, paths
from audioguide.system.paths import display_path

MARKS: dict[State, str] = {"done": "✓+", "due": "●!", "missed": "✗x", "rest": "~~", "planned": "·."}  # and in ASCII


@click.group("plan", invoke_without_command=True)
@click.pass_context
def plan_command(context: click.Context) -> None:
    """Plan sessions for some weeks, and see what is done, due and missed. Without a command: shows all plans."""
    if context.invoked_subcommand is None:
        context.invoke(show_plan_command)


@plan_command.command("new")
@click.argument("name", required=False)
@click.option("--routine", metavar="ROUTINE", help="What is done: an id, a file or a preset.")
@click.option("--for", "targets", multiple=True, metavar="TARGET", help="Or what each session is composed for: hips.")
@click.option("--wish", multiple=True, metavar="WISH=VALUE", help="A wish of `compose`, as without=wrists. Repeatable.")
@click.option("--days", required=True, metavar="DAYS", help="On which days of the week: mon,wed,fri.")
@click.option("--weeks", required=True, type=click.IntRange(1, MOST_WEEKS), help="For how many weeks.")
@click.option("--at", default="18:00", show_default=True, metavar="TIME", help="At what time of day.")
@click.option("--start", metavar="DATE", help="The first day, as 2026-12-01. Default: today.")
@click.option("--progress", multiple=True, metavar="CHANGE or POSE=CHANGE", help="How holds grow: '+5s a week'.")
@click.option("--deload", type=click.IntRange(2, MOST_WEEKS), help="Each week of this number is a lighter one, as 4.")
@click.option("--zone", metavar="ZONE", help="The time zone, as Europe/Berlin. Default: that of this machine.")
@click.option("-o", "output", metavar="FILE", help="Write a file to hand out, with the routine in it.")
@session_options
def new_plan_command(
    name: str | None, routine: str | None, start: str | None, output: str | None, options: Options, **given: Any
) -> None:
    """Begin a plan, NAME. Its file holds all of this, and is easy to edit."""
    today, read = clock.now().date(), {"days": parse_days, "at": parse_time, "zone": parse_zone}
    for option, parse in read.items():
        _ = given[option] is None or read_option(f"--{option}", given[option], parse)
    first = today if start is None else read_option("--start", start, parse_date)
    if first < today:
        raise RequestError(f"The start {first} is in the past.", "Leave --start out to begin today.")
    wishes = None
    if routine is None:
        wishes, options = _read_wishes(given, options)
        resolved = resolve_data(compose_from_library(parse_wishes(wishes)).data, options)
    elif given["targets"] or given["wish"]:
        raise RequestError("A plan has a routine or wishes for one.", "Leave --routine out, or --for and --wish.")
    else:
        resolved = resolve_routine(routine, options)
    progress: dict[str, Any] = {}
    for text in given["progress"]:
        pose, _, change = text.rpartition("=")
        progress[pose or "default"] = write_hold(read_option("--progress", change, parse_progress))
        steps = read_library(resolved.routine.language)[0] if wishes else resolved.routine.steps
        _ = not pose or find_steps(steps, pose)
    name = name or slug(resolved.preset.name if resolved.preset else resolved.routine.id)
    path = Path(output) if output else own_file(name)
    if not output and path.exists():
        raise RequestError(f"There is a plan {name} already.", f"Name another one, or `audioguide plan delete {name}`.")
    whole = bool(output or resolved.embedded)  # what it needs is in it
    saved = resolved.saved_options if whole else resolved.asked
    saved = saved.with_poses(lambda row, one: stable_selector(one, resolved.routine))
    source, title = resolved.preset.name if resolved.preset else resolved.source, resolved.routine.title
    data = {
        "plan": title,
        "routine": None if wishes else inline_routine(resolved.written, title, own=False) if whole else source,
        "wishes": wishes,
        "start": first.isoformat(),
        "weeks": given["weeks"],
        "days": [DAYS[day][:3] for day in parse_days(given["days"])],
        "at": given["at"],
        "zone": given["zone"] or str(clock.local_zone()),
        "progress": progress if set(progress) - {"default"} else progress.get("default"),
        "deload": given["deload"],
        "options": to_data(saved),
    }
    _add(path, {key: value for key, value in data.items() if value not in (None, {})})


def _read_wishes(given: Mapping[str, Any], options: Options) -> tuple[dict[str, Any], Options]:
    """The wishes of a plan, and the options that are left: some of them are wishes."""
    if not given["targets"]:
        raise RequestError("A plan needs something to do.", "Name a --routine, or what it is --for.")
    wishes: dict[str, Any] = {"for": given["targets"]}
    for text in given["wish"]:
        key, _, value = text.partition("=")
        wishes[key.strip()] = value
    wishes |= {"length": options.length or 900.0, "words": options.level, "language": options.language}
    return write_wishes(parse_wishes(wishes)), replace(options, length=None, level=None, language=None)


@plan_command.command("add")
@click.argument("file")
@click.option("--start", metavar="DATE", help="Begin on this day instead of the one in the file.")
def add_plan_command(file: str, start: str | None) -> None:
    """Take a plan that somebody made for you into your own plans: a FILE of it, or a session that carries it."""
    path, sound = own_file(slug(Path(file).stem)), find_sound(file)
    data = dict((read_embedded(sound).plan or {}) if sound else read_document(Path(file)).data)
    if sound and not data:
        raise RequestError(
            f"{display_path(sound)} carries no plan.", "`export --next --with-plan` makes one that does."
        )
    if path.exists():
        raise RequestError(f"There is a plan {path.stem} already.", f"`audioguide plan delete {path.stem}` deletes it.")
    if start:
        data["start"] = read_option("--start", start, parse_date).isoformat()
    if not sound and (source := find_plan(file if "/" in file else f"./{file}").source):
        data["routine"] = source
    _add(path, data)


def _add(path: Path, data: dict[str, Any]) -> None:
    """Write a plan, and print when it is."""
    notes: list[str] = []

    def check(plan: WeekPlan) -> None:
        last = resolve_day(plan, list_days(plan, (), clock.now())[-1], config=read_settings())
        notes.extend(build_session(last).remarks)

    days = list_days(save_plan(path, data, check), (), clock.now())
    click.echo(f"{display_path(path)}  {len(days)} sessions, from {tell_date(days[0])} to {tell_date(days[-1])}.")
    print_notes(f"In the last one: {note}" for note in notes)
    click.echo("`audioguide play --next` plays what is due, `audioguide plan` shows the weeks.", err=True)


@plan_command.command("show")
@click.argument("name", required=False)
@json_option
def show_plan_command(name: str | None = None, as_json: bool = False) -> None:
    """Show the weeks of a plan, NAME or a file: what is done, due and missed."""
    plans = find_days(name)
    if as_json:
        print_json([_to_json(plan, days) for plan, days in plans])
        return
    if not plans:
        click.echo("There are no plans. `audioguide plan new` begins one.")
    for number, (plan, days) in enumerate(plans):
        for line in (*([""] if number else []), *draw_plan(plan, days)):
            click.echo(line)
        if day := find_due(days) or find_next(days):
            try:
                print_notes(resolve_day(plan, day, config=read_settings()).notes)
            except RequestError as error:
                click.echo(str(error), err=True)


@plan_command.command("list")
@json_option
def list_plans_command(as_json: bool) -> None:
    """List your plans."""
    plans = find_days(None)
    if as_json:
        print_json([_to_json(plan, days) for plan, days in plans])
    else:
        print_table((plan.name, plan.title, summarize(days)) for plan, days in plans)


@plan_command.command("delete")
@click.argument("name")
@yes_option
def delete_plan_command(name: str, yes: bool) -> None:
    """Delete a plan of your own, NAME. What you did stays in the log."""
    path = paths.plan_files().get(name) or find_plan(name).path
    if confirm(f"Delete {display_path(path)}?", yes=yes, abort=False):
        path.unlink()
        click.echo(f"Deleted {display_path(path)}.", err=True)


def draw_plan(plan: WeekPlan, days: Sequence[PlannedDay]) -> Iterator[str]:
    """A line for each week of a plan, with a mark for each day, and how far it is."""
    fancy = sys.stdout.isatty() and can_show(sys.stdout.encoding, "".join(MARKS.values()))
    marks = {state: mark[0 if fancy else 1] for state, mark in MARKS.items()}
    yield f"{plan.title} ({plan.name})"
    yield f"{'':13}{' '.join(day[:2].title() for day in DAYS)}"
    weeks = [[day for day in days if day.week == week] for week in range(1, plan.weeks + 1)]
    for number, week in enumerate(weeks, 1):
        monday = find_monday(days[0].date) + timedelta(weeks=number - 1)
        found = {day.date.weekday(): marks[day.state] for day in week}
        grown = plan.progress and week and replace(plan.progress, amount=plan.progress.amount * week[0].steps_of())
        about = "lighter" if week and week[0].lighter else str(grown) if grown and grown.amount else ""
        cells = "  ".join(found.get(day, " ") for day in range(7))
        yield f"{number:>3}  {monday.day:>2} {monday:%b}  {cells}  {about}".rstrip()
    yield "  ".join(f"{mark} {state}" for state, mark in marks.items())
    yield summarize(days)


def _to_json(plan: WeekPlan, days: Sequence[PlannedDay]) -> dict[str, Any]:
    keys = ("number", "week", "state", "lighter", "left_out", "notes")
    return {
        "name": plan.name,
        "title": plan.title,
        "file": str(plan.path),
        "weeks": plan.weeks,
        "done": sum(day.state == "done" for day in days),
        "days": [
            {**{key: getattr(day, key) for key in keys}, "when": day.when.isoformat(), "grown": day.steps_of()}
            for day in days
        ],
    }


plan_command.add_command(calendar_command)
plan_command.add_command(export_plan_command)
