"""`audioguide log report` and `audioguide log export`: the log for others."""

import json
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path

import click

from audioguide.errors import RequestError, suggest
from audioguide.player import history_db
from audioguide.player.history import SessionLog, SessionRecord, find_monday
from audioguide.system import clock
from audioguide.system.files import write_bytes

MOST_WEEKS = 520
_REPORTS, _ACTIVITIES = (".pdf", ".csv", ".json"), (".fit", ".tcx")
_DAY = click.DateTime(["%Y-%m-%d"])


@click.command("report")
@click.option(
    "-o", "output", required=True, metavar="FILE", help="A PDF of one page, a CSV with a row a session, or JSON."
)
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
    ending = _check_ending(Path(output), _REPORTS)
    if weeks and (first or last):
        raise click.UsageError("It is either --weeks, or --from and --to.")
    end = last.date() if last else clock.now().date()
    past = timedelta(weeks=max(1, min(weeks or 12, end.toordinal() // 7)) - 1)
    begin = first.date() if first else find_monday(end) - past
    if begin > end or (end - begin).days >= 7 * MOST_WEEKS:
        wrong = "begins after it ends" if begin > end else f"has more than {MOST_WEEKS} weeks"
        raise RequestError(f"A report from {begin} to {end} {wrong}.", "Give other days with --from and --to.")
    records = _read_records()
    if plan is not None:
        known = {record.plan for record in records if record.plan}
        if plan not in known:
            raise RequestError(f"No session in the log is of a plan {plan!r}.", suggest(plan, known))
        records = [record for record in records if record.plan == plan]
    records = [record for record in records if begin <= record.day <= end]
    if not records:
        raise RequestError(
            f"No session in the log is from {begin} to {end}.", "`audioguide log` shows when you did some."
        )
    from audioguide.session.log_report import LogReport

    if not (first or weeks):  # nothing was missed before the first session
        begin = max(begin, find_monday(records[0].day))
    report = LogReport(begin, end, tuple(records), " ".join(person.split()), plan or "")
    if ending == ".json":
        content = (json.dumps(report.to_json(), ensure_ascii=False, indent=2) + "\n").encode("utf-8", "replace")
    else:
        content = report.to_csv() if ending == ".csv" else report.to_pdf(language)
    write_bytes(Path(output), content)
    click.echo(output)


@click.command("export")
@click.argument("when", required=False)
@click.option("-o", "output", metavar="FILE", help="A .fit or .tcx file.")
@click.option("--fit", metavar="FILE", help="A FIT file.")
@click.option("--tcx", metavar="FILE", help="A TCX file.")
def export_command(when: str | None, output: str | None, fit: str | None, tcx: str | None) -> None:
    """Write one session as an activity for Garmin, Strava and others: the last one, or that of WHEN.

    WHEN is a day, as 2026-11-02, with a time where there were several: "2026-11-02 18:30"; or -2 for the last but one.
    """
    asked = [(output, _ACTIVITIES), (fit, (".fit",)), (tcx, (".tcx",))]
    files = [(Path(name), _check_ending(Path(name), endings)) for name, endings in asked if name]
    if not files:
        raise click.UsageError("Say where to write it, as `-o session.fit`.")
    record = find_session(_read_records(), when)
    from audioguide.session import activity

    writers: dict[str, Callable[[SessionRecord], bytes]] = {".fit": activity.to_fit, ".tcx": activity.to_tcx}
    for path, ending in files:
        write_bytes(path, writers[ending](record))
        click.echo(path)


def find_session(records: Sequence[SessionRecord], when: str | None) -> SessionRecord:
    """The last session, the one counted from the end (-2), or the one of a day and time. RequestError without one."""
    records = [record for record in records if not record.running and record.heard >= 1]
    if not records:
        raise RequestError("No session in the log is over yet.", "Play one with `audioguide play ROUTINE`.")
    text = " ".join((when or "-1").replace("T", " ").split())
    if text.removeprefix("-").isdecimal() and text.startswith("-"):
        if not 0 < (back := int(text[:9])) * -1 <= len(records):
            raise RequestError(f"The log has {len(records)} sessions, and none is {text}.", "-1 is the last one.")
        return records[back]
    found = [record for record in records if f"{record.started:%Y-%m-%d %H:%M}".startswith(text) and len(text) >= 10]
    if len(found) == 1:
        return found[0]
    if found:
        times = ", ".join(f"{record.started:%H:%M}" for record in found)
        raise RequestError(f"On {text[:10]} there are several sessions: {times}.", f'Write "{text[:10]} TIME".')
    raise RequestError(
        f"No session in the log began on {text}.", "Write the day as 2026-11-02: `audioguide log` has them."
    )


def _read_records() -> list[SessionRecord]:
    records = SessionLog(lambda line: click.echo(line, err=True)).records()
    if not records:
        off = " `audioguide log --on` logs them again." if history_db.is_disabled() else ""
        raise RequestError("The log is empty.", f"A session played with `audioguide play ROUTINE` is logged.{off}")
    return records


def _check_ending(path: Path, endings: Sequence[str]) -> str:
    ending = path.suffix.lower()
    if ending not in endings:
        fault = f"{ending} is not written here." if ending else f"{path} has no ending."
        raise RequestError(fault, f"Name a file that ends in {' or '.join(endings)}.")
    return ending
