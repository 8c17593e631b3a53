"""A frieze: the poses of a session side by side on one line, all in one scale."""

from collections.abc import Sequence
from itertools import accumulate

from audioguide.draw.figure_svg import Palette, measure_figure, stand_figure
from audioguide.model.chapter_figure import ChapterFigure
from audioguide.model.figure import Figure

_LARGEST, _LEAST = 340.0, 210.0  # a body's height, in units of the picture: the most, and what can be told in a list
_GAP, _WIDEST_GAP = 16.0, 90.0  # between two figures


def choose_figures(figures: Sequence[ChapterFigure | None]) -> list[ChapterFigure]:
    """What a frieze can show: each pose once, in the order of the session, but none that is seen from above."""
    found: dict[Figure, ChapterFigure] = {}
    for one in figures:
        if one and one.figure.view != "above":
            found.setdefault(one.figure, one)
    return list(found.values())


def draw_frieze(
    figures: Sequence[ChapterFigure], left: float, right: float, ground: float, tallest: float, palette: Palette
) -> list[str]:
    """The figures from `left` to `right` on the line `ground`, at most `tallest` high.

    Where they would be too small to be told apart, as many as can be, evenly chosen over the session.
    """
    for count in range(len(figures), 0, -1):
        shown = [figures[round(place * (len(figures) - 1) / max(1, count - 1))] for place in range(count)]
        edges = [measure_figure(one.figure) for one in shown]
        widths = [east - west for west, _, east, _ in edges]
        room = right - left - _GAP * (count - 1)
        scale = min(_LARGEST, room / sum(widths), tallest / max(top for *_, top in edges))
        if scale >= _LEAST or count == 1:
            break
    gap = min(_WIDEST_GAP, (right - left - scale * sum(widths)) / max(1, count - 1))
    starts = accumulate((scale * width + gap for width in widths), initial=left)
    placed = zip(shown, starts, strict=False)
    return [
        stand_figure(one.figure, start, ground, scale, moment=1.0, side=one.side, palette=palette)
        for one, start in placed
    ]
