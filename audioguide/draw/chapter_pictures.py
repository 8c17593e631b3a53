"""The pictures of the chapters: the figure of each pose, on the colour of the cover. Those that were drawn are kept."""

import io
from collections.abc import Mapping

from audioguide.draw.cover import choose_palette, figure_palette
from audioguide.draw.figure_svg import place_figure
from audioguide.draw.render import to_jpeg
from audioguide.draw.svg import box, document
from audioguide.model.chapter_figure import ChapterFigure
from audioguide.system.cache import BlobCache, cache_key, size_limit
from audioguide.system.paths import cache_root

MOST_BYTES = 1_500_000  # of all pictures of a file, its cover included
_SIZES = (480, 360, 240)  # pixels along each edge: the largest in which all of them fit
_CACHE_BYTES = 50_000_000


def open_picture_cache() -> BlobCache:
    """The cache of chapter pictures: below `AUDIOGUIDE_CACHE`, or else below the user's cache folder."""
    return BlobCache(cache_root() / "pictures", ".jpg", b"agpict\x01", size_limit(_CACHE_BYTES))


def render_pictures(figures: Mapping[int, ChapterFigure], routine: str, room: int) -> dict[int, bytes]:
    """A baseline JPEG for each figure, by the same keys; the same figure has the same bytes.

    All together they have at most `room` bytes: where there are too many, all become smaller, and where that is not
    enough, the last ones are left out.
    """
    cache = open_picture_cache()
    drawn = {figure: _render(figure, routine, cache) for figure in dict.fromkeys(figures.values())}
    for size in _SIZES[1:]:
        if sum(len(drawn[figure]) for figure in figures.values()) > room:
            drawn = {figure: shrink(picture, size) for figure, picture in drawn.items()}
    pictures = {}
    for key, figure in figures.items():
        if (size := len(drawn[figure])) <= room:
            pictures[key], room = drawn[figure], room - size
    return pictures


def _render(figure: ChapterFigure, routine: str, cache: BlobCache) -> bytes:
    ground, palette = box(0, 0, 100, 100, choose_palette(routine)[0]), figure_palette(routine)
    svg = document(
        100, 100, ground, place_figure(figure.figure, 6, 13, 88, moment=1.0, side=figure.side, palette=palette)
    )
    key = cache_key(svg, _SIZES[0])
    if (picture := cache.get(key)) is None:
        picture = to_jpeg(svg, _SIZES[0])
        cache.put(key, picture)
    return picture


def shrink(picture: bytes, size: int) -> bytes:
    """A JPEG as one of `size` pixels along each edge."""
    from PIL import Image

    file = io.BytesIO()
    with Image.open(io.BytesIO(picture), formats=["JPEG"]) as image:
        image.convert("RGB").resize((size, size), Image.Resampling.LANCZOS).save(
            file, "JPEG", quality=85, subsampling="4:4:4"
        )
    return file.getvalue()
