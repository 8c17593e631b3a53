"""Many figures with their names, on one sheet, or in a PDF on as many as they need. Lengths are points."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from audioguide.draw import font
from audioguide.draw.figure_svg import HEIGHT, WIDTH, place_figure
from audioguide.draw.svg import box, document, text
from audioguide.model.figure import Figure

_COLUMNS, _ROWS = 6, 9  # of a page in a PDF
_PITCH, _DROP, _EDGE = 96.0, 92.0, 20.0


def contact_sheet(figures: Sequence[tuple[str, Figure]], *, single: bool) -> list[str]:
    """The sheets as SVG, with figures in their last posture and their names; `single` puts all on one sheet."""
    size = len(figures) if single else _COLUMNS * _ROWS
    return [_draw_page(figures[at : at + size]) for at in range(0, len(figures), size or 1)]


def _draw_page(figures: Sequence[tuple[str, Figure]]) -> str:
    columns = min(_COLUMNS, len(figures))
    width, height = columns * _PITCH + 2 * _EDGE, -(-len(figures) // columns) * _DROP + 2 * _EDGE
    cells = (shape for index, cell in enumerate(figures) for shape in _draw_cell(*cell, *divmod(index, columns)))
    return document(width, height, box(0, 0, width, height, "#ffffff"), *cells, unit="pt")


def _draw_cell(name: str, figure: Figure, row: int, column: int) -> Iterator[str]:
    left, top, width = _EDGE + column * _PITCH, _EDGE + row * _DROP, _PITCH - 6
    yield place_figure(figure, left, top, width, moment=1.0)
    words = font.shorten(name, 7, width)
    yield text(words, left + width / 2, top + width * HEIGHT / WIDTH + 8, 7, "#3c4656", anchor="middle")
