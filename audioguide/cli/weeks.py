"""The diary as lines in a terminal: a picture of the weeks, what they come to, and single sessions."""

from __future__ import annotations

import textwrap
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from datetime import date

import click
from rich.cells import cell_len, set_cell_size

from audioguide.diary.diary import ADVISED_DAYS, ADVISED_MINUTES, Record, Week, days_a_week, in_a_row
from audioguide.units import RATE, clock

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
    average, row = days_a_week(table), in_a_row(table)
    said = [f"This week: {_days(table[-1].days)}."]
    if average is not None:
        said.append(f"Before: {average:.1f} days a week.".replace(".0 ", " "))
    if row > 1:
        said.append(f"{row} weeks in a row with {ADVISED_DAYS[0]} days or more.")
    days, minutes = (f"{few} or {many}" for few, many in (ADVISED_DAYS, ADVISED_MINUTES))
    said.append(f"Advised for a runner's back: {days} days a week, {minutes.replace('or', 'to')} minutes each.")
    return textwrap.wrap(" ".join(said), min(width, 80) - 1)


def entry(record: Record, width: int) -> Iterator[str]:
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


def _state(record: Record) -> str:
    if record.running:
        return "playing now"
    if record.done:
        return "done"
    if record.mark:
        return f"left in {record.mark}, {clock(round(record.mark.seconds * RATE))} in"
    return "heard in part" if record.end == "finished" else "left"


def _cropped(text: str, room: int) -> str:
    """A text in at most `room` columns of a terminal."""
    return text if cell_len(text) <= room else f"{set_cell_size(text, room - 3).rstrip()}..."


def _days(count: int) -> str:
    return f"{count} day{'' if count == 1 else 's'}"
