"""Reads pictures of people, a cover or a logo: JPEG and PNG, within limits of size."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from warnings import catch_warnings

from audioguide.errors import RequestError
from audioguide.system.files import read_bytes
from audioguide.system.paths import display_path

if TYPE_CHECKING:
    from PIL.Image import Image

LARGEST_FILE = 20_000_000  # bytes
MOST_PIXELS = 50_000_000  # more take too much memory


def read_picture(path: Path, option: str) -> tuple[bytes, str]:
    """The content and the name of a picture's file, which an option named. RequestError where it is too large."""
    content, name = read_bytes(path, LARGEST_FILE, "picture", f"Check the spelling of {option}."), display_path(path)
    if len(content) > LARGEST_FILE:
        raise RequestError(f"{name} is larger than {LARGEST_FILE // 1_000_000} MB.", "Make the picture smaller.")
    return content, name


@contextmanager
def open_picture(content: bytes, name: str) -> Iterator[Image]:
    """A picture, which messages call `name`, in a context. RequestError where it is none, also while it is decoded."""
    from PIL import Image

    try:  # and no word of Pillow's about odd Exif data
        with catch_warnings(action="ignore"), Image.open(io.BytesIO(content), formats=["JPEG", "PNG"]) as picture:
            if picture.width * picture.height > MOST_PIXELS:
                raise Image.DecompressionBombError
            yield picture
    except Image.DecompressionBombError:
        hint = "Make the picture smaller: 1000 pixels are enough."
        raise RequestError(f"{name} has more than {MOST_PIXELS // 1_000_000} million pixels.", hint) from None
    except (OSError, ValueError, SyntaxError):  # which Pillow raises for damaged files
        raise RequestError(f"{name} is no picture that can be read.", "Name a JPEG or a PNG.") from None


def shrink_picture(picture: Image, most: int) -> Image:
    """A picture as RGB of at most `most` pixels along each edge, upright, on white where it is transparent."""
    from PIL import Image, ImageOps

    picture.draft("RGB", (most, most))  # a JPEG is decoded at a fraction of its size
    picture.thumbnail((most, most))
    turned = ImageOps.exif_transpose(picture).convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", turned.size, "white"), turned).convert("RGB")
