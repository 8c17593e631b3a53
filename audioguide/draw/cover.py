"""The cover: a title, the poses of the session and a bar for each hold, in the colours of the routine; or a picture."""

import hashlib
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path

from audioguide.draw import font
from audioguide.draw.picture import open_picture, read_picture, shrink_picture
from audioguide.draw.render import draw_once, to_jpeg
from audioguide.draw.svg import blend, box, clean_text, document, text
from audioguide.model.chapter_figure import ChapterFigure
from audioguide.model.figure import Figure
from audioguide.model.timeline import Timeline

SIZE = 1000  # pixels along each edge of the cover
LARGEST_COVER = 300_000  # bytes: what every player shows
_QUALITIES = (88, 70, 50, 30, 15)

_MARGIN = 84.0
_WIDTH = SIZE - 2 * _MARGIN
_FLOOR = SIZE - _MARGIN
_TALLEST, _LOWEST, _THINNEST, _GAP = 350.0, 36.0, 5.0, 3.0
_GROUND, _LOW = 756.0, 124.0  # the line that figures stand on, and the highest bar below them
_TALLEST_BODY, _LEAST_BODY = 340.0, 210.0  # a body's height: the most, and what can be told in a list
_NARROW, _WIDE = 16.0, 90.0  # between two figures
_TITLE_HEIGHT = 440.0
_LARGEST, _SMALLEST = 188, 104  # font sizes of the title; the smallest is 7 pixels high in a cover of 64 pixels
_LINES = 4
_LINE_HEIGHT = 1.15  # in font sizes
_CAPITALS, _DESCENT = 0.73, 0.2  # above and below the baseline
_TEXT = "#fdfaf3"

_PALETTES = (
    ("#1f6870", "#123c46", "#f2d5a0", "#e58f65"),
    ("#45588a", "#232c4f", "#a9d2f0", "#dccdf6"),
    ("#477056", "#22402f", "#e4e3a6", "#a9cfa0"),
    ("#73506f", "#3c2743", "#f3c9b5", "#d9a0bd"),
    ("#83523f", "#452720", "#f6d9a8", "#eda279"),
    ("#336f9c", "#16384f", "#a8dcd1", "#f4e1a6"),
    ("#656543", "#333320", "#efe2b0", "#c3c98a"),
    ("#535f74", "#27303f", "#d8e2ee", "#9fc3d1"),
)
"""For each a middle and a dark background, the first bar and the last."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One hold of the session: its start and end as fractions of the whole."""

    start: float
    end: float


def choose_palette(routine: str) -> tuple[str, str, str, str]:
    """The colours of the routine with that id: a middle and a dark background, the first bar and the last."""
    return _PALETTES[hashlib.sha256(routine.encode(errors="surrogateescape")).digest()[0] % len(_PALETTES)]


def hold_bars(timeline: Timeline) -> tuple[Bar, ...]:
    """The holds of a session, in order."""
    holds = (cue for cue in timeline.cues if cue.kind == "hold")
    return tuple(Bar(cue.start / timeline.frames, cue.end / timeline.frames) for cue in holds)


def render_cover(title: str, routine: str, bars: Sequence[Bar], figures: Sequence[ChapterFigure | None] = ()) -> bytes:
    """The cover as a baseline JPEG of `SIZE` by `SIZE` pixels, under 300 kB; equal arguments give equal bytes."""
    return to_jpeg(draw_cover(title, routine, bars, figures), SIZE)


def read_cover(path: Path) -> bytes:
    """The picture in a file as a cover. RequestError where it is none, or too large."""
    return fit_cover(*read_picture(path, "--cover"))


def fit_cover(content: bytes, name: str) -> bytes:
    """A picture, which messages call `name`, as a cover: whole, on a ground of the colour of its first corner."""
    from PIL import ImageOps

    with open_picture(content, name) as picture:
        if picture.format == "JPEG" and picture.size == (SIZE, SIZE) and len(content) <= LARGEST_COVER:
            picture.load()
            if picture.mode == "RGB" and not picture.info.get("progressive"):
                return content  # one of ours, too, so that it stays the same from file to file
        shown = shrink_picture(picture, SIZE)
    square = ImageOps.pad(shown, (SIZE, SIZE), color=tuple(shown.crop((0, 0, 1, 1)).tobytes()))
    for quality in _QUALITIES:
        file = io.BytesIO()
        square.save(file, "JPEG", quality=quality, subsampling="4:4:4")
        if file.tell() <= LARGEST_COVER:
            break
    return file.getvalue()


def figure_palette(routine: str) -> tuple[str, str, str, str, str]:
    """The colours of a `Palette` on the background of the routine with that id."""
    background, _, _, last = choose_palette(routine)
    return _TEXT, blend(background, _TEXT, 0.5), background, last, blend(background, _TEXT, 0.25)


def draw_cover(title: str, routine: str, bars: Sequence[Bar], figures: Sequence[ChapterFigure | None] = ()) -> str:
    """The cover as SVG, in the colours of the routine with the id `routine`.

    The bars fill the width from the start of the first hold to the end of the last; width and height show the length of
    a hold. Figures stand above them on a line of their own, and then the bars are low. The title is as large as fits
    into four lines, and shortened where it does not fit at all.
    """
    background, _, first, last = choose_palette(routine)
    ground = box(0, 0, SIZE, SIZE, background)
    size, lines = _fit_title(title)
    words = _draw_title(size, lines)
    shown = choose_figures(figures)
    if not shown:
        return document(SIZE, SIZE, ground, *words, *_draw_bars(bars, first, last, _TALLEST))
    palette, end = figure_palette(routine), _MARGIN + (_CAPITALS + _DESCENT + (len(lines) - 1) * _LINE_HEIGHT) * size
    line = box(_MARGIN, _GROUND, SIZE - _MARGIN, _GROUND + 6, palette[-1], rx=3.0)
    place = _MARGIN, SIZE - _MARGIN, _GROUND, _GROUND - end - 30
    frieze = draw_once(lambda: draw_frieze(shown, *place, palette).encode(), shown, place, palette).decode()
    return document(SIZE, SIZE, ground, *words, line, frieze, *_draw_bars(bars, first, last, _LOW))


def _draw_title(size: float, lines: Sequence[str]) -> Iterator[str]:
    for number, line in enumerate(lines):
        left = _MARGIN - font.left_bearing(line, size, bold=True)
        yield text(line, left, _MARGIN + (_CAPITALS + number * _LINE_HEIGHT) * size, size, _TEXT, bold=True)


def _fit_title(title: str) -> tuple[int, list[str]]:
    """The largest font size in which the title fits without broken words, and its lines."""
    title = clean_text(title)[:200]  # more do not fit even in the smallest size
    for size in range(_LARGEST, _SMALLEST, -6):
        lines = font.wrap(title, size, _WIDTH, bold=True)
        height = (_CAPITALS + _DESCENT + (len(lines) - 1) * _LINE_HEIGHT) * size
        if " ".join(lines) == title and height <= _TITLE_HEIGHT:
            return size, lines
    lines = font.wrap(title, _SMALLEST, _WIDTH, bold=True)
    if len(lines) > _LINES:
        words = lines[_LINES - 1].split()
        while len(words) > 1 and font.text_width(" ".join(words) + "…", _SMALLEST, bold=True) > _WIDTH:
            words.pop()
        lines[_LINES - 1 :] = [font.shorten(" ".join(words).rstrip(",.;:-") + "…", _SMALLEST, _WIDTH, bold=True)]
    return _SMALLEST, lines


def choose_figures(figures: Sequence[ChapterFigure | None]) -> list[ChapterFigure]:
    """What a frieze can show: each pose once, in the order of the session, but none that is seen from above."""
    found: dict[Figure, ChapterFigure] = {}
    for one in figures:
        if one and one.figure.view != "above":
            found.setdefault(one.figure, one)
    return list(found.values())


def draw_frieze(
    figures: Sequence[ChapterFigure], left: float, right: float, ground: float, tallest: float, colours: Sequence[str]
) -> str:
    """The figures from `left` to `right` on the line `ground`, at most `tallest` high.

    Where they would be too small to be told apart, as many as can be, evenly chosen over the session.
    """
    from audioguide.draw.figure_svg import Palette, measure_figure, stand_figure  # slow to load, where it was kept

    palette = Palette(*colours)
    for count in range(len(figures), 0, -1):
        shown = [figures[round(place * (len(figures) - 1) / max(1, count - 1))] for place in range(count)]
        edges = [measure_figure(one.figure) for one in shown]
        widths = [east - west for west, _, east, _ in edges]
        room = right - left - _NARROW * (count - 1)
        scale = min(_TALLEST_BODY, room / sum(widths), tallest / max(top for *_, top in edges))
        if scale >= _LEAST_BODY or count == 1:
            break
    gap = min(_WIDE, (right - left - scale * sum(widths)) / max(1, count - 1))
    starts = accumulate((scale * width + gap for width in widths), initial=left)
    return "".join(
        stand_figure(one.figure, start, ground, scale, moment=1.0, side=one.side, palette=palette)
        for one, start in zip(shown, starts, strict=False)
    )


def _draw_bars(bars: Sequence[Bar], first: str, last: str, tallest: float) -> Iterator[str]:
    if not bars:
        return
    longest = max(bar.end - bar.start for bar in bars) or 1.0
    start = bars[0].start
    length = max(bars[-1].end - start, 2 * longest)  # a single hold fills only half of the width
    for bar in bars:
        wide = max(_THINNEST, (_WIDTH + _GAP) * (bar.end - bar.start) / length - _GAP)
        left = min(_MARGIN + (_WIDTH + _GAP) * (bar.start - start) / length, _MARGIN + _WIDTH - wide)
        height = _LOWEST * tallest / _TALLEST + tallest * (1 - _LOWEST / _TALLEST) * (bar.end - bar.start) / longest
        colour = blend(first, last, (bar.start - start) / length)
        yield box(left, _FLOOR - height, left + wide, _FLOOR, colour, rx=min(24.0, wide / 2))
