"""The sheets of a plot: the session wrapped into rows of whole minutes, with a head and a legend."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from audioguide.output.drawing import HEIGHT, WIDTH, Lettering, Line, Shape, Text, box, frame
from audioguide.output.labels import Loss
from audioguide.output.runs import Run, runs_of
from audioguide.output.strip import (
    INK,
    QUIET,
    SMALLEST,
    SPOKEN,
    Row,
    chime_mark,
    colours,
    draw_strip,
    rest_shapes,
)
from audioguide.timeline.model import Timeline
from audioguide.units import RATE, clock

MARGIN = 34
_FIRST_ROW, _LAST_ROW = 82, HEIGHT - 46
_TALLEST_ROW = 126
_ROW_GAP = 3  # at least, and as much as is left over where rows are few
_MINUTES = (1, 2, 3, 4, 5, 6, 8, 10, 12, 15, 20, 30, 45, 60, 90, 120)
"""What a row may hold."""

_AIRY, _DENSE = 7, 10  # rows on a sheet: as many as look well, as many as can be read
_MOST_IN_A_ROW = 5  # minutes, where there may be several sheets
_MOST_SHEETS = 24
_COST_OF_DENSE = 12
_SCRAP = 0.15  # of a row: less of it looks like a mistake


@dataclass(frozen=True, slots=True)
class _Plan:
    """How a session is wrapped; `cost` is what it takes from the looks, in details that have no room."""

    minutes: int
    rows: int
    tiers: int
    size: float
    cost: int

    def bar_height(self) -> float:
        return _row(self, 0, 0, 60 * RATE).bar_height


def draw_sheets(timeline: Timeline, description: str, *, one: bool) -> tuple[list[list[Shape]], Lettering]:
    """The sheets, and the lettering they are drawn with; `one`: all on a single sheet, however dense.

    The first plan in which all has room, or else the one that loses least.
    """
    runs = runs_of(timeline)
    texts = [timeline.title, description, *(run.name for run in runs), *_side_names(runs)]
    lettering = Lettering("".join([*texts, _OWN, _CUT, _UNWRITABLE]))
    best: tuple[int, Loss, list[list[Shape]]] | None = None
    for plan in _plans(timeline.frames, one):
        sheets, loss = _strips(runs, timeline.frames, plan, lettering)
        cost = plan.cost + 10 * loss.names + loss.details
        if best is None or cost < best[0]:
            best = cost, loss, sheets
        if loss == Loss():
            break
    assert best
    _, loss, sheets = best
    if len(sheets) > 1:
        notes = [f"{number} / {len(sheets)}" for number in range(1, len(sheets) + 1)]
    elif not all(lettering.can_write(run.name) for run in runs):
        notes = [_UNWRITABLE]
    else:
        notes = [_CUT if loss.names and one else ""]
    for sheet, note in zip(sheets, notes, strict=True):
        sheet += [*_head(timeline, description, runs, lettering), *_legend(lettering, note)]
    return sheets, lettering


_OWN = "0123456789:/x·…- holds, together hold with its length breath: up in, down out speech rest chime hms"


_UNWRITABLE = "Some names need a font that is not installed here."
_CUT = "Some names had no room here. A PDF has more."


def _side_names(runs: Sequence[Run]) -> Iterator[str]:
    return (hold.side for run in runs for hold in run.holds if hold.side)


def _plans(frames: int, one: bool) -> Iterator[_Plan]:
    """Ways to wrap a session, from the best looking to the last resort."""
    airy, dense = _minutes(frames, _AIRY), _minutes(frames, _DENSE)
    if one or airy <= _MOST_IN_A_ROW:
        yield from _tiered(airy, _rows(frames, airy), 8.0, 22)
        yield from _tiered(dense, _rows(frames, dense), SMALLEST, 11, _COST_OF_DENSE)
    if not one:
        for minutes in range(min(airy, _MOST_IN_A_ROW), 0, -1):
            if minutes == _MOST_IN_A_ROW or _rows(frames, minutes) <= _MOST_SHEETS * _AIRY:
                yield from _tiered(minutes, _AIRY, 8.0, 22)


def _tiered(minutes: int, rows: int, size: float, lowest_bar: float, cost: int = 0) -> Iterator[_Plan]:
    plans = (_Plan(minutes, max(3, rows), tiers, size, cost + tiers) for tiers in (1, 2, 3, 4))
    return (plan for plan in plans if plan.tiers == 1 or plan.bar_height() >= lowest_bar)


def _minutes(frames: int, most: int) -> int:
    """The fewest minutes in a row with which no more than `most` rows are needed, the last of them no mere scrap."""
    fitting = [minutes for minutes in _MINUTES if _rows(frames, minutes) <= most]
    full = (minutes for minutes in fitting[:2] if (frames / (minutes * 60 * RATE)) % 1 >= _SCRAP)
    return next(full, fitting[0])


def _rows(frames: int, minutes: int) -> int:
    return -(-frames // (minutes * 60 * RATE))


def _row(plan: _Plan, number: int, frames: int, length: int) -> Row:
    pitch = (_LAST_ROW - _FIRST_ROW) / plan.rows
    top = _FIRST_ROW + pitch * (number % plan.rows)
    start = number * length
    bottom = top + min(pitch - _ROW_GAP, _TALLEST_ROW)
    return Row(MARGIN, WIDTH - MARGIN, top, bottom, start, start + length, frames, plan.tiers, plan.size)


def _strips(runs: Sequence[Run], frames: int, plan: _Plan, lettering: Lettering) -> tuple[list[list[Shape]], Loss]:
    """The rows of every sheet, and what of the names had no room."""
    length = plan.minutes * 60 * RATE
    sheets: list[list[Shape]] = []
    lost = Loss()
    for number in range(-(-frames // length)):
        if number % plan.rows == 0:
            sheets.append([])
        shapes, loss = draw_strip(runs, _row(plan, number, frames, length), lettering)
        sheets[-1] += shapes
        lost += loss
    return sheets, lost


def _head(timeline: Timeline, description: str, runs: Sequence[Run], lettering: Lettering) -> Iterator[Shape]:
    def right(words: str, baseline: float, size: float, colour: str, heavy: bool) -> Text:
        width = lettering.width(words, size)
        return Text(words, WIDTH - MARGIN - width, baseline, size, colour, width, heavy=heavy)

    holds = [hold for run in runs for hold in run.holds]
    held = clock(sum(hold.frames for hold in holds))
    length = right(clock(timeline.frames), 51, 22, INK, True)
    counted = f"{len(holds)} hold{'' if len(holds) == 1 else 's'}, together {held}" if holds else ""
    count = right(counted, 68, 9, QUIET, False)
    yield from (length, count)
    title = lettering.shorten(timeline.title, 22, length.left - MARGIN - 24)
    yield Text(title, MARGIN, 51, 22, INK, lettering.width(title, 22), heavy=True)
    line = lettering.shorten(" ".join(description.split()), 9, count.left - MARGIN - 24)
    yield Text(line, MARGIN, 68, 9, QUIET, lettering.width(line, 9))


def _legend(lettering: Lettering, note: str) -> Iterator[Shape]:
    top, bottom, baseline = HEIGHT - 37, HEIGHT - 26, HEIGHT - 28.5
    left = float(MARGIN)
    fill, dark = colours(1)

    def words(text: str) -> Text:
        nonlocal left
        width = lettering.width(text, 7.5)
        shape = Text(text, left + 4, baseline, 7.5, QUIET, width)
        left += width + 22
        return shape

    yield box(left, top, left + 20, bottom, fill)
    yield frame(left, top, left + 20, bottom, dark, 0.9)
    left += 20
    yield words("hold, with its length")
    wave = ((left + at, (top + bottom) / 2 - 4 * math.sin(at / 4)) for at in range(31))
    yield Line(tuple(wave), dark, 1.0)
    left += 30
    yield words("breath: up in, down out")
    yield box(left, top + 4, left + 20, top + 7.4, SPOKEN)
    left += 20
    yield words("speech")
    yield from rest_shapes(left, top, left + 20, bottom)
    left += 20
    yield words("rest")
    yield chime_mark(left + 3, (top + bottom) / 2)
    left += 6
    yield words("chime")
    width = lettering.width(note, 7.5)
    yield Text(note, WIDTH - MARGIN - width, baseline, 7.5, QUIET, width)
