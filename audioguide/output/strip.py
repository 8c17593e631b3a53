"""One row of a plot: some minutes of a session as a strip, with its names above and its clock below."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from audioguide.output.drawing import Area, Lettering, Line, Point, Shape, Text, box
from audioguide.output.labels import Label, Loss, Room, Wish
from audioguide.output.runs import Run, hold_length, hold_place, hold_round, sides, summary
from audioguide.timeline.model import Cue
from audioguide.units import RATE, clock

INK, QUIET, SPOKEN, PAPER = "#1c2430", "#5b6472", "#3c4656", "#ffffff"
_NEUTRAL = "#c6ccd4"
_COLOURS = (
    ("#f3b77c", "#8a4b0c"),
    ("#93c4e6", "#1d557c"),
    ("#b2d795", "#3c6b1c"),
    ("#e795a7", "#8a2440"),
    ("#c9b6e6", "#53368c"),
    ("#f2dc78", "#75610a"),
    ("#7cc9bd", "#12594e"),
    ("#d3a984", "#6a3d16"),
    ("#b9c4d6", "#37475f"),
    ("#d2db70", "#596010"),
    ("#eaa9da", "#82286c"),
    ("#a0b1f1", "#2b3c92"),
)
"""A pose's bar, and its outline and breath."""

SMALLEST = 7.0
"""Letters that can be read in print, in points."""

_PATTERNS = 5
_FOOT = 4.0  # height of the pattern at a bar's foot, which tells poses apart in grey
_SOUND, _CLOCK = 3.4, 11.0  # heights of the lanes under the bars
_SPACE = 2.2  # between lanes
_TIER = 1.2  # from one name to the one above it, in letter sizes
_LEAST_FOR_CHIMES = 0.8  # points a second: below, the marks would touch


@dataclass(frozen=True, slots=True)
class Row:
    """Where a strip lies (points) and what it shows (frames); `tiers` of names in letters of `size` points."""

    left: float
    right: float
    top: float
    bottom: float
    start: int
    end: int
    session_end: int
    tiers: int
    size: float

    def x(self, frame: int) -> float:
        """Where a frame lies, at most at the edges."""
        share = (frame - self.start) / (self.end - self.start)
        return self.left + (self.right - self.left) * min(1.0, max(0.0, share))

    @property
    def bar_top(self) -> float:
        """The upper edge of the bars."""
        return self.top + self.tiers * self.size * _TIER + _SPACE

    @property
    def bar_bottom(self) -> float:
        """The lower edge of the bars."""
        return self.bottom - _CLOCK - _SOUND - 2 * _SPACE

    @property
    def bar_height(self) -> float:
        """Of the bars."""
        return self.bar_bottom - self.bar_top

    @property
    def points_per_second(self) -> float:
        """The scale."""
        return (self.right - self.left) * RATE / (self.end - self.start)


def colours(kind: int | None) -> tuple[str, str]:
    """The colour of a pose's bars, and of their outlines."""
    return (_NEUTRAL, QUIET) if kind is None else _COLOURS[kind % len(_COLOURS)]


def tint(colour: str) -> str:
    """A colour three quarters of the way to white."""
    return "#" + "".join(f"{255 - (255 - int(colour[at : at + 2], 16)) * 3 // 10:02x}" for at in (1, 3, 5))


def draw_strip(runs: Sequence[Run], row: Row, lettering: Lettering) -> tuple[list[Shape], Loss]:
    """The shapes of a row, and what of its names had no room."""
    shapes: list[Shape] = []
    wishes: dict[float, tuple[Wish, Run]] = {}
    for run in runs:
        if run.end <= row.start or run.start >= row.end:
            continue
        left, right = row.x(run.start), row.x(run.end)
        shapes.append(box(left, row.bar_top, right, row.bar_bottom, tint(colours(run.kind)[0])))
        holds = [hold for hold in run.holds if hold.start < row.end and hold.end > row.start]
        bars = [_Bar(hold, run, row, lettering) for hold in holds]
        for bar in bars:
            shapes += bar.shapes()
        shapes += _rests(run, row)
        needed = bool(run.holds) and _is_home(run.holds[0].start, run.holds[0].end, row)
        wish = Wish(left, _wordings(run, [bar for bar in bars if bar.is_home]), needed)
        wishes[left] = (wish, run)
    shapes += _sounds(runs, row)
    shapes += _clock(row, lettering)
    room = Room(
        row.left,
        row.right,
        row.tiers,
        lambda words: lettering.width(words, row.size) + _FLAG,
        lambda words, width: lettering.shorten(words, row.size, width - _FLAG),
    )
    labels, loss = room.place([wish for wish, _ in wishes.values()])
    for label in labels:
        shapes += _flag(label, wishes[label.anchor][1], row, lettering)
    return shapes, loss


_FLAG = 3.5  # from a name's line to its first letter


def _flag(label: Label, run: Run, row: Row, lettering: Lettering) -> Iterator[Shape]:
    baseline = row.bar_top - _SPACE - row.size * (0.24 + _TIER * label.tier)
    dark = colours(run.kind)[1]
    hangs = label.left < label.anchor
    top = baseline + 0.24 * row.size if hangs else baseline - 0.75 * row.size
    yield Line(((label.anchor, top), (label.anchor, row.bar_bottom)), dark, 0.8)
    width = lettering.width(label.words, row.size)
    yield Text(label.words, label.left + _FLAG, baseline, row.size, INK, width, heavy=True)


def _is_home(start: int, end: int, row: Row) -> bool:
    """Whether more of the frames from `start` to `end` are in this row than in any other, or no fewer and first."""
    length = row.end - row.start
    rows = range(start // length, max(start, end - 1) // length + 1)
    home = max(rows, key=lambda number: min(end, (number + 1) * length) - max(start, number * length))
    return home == row.start // length


def _wordings(run: Run, bars: Sequence[_Bar]) -> tuple[str, ...]:
    """A name, with what did not fit into its bars."""
    holds = [bar.hold for bar in bars]
    lengths = summary(holds) if any(not bar.lines for bar in bars) else ""
    rounds = f"{run.rounds} rounds" if any(not bar.tells(hold_round(bar.hold, run.rounds)) for bar in bars) else ""
    both = sides(holds) if any(not bar.tells(bar.hold.side or "") for bar in bars) else ""
    details = ((lengths, rounds, both), (lengths, both), (rounds, both), (lengths,), (both,), ())
    forms = ((run.name, *form) for form in details)
    return tuple(dict.fromkeys(" · ".join(filter(None, form)) for form in forms))


class _Bar:
    """A hold in a row: as much of its length, side and round as it has room for, its breaths, its pose's pattern."""

    def __init__(self, hold: Cue, run: Run, row: Row, lettering: Lettering) -> None:
        self.hold, self._run, self._row, self._lettering = hold, run, row, lettering
        self._left, self._right = row.x(hold.start), row.x(hold.end)
        self._foot = min(_FOOT, row.bar_height / 4)
        self._size = min(row.size + 1, 9.0, (row.bar_height - self._foot) / 1.15)
        self.is_home = _is_home(hold.start, hold.end, row)
        self.lines = self._choose_lines() if self.is_home else ()

    def tells(self, words: str) -> bool:
        """Whether `words` are written in it."""
        return words in " · ".join(self.lines)

    def _choose_lines(self) -> tuple[str, ...]:
        """The fullest wording that fits, over one line or two."""
        if self._size < SMALLEST:
            return ()
        length, where = hold_length(self.hold), hold_place(self.hold, self._run.rounds)
        places = [place for place in (where, self.hold.side, hold_round(self.hold, self._run.rounds)) if place]
        stacked = [(length, place) for place in places] if self._row.bar_height - self._foot > 2.6 * self._size else []
        beside = [(f"{length} · {place}",) for place in places]
        for lines in (*beside[:1], *stacked, *beside[1:], (length,)):
            if all(self._lettering.width(line, self._size) <= self._right - self._left - 5 for line in lines):
                return lines
        return ()

    def shapes(self) -> Iterator[Shape]:
        left, right, top, bottom = self._left, self._right, self._row.bar_top, self._row.bar_bottom
        fill, dark = colours(self._run.kind)
        yield box(left, top, right, bottom, fill)
        foot = bottom - self._foot
        yield box(left, foot, right, bottom, PAPER)
        yield from _pattern((self._run.kind or 0) % _PATTERNS, left, right, foot, bottom, dark)
        yield Line(((left, foot), (right, foot)), dark, 0.5)
        text_bottom = top + 1.5 + len(self.lines) * self._size * 1.2
        high = max(text_bottom, foot - 0.55 * (foot - top)) + 2
        if foot - 2 - high >= 4:
            yield from self._wave(high, foot - 2.5, dark)
        yield from self._outline(dark)
        spare = max(0.0, foot - top - len(self.lines) * self._size * 1.2)
        for number, line in enumerate(self.lines):
            baseline = top + min(1.5, spare / 2) + self._size * (0.86 + 1.2 * number)
            width = self._lettering.width(line, self._size)
            yield Text(line, left + 3, baseline, self._size, INK, width, heavy=number == 0)

    def _outline(self, colour: str) -> Iterator[Shape]:
        """Open on the side where the hold goes on in another row."""
        left, right, top, bottom = self._left, self._right, self._row.bar_top, self._row.bar_bottom
        yield from (Line(((left, y), (right, y)), colour, 0.9) for y in (top, bottom))
        if self.hold.start >= self._row.start:
            yield Line(((left, top), (left, bottom)), colour, 0.9)
        if self.hold.end <= self._row.end:
            yield Line(((right, top), (right, bottom)), colour, 0.9)

    def _wave(self, high: float, low: float, colour: str) -> Iterator[Shape]:
        """The breath of the hold: up while breathing in, down while breathing out, level while holding."""
        row = self._row
        breathing = (cue for cue in self._run.cues if cue.kind == "breath")
        inside = [cue for cue in breathing if self.hold.start <= cue.start < self.hold.end]
        breaths = [cue for cue in inside if cue.start < row.end and cue.end > row.start]
        cycles = sum(cue.phase == "in" for cue in inside)
        if not cycles or (self.hold.frames / RATE * row.points_per_second) / cycles < 3:
            return
        points = tuple(point for cue in breaths for point in _phase(cue, row, high, low))
        if len(points) > 1:
            yield Line(points, colour, 1.0)


def _phase(cue: Cue, row: Row, high: float, low: float) -> Iterator[Point]:
    first, last = max(cue.start, row.start), min(cue.end, row.end)
    steps = max(1, min(24, round((row.x(last) - row.x(first)) / 1.5)))
    for step in range(steps + 1):
        frame = first + (last - first) * step // steps
        share = (frame - cue.start) / cue.frames
        rise = 0.5 - 0.5 * math.cos(math.pi * share)
        level = {"in": rise, "hold": 1.0, "out": 1 - rise, "rest": 0.0}[cue.phase or "rest"]
        yield row.x(frame), low - (low - high) * level


def _pattern(number: int, left: float, right: float, top: float, bottom: float, colour: str) -> Iterator[Shape]:
    """One of the patterns that tell poses apart without colour: full, ticks, slants, dots, a rail."""
    middle = (top + bottom) / 2
    match number:
        case 0:
            yield box(left, top, right, bottom, colour)
        case 1:
            yield from (Line(((x, top), (x, bottom)), colour, 1.1) for x in _every(3.6, left, right))
        case 2:
            yield from _hatch(left, top, right, bottom, 3.6, colour, 1.0)
        case 3:
            yield from (box(x - 0.9, middle - 0.9, x + 0.9, middle + 0.9, colour) for x in _every(4.2, left, right))
        case _:
            yield Line(((left, middle + 0.2), (right, middle + 0.2)), colour, 1.4)


def _every(step: float, left: float, right: float) -> Iterator[float]:
    x = left + step / 2
    while x < right - 1:
        yield x
        x += step


def _hatch(
    left: float, top: float, right: float, bottom: float, step: float, colour: str, width: float
) -> Iterator[Shape]:
    """Slanted lines within a rectangle."""
    height = bottom - top
    x = left - height + step / 2
    while x < right:
        begin, end = max(x, left), min(x + height, right)
        if end > begin:
            yield Line(((begin, bottom - (begin - x)), (end, bottom - (end - x))), colour, width)
        x += step


def _rests(run: Run, row: Row) -> Iterator[Shape]:
    for cue in run.cues:
        if cue.kind == "rest" and cue.start < row.end and cue.end > row.start:
            yield from rest_shapes(row.x(cue.start), row.bar_top, row.x(cue.end), row.bar_bottom)


def rest_shapes(left: float, top: float, right: float, bottom: float) -> Iterator[Shape]:
    """A rest: hatched on white."""
    yield box(left, top, right, bottom, PAPER)
    yield from _hatch(left, top, right, bottom, 4.5, "#9aa2ae", 0.6)


def _sounds(runs: Sequence[Run], row: Row) -> Iterator[Shape]:
    """Speech, and over it the chimes."""
    top = row.bar_bottom + _SPACE
    chimes: list[Shape] = []
    shown = [cue for run in runs for cue in run.cues if cue.start < row.end and cue.end > row.start]
    for cue in shown:
        if cue.kind == "speech":
            left = row.x(cue.start)
            yield box(left, top, max(row.x(cue.end), left + 0.4), top + _SOUND, SPOKEN)
        elif cue.kind == "chime" and cue.start >= row.start:
            chimes.append(chime_mark(row.x(cue.start), top + _SOUND / 2))
    if row.points_per_second >= _LEAST_FOR_CHIMES:
        yield from chimes


def chime_mark(x: float, y: float) -> Area:
    """A diamond."""
    return Area(((x, y - 2.7), (x + 2.1, y), (x, y + 2.7), (x - 2.1, y)), "#c2571a")


def _clock(row: Row, lettering: Lettering) -> Iterator[Shape]:
    """The scale: a tick and the time every so many minutes, shorter ticks between."""
    top = row.bar_bottom + 2 * _SPACE + _SOUND
    right = row.x(row.session_end)
    yield Line(((row.left, top), (right, top)), QUIET, 0.6)
    scale = row.points_per_second
    long = next(step for step in (15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200) if step * scale >= 44)
    short = next(step for step in (5, 10, 15, 30, 60, 120, 300, 600, 1800) if step * scale >= 7)
    over = row.session_end <= row.end
    for second in range(row.start // RATE, min(row.end, row.session_end) // RATE + 1, short):
        x = row.x(second * RATE)
        timed = (second - row.start // RATE) % long == 0
        yield Line(((x, top), (x, top + (3.2 if timed else 1.8))), QUIET, 0.6)
        words = clock(second * RATE)
        width = lettering.width(words, 7)
        left = min(max(x - width / 2, row.left), row.right - width)
        if timed and x < row.right - 1 and not (over and x > right - 40):
            yield Text(words, left, top + 9.6, 7, QUIET, width)
    if over:
        words = clock(row.session_end)
        width = lettering.width(words, 7)
        yield Line(((right, row.bar_top), (right, top + 3.2)), INK, 1.0)
        yield Text(words, max(row.left, right - width), top + 9.6, 7, INK, width, heavy=True)
