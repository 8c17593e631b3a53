"""Where the session is, in one line: pure, from a view of it."""

from __future__ import annotations

import unicodedata

from audioguide.player.looks import in_ascii
from audioguide.player.view import View
from audioguide.units import RATE, clock

_SEPARATOR = " · "


def status_line(view: View, width: int = 80, *, unicode: bool = True) -> str:
    """The pose and side, the time left in the hold or rest, and the time left in all: at most `width` columns.

    What there is to tell (a message, that it is paused) comes before the times. What does not fit goes in this order:
    the end of the title, the side, the title, what there is to tell.

    >>> status_line(view)
    "Child's pose · hold 0:23 · 12:41 left"
    """
    title = _SEPARATOR.join(part for part in (view.pose, view.round) if part).replace(_SEPARATOR, ", ")
    left = f"{'~' if view.estimated else ''}{remaining(view.left)} left"
    tail = [part for part in (_note(view), _count(view), left) if part]
    line = _fitted(title, view.side, tail, width)
    return line if unicode else shortened(in_ascii(line), width, "")


def _note(view: View) -> str:
    state = "paused" if view.paused else "getting ready" if view.waiting else "muted" if view.muted else ""
    return view.message or state


def _count(view: View) -> str:
    if view.seconds is None or view.counting == "ahead":
        return ""
    count = clock(view.seconds * RATE)
    return f"{view.stage} {count}" if view.counting == "down" else f"{view.stage} {count} until ="


def _fitted(title: str, side: str, tail: list[str], width: int) -> str:
    for head in ([title, side], [title]):
        parts = [part for part in [*head, *tail] if part]
        over = columns(_SEPARATOR.join(parts)) - width
        if over <= 0:
            return _SEPARATOR.join(parts)
        if (room := columns(title) - over) >= 8:
            return _SEPARATOR.join([shortened(title, room), *parts[1:]])
    while len(tail) > 1 and columns(_SEPARATOR.join(tail)) > width:
        tail = tail[1:]
    return shortened(_SEPARATOR.join(tail), width)


def remaining(count: int) -> str:
    """Frames left as a clock counts down: up to the next second, so that "three" is said when it shows 3."""
    return clock(-(-max(count, 0) // RATE) * RATE)


def columns(text: str) -> int:
    """Columns that a text takes in a terminal."""
    if text.isascii():
        return len(text)
    return sum(0 if unicodedata.combining(sign) else 1 + (unicodedata.east_asian_width(sign) in "WF") for sign in text)


def shortened(text: str, width: int, sign: str = "…") -> str:
    """A text in at most `width` columns, with a sign where something is left out."""
    if columns(text) <= width:
        return text
    while text and columns(text) > width - len(sign):
        text = text[:-1]
    return f"{text.rstrip()}{sign}" if width > 0 else ""
