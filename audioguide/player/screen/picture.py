"""The whole screen as a pure picture: what is on each row, in which style, for a view of a session and a size.

What matters most goes first where there is little room: the pose, the count, what goes on, the strip, the time, the
next thing, the keys, the words. What room there is beyond that makes the digits and the names larger.
"""

from __future__ import annotations

from dataclasses import dataclass

from audioguide.player.looks import in_ascii
from audioguide.player.screen.blocks import digits
from audioguide.player.screen.layout import LINES, PLANS, Plan
from audioguide.player.screen.parts import Painter, Row, Span, count
from audioguide.player.status import columns, shortened
from audioguide.player.view import View

_NARROW = 40
"""Columns below which there is no margin, and something might not fit."""


@dataclass(frozen=True, slots=True)
class Picture:
    """Rows from the top, as many as the terminal has, none wider than it; and where the strip is, to be clicked on."""

    rows: tuple[Row, ...]
    strip_row: int | None = None
    strip_left: int = 0
    strip_width: int = 0

    def fraction(self, x: int, y: int) -> float | None:
        """How far along the session a cell of the strip lies, 0 to 1; None for a cell that is not on it."""
        along = x - self.strip_left
        if y != self.strip_row or not 0 <= along < self.strip_width:
            return None
        return along / self.strip_width

    def __str__(self) -> str:
        return "\n".join("".join(text for text, _ in row).rstrip() for row in self.rows)


def picture(view: View, width: int, height: int, *, unicode: bool = True) -> Picture:
    """What a terminal of this size shows. It is made to be called many times a second."""
    plan = next((plan for plan in PLANS if plan.height <= height and _broad(view, plan) <= width), PLANS[-1])
    margin = 2 if width >= _NARROW else 0
    spare = max(0, height - plan.height)
    painter = Painter(view, plan, width - 2 * margin, unicode, min(spare, 2))
    parts = list(painter.parts(LINES[: plan.lines]))
    spare = height - sum(len(rows) for _, rows in parts)
    rows: list[Row] = []
    at = None
    for name, part in parts:
        if name == "keys" and spare > 0:
            rows += [()] * spare  # the keys stand at the foot
        at = len(rows) if name == "strip" else at
        rows += [((" " * margin, "plain"), *row) if row and margin else row for row in part]
    shown = tuple(rows[: max(height, 0)]) + ((),) * (height - len(rows))
    if not unicode or width < _NARROW:
        shown = tuple(_clipped(row, width, unicode) for row in shown)
    return Picture(shown, at, margin, width - 2 * margin)


def _clipped(row: Row, room: int, unicode: bool) -> Row:
    """A row in the columns and signs that there are: in ASCII some signs take more columns than they did."""
    spans: list[Span] = []
    for text, style in row:
        spans.append((shortened(text if unicode else in_ascii(text), room, ""), style))
        room -= columns(spans[-1][0])
    return tuple(spans)


def _broad(view: View, plan: Plan) -> int:
    """Columns that the count and the pacer take."""
    if plan.digits == 1:
        return 0
    return len(digits(count(view), plan.digits)[0]) + (2 * plan.digits + 4 if view.paced else 0) + 4
