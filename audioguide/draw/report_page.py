"""A page about some weeks of stretching: minutes a week and how they felt, the longest holds, and what hurt.

Lengths are points from the upper left corner of an A4 page.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from audioguide.draw import font
from audioguide.draw.plot_row import INK, QUIET
from audioguide.draw.sheet import PAPERS
from audioguide.draw.svg import box, document, element, number, path, text

_LEFT, _RIGHT = 40.0, 555.0
_FLOOR = 790.0  # of all but the last line
_RULE = "#c3c8cf"
_PAIN = "#a8321f"
_COLOURS = {"easier": "#b2d795", "right": "#5aa9a0", "harder": "#f0a95c", "": "#c6ccd4"}  # "": nobody said
_TOP, _CHART = 214.0, 130.0  # of the bars
_SPARK, _NUMBERS, _ROW = 245.0, 420.0, 18.0  # of the holds: where the lines and the numbers begin, and a row's height


@dataclass(frozen=True, slots=True)
class SessionBar:
    """A session: its minutes, how it felt, and whether something hurt."""

    minutes: float
    felt: str
    hurt: bool


@dataclass(frozen=True, slots=True)
class ReportPage:
    """What stands on the page. `facts` are numbers with their meaning, `weeks` have a label and the days with one,
    `holds` are the name of a pose, how often it hurt, and its longest hold in each week (seconds; 0 for none).
    """

    about: str
    facts: tuple[tuple[str, str], ...]
    weeks: tuple[tuple[str, int, tuple[SessionBar, ...]], ...]
    holds: tuple[tuple[str, int, tuple[float, ...]], ...]
    pain: tuple[str, ...]
    words: Mapping[str, str]


def draw_report(page: ReportPage) -> str:
    """The page as SVG. What does not fit is counted on it."""
    width, height = PAPERS["a4"]
    room = int((_FLOOR - _TOP - _CHART - 130) / _ROW)  # rows for holds and what hurt
    pain = page.pain[: max(room - len(page.holds), min(6, len(page.pain)))]
    holds = page.holds[: room - len(pain)]
    top = _TOP + _CHART + 72
    rows = (*_draw_holds(page, holds, top), *_draw_pain(page, pain, top + _ROW * max(1, len(holds)) + 30))
    footer = text(font.shorten(page.words["report_care"], 8, _RIGHT - _LEFT), _LEFT, 806, 8, QUIET)
    frame = box(0, 0, width, height, "#ffffff")
    return document(width, height, frame, *_draw_head(page), *_draw_weeks(page), *rows, footer, unit="pt")


def _draw_head(page: ReportPage) -> Iterator[str]:
    yield text(font.shorten(page.words["report"], 24, _RIGHT - _LEFT, bold=True), _LEFT, 64, 24, INK, bold=True)
    yield text(font.shorten(page.about, 11, _RIGHT - _LEFT), _LEFT, 84, 11, QUIET)
    yield box(_LEFT, 98, _RIGHT, 98.6, _RULE)
    step = (_RIGHT - _LEFT) / len(page.facts)
    for count, (value, meaning) in enumerate(page.facts):
        yield text(value, _LEFT + count * step, 130, 22, INK, bold=True)
        for line, words in enumerate(font.wrap(meaning, 9, step - 12)[:3]):
            yield text(words, _LEFT + count * step, 145 + 11 * line, 9, QUIET)


def _draw_title(page: ReportPage, key: str, baseline: float, more: int = 0) -> Iterator[str]:
    yield text(page.words[key], _LEFT, baseline, 13, INK, bold=True)
    yield text(page.words["and_more"].replace("{n}", str(more)) * bool(more), _RIGHT, baseline, 9, QUIET, anchor="end")


def _draw_weeks(page: ReportPage) -> Iterator[str]:
    """A column for each week: its sessions above each other, the days with one above, its Monday below."""
    yield from _draw_title(page, "by_week", _TOP - 24)
    most = max(15.0, *(sum(bar.minutes for bar in bars) for _, _, bars in page.weeks))
    mark = next((mark for mark in (5, 10, 15, 30, 60, 120, 300) if most / mark <= 4.5), 600)
    floor, scale = _TOP + _CHART, (_CHART - 16) / most
    for value in range(0, int(most) + 1, mark):
        y = floor - value * scale
        yield box(_LEFT + 22, y, _RIGHT, y + 0.5, _RULE)
        yield text(str(value), _LEFT + 16, y + 3, 8, QUIET, anchor="end")
    step = (_RIGHT - _LEFT - 26) / len(page.weeks)
    every, half = math.ceil(38 / step), min(17.0, 0.38 * step)
    for column, (label, days, bars) in enumerate(page.weeks):
        x, y = _LEFT + 26 + (column + 0.5) * step, floor
        for bar in bars:
            top = y - bar.minutes * scale
            yield box(x - half, top, x + half, y, _COLOURS[bar.felt], stroke="#ffffff", stroke_width=min(0.8, half / 4))
            if bar.hurt:
                yield _draw_sign(x, (top + y) / 2, min(4.0, half))
            y = top
        if days and step > 9:
            yield text(str(days), x, y - 4, 8.5, INK, bold=True, anchor="middle")
        if column % every == 0:
            yield text(label, x, floor + 12, 8, QUIET, anchor="middle")
    left = _LEFT + 26
    for felt, colour in (*_COLOURS.items(), ("hurt", "")):
        words = page.words[f"felt_{felt or 'unasked'}"]
        yield box(left, floor + 22, left + 9, floor + 31, colour) if colour else _draw_sign(left + 4, floor + 26.5, 4.5)
        yield text(words, left + 13, floor + 30, 8.5, QUIET)
        left += 27 + font.text_width(words, 8.5)
    yield text(page.words["days_above"], _RIGHT, _TOP - 24, 9, QUIET, anchor="end")


def _draw_sign(x: float, y: float, size: float) -> str:
    corners = path((x - size, y + 0.8 * size), (x, y - size), (x + size, y + 0.8 * size))
    return element("path", d=f"{corners}Z", fill=_PAIN, stroke="#ffffff", stroke_width=0.8)


def _draw_holds(page: ReportPage, holds: Sequence[tuple[str, int, tuple[float, ...]]], top: float) -> Iterator[str]:
    """A row for each pose: its longest hold in each week as a line, and the first and the last one in numbers."""
    yield from _draw_title(page, "holds", top - 8, len(page.holds) - len(holds))
    if not holds:
        yield text(page.words["no_holds"], _LEFT, top + 10, 10, QUIET)
    for row, (name, hurt, longest) in enumerate(holds):
        y = top + 12 + row * _ROW
        yield text(font.shorten(name, 10, _SPARK - _LEFT - 26), _LEFT, y, 10, INK)
        if hurt:
            yield _draw_sign(_SPARK - 20, y - 3.5, 4)
            yield text(str(hurt), _SPARK - 13, y, 8.5, _PAIN)
        held = {week: seconds for week, seconds in enumerate(longest) if seconds}
        step = (_NUMBERS - 24 - _SPARK) / max(1, len(longest) - 1)
        low, rise = min(held.values()), max(held.values()) - min(held.values())
        points = [(_SPARK + week * step, y + 1 - 9 * ((held[week] - low) / rise if rise else 0.5)) for week in held]
        yield element("path", d=path(*points), fill="none", stroke=_COLOURS["right"], stroke_width=1.3)
        for x, at in points:
            yield element("circle", cx=x, cy=at, r=min(1.9, 0.4 * step), fill=_COLOURS["right"])
        ends = dict.fromkeys(number(round(held[week], 1)) for week in (min(held), max(held)))
        shown = " → ".join(page.words["second"].replace("{n}", one) for one in ends).replace(".", page.words["point"])
        yield text(shown, _NUMBERS, y, 10, INK, bold=len(ends) > 1)
        yield box(_LEFT, y + 5, _RIGHT, y + 5.4, _RULE)


def _draw_pain(page: ReportPage, lines: Sequence[str], top: float) -> Iterator[str]:
    yield from _draw_title(page, "what_hurt", top - 2, len(page.pain) - len(lines))
    if not lines:
        yield text(page.words["nothing_hurt"], _LEFT, top + 18, 10, QUIET)
    for row, line in enumerate(lines):
        y = top + 18 + row * _ROW
        yield _draw_sign(_LEFT + 5, y - 3.5, 4)
        yield text(font.shorten(line, 10, _RIGHT - _LEFT - 16), _LEFT + 16, y, 10, INK)
