"""The pictures of the chapters: the figure of each pose, on the colour of the cover."""

import io
from collections.abc import Mapping
from functools import partial

from audioguide.draw.cover import choose_palette, figure_palette
from audioguide.draw.render import draw_once, to_jpeg
from audioguide.draw.svg import box, document
from audioguide.model.chapter_figure import ChapterFigure

MOST_BYTES = 1_500_000  # of all pictures of a file, its cover included
_SIZES = (480, 360, 240)  # pixels along each edge: the largest in which all of them fit


def render_pictures(figures: Mapping[int, ChapterFigure], routine: str, room: int) -> dict[int, bytes]:
    """A baseline JPEG for each figure, by the same keys; the same figure has the same bytes.

    All together they have at most `room` bytes: where there are too many, all become smaller, and where that is not
    enough, the last ones are left out.
    """
    ground = choose_palette(routine)[0]
    drawn = {one: draw_once(partial(_render, one, routine), one, ground) for one in dict.fromkeys(figures.values())}
    for size in _SIZES[1:]:
        if sum(len(drawn[figure]) for figure in figures.values()) > room:
            drawn = {figure: shrink(picture, size) for figure, picture in drawn.items()}
    pictures = {}
    for key, figure in figures.items():
        if (size := len(drawn[figure])) <= room:
            pictures[key], room = drawn[figure], room - size
    return pictures


def _render(one: ChapterFigure, routine: str) -> bytes:
    from audioguide.draw.figure_svg import Palette, place_figure  # slow to load, where all was kept

    ground, palette = box(0, 0, 100, 100, choose_palette(routine)[0]), Palette(*figure_palette(routine))
    figure = place_figure(one.figure, 6, 13, 88, moment=1.0, side=one.side, palette=palette)
    return to_jpeg(document(100, 100, ground, figure), _SIZES[0])


def shrink(picture: bytes, size: int) -> bytes:
    """A JPEG as one of `size` pixels along each edge."""
    from PIL import Image

    file = io.BytesIO()
    with Image.open(io.BytesIO(picture), formats=["JPEG"]) as image:
        small = image.convert("RGB").resize((size, size), Image.Resampling.LANCZOS)
    small.save(file, "JPEG", quality=85, subsampling="4:4:4")
    return file.getvalue()
