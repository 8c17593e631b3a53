"""The cover: the session's holds as a row of bars under its title, in colours that belong to the routine."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from audioguide.output.lettering import LINE_HEIGHT, Place, set_text
from audioguide.timeline.model import Timeline

if TYPE_CHECKING:
    from PIL.ImageDraw import ImageDraw

SIZE = 1000
"""Pixels along each edge of the cover."""

_FINE = 2  # drawn this much larger and then reduced, which smooths the edges
_EDGE = SIZE * _FINE
_MARGIN = 84 * _FINE
_WIDTH = _EDGE - 2 * _MARGIN
_FLOOR = _EDGE - _MARGIN
_TALLEST, _LOWEST, _THINNEST = 360 * _FINE, 36 * _FINE, 6 * _FINE
# The smallest letters are 7 pixels high in a list that shows covers at 64.
_TITLE = Place(_WIDTH, 440 * _FINE, largest=190 * _FINE, smallest=104 * _FINE, lines=4)
_TEXT = "#fdfaf3"

_PALETTES = (
    ("#1f6870", "#123c46", "#f2d5a0", "#e58f65"),
    ("#45588a", "#232c4f", "#bcd6ec", "#f0b7a4"),
    ("#477056", "#22402f", "#e4e3a6", "#a9cfa0"),
    ("#73506f", "#3c2743", "#f3c9b5", "#d9a0bd"),
    ("#83523f", "#452720", "#f6d9a8", "#eda279"),
    ("#336f9c", "#16384f", "#a8dcd1", "#f4e1a6"),
    ("#656543", "#333320", "#efe2b0", "#c3c98a"),
    ("#535f74", "#27303f", "#d8e2ee", "#9fc3d1"),
)
"""Of each: the background above and below, the first bar and the last."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One hold of the session: its start and end as fractions of the whole."""

    start: float
    end: float


def palette(routine: str) -> tuple[str, str, str, str]:
    """The colours that belong to the routine of an id: the background above and below, the first bar and the last."""
    return _PALETTES[hashlib.sha256(routine.encode(errors="surrogateescape")).digest()[0] % len(_PALETTES)]


def bars(timeline: Timeline) -> tuple[Bar, ...]:
    """The holds of a session, in order."""
    holds = (cue for cue in timeline.cues if cue.kind == "hold")
    return tuple(Bar(cue.start / timeline.frames, cue.end / timeline.frames) for cue in holds)


def cover(title: str, routine: str, bars: Sequence[Bar]) -> bytes:
    """A baseline JPEG of `SIZE` by `SIZE` pixels, under 300 kB; the same for the same arguments.

    A bar lies where its hold lies in the session and is as wide as the hold is long; the longest is the tallest.
    `routine`, an id, chooses the colours. The title is set large, in four lines at most; in a script that no font
    of this machine has it is left out (the built-in font is English only).
    """
    from PIL import Image, ImageDraw

    above, below, first, last = palette(routine)
    column = (1, _EDGE)  # made once, and drawn out to the width
    downwards = Image.linear_gradient("L").resize(column)
    shades = Image.composite(Image.new("RGB", column, below), Image.new("RGB", column, above), downwards)
    picture = shades.resize((_EDGE, _EDGE), Image.Resampling.NEAREST)
    draw = ImageDraw.Draw(picture)
    _draw_title(draw, title)
    _draw_bars(draw, bars, first, last)
    file = io.BytesIO()
    picture.reduce(_FINE).save(file, "JPEG", quality=88)
    return file.getvalue()


def _draw_title(draw: ImageDraw, title: str) -> None:
    if not (found := set_text(title, _TITLE)):
        return
    font, lines = found
    step = font.size * LINE_HEIGHT
    # The built-in font has no bold, and thin strokes are lost at 64 pixels.
    stroke = 0 if "Bold" in str(font.getname()) else font.size // 44
    for number, line in enumerate(lines):
        # "ls": from the baseline, the same for every font.
        place = (_MARGIN, _MARGIN + 0.72 * font.size + number * step)
        draw.text(place, line, _TEXT, font, anchor="ls", stroke_width=stroke, stroke_fill=_TEXT)


def _draw_bars(draw: ImageDraw, bars: Sequence[Bar], first: str, last: str) -> None:
    from PIL import ImageColor

    begin, end = ImageColor.getrgb(first), ImageColor.getrgb(last)
    longest = max((bar.end - bar.start for bar in bars), default=0.0) or 1.0
    for bar in bars:
        left = min(_MARGIN + _WIDTH * bar.start, _EDGE - _MARGIN - _THINNEST)
        right = max(_MARGIN + _WIDTH * bar.end, left + _THINNEST)
        height = _LOWEST + (_TALLEST - _LOWEST) * (bar.end - bar.start) / longest
        colour = tuple(round(a + (b - a) * bar.start) for a, b in zip(begin, end, strict=True))
        box = (left, _FLOOR - height, right, _FLOOR)
        draw.rounded_rectangle(box, min(28 * _FINE, (right - left) / 2), colour)
    draw.rounded_rectangle((_MARGIN, _FLOOR + 16 * _FINE, _EDGE - _MARGIN, _FLOOR + 20 * _FINE), 4, begin)
