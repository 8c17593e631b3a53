"""Keeps what was drawn of figures: to draw one takes some 15 ms, and an export half a second."""

import hashlib
from collections.abc import Callable
from functools import cache
from pathlib import Path

from audioguide.system.cache import BlobCache, cache_key, size_limit
from audioguide.system.paths import cache_root

_MOST_BYTES = 50_000_000


def open_picture_cache() -> BlobCache:
    """The cache of pictures: below `AUDIOGUIDE_CACHE`, or else below the user's cache folder."""
    return BlobCache(cache_root() / "pictures", ".picture", b"agpict\x01", size_limit(_MOST_BYTES))


def draw_once(draw: Callable[[], bytes], *parts: object) -> bytes:
    """What `draw` gives, which depends on nothing but the `parts` and the drawing's code and data."""
    key, blobs = cache_key(_describe_drawing(), repr(parts)), open_picture_cache()
    if (content := blobs.get(key)) is None:
        content = draw()
        blobs.put(key, content)
    return content


@cache
def _describe_drawing() -> str:
    files = sorted(path for path in Path(__file__).parent.iterdir() if path.is_file())
    return hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()
