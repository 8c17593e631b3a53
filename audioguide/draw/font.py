"""The font of all pictures: measures text in it, and fits text into a width.

The two files are subsets of Inter (SIL Open Font License): Latin letters with accents, Greek and Cyrillic.
"""

from __future__ import annotations

import math
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from audioguide.draw.svg import FAMILY, clean_text, tracking

if TYPE_CHECKING:
    from PIL.ImageFont import FreeTypeFont

_FOLDER = Path(__file__).with_name("fonts")
FILES = {False: _FOLDER / f"{FAMILY}-Regular.ttf", True: _FOLDER / f"{FAMILY}-Bold.ttf"}  # by whether it is bold

_UNITS = 2048  # units of the font for each font size: in this size all advances are whole pixels
_COARSE = 256


def text_width(words: str, size: float, *, bold: bool = False) -> float:
    """The width of a line of text without kerning, which makes it up to five percent narrower."""
    return size * sum((_advance(letter, bold) or 1.0) + tracking(size) for letter in clean_text(words))


def needs_other_font(words: str) -> bool:
    """Whether the font lacks one of the letters."""
    return not all(_advance(letter, False) for letter in clean_text(words))


def left_bearing(words: str, size: float, *, bold: bool = False) -> float:
    """The space between the start of a text and its first ink: shift the text by it to align its ink."""
    return size * _bearing(clean_text(words)[:1], bold)


def shorten(words: str, size: float, width: float, *, bold: bool = False) -> str:
    """`words`, or as many of its letters as fit into `width` with an ellipsis; empty where fewer than four fit."""
    words = clean_text(words)
    if text_width(words, size, bold=bold) <= width:
        return words
    left = width - text_width("…", size, bold=bold)
    for count, letter in enumerate(words):
        left -= size * ((_advance(letter, bold) or 1.0) + tracking(size))
        if left < 0:
            return words[:count].rstrip(" ,.;:-·") + "…" if count >= 4 else ""
    return words


def wrap(words: str, size: float, width: float, *, bold: bool = False) -> list[str]:
    """Lines that fit into `width`. A word is only broken where it is too wide for a line of its own."""
    lines: list[str] = []
    for word in clean_text(words).split():
        if lines and text_width(f"{lines[-1]} {word}", size, bold=bold) <= width:
            lines[-1] += f" {word}"
        elif text_width(word, size, bold=bold) <= width:
            lines.append(word)
        else:
            lines += _hyphenate(word, size, width, bold)
    return lines


def _hyphenate(word: str, size: float, width: float, bold: bool) -> list[str]:
    """A word in as few equal parts as fit."""
    for count in range(math.ceil(text_width(word, size, bold=bold) / width), len(word) + 1):
        length = math.ceil(len(word) / count)
        parts = [word[start : start + length] for start in range(0, len(word), length)]
        # Some scripts, as Chinese, are broken without hyphens.
        parts[:-1] = [part + "-" * (part[-1].isalpha() and part[-1] < "\u2e80") for part in parts[:-1]]
        if all(text_width(part, size, bold=bold) <= width for part in parts):
            return parts
    return list(word)


@cache
def _advance(letter: str, bold: bool) -> float:
    """In font sizes; 0 for a letter that the font lacks."""
    return _face(bold, _UNITS).getlength(letter) / _UNITS


@cache
def _bearing(letter: str, bold: bool) -> float:
    mask, offset = _face(bold, _COARSE).getmask2(letter)
    ink = mask.getbbox()
    return (offset[0] + ink[0]) / _COARSE if ink else 0.0


@cache
def _face(bold: bool, size: int) -> FreeTypeFont:
    from PIL import ImageFont

    # The basic layout is the same on all systems; the other one needs a library that may be missing.
    return ImageFont.truetype(str(FILES[bold]), size, layout_engine=ImageFont.Layout.BASIC)
