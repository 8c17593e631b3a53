"""The font of every picture: how wide text is in it, and text that fits into a width.

The two files are cuts of Inter (SIL Open Font License), with the Latin letters and their accents, Greek and Cyrillic.
"""

from __future__ import annotations

import math
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from audioguide.draw.svg import FAMILY, clean_text

if TYPE_CHECKING:
    from PIL.ImageFont import FreeTypeFont

_FOLDER = Path(__file__).with_name("fonts")
FILES = {False: _FOLDER / f"{FAMILY}-Regular.ttf", True: _FOLDER / f"{FAMILY}-Bold.ttf"}
"""By whether it is bold."""

_UNITS = 2048  # to a letter size: at that size, advances are whole numbers of pixels
_COARSE = 256


def text_width(words: str, size: float, *, bold: bool = False) -> float:
    """How wide a line of text is, at most: kerning makes it up to some percent narrower."""
    return size * sum(_advance(letter, bold) or 1.0 for letter in clean_text(words))


def needs_other_font(words: str) -> bool:
    """Whether the font has no shape for one of the letters, so that another font has to be found."""
    return not all(_advance(letter, False) for letter in clean_text(words))


def left_bearing(words: str, size: float, *, bold: bool = False) -> float:
    """The space between where a text starts and where its ink does; what starts so much earlier is aligned."""
    return size * _bearing(clean_text(words)[:1], bold)


def shorten(words: str, size: float, room: float, *, bold: bool = False) -> str:
    """`words`, or as many of its letters as fit into `room` with an ellipsis; nothing where fewer than four do."""
    words = clean_text(words)
    if text_width(words, size, bold=bold) <= room:
        return words
    left = room - text_width("…", size, bold=bold)
    for count, letter in enumerate(words):
        left -= size * (_advance(letter, bold) or 1.0)
        if left < 0:
            return words[:count].rstrip(" ,.;:-·") + "…" if count >= 4 else ""
    return words


def wrap(words: str, size: float, room: float, *, bold: bool = False) -> list[str]:
    """Lines that fit into `room`, broken between words, and within a word only where it is too wide by itself."""
    lines: list[str] = []
    for word in clean_text(words).split():
        if lines and text_width(f"{lines[-1]} {word}", size, bold=bold) <= room:
            lines[-1] += f" {word}"
        elif text_width(word, size, bold=bold) <= room:
            lines.append(word)
        else:
            lines += _hyphenate(word, size, room, bold)
    return lines


def _hyphenate(word: str, size: float, room: float, bold: bool) -> list[str]:
    """A word in the fewest equal pieces that fit."""
    for count in range(math.ceil(text_width(word, size, bold=bold) / room), len(word) + 1):
        length = math.ceil(len(word) / count)
        pieces = [word[start : start + length] for start in range(0, len(word), length)]
        # Chinese, for one, is broken without hyphens.
        pieces[:-1] = [piece + "-" * (piece[-1].isalpha() and piece[-1] < "\u2e80") for piece in pieces[:-1]]
        if all(text_width(piece, size, bold=bold) <= room for piece in pieces):
            return pieces
    return list(word)


@cache
def _advance(letter: str, bold: bool) -> float:
    """In letter sizes: 0 for a letter that the font lacks."""
    return _face(bold, _UNITS).getlength(letter) / _UNITS


@cache
def _bearing(letter: str, bold: bool) -> float:
    mask, offset = _face(bold, _COARSE).getmask2(letter)
    ink = mask.getbbox()
    return (offset[0] + ink[0]) / _COARSE if ink else 0.0


@cache
def _face(bold: bool, size: int) -> FreeTypeFont:
    from PIL import ImageFont

    # The basic layout is the same on every system; the other one needs a library that may be missing.
    return ImageFont.truetype(str(FILES[bold]), size, layout_engine=ImageFont.Layout.BASIC)
