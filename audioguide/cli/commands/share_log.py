"""`audioguide log report` and `audioguide log export`: the log for others."""

import json
from datetime import datetime, timedelta
from pathlib import Path

import click

from audioguide.cli.commands.log import MOST_WEEKS, find_sessions, log_command, open_log
from audioguide.draw.svg import clean_text
from audioguide.errors import RequestError, suggest
from audioguide.player import history_db
from audioguide.player.history import SessionRecord, find_monday
from audioguide.system import clock
from audioguide.system.files import write_bytes

_DAY = click.DateTime(["%Y-%m-%d"])


@log_command.command("report")
@click.option("-o", "output", required=True, metavar="FILE", help="A PDF of one page, a CSV of sessions, or JSON.")
@click.option("--weeks", type=click.IntRange(1, MOST_WEEKS), help="How many weeks, up to this one. Default: up to 12.")
@click.option("--from", "first", type=_DAY, metavar="DATE", help="The first day, as 2026-11-02.")
@click.option("--to", "last", type=_DAY, metavar="DATE", help="The last day. Default: today.")
@click.option("--plan", metavar="NAME", help="Only the sessions of this plan.")
@click.option("--for", "person", default="", metavar="NAME", help="Whose report it is.")
@click.option("--language", default="en", metavar="CODE", help="The language of the PDF: en, de or es. Default: en.")
def report_command(
    output: str,
    weeks: int | None,
    first: datetime | None,
    last: datetime | None,
    plan: str | None,
    person: str,
    language: str,
) -> None:
    """Write your weeks for your physiotherapist: sessions, minutes, holds, how they felt and what hurt."""
    ending = _check_ending(output, ".pdf", ".csv", ".json")
    if weeks and (first or last):
        raise click.UsageError("It is either --weeks, or --from and --to.")
    end = last.date() if last else clock.now().date()
    past = timedelta(weeks=max(1, min(weeks or 12, end.toordinal() // 7)) - 1)
    begin = first.date() if first else find_monday(end) - past
    if begin > end or (end - begin).days >= 7 * MOST_WEEKS:
        wrong = "begins after it ends" if begin > end else f"has more than {MOST_WEEKS} weeks"
        raise RequestError(f"A report from {begin} to {end} {wrong}.", "Give other days with --from and --to.")
    records = _read_records()
    if plan is not None and plan not in (known := {record.plan for record in records if record.plan}):
        raise RequestError(f"No session in the log is of a plan {plan!r}.", suggest(plan, known))
    chosen = [record for record in records if begin <= record.day <= end and plan in (None, record.plan)]
    if not chosen:
        raise RequestError(f"No session in the log is from {begin} to {end}.", "`audioguide log` shows when some were.")
    from audioguide.session.log_report import LogReport

    if not (first or weeks):  # nothing was missed before the first session
        begin = max(begin, find_monday(chosen[0].day))
    report = LogReport(begin, end, tuple(chosen), clean_text(person), plan or "")
    if ending == ".json":
        content = (json.dumps(report.to_json(), ensure_ascii=False, indent=2) + "\n").encode("utf-8", "replace")
    else:
        content = report.to_csv() if ending == ".csv" else report.to_pdf(language)
    write_bytes(Path(output), content)
    click.echo(output)


@log_command.command("export")
@click.argument("when", required=False)
@click.option("-o", "output", metavar="FILE", help="A .fit or .tcx file.")
@click.option("--fit", metavar="FILE", help="A FIT file.")
@click.option("--tcx", metavar="FILE", help="A TCX file.")
def export_command(when: str | None, output: str | None, fit: str | None, tcx: str | None) -> None:
    """Write a session as an activity for Garmin, Strava and others: the last one, or the one that began at WHEN.

    WHEN is as in `log add`.
    """
    asked = (output, (".fit", ".tcx")), (fit, (".fit",)), (tcx, (".tcx",))
    files = [(name, _check_ending(name, *endings)) for name, endings in asked if name]
    if not files:
        raise click.UsageError("Say where to write it, as `-o session.fit`.")
    over = [record for record in _read_records() if not record.running]
    records = find_sessions(over, when) if when else over
    if not records:
        raise RequestError("No session in the log is over yet.", "Stop it first, or wait for its end.")
    from audioguide.session import activity

    for name, ending in files:
        write = activity.to_fit if ending == ".fit" else activity.to_tcx
        write_bytes(Path(name), write(records[-1]))
        click.echo(name)


def _read_records() -> list[SessionRecord]:
    if records := open_log().records():
        return records
    off = " `audioguide log --on` logs them again." if history_db.is_disabled() else ""
    raise RequestError("The log is empty.", f"A session played with `audioguide play ROUTINE` is logged.{off}")


def _check_ending(name: str, *endings: str) -> str:
    ending = Path(name).suffix.lower()
    if ending not in endings:
        fault = f"{ending} is not written here." if ending else f"{name!r} has no ending."
        raise RequestError(fault, f"Name a file that ends in {' or '.join(endings)}.")
    return ending
