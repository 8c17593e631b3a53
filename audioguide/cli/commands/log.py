"""`audioguide log`."""

from __future__ import annotations

import json
import os
import shutil
import sys
import textwrap
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import date
from typing import Any

import click
from rich.cells import cell_len, set_cell_size

from audioguide.player import history_db
from audioguide.player.history import (
    ADVISED_DAYS,
    ADVISED_MINUTES,
    SessionLog,
    SessionRecord,
    Week,
    count_streak,
    find_mean_days,
    group_by_week,
    local_time,
)
from audioguide.units import RATE, format_clock

STEPS = (5, 10, 15)
"""Minutes at which the next darker shade begins; the first one begins at one."""

BLOCKS = "·░▒▓█"
"""Nothing, and the shades."""

PLAIN = ".-+*#"
"""The same where there is nothing but ASCII."""

NARROW = 50
"""Columns of a terminal, below which a day is one character wide instead of two."""


def can_show(encoding: str | None) -> bool:
    """Whether an output of this encoding has `BLOCKS`."""
    try:
        BLOCKS.encode(encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def picture(table: Sequence[Week], width: int, *, fancy: bool) -> Iterator[str]:
    """A line for each week, a cell for each day, shaded by its minutes; `fancy` is in blocks, and in colour."""
    cell = 1 if width < NARROW else 2
    shades = BLOCKS if fancy else PLAIN
    years = " %y" if len({week.monday.year for week in table}) > 1 else ""
    label = 9 if years else 6
    names = " ".join(name[:cell] for name in ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"))
    yield f"{'':{label}}  {names}  days   min"
    for week in table:
        cells = " ".join(_cell(shades[_shade(minutes)], cell, fancy) for minutes in week.minutes)
        monday = f"{week.monday.day:>2} {week.monday.strftime(f'%b{years}')}"
        yield f"{monday:{label}}  {cells}  {week.days or '':>4}  {round(sum(week.minutes)) or '':>4}".rstrip()
    spans = (f"under {STEPS[0]} min", *(f"under {step}" for step in STEPS[1:]), f"{STEPS[-1]} and more")
    legend = (f"{shade * cell}\N{NO-BREAK SPACE}{span}" for shade, span in zip(shades[1:], spans, strict=True))
    yield ""
    for line in textwrap.wrap("  ".join(one.replace(" ", "\N{NO-BREAK SPACE}") for one in legend), width - 1):
        yield line.replace("\N{NO-BREAK SPACE}", " ")


def summary(table: Sequence[Week], width: int) -> list[str]:
    """What the weeks come to, and what is advised."""
    average, row = find_mean_days(table), count_streak(table)
    said = [f"This week: {_days(table[-1].days)}."]
    if average is not None:
        said.append(f"Before: {average:.1f} days a week.".replace(".0 ", " "))
    if row > 1:
        said.append(f"{row} weeks in a row with {ADVISED_DAYS[0]} days or more.")
    days, minutes = (f"{few} or {many}" for few, many in (ADVISED_DAYS, ADVISED_MINUTES))
    said.append(f"Advised for a runner's back: {days} days a week, {minutes.replace('or', 'to')} minutes each.")
    return textwrap.wrap(" ".join(said), min(width, 80) - 1)


def entry(record: SessionRecord, width: int) -> Iterator[str]:
    """One session: when, how many minutes, which, and whether it was done. Of two or three lines where it is long."""
    started = record.started
    year = "" if started.year == date.today().year else f" {started.year}"
    head = f"{started:%a} {started.day:>2} {started:%b}{year} {started:%H:%M}  {round(record.heard / 60):>3} min"
    state = _state(record)
    indent = " " * (2 if width < NARROW else len(head) + 2)
    if cell_len(f"{head}  {record.title}: {state}") < width:
        yield f"{head}  {record.title}: {state}"
        return
    if width < NARROW:
        yield head
    before = indent if width < NARROW else f"{head}  "
    yield before + _cropped(record.title, width - 1 - len(before))
    yield from textwrap.wrap(state, width - 1, initial_indent=indent, subsequent_indent=indent)


def _cell(shade: str, cell: int, fancy: bool) -> str:
    text = shade * cell if shade not in (BLOCKS[0], PLAIN[0]) else f"{shade:>{cell}}"
    return click.style(text, fg="green") if fancy and text.strip() != BLOCKS[0] else text


def _shade(minutes: float) -> int:
    return 1 + bisect_right(STEPS, minutes) if round(minutes) else 0


def _state(record: SessionRecord) -> str:
    if record.running:
        return "playing now"
    if record.done:
        return "done"
    if record.mark:
        return f"left in {record.mark}, {format_clock(round(record.mark.seconds * RATE))} in"
    return "heard in part" if record.end == "finished" else "left"


def _cropped(text: str, room: int) -> str:
    """A text in at most `room` columns of a terminal."""
    return text if cell_len(text) <= room else f"{set_cell_size(text, room - 3).rstrip()}..."


def _days(count: int) -> str:
    return f"{count} day{'' if count == 1 else 's'}"


RECENT = 10
"""Sessions that are shown one by one."""

HARDLY = 30.0
"""Seconds. A session that was heard for less is not shown one by one."""


@click.command("log")
@click.option("--weeks", "count", type=click.IntRange(1, 520), default=8, show_default=True, help="How many weeks.")
@click.option("--json", "machine", is_flag=True, help="As JSON.")
@click.option("--off", is_flag=True, help="Note no sessions from now on.")
@click.option("--on", is_flag=True, help="Note sessions again.")
@click.option("--forget", is_flag=True, help="Delete all that was noted.")
@click.option("--yes", is_flag=True, help="Do not ask.")
def log_command(count: int, machine: bool, off: bool, on: bool, forget: bool, yes: bool) -> None:
    """What was done, and when: the last weeks as a picture, and the last sessions. It is kept on this machine only.

    A session counts as done when it was heard to its closing.
    """
    if off and on:
        raise click.UsageError("It is either --off or --on.")
    if forget:
        _forget(yes)
    if off or on:
        history_db.set_enabled(on=on)
        click.echo(
            "Sessions are noted." if on else "Sessions are not noted any more. `audioguide log --on` begins again."
        )
    if forget or off or on:
        return
    records = SessionLog(lambda line: click.echo(line, err=True)).records()
    table = group_by_week(records, local_time().date(), count)
    shown = [record for record in records if record.day >= table[0].monday]
    if machine:
        click.echo(json.dumps(_facts(table, shown), ensure_ascii=False, indent=2))
        return
    if not records:
        click.echo(f"There is nothing here yet. {_hint()}")
        return
    width = max(20, shutil.get_terminal_size().columns)
    fancy = sys.stdout.isatty() and can_show(sys.stdout.encoding)
    listed = [record for record in shown if record.heard >= HARDLY or record.running][-RECENT:]
    parts = (picture(table, width, fancy=fancy), summary(table, width), *(entry(one, width) for one in listed[::-1]))
    for number, part in enumerate(parts):
        if number in (1, 2):
            click.echo()
        for line in part:
            click.echo(line, color=False if "NO_COLOR" in os.environ else None)
    if history_db.is_disabled():
        click.echo(f"\n{_hint()}")


def _hint() -> str:
    if history_db.is_disabled():
        return "Sessions are not noted: `audioguide log --on` begins again."
    return "`audioguide play ROUTINE` plays a session, and it is noted here."


def _forget(yes: bool) -> None:
    if not yes:
        if not sys.stdin.isatty():
            raise click.UsageError("This deletes all that was noted. Say --yes if that is meant.")
        click.confirm("Delete all that was noted?", abort=True, err=True)
    history_db.delete_all()
    click.echo("All that was noted is deleted.")


def _facts(table: list[Week], records: list[SessionRecord]) -> dict[str, Any]:
    return {
        "advised": {"days": list(ADVISED_DAYS), "minutes": list(ADVISED_MINUTES)},
        "days_a_week": find_mean_days(table),
        "weeks": [
            {"monday": week.monday.isoformat(), "days": week.days, "minutes": [round(one, 2) for one in week.minutes]}
            for week in table
        ],
        "sessions": [_facts_of(record) for record in records],
    }


def _facts_of(record: SessionRecord) -> dict[str, Any]:
    return {
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
