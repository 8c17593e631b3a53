"""The picture of docs/speed.md: seconds for the 20-minute session as bars, in the look of the timeline."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from pathlib import Path

from records import told
from rows import Row

from audioguide.output.drawing import (
    DOTS_PER_INCH,
    WIDTH,
    Lettering,
    Line,
    Shape,
    Text,
    as_image,
    box,
    frame,
)

INK, QUIET, RULE = "#1c2430", "#5b6472", "#dfe3e8"
OTHERS, OURS = ("#c6ccd4", "#5b6472"), ("#f3b77c", "#8a4b0c")

BARS = (
    ("pydub: overlay and export", "20 min: pydub", OTHERS),
    ("ffmpeg: one filter graph", "20 min: ffmpeg filter graph", OTHERS),
    ("LAME: one thread, encoding only", "20 min: one LAME thread", OTHERS),
    ("audioguide: nothing known", "20 min: nothing known", OURS),
    ("audioguide: sentences known", "20 min: clips known", OURS),
    ("audioguide: one hold changed", "20 min: one hold changed", OURS),
)
MARGIN, FIRST, HEIGHT, STEP = 34.0, 92.0, 26.0, 38.0
LEFT, RIGHT = 238.0, WIDTH - 96.0
TITLE = "20 minutes of session to an MP3"
NOTE = "seconds, shorter is better · pydub and ffmpeg are given all that sounds as files, spoken before"
BROKEN_OFF = " · the longest bar is broken off"
BROKEN = 3.0
"""A bar may be so many times as long as the next one; one that would be longer is broken off."""


def draw(rows: Mapping[str, Row], machine: str, path: Path) -> None:
    """Draw what there is of the bars."""
    if not (bars := [(name, rows[what], colours) for name, what, colours in BARS if what in rows]):
        return
    bottom = FIRST + STEP * len(bars)
    lettering = Lettering(
        "".join(name for name, _, _ in BARS) + TITLE + NOTE + BROKEN_OFF + machine + "0123456789., smin"
    )
    shapes = [
        *_head(lettering, machine, bottom, broken=_shown(bars) < max(made.figure for _, made, _ in bars)),
        *_bars(bars, lettering, bottom),
    ]
    image = as_image(shapes, lettering)
    image = image.crop((0, 0, image.width, round((bottom + 52) * DOTS_PER_INCH / 72)))
    few = image.quantize(64, dither=0)
    few.save(path, "PNG", optimize=True, dpi=(DOTS_PER_INCH, DOTS_PER_INCH))


def _head(lettering: Lettering, machine: str, bottom: float, *, broken: bool) -> Iterator[Shape]:
    yield _text(lettering, TITLE, MARGIN, 51, 22, INK, heavy=True)
    yield _text(lettering, NOTE + BROKEN_OFF * broken, MARGIN, 70, 10, QUIET)
    yield _text(lettering, machine, MARGIN, bottom + 34, 8, QUIET)


def _bars(bars: list[tuple[str, Row, tuple[str, str]]], lettering: Lettering, bottom: float) -> Iterator[Shape]:
    most = _shown(bars)
    step = _step(most)
    for number in range(math.floor(most / step) + 1):
        x = LEFT + (RIGHT - LEFT) * number * step / most
        if x > RIGHT - 45 and most < max(made.figure for _, made, _ in bars):
            break  # beyond where the longest bar is broken off there is no scale
        yield Line(((x, FIRST - 6), (x, bottom)), RULE, 0.6)
        clock = f"{number * step:g}"
        yield _text(lettering, clock, x - lettering.width(clock, 8) / 2, bottom + 11, 8, QUIET)
    for number, (name, made, (fill, dark)) in enumerate(bars):
        top = FIRST + STEP * number
        foot, right = top + HEIGHT, LEFT + (RIGHT - LEFT) * min(made.figure, most) / most
        yield _text(lettering, name, LEFT - 10 - lettering.width(name, 11), top + 17, 11, INK)
        yield box(LEFT, top, right, foot, fill)
        yield frame(LEFT, top, right, foot, dark, 1.0)
        if made.figure > most:
            for at in (right - 40, right - 34):
                yield Line(((at - 4, foot + 3), (at + 4, top - 3)), "#ffffff", 3.5)
        yield _text(lettering, told(made), right + 7, top + 17, 11, INK, heavy=True)


def _shown(bars: list[tuple[str, Row, tuple[str, str]]]) -> float:
    """The seconds at the right edge."""
    longest, *others = sorted((made.figure for _, made, _ in bars), reverse=True)
    return min(longest, BROKEN * others[0]) if others else longest


def _step(most: float) -> float:
    """Between two numbers of the scale: at most eight of them, round."""
    power = 10.0 ** math.floor(math.log10(most / 8))
    return next(power * factor for factor in (1, 2, 5, 10) if power * factor * 8 >= most)


def _text(
    lettering: Lettering, words: str, left: float, baseline: float, size: float, colour: str, *, heavy: bool = False
) -> Text:
    return Text(words, left, baseline, size, colour, lettering.width(words, size), heavy)
