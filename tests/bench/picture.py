"""The picture of docs/speed.md: seconds for the 20-minute session as bars, in the look of the timeline."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from pathlib import Path

from records import BUSY, told
from rows import Row

from audioguide.draw.render import to_png
from audioguide.draw.svg import box, document, element, path, text

INK, QUIET, RULE = "#1c2430", "#5b6472", "#dfe3e8"
OTHERS, OURS = "#c6ccd4", "#f3b77c"

BARS = (
    ("pydub: overlay and export", "20 min: pydub", OTHERS),
    ("ffmpeg: one filter graph", "20 min: ffmpeg filter graph", OTHERS),
    ("w2a's way: a file an exercise", "20 min: w2a's way", OTHERS),
    ("LAME: one thread, encoding only", "20 min: one LAME thread", OTHERS),
    ("audioguide: nothing known", "20 min: nothing known", OURS),
    ("audioguide: sentences known", "20 min: clips known", OURS),
    ("audioguide: one hold changed", "20 min: one hold changed", OURS),
)
Bars = list[tuple[str, Row, str]]
"""Of each its name, its figure and its colour."""

WIDTH = 842.0  # of A4, in points
MARGIN, FIRST, HEIGHT, STEP = 34.0, 92.0, 26.0, 38.0
LEFT, RIGHT = 238.0, WIDTH - 96.0
TITLE = "20 minutes of session to an MP3"
NOTE = "seconds, shorter is better · pydub, ffmpeg and w2a's way are given all that sounds as files, spoken before"
BROKEN_OFF = " · the longest bar is broken off"
BROKEN = 3.0
"""A bar may be so many times as long as the next one; one that would be longer is broken off."""


def draw(rows: Mapping[str, Row], machine: str, place: Path) -> None:
    """Draw what there is of the bars."""
    if not (bars := [(name, rows[what], colour) for name, what, colour in BARS if what in rows]):
        return
    bottom = FIRST + STEP * len(bars)
    shapes = [
        box(0, 0, WIDTH, bottom + 52, "#ffffff"),
        *_head(machine, bottom, bars),
        *_bars(bars, bottom),
    ]
    place.write_bytes(to_png(document(WIDTH, bottom + 52, *shapes, unit="pt"), round(WIDTH * 200 / 72), 200))


def _head(machine: str, bottom: float, bars: Bars) -> Iterator[str]:
    broken = _shown(bars) < max(made.figure for _, made, _ in bars)
    busy = any(made.busy for _, made, _ in bars)
    yield text(TITLE, MARGIN, 51, 22, INK, bold=True)
    yield text(NOTE + BROKEN_OFF * broken, MARGIN, 70, 10, QUIET)
    yield text(machine + f" · {BUSY}" * busy, MARGIN, bottom + 34, 8, QUIET)


def _bars(bars: Bars, bottom: float) -> Iterator[str]:
    most = _shown(bars)
    step = _step(most)
    for number in range(math.floor(most / step) + 1):
        x = LEFT + (RIGHT - LEFT) * number * step / most
        if x > RIGHT - 45 and most < max(made.figure for _, made, _ in bars):
            break  # beyond where the longest bar is broken off there is no scale
        yield element("path", d=path((x, FIRST - 6), (x, bottom)), stroke=RULE, stroke_width=0.6)
        yield text(f"{number * step:g}", x, bottom + 11, 8, QUIET, anchor="middle")
    for number, (name, made, colour) in enumerate(bars):
        top = FIRST + STEP * number
        foot, right = top + HEIGHT, LEFT + (RIGHT - LEFT) * min(made.figure, most) / most
        yield text(name, LEFT - 10, top + 17, 11, INK, anchor="end")
        yield box(LEFT, top, right, foot, colour)
        if made.figure > most:
            for at in (right - 40, right - 34):
                yield element("path", d=path((at - 4, foot + 3), (at + 4, top - 3)), stroke="#ffffff", stroke_width=3.5)
        yield text(told(made), right + 7, top + 17, 11, INK, bold=True)


def _shown(bars: Bars) -> float:
    """The seconds at the right edge."""
    longest, *others = sorted((made.figure for _, made, _ in bars), reverse=True)
    return min(longest, BROKEN * others[0]) if others else longest


def _step(most: float) -> float:
    """Between two numbers of the scale: at most eight of them, round."""
    power = 10.0 ** math.floor(math.log10(most / 8))
    return next(power * factor for factor in (1, 2, 5, 10) if power * factor * 8 >= most)
