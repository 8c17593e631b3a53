"""Pixels in a terminal: two to a character cell, one above the other, so that they are about square."""

from __future__ import annotations

import math
from functools import cache

Pixels = tuple[tuple[bool, ...], ...]
"""Rows of pixels from the top, all of one length."""

_HALVES = {(False, False): " ", (True, False): "▀", (False, True): "▄", (True, True): "█"}

# Which bars of a seven-part digit are lit: top, upper right, lower right, bottom, lower left, upper left, middle.
_BARS = {
    "0": "trRbLl", "1": "rR", "2": "trmLb", "3": "trmRb", "4": "lmrR",
    "5": "tlmRb", "6": "tlmLRb", "7": "trR", "8": "trRbLlm", "9": "tlrmRb",
}  # fmt: skip


def cells(pixels: Pixels, *, unicode: bool = True) -> tuple[str, ...]:
    """Pixels as rows of characters, half as many; in ASCII a cell is full if either of its pixels is."""
    width = len(pixels[0])
    even = pixels if len(pixels) % 2 == 0 else (*pixels, (False,) * width)
    pairs = zip(even[::2], even[1::2], strict=True)
    if unicode:
        return tuple("".join(_HALVES[pair] for pair in zip(upper, lower, strict=True)) for upper, lower in pairs)
    return tuple("".join(" #"[any(pair)] for pair in zip(upper, lower, strict=True)) for upper, lower in pairs)


@cache
def digits(text: str, rows: int, *, unicode: bool = True) -> tuple[str, ...]:
    """A clock ("12:04") in seven-part digits, `rows` character rows high."""
    height = 2 * rows
    stroke = max(1, round(height / 7))
    signs = [_colon(height, stroke) if sign == ":" else _digit(sign, height, stroke) for sign in text]
    gap = (False,) * max(1, stroke)
    return cells(tuple(_joined([sign[y] for sign in signs], gap) for y in range(height)), unicode=unicode)


@cache
def disc(rows: int, step: int, *, unicode: bool = True) -> tuple[tuple[str, str], ...]:
    """A round shape that fills a ring more or less, `rows` character rows high and about as wide: row by row its
    characters, and for each character its part: "d" for the disc, "r" for the ring around it, " " for neither.

    `step` goes from 0 to `steps(rows)`; at 0 a small disc is left.
    """
    size, full = 2 * rows, rows - 0.5
    least = full / 4
    radius = least + (full - least) * step / steps(rows)
    away = [[math.hypot(x - full, y - full) for x in range(size)] for y in range(size)]
    lines = []
    for upper, lower in zip(away[::2], away[1::2], strict=True):
        signs, parts = "", ""
        for top, bottom in zip(upper, lower, strict=True):
            inside = top <= radius + 0.25, bottom <= radius + 0.25
            around = abs(top - full) <= 0.5, abs(bottom - full) <= 0.5
            part = "d" if any(inside) else "r" if any(around) else " "
            lit = inside if part == "d" else around
            signs += _HALVES[lit] if unicode else {"d": "#", "r": ".", " ": " "}[part]
            parts += part
        lines.append((signs, parts))
    return tuple(lines)


def steps(rows: int) -> int:
    """How many sizes a disc has: half a pixel apart."""
    return max(1, round(2 * 0.75 * (rows - 0.5)))


def _digit(sign: str, height: int, stroke: int) -> Pixels:
    lit = _BARS[sign]
    width = max(3, round(height * 0.55))
    middle = (height - stroke) // 2
    middle -= middle % 2  # a whole character cell looks calmer than two halves

    def on(x: int, y: int) -> bool:
        left, right, upper = x < stroke, x >= width - stroke, y < middle + stroke
        return (
            ("t" in lit and y < stroke)
            or ("b" in lit and y >= height - stroke)
            or ("m" in lit and middle <= y < middle + stroke)
            or (left and (("l" in lit and upper) or ("L" in lit and y >= middle)))
            or (right and (("r" in lit and upper) or ("R" in lit and y >= middle)))
        )

    return tuple(tuple(on(x, y) for x in range(width)) for y in range(height))


def _colon(height: int, stroke: int) -> Pixels:
    at = (height * 2 // 7, height - height * 2 // 7 - stroke)
    return tuple((any(top <= y < top + stroke for top in at),) * stroke for y in range(height))


def _joined(rows: list[tuple[bool, ...]], gap: tuple[bool, ...]) -> tuple[bool, ...]:
    joined = rows[0]
    for row in rows[1:]:
        joined += gap + row
    return joined
