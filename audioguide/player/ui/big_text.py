"""Large letters, digits and discs made of pixels. A character cell has two, one above the other, about square; in the
figure of a pose it has four, two by two.
"""

import io
import math
import unicodedata
from functools import cache, lru_cache

import numpy as np

from audioguide.draw.figure_svg import Palette, measure_figure, stand_figure
from audioguide.draw.render import to_png
from audioguide.draw.svg import document
from audioguide.model.chapter_figure import ChapterFigure

_HALVES = {(False, False): " ", (True, False): "▀", (False, True): "▄", (True, True): "█"}
_ALIKE = str.maketrans({"’": "'", "‘": "'", "–": "-", "—": "-", "ß": "ss"})
_SIGNS = " ▘▝▀▖▌▞▛▗▚▐▜▄▙▟█"  # by the pixels that are filled: 1 and 2 above, 4 and 8 below
_PALETTE = Palette(near="#f00", far="#0f0", line="#fff", prop="#00f", ground="none")
_FILLED = 102  # of 255: how much of a pixel is covered at least; with more, thin limbs have gaps

# Each sign with its five rows from the top; capitals only.
_FONT = """
A .#./#.#/###/#.#/#.#  B ##./#.#/##./#.#/##.  C .##/#../#../#../.##  D ##./#.#/#.#/#.#/##.  E ###/#../##./#../###
F ###/#../##./#../#..  G .###/#.../#.##/#..#/.###  H #.#/#.#/###/#.#/#.#  I #/#/#/#/#  J ..#/..#/..#/#.#/.#.
K #.#/#.#/##./#.#/#.#  L #../#../#../#../###  M #...#/##.##/#.#.#/#...#/#...#  N #..#/##.#/#.##/#..#/#..#
O .##./#..#/#..#/#..#/.##.  P ##./#.#/##./#../#..  Q .##./#..#/#..#/#.##/.###  R ##./#.#/##./#.#/#.#
S .##/#../.#./..#/##.  T ###/.#./.#./.#./.#.  U #.#/#.#/#.#/#.#/###  V #.#/#.#/#.#/#.#/.#.
W #...#/#...#/#.#.#/##.##/#...#  X #.#/#.#/.#./#.#/#.#  Y #.#/#.#/.#./.#./.#.  Z ###/..#/.#./#../###
0 ###/#.#/#.#/#.#/###  1 ..#/..#/..#/..#/..#  2 ###/..#/###/#../###  3 ###/..#/###/..#/###  4 #.#/#.#/###/..#/..#
5 ###/#../###/..#/###  6 ###/#../###/#.#/###  7 ###/..#/..#/..#/..#  8 ###/#.#/###/#.#/###  9 ###/#.#/###/..#/###
. ././././#  , ../../../.#/#.  ' #/#/././.  - ../../##/../..  : ./#/./#/.  / ..#/..#/.#./#../#..  ( .#/#./#./#./.#
) #./.#/.#/.#/#.  & .#./#.#/.#./#.#/.##  ! #/#/#/./#  ? ##./..#/.#./.../.#.  + .../.#./###/.#./...  · ././#/./.
"""
_LETTERS = {" ": ["..."] * 5}
for _entry in _FONT.strip().replace("\n", "  ").split("  "):
    _LETTERS[_entry[0]] = _entry[2:].split("/")


@cache
def draw_letters(text: str, scale: int = 1, *, unicode: bool = True) -> tuple[str, ...] | None:
    """The rows of a text in capitals, five dots high, `scale` pixels a dot; None if a sign is missing."""
    bare = unicodedata.normalize("NFKD", text.translate(_ALIKE).upper())
    letters = [_LETTERS.get(sign) for sign in bare if not unicodedata.combining(sign)]
    if not letters or None in letters:
        return None
    dots = [".".join(row) for row in zip(*(letter for letter in letters if letter), strict=True)]
    pixels = [[dot == "#" for dot in row for _ in range(scale)] for row in dots for _ in range(scale)]
    pixels += [[False] * len(pixels[0])] * (len(pixels) % 2)
    # In ASCII a cell is full if either of its pixels is.
    pairs = [zip(*rows, strict=True) for rows in zip(pixels[::2], pixels[1::2], strict=True)]
    return tuple("".join(_HALVES[pair] if unicode else " #"[any(pair)] for pair in row) for row in pairs)


def count_letter_rows(scale: int) -> int:
    """Rows of a text in letters of `scale` pixels a dot; 1 for plain text (0)."""
    return (5 * scale + 1) // 2 or 1


@cache
def draw_disc(rows: int, step: int, *, unicode: bool = True, closed: bool = True) -> tuple[tuple[str, str], ...]:
    """A disc inside a ring, `rows` rows high: for each row its characters, and for each character its part ("d" disc,
    "r" ring, " " neither). A ring that is not `closed` is open at the top.

    `step` goes from 0, a small disc, to `count_disc_sizes(rows)`, which fills the ring.
    """
    size, full = 2 * rows, rows - 0.5
    least = full / 4
    radius = least + (full - least) * step / count_disc_sizes(rows)
    away = [[math.hypot(x - full, y - full) for x in range(size)] for y in range(size)]
    lines = []
    for y, (upper, lower) in enumerate(zip(away[::2], away[1::2], strict=True)):
        signs, parts = "", ""
        for x, (top, bottom) in enumerate(zip(upper, lower, strict=True)):
            inside = top <= radius + 0.25, bottom <= radius + 0.25
            is_ring = closed or y >= rows / 4 or abs(x - full) > full / 2
            around = is_ring and abs(top - full) <= 0.5, is_ring and abs(bottom - full) <= 0.5
            part = "d" if any(inside) else "r" if any(around) else " "
            signs += _HALVES[inside if part == "d" else around] if unicode else {"d": "#", "r": ".", " ": " "}[part]
            parts += part
        lines.append((signs, parts))
    return tuple(lines)


def count_disc_sizes(rows: int) -> int:
    """How many sizes a disc has, half a pixel apart."""
    return max(1, round(2 * 0.75 * (rows - 0.5)))


def fit_figure(shown: ChapterFigure, columns: int, rows: int) -> float:
    """How large the figure is in so many cells: columns for a body height. The last row is the ground's."""
    left, bottom, right, top = measure_figure(shown.figure)
    return min(columns / (right - left), 2 * (rows - 1) / (top - bottom * (shown.figure.view == "above")))


@lru_cache(256)
def draw_cells(shown: ChapterFigure, moment: float, columns: int, rows: int) -> tuple[tuple[str, str], ...]:
    """The figure as large as fits: for each row its signs, and for each sign its tone ("n" near, "f" far, "p" props and
    ground). `moment` goes from 0, the first key frame, to 1, the last.
    """
    from PIL import Image

    left, bottom, right, _ = measure_figure(shown.figure)
    scale = fit_figure(shown, columns, rows)
    width, height = max(1, min(columns, round((right - left) * scale))), 2 * (rows - 1)
    ground = height + bottom * scale * (shown.figure.view == "above")
    figure = stand_figure(shown.figure, 0, ground, scale, moment=moment, side=shown.side, palette=_PALETTE)
    with Image.open(io.BytesIO(to_png(document(width, height, figure), 4 * width)), formats=["PNG"]) as image:
        pixels = np.asarray(image.convert("RGBA").resize((2 * width, height)))
    clear = (pixels[..., 3] < _FILLED) | (pixels[..., :3].min(-1) > 127)  # a white line is a gap
    tones = np.where(clear, 3, pixels[..., :3].argmax(-1))
    cells = tones.reshape(rows - 1, 2, width, 2).swapaxes(1, 2).reshape(rows - 1, width, 4)
    signs = ((cells < 3) * (1, 2, 4, 8)).sum(-1)
    most = (cells[..., None] == (0, 1, 2)).sum(-2).argmax(-1)
    lines = zip(signs, most, strict=True)
    drawn = (("".join(_SIGNS[at] for at in row), "".join("nfp"[at] for at in tone)) for row, tone in lines)
    return *drawn, ("▔" * width, "p" * width)
