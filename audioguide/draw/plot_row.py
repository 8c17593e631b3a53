"""One row of a plot: some minutes of a session, with the names of poses above and a clock below. In points."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from audioguide.draw import font
from audioguide.draw.figure_svg import HEIGHT, PRINT, WIDTH, place_figure
from audioguide.draw.svg import box, element, number, path, text
from audioguide.model.chapter_figure import ChapterFigure
from audioguide.model.timeline import Cue, join_inhales
from audioguide.units import RATE, format_clock, format_duration

LEFT, RIGHT = 34, 808  # the left and right edge of every row

_NAME, _SPEECH, _CLOCK, _SPACE = 11.0, 3.4, 10.0, 2.4  # heights of the parts above and below the bars

_SMALLEST_FIGURE, _LARGEST_FIGURE = 24.0, 72.0  # how wide the figure of a pose is

INK, QUIET, SPOKEN = "#1c2430", "#5b6472", "#3c4656"
NO_POSE = ("#c6ccd4", QUIET)
COLOURS = (
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
"""For each pose the colour of its bars, and of the breath in them."""

_CHIME = element("path", d="M0-2.7 2.1 0 0 2.7-2.1 0Z", fill="#c2571a")


def _dashes(length: float) -> str:
    return element("path", d=f"M0 0H{number(length)}", stroke=QUIET, stroke_width=0.7, stroke_dasharray="2 2")


_WAVE = path(*((at, -4 * math.sin(at * math.pi / 10)) for at in range(21)))
SIGNS = (
    (box(0, -5.5, 20, 5.5, COLOURS[1][0]), "hold, with its length"),
    (element("path", d=_WAVE, fill="none", stroke=COLOURS[1][1]), "breath: up in, down out"),
    (box(0, -_SPEECH / 2, 20, _SPEECH / 2, SPOKEN), "speech"),
    (_dashes(20), "rest"),
    (element("g", _CHIME, transform="translate(10 0)"), "chime"),
)
"""For the legend: a sign, 20 points wide around its vertical middle, and its meaning."""


def translate(x: float, y: float, shape: str) -> str:
    """A shape with its origin moved to (x, y)."""
    return element("g", shape, transform=f"translate({number(x)} {number(y)})")


@dataclass(frozen=True, slots=True)
class PoseRun:
    """A pose with all its rounds and sides, or a chapter without a hold, from frame `start` to `end`."""

    name: str
    colours: tuple[str, str]
    start: int
    end: int
    cues: tuple[Cue, ...]
    figure: ChapterFigure | None = None

    def cues_in(self, row: PlotRow, kind: str) -> list[Cue]:
        """Its cues of a kind within a row."""
        return [cue for cue in self.cues if cue.kind == kind and cue.start < row.end and cue.end > row.start]


@dataclass(frozen=True, slots=True)
class PlotRow:
    """The place of a row on its sheet, and its first frame and end."""

    sheet: int
    top: float
    bottom: float
    start: int
    end: int

    def x(self, frame: int) -> float:
        """The position of a frame, clipped at the edges."""
        share = (frame - self.start) / (self.end - self.start)
        return LEFT + (RIGHT - LEFT) * min(1.0, max(0.0, share))

    @property
    def scale(self) -> float:
        """Points for each second."""
        return (RIGHT - LEFT) * RATE / (self.end - self.start)

    @property
    def bar(self) -> tuple[float, float]:
        """The upper and lower edge of its bars."""
        return self.top + _NAME, self.bottom - _CLOCK - _SPEECH - 2 * _SPACE


def draw_row(runs: Sequence[PoseRun], row: PlotRow, session_end: int) -> Iterator[str]:
    """One row: names, bars, speech and the clock."""
    visible = [run for run in runs if run.start < row.end and run.end > row.start]
    ends = [row.x(run.start) - 6 for run in visible[1:]] + [float(RIGHT)]
    top, bottom = row.bar
    for run, end in zip(visible, ends, strict=True):
        left = row.x(run.start)
        yield box(left, top, row.x(run.end), bottom, run.colours[0], fill_opacity=0.3)
        for rest in run.cues_in(row, "rest"):
            yield box(row.x(rest.start), top, row.x(rest.end), bottom, "#ffffff")
            yield translate(row.x(rest.start), bottom - 0.5, _dashes(row.x(rest.end) - row.x(rest.start)))
        holds = run.cues_in(row, "hold")
        yield from _draw_figure(run, row)
        labels = [_choose_label(hold, run, row) for hold in holds]
        for hold, label in zip(holds, labels, strict=True):
            yield from _draw_hold(hold, label, run, row)
        lengths = sorted(hold.asked or 0.0 for hold, label in zip(holds, labels, strict=True) if label == [""])
        span = "–".join(format_duration(round(length, 1)) for length in dict.fromkeys((*lengths[:1], *lengths[-1:])))
        full = f"{run.name} · {len(lengths)} × {span}" if lengths else run.name
        name = full if font.text_width(full, 8, bold=True) <= end - left else run.name
        yield text(font.shorten(name, 8, end - left, bold=True), left, top - 3, 8, INK, bold=True)
    sounds = [cue for run in visible for kind in ("speech", "chime") for cue in run.cues_in(row, kind)]
    yield from _draw_sounds(sounds, row)
    yield from _draw_clock(row, session_end)


def _draw_figure(run: PoseRun, row: PlotRow) -> Iterator[str]:
    """The figure of a pose where it is explained: before its first hold, if there is room in that row."""
    top, bottom = row.bar
    left, hold = row.x(run.start), next((row.x(cue.start) for cue in run.cues_in(row, "hold")), row.x(run.end))
    width = min(hold - left - 4, (bottom - top - 2) * WIDTH / HEIGHT, _LARGEST_FIGURE)
    if run.figure and run.start >= row.start and width >= _SMALLEST_FIGURE:
        at = left + 2, bottom - 1 - width * HEIGHT / WIDTH, width
        yield place_figure(run.figure.figure, *at, moment=1.0, side=run.figure.side, palette=PRINT)


def _choose_label(hold: Cue, run: PoseRun, row: PlotRow) -> list[str]:
    """The lines inside a bar: length, side and round of its hold, as far as they fit; one empty line if nothing fits.

    A hold over several rows has its label in the row that shows most of it, and no lines elsewhere.
    """
    size = row.end - row.start
    rows = range(hold.start // size, (hold.end - 1) // size + 1)
    parts = [min(hold.end, (at + 1) * size) - max(hold.start, at * size) for at in rows]
    if rows[parts.index(max(parts))] != row.start // size:
        return []
    length = format_duration(round(hold.asked or 0.0, 1))
    rounds = max((cue.round or 1 for cue in run.cues), default=1)
    number = f"{hold.round}/{rounds}" if rounds > 1 and hold.round else ""
    where = " · ".join(filter(None, (hold.side, number)))
    width = row.x(hold.end) - row.x(hold.start) - 5
    choices = ([f"{length} · {where}"] if where else [], [length, where], [length, number], [length])
    for lines in choices:
        if lines and all(line and font.text_width(line, 8, bold=True) <= width for line in lines):
            return lines
    return [""]


def _draw_hold(hold: Cue, label: Sequence[str], run: PoseRun, row: PlotRow) -> Iterator[str]:
    """A hold with its label and, below it, a curve of the breath: up for in, down for out."""
    (top, bottom), (fill, dark) = row.bar, run.colours
    left = row.x(hold.start)
    yield box(left, top, row.x(hold.end), bottom, fill)
    for place, line in enumerate(label):
        yield text(line, left + 3, top + 9.5 + 10 * place, 8, INK, bold=not place)
    low, high = bottom - 3, max(bottom - 48, top + 5 + 10 * max(1, len(label)))
    breaths = join_inhales(cue for cue in run.cues_in(row, "breath") if hold.start <= cue.start < hold.end)
    cycles = sum(cue.phase == "in" for cue in breaths)
    if cycles and low - high >= 8 and (row.x(breaths[-1].end) - row.x(breaths[0].start)) / cycles >= 3:
        wave = "".join(_draw_phase(cue, row, high, low) for cue in breaths)
        yield element("path", d=f"M{wave[1:]}", fill="none", stroke=dark, stroke_width=1, stroke_linejoin="round")


def _draw_phase(cue: Cue, row: PlotRow, high: float, low: float) -> str:
    """The part of a breath phase within the row, as a Bézier curve.

    y = begin + (end - begin) * (3u² - 2u³), u from 0 to 1, is cubic. So every part of it is a Bézier curve, whose inner
    points are on the tangents, at a third of its width.
    """
    begin, end = {"in": (low, high), "hold": (high, high), "out": (high, low)}.get(cue.phase or "", (low, low))
    first, last = max(cue.start, row.start), min(cue.end, row.end)
    u, v = (first - cue.start) / cue.frames, (last - cue.start) / cue.frames
    (x, y), (x2, y2) = ((row.x(at), begin + (end - begin) * w * w * (3 - 2 * w)) for at, w in ((first, u), (last, v)))
    rise, rise2 = ((end - begin) * 2 * w * (1 - w) * (v - u) for w in (u, v))
    third = (x2 - x) / 3
    places = (x + third, y + rise, x2 - third, y2 - rise2, x2, y2)
    return f"L{number(x)} {number(y)}C{' '.join(map(number, places))}"


def _draw_sounds(cues: Sequence[Cue], row: PlotRow) -> Iterator[str]:
    """Speech, and over it the chimes, unless the row is too dense for them."""
    y = row.bar[1] + _SPACE + _SPEECH / 2
    spoken = [(row.x(cue.start), max(row.x(cue.end), row.x(cue.start) + 0.4)) for cue in cues if cue.kind == "speech"]
    if spoken:
        lines = "".join(f"M{number(left)} {number(y)}H{number(right)}" for left, right in spoken)
        yield element("path", d=lines, stroke=SPOKEN, stroke_width=_SPEECH)
    for cue in cues:
        if cue.kind == "chime" and cue.chime != "tick" and cue.start >= row.start and row.scale >= 0.8:
            yield translate(row.x(cue.start), y, _CHIME)


def _draw_clock(row: PlotRow, session_end: int) -> Iterator[str]:
    """The time axis: long ticks with their time, shorter ticks between, and the session's end."""
    y = row.bar[1] + 2 * _SPACE + _SPEECH
    right = row.x(session_end)
    long = next(step for step in (15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200) if step * row.scale >= 44)
    short = next(step for step in (5, 10, 15, 30, 60, 120, 300, 600, 1800) if step * row.scale >= 7)
    first, last = row.start // RATE, min(row.end, session_end) / RATE
    ticks = list(range(-(-first // short) * short, math.ceil(last), short))
    marks = "".join(f"M{number(row.x(tick * RATE))} {number(y)}v{2 if tick % long else 3.2}" for tick in ticks)
    yield element("path", d=f"M{LEFT} {number(y)}H{number(right)}{marks}", fill="none", stroke=QUIET, stroke_width=0.6)
    has_end = session_end <= row.end
    for second in ticks:
        x = row.x(second * RATE)
        if second % long == 0 and x < right - (40 if has_end else 12):
            anchor = "middle" if x > LEFT + 12 else None
            yield text(format_clock(second * RATE), max(x, LEFT), y + 9.4, 7, QUIET, anchor=anchor)
    if has_end:
        yield element("path", d=path((right, row.bar[0]), (right, y + 3.2)), stroke=INK, stroke_width=1)
        anchor = "end" if right > LEFT + 30 else None
        yield text(format_clock(session_end), right, y + 9.4, 7, INK, bold=True, anchor=anchor)
