"""A drawing as data: areas, lines and texts on a sheet of paper, then as an image or as SVG.

Lengths are points (1/72 inch) from the upper left corner; a colour is `#rrggbb`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from html import escape
from itertools import chain
from typing import TYPE_CHECKING

from audioguide.output.lettering import Place, set_text

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageFont import FreeTypeFont

WIDTH, HEIGHT = 842, 595
"""A4, landscape."""

DOTS_PER_INCH = 200
"""Of an image: letters of 7 points are sharp in print."""

_DOTS = DOTS_PER_INCH / 72  # to a point
_FINE = 2  # shapes are drawn this much larger and then reduced, which smooths their edges; letters are smooth already
_ASCENT, _DESCENT = 0.8, 0.24  # of the letter size, above and below the baseline: no font used reaches further

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Area:
    """A filled polygon."""

    points: tuple[Point, ...]
    fill: str


@dataclass(frozen=True, slots=True)
class Line:
    """A stroke through points."""

    points: tuple[Point, ...]
    colour: str
    width: float


@dataclass(frozen=True, slots=True)
class Text:
    """A line of text; `left` is where it begins and `baseline` what its letters stand on."""

    words: str
    left: float
    baseline: float
    size: float
    colour: str
    width: float
    heavy: bool = False

    @property
    def box(self) -> tuple[float, float, float, float]:
        """Left, top, right and bottom of its letters."""
        top, bottom = self.baseline - _ASCENT * self.size, self.baseline + _DESCENT * self.size
        return self.left, top, self.left + self.width, bottom


Shape = Area | Line | Text


def box(left: float, top: float, right: float, bottom: float, fill: str) -> Area:
    """An upright rectangle."""
    return Area(((left, top), (right, top), (right, bottom), (left, bottom)), fill)


def frame(left: float, top: float, right: float, bottom: float, colour: str, width: float) -> Line:
    """The outline of a rectangle, inside its edges."""
    half = width / 2
    left, top, right, bottom = left + half, top + half, right - half, bottom - half
    corners = ((left, top), (right, top), (right, bottom), (left, bottom))
    return Line((*corners, (left, top), (left + half, top)), colour, width)


class Lettering:
    """One font for a whole drawing: the built-in one, or the first of this machine that has all of its letters.

    Where none has, each text gets its own, without the letters that no font has: better none than boxes.
    """

    def __init__(self, letters: str) -> None:
        needed = sorted(set("".join(letters.split())))
        self._lacking: frozenset[str] = frozenset()
        if (common := _face("".join(needed))) is None:
            self._lacking = frozenset(letter for letter in needed if _found(letter) is None)
            common = _face("".join(letter for letter in needed if letter not in self._lacking))
        self._common = common
        self._sizes: dict[int, FreeTypeFont] = {}
        self._own = cache(_found)

    def font(self, words: str, size: float) -> tuple[FreeTypeFont, str] | None:
        """The font for `words` in an image, and the words as it can write them."""
        dots = round(size * _DOTS)
        written = "".join(letter for letter in words if letter not in self._lacking).strip()
        if not written:
            return None
        if self._common:
            if dots not in self._sizes:
                self._sizes[dots] = self._common.font_variant(size=dots)
            return self._sizes[dots], written
        found = self._own(written)
        return (found[0].font_variant(size=dots), found[1]) if found else None

    def can_write(self, words: str) -> bool:
        """Whether there are fonts for all of its letters."""
        return self._lacking.isdisjoint(words)

    def width(self, words: str, size: float) -> float:
        """How wide `words` are in an image, in points; 0 where there is no font for them."""
        found = self.font(words, size)
        return found[0].getlength(found[1]) / _DOTS if found else 0.0

    def shorten(self, words: str, size: float, width: float) -> str:
        """`words`, or as many letters as fit into `width` with an ellipsis; nothing where fewer than four do."""
        if self.width(words, size) <= width:
            return words
        shorter = (words[:count].rstrip(" ,.;:-·") + "…" for count in range(len(words) - 1, 3, -1))
        return next((form for form in shorter if self.width(form, size) <= width), "")


def _found(words: str) -> tuple[FreeTypeFont, str] | None:
    """A font with all the letters, and the words as it has them (accents may be lost)."""
    found = set_text(words, Place(10**6, 10**6, 64, 64, 1))
    return (found[0], " ".join(found[1])) if found else None


def _face(letters: str) -> FreeTypeFont | None:
    """A font with all of the letters as they are, of ordinary weight where the machine has it so."""
    from PIL import ImageFont

    found = _found(letters)
    if not found or found[1] != letters:
        return None
    path = getattr(found[0], "path", "")
    if isinstance(path, str) and "-Bold." in path:
        with suppress(OSError):
            return ImageFont.truetype(path.replace("-Bold.", "."), 64)
    return found[0]


def as_image(shapes: Sequence[Shape], lettering: Lettering) -> Image:
    """The sheet as an RGB image at 200 dots an inch."""
    from PIL import Image, ImageDraw

    size = round(WIDTH * _DOTS), round(HEIGHT * _DOTS)
    image = Image.new("RGB", (size[0] * _FINE, size[1] * _FINE), "white")
    draw = ImageDraw.Draw(image)
    scale = _DOTS * _FINE
    for shape in shapes:
        if isinstance(shape, Text):
            continue
        points = [(x * scale, y * scale) for x, y in shape.points]
        if isinstance(shape, Area):
            draw.polygon(points, shape.fill)
        else:
            draw.line(points, shape.colour, max(1, round(shape.width * scale)), joint="curve")
    image = image.reduce(_FINE)
    draw = ImageDraw.Draw(image)
    for text in shapes:
        if isinstance(text, Text) and (found := lettering.font(text.words, text.size)):
            font, words = found
            # The built-in font has no bold.
            stroke = 0.025 * font.size if text.heavy and "Bold" not in str(font.getname()) else 0
            place = (text.left * _DOTS, text.baseline * _DOTS)
            draw.text(place, words, text.colour, font, anchor="ls", stroke_width=stroke)
    return image


def as_svg(sheets: Sequence[Sequence[Shape]]) -> str:
    """Sheets one below the other; texts are as wide as in an image, whatever font shows them."""
    height = HEIGHT * len(sheets)
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}pt" height="{height}pt" '
        f'viewBox="0 0 {WIDTH} {height}" font-family="Helvetica, Arial, DejaVu Sans, sans-serif">',
        f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>',
        *chain.from_iterable(_svg_sheet(shapes, number * HEIGHT) for number, shapes in enumerate(sheets)),
        "</svg>",
    ]
    return "\n".join(lines) + "\n"


def _svg_sheet(shapes: Sequence[Shape], top: int) -> Iterator[str]:
    yield f'<g transform="translate(0 {top})">'
    for shape in shapes:
        if isinstance(shape, Text):
            length = f' textLength="{shape.width:.2f}" lengthAdjust="spacingAndGlyphs"' if shape.width else ""
            weight = ' font-weight="bold"' if shape.heavy else ""
            yield (
                f'<text x="{shape.left:.2f}" y="{shape.baseline:.2f}" font-size="{shape.size:g}" '
                f'fill="{shape.colour}"{length}{weight}>{escape(shape.words, quote=False)}</text>'
            )
            continue
        points = " ".join(f"{x:.2f},{y:.2f}" for x, y in shape.points)
        if isinstance(shape, Area):
            yield f'<polygon points="{points}" fill="{shape.fill}"/>'
        else:
            stroke = f'stroke="{shape.colour}" stroke-width="{shape.width:g}" stroke-linejoin="round"'
            yield f'<polyline points="{points}" fill="none" {stroke}/>'
    yield "</g>"
