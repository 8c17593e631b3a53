"""A title set as large as its place allows: the font that has its letters, the size, the lines."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.ImageFont import FreeTypeFont

SYSTEM_FONTS = (
    "DejaVuSans-Bold.ttf",
    "NotoSans-Bold.ttf",
    "NotoSansCJK-Bold.ttc",
    "NotoSansCJK-Regular.ttc",
    "Arial Unicode.ttf",
    "Hiragino Sans GB.ttc",
    "segoeuib.ttf",
    "YuGothB.ttc",
    "msyhbd.ttc",
    "malgunbd.ttf",
)
"""Looked for by name where the built-in font lacks a letter, as it does beyond English."""

LINE_HEIGHT = 1.08
"""From one line to the next, in letter sizes."""


@dataclass(frozen=True, slots=True)
class Place:
    """Room for text in pixels; letter sizes from `largest` down to `smallest`, at most `lines` lines."""

    width: int
    height: int
    largest: int
    smallest: int
    lines: int


def set_text(text: str, place: Place) -> tuple[FreeTypeFont, list[str]] | None:
    """The font in the largest size in which whole words of `text` fit, and its lines; cut with … in the smallest.

    Accents are left off where no font has them. None where no font has the letters: better none than boxes.
    """
    for wording in dict.fromkeys((text, _without_accents(text))):
        if font := _find_font(wording):
            return _fit(wording, font, place)
    return None


def _fit(text: str, font: FreeTypeFont, place: Place) -> tuple[FreeTypeFont, list[str]]:
    for size in range(place.largest, place.smallest, -8):
        sized = font.font_variant(size=size)
        if max(map(sized.getlength, text.split()), default=0) <= place.width:
            lines = _wrap(text, sized, place.width)
            if len(lines) <= min(place.lines, place.height / (size * LINE_HEIGHT)):
                return sized, lines
    sized = font.font_variant(size=place.smallest)
    lines = _wrap(text, sized, place.width)
    if len(lines) > place.lines:
        lines[place.lines - 1] = _shorten(lines[place.lines - 1], sized, place.width)
    return sized, lines[: place.lines]


def _wrap(text: str, font: FreeTypeFont, width: int) -> list[str]:
    """Lines no wider than `width`, broken between words, and inside a word only where it is too wide by itself."""
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if font.getlength(longer) <= width:
            lines[-1] = longer
            continue
        if lines[-1]:
            lines.append("")
        for letter in word:
            if lines[-1] and font.getlength(lines[-1] + letter) > width:
                lines.append("")
            lines[-1] += letter
    return lines


def _shorten(line: str, font: FreeTypeFont, width: int) -> str:
    while font.getlength(line + "…") > width:
        line = line.rpartition(" ")[0] or line[:-1]
    return line.rstrip(" ,.;:-") + "…"


def _find_font(text: str) -> FreeTypeFont | None:
    from PIL import ImageFont

    plain = ImageFont.load_default(64)
    assert isinstance(plain, ImageFont.FreeTypeFont)
    if _has_letters(plain, text):
        return plain
    for name in SYSTEM_FONTS:
        try:
            font = ImageFont.truetype(name, 64)
        except OSError:  # not on this machine
            continue
        if _has_letters(font, text):
            return font
    return None


def _has_letters(font: FreeTypeFont, text: str) -> bool:
    """Whether every letter has a shape other than the one for letters that the font lacks."""
    lacking = bytes(font.getmask("\uffff"))
    return all(bytes(font.getmask(letter)) != lacking for letter in set(text) if not letter.isspace())


def _without_accents(text: str) -> str:
    apart = unicodedata.normalize("NFKD", text.replace("ß", "ss").replace("–", "-").replace("—", "-"))
    return "".join(letter for letter in apart if not unicodedata.combining(letter))
