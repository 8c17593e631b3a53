"""Where the session is, in one line: pure, from the sections so far and a position."""

from __future__ import annotations

import unicodedata
from bisect import bisect_right
from collections.abc import Sequence

from audioguide.timeline.model import Section
from audioguide.units import RATE, clock

_SEPARATOR = " · "


def status_line(
    sections: Sequence[Section], position: int, frames: int, *, estimated: bool = False, note: str = "", width: int = 80
) -> str:
    """The pose and side, the time left in the hold or rest, and the time left in all: at most `width` columns.

    `position` is the frame that is heard, `frames` the length of the session (`~` before what is left where that is
    `estimated`); `note` says what is special now ("paused"). What does not fit goes in this order: the end of the
    title, the side, the title, the note.

    >>> status_line(sections, position, frames)
    "Child's pose · hold 0:23 · 12:41 left"
    """
    title, side, now = _place(sections, position)
    left = f"{'~' if estimated else ''}{_remaining(frames - position)} left"
    tail = [part for part in (note, now, left) if part]
    for head in ([title, side], [title]):
        parts = [part for part in [*head, *tail] if part]
        over = _columns(_SEPARATOR.join(parts)) - width
        if over <= 0:
            return _SEPARATOR.join(parts)
        if (room := _columns(title) - over) >= 8:
            return _SEPARATOR.join([_shortened(title, room), *parts[1:]])
    while len(tail) > 1 and _columns(_SEPARATOR.join(tail)) > width:
        tail.pop(0)
    return _shortened(_SEPARATOR.join(tail), width)


def _place(sections: Sequence[Section], position: int) -> tuple[str, str, str]:
    """The title, the side, and what is going on at a position, as far as it is known."""
    index = bisect_right(sections, position, key=lambda section: section.chapter.start) - 1
    if index < 0 or position >= sections[index].chapter.end:
        return "", "", ""
    section = sections[index]
    side = now = ""
    for cue in section.cues:
        if cue.start > position:
            break
        side = cue.side or side
        if cue.kind in ("hold", "rest") and position < cue.end:
            now = f"{cue.kind} {_remaining(cue.end - position)}"
    return section.chapter.title, side, now


def _remaining(count: int) -> str:
    """Frames left as a clock counts down: up to the next second, so that "three" is said when it shows 3."""
    return clock(-(-max(count, 0) // RATE) * RATE)


def _columns(text: str) -> int:
    """Columns that a text takes in a terminal."""
    return sum(0 if unicodedata.combining(sign) else 1 + (unicodedata.east_asian_width(sign) in "WF") for sign in text)


def _shortened(text: str, width: int) -> str:
    """A text in at most `width` columns, with an ellipsis where something is left out."""
    if _columns(text) <= width:
        return text
    while text and _columns(text) >= width:
        text = text[:-1]
    return f"{text.rstrip()}…" if width > 0 else ""
