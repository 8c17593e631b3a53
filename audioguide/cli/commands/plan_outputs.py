"""`audioguide plan calendar` and `audioguide plan export`: plans for the calendar and for the phone."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import click

from audioguide.cli.commands.export_folder import write_to_folder
from audioguide.cli.console import json_option, print_json
from audioguide.cli.due import find_days
from audioguide.cli.sessions import read_settings
from audioguide.errors import RequestError
from audioguide.export.folder import ExportFolder
from audioguide.model.options import Options
from audioguide.session.plan_days import PlannedDay
from audioguide.session.plan_session import resolve_day
from audioguide.session.week_plan import WeekPlan
from audioguide.system import clock
from audioguide.system.files import write_bytes
from audioguide.system.process import trim_memory


def _find_plans(name: str | None) -> list[tuple[WeekPlan, tuple[PlannedDay, ...]]]:
    if found := find_days(name):
        return found
    raise RequestError("There is no plan.", "Begin one with `audioguide plan new`.")


@click.command("calendar")
@click.argument("name", required=False)
@click.option("-o", "output", required=True, metavar="FILE", help="Where to write; it ends with .ics.")
def calendar_command(name: str | None, output: str) -> None:
    """Write the sessions of a plan, NAME or a file, or of all plans, for a calendar.

    Each has its time, an alarm, its length, and its poses with that day's holds. Import the file again after a change,
    and the calendar updates what it has.
    """
    from audioguide.session.plan_calendar import render_calendar  # slow to load

    if Path(output).suffix.lower() != ".ics":
        raise RequestError(f"{output} does not end with .ics.", "Write -o plan.ics.")
    plans = _find_plans(name)
    write_bytes(Path(output), render_calendar(plans, clock.now(), read_settings()))
    count = sum(len(days) for _, days in plans)
    click.echo(f"{output}  {count} session{'' if count == 1 else 's'}")


@click.command("export")
@click.argument("name", required=False)
@click.option("--to", required=True, metavar="FOLDER", help="The phone's folder; only what changed is written.")
@click.option(
    "--weeks", type=click.IntRange(1, 104), default=1, show_default=True, metavar="NUMBER", help="For how many weeks."
)
@json_option
def export_plan_command(name: str | None, to: str, weeks: int, as_json: bool) -> None:
    """Write what is due and planned in the coming week of a plan, NAME or a file, or of all plans, into a folder.

    Each session is an MP3 with that day's holds; its name begins with the date, so that files and titles sort.
    """
    end, config = clock.now().date() + timedelta(weeks=weeks), read_settings()
    found = [
        (day.when, f"{day.date} {day.when:%a} {plan.name}", plan, day)
        for plan, days in _find_plans(name)
        for day in days
        if day.state in ("due", "planned") and day.date < end
    ]
    resolved = {  # all of them, before the first is written
        file: resolve_day(plan, day, Options(title=f"{day.date} {plan.options.title or plan.title}"), config)
        for _, file, plan, day in sorted(found, key=lambda one: one[:2])
    }
    folder, rows = ExportFolder(Path(to)), list[dict[str, Any]]()
    for file, one in resolved.items():
        result = write_to_folder(folder, one, name=file)
        rows.append(result.to_json())
        if not as_json:
            click.echo(result)
        trim_memory()
    if rows:
        folder.finish()
    if as_json:
        print_json(rows)
    elif not rows:
        click.echo(f"Nothing is planned before {end}.")
