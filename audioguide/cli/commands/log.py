"""`audioguide log`."""

import os
import shutil
import sys
import textwrap
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

import click
from rich.cells import cell_len, set_cell_size

from audioguide.cli.console import confirm, json_option, print_json, yes_option
from audioguide.player import history, history_db
from audioguide.player.history import ADVISED_DAYS, ADVISED_MINUTES, SessionLog, SessionRecord, Week
from audioguide.system import clock
from audioguide.units import RATE, format_clock

STEPS = (5, 10, 15)  # minutes at which the next darker shade begins; the first one begins at one minute
BLOCKS = "·░▒▓█"  # nothing, and the shades
PLAIN = ".-+*#"  # the same in ASCII
NARROW = 50  # columns of a terminal below which a day is one character wide instead of two
LISTED = 10  # the most sessions that are listed
LISTED_FROM = 30.0  # seconds that a session was heard, below which it is not listed
_NBSP = "\N{NO-BREAK SPACE}"


@click.command("log")
@click.option("--weeks", "count", type=click.IntRange(1, 520), default=8, show_default=True, help="How many weeks.")
@json_option
@click.option("--off", is_flag=True, help="Log no sessions from now on.")
@click.option("--on", is_flag=True, help="Log sessions again.")
@click.option("--forget", is_flag=True, help="Delete the log.")
@yes_option
def log_command(count: int, as_json: bool, off: bool, on: bool, forget: bool, yes: bool) -> None:
    """Show the sessions that you did: the last weeks as a chart, and the last sessions.

    A session counts as done when it was heard to its closing. The log stays on this machine.
    """
    if off and on:
        raise click.UsageError("It is either --off or --on.")
    if forget and confirm("Delete the whole log?", yes=yes):
        history_db.delete_all()
        click.echo("The log is deleted.")
    if off or on:
        history_db.set_enabled(on=on)
        ended = "Sessions are no longer logged. `audioguide log --on` logs them again."
        click.echo("Sessions are logged." if on else ended)
    if forget or off or on:
        return
    records = SessionLog(lambda line: click.echo(line, err=True)).records()
    weeks = history.group_by_week(records, clock.now().date(), count)
    shown = [record for record in records if record.day >= weeks[0].monday]
    if as_json:
        print_json(_to_json(weeks, shown))
        return
    hint = "Sessions are not logged. `audioguide log --on` logs them again." if history_db.is_disabled() else ""
    if not records:
        click.echo(f"The log is empty. {hint or 'A session played with `audioguide play ROUTINE` is logged here.'}")
        return
    width = max(20, shutil.get_terminal_size().columns)
    fancy = sys.stdout.isatty() and can_show(sys.stdout.encoding)
    listed = [record for record in shown if record.heard >= LISTED_FROM or record.running][: -LISTED - 1 : -1]
    lines = [*draw_weeks(weeks, width, fancy=fancy), "", *summarize(weeks, width)]
    if listed:
        lines += ["", *(line for record in listed for line in describe_session(record, width))]
    for line in (*lines, *(("", hint) if hint else ())):
        click.echo(line, color=False if "NO_COLOR" in os.environ else None)


def can_show(encoding: str | None) -> bool:
    """Whether an output of this encoding has `BLOCKS`."""
    name = encoding or "ascii"
    return BLOCKS.encode(name, "ignore").decode(name) == BLOCKS


def draw_weeks(weeks: Sequence[Week], width: int, *, fancy: bool) -> Iterator[str]:
    """A line for each week, a cell for each day, shaded by its minutes; `fancy` uses colour and `BLOCKS`."""
    cell = 1 if width < NARROW else 2
    shades = BLOCKS if fancy else PLAIN
    years = " %y" if len({week.monday.year for week in weeks}) > 1 else ""
    label = 9 if years else 6
    names = " ".join(name[:cell] for name in ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"))
    yield f"{'':{label}}  {names}  days   min"
    for week in weeks:
        cells = " ".join(_draw_day(minutes, shades, cell, fancy) for minutes in week.minutes)
        monday = f"{week.monday.day:>2} {week.monday.strftime(f'%b{years}')}"
        yield f"{monday:{label}}  {cells}  {week.days or '':>4}  {round(sum(week.minutes)) or '':>4}".rstrip()
    spans = (f"under {STEPS[0]} min", *(f"under {step}" for step in STEPS[1:]), f"{STEPS[-1]} and more")
    keys = (f"{shade * cell} {span}".replace(" ", _NBSP) for shade, span in zip(shades[1:], spans, strict=True))
    yield ""
    for line in textwrap.wrap("  ".join(keys), width - 1):
        yield line.replace(_NBSP, " ")


def _draw_day(minutes: float, shades: str, cell: int, fancy: bool) -> str:
    if not round(minutes):
        return f"{shades[0]:>{cell}}"
    text = shades[1 + bisect_right(STEPS, minutes)] * cell
    return click.style(text, fg="green") if fancy else text


def summarize(weeks: Sequence[Week], width: int) -> list[str]:
    """Days and averages of the weeks, and what is advised."""
    days, average, streak = weeks[-1].days, history.find_mean_days(weeks), history.count_streak(weeks)
    facts = [f"This week: {days} day{'' if days == 1 else 's'}."]
    if average is not None:
        facts.append(f"Before: {average:.1f} days a week.".replace(".0 ", " "))
    if streak > 1:
        facts.append(f"{streak} weeks in a row with {ADVISED_DAYS[0]} days or more.")
    (few, many), (short, long) = ADVISED_DAYS, ADVISED_MINUTES
    facts.append(f"Advised for a runner's back: {few} or {many} days a week, {short} to {long} minutes each.")
    return textwrap.wrap(" ".join(facts), min(width, 80) - 1)


def describe_session(record: SessionRecord, width: int) -> Iterator[str]:
    """One session in one line, or in two or three where the terminal is narrow: when, minutes, title, state."""
    started = record.started
    year = "" if started.year == clock.now().year else f" {started.year}"
    head = f"{started:%a} {started.day:>2} {started:%b}{year} {started:%H:%M}  {round(record.heard / 60):>3} min"
    state = _describe_state(record)
    if cell_len(line := f"{head}  {record.title}: {state}") < width:
        yield line
        return
    if width < NARROW:
        yield head
        head = ""
    indent = " " * (len(head) + 2)
    title, room = record.title, width - 1 - len(indent)
    yield f"{head}  {title if cell_len(title) <= room else set_cell_size(title, room - 3).rstrip() + '...'}"
    yield from textwrap.wrap(state, width - 1, initial_indent=indent, subsequent_indent=indent)


def _describe_state(record: SessionRecord) -> str:
    if record.running:
        return "playing now"
    if record.done:
        return "done"
    if record.mark:
        return f"left in {record.mark}, {format_clock(round(record.mark.seconds * RATE))} in"
    return "heard in part" if record.end == "finished" else "left"


def _to_json(weeks: Sequence[Week], records: Sequence[SessionRecord]) -> dict[str, Any]:
    return {
        "advised": {"days": list(ADVISED_DAYS), "minutes": list(ADVISED_MINUTES)},
        "days_a_week": history.find_mean_days(weeks),
        "weeks": [
            {"monday": week.monday.isoformat(), "days": week.days, "minutes": [round(day, 2) for day in week.minutes]}
            for week in weeks
        ],
        "sessions": [
            {
                "started": record.started.isoformat(timespec="seconds"),
                "routine": record.key,
                "title": record.title,
                "heard": round(record.heard, 3),
                "length": record.length and round(record.length, 3),
                "end": record.end,
                "running": record.running,
                "done": record.done,
                "left": record.mark and asdict(record.mark),
            }
            for record in records
        ],
    }
