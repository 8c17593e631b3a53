"""The session as a strip: chapters and holds in proportion, and where we are."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from functools import lru_cache

from audioguide.player.view import Course


def strip(course: Course, position: int, total: int, width: int, *, unicode: bool = True) -> tuple[str, str]:
    """The strip in `width` characters, in two pieces: what is over with where we are, and what is still to come.

    Holds are high, the rest is low, a chapter begins with a gap; what is not known yet is dotted.
    """
    if width <= 0:
        return "", ""
    cell = min(width - 1, position * width // max(total, 1))
    drawn = _drawn(course, max(total, 1), width, unicode)
    return drawn[:cell] + ("█" if unicode else "O"), drawn[cell + 1 :]


@lru_cache(8)
def _drawn(course: Course, total: int, width: int, unicode: bool) -> str:
    thick, thin, chapter, unknown = "▄▁ ┄" if unicode else "=-|."
    starts = [start for start, _ in course.holds]
    signs = ""
    for cell in range(width):
        start, end = cell * total // width, (cell + 1) * total // width
        middle = (start + end) // 2
        hold = bisect_right(starts, middle) - 1
        begins = bisect_left(course.chapters, start) < bisect_left(course.chapters, end)
        inside = hold >= 0 and middle < course.holds[hold][1]
        signs += thick if inside else chapter if begins and cell else thin if middle < course.known else unknown
    return signs
