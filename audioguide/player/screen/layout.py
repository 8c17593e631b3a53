"""How large the parts of the screen are, from the most generous arrangement to the least."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Plan:
    """How large things are: rows of the digits, dots of the pose's and of the side's letters (0: plain), rows between
    the parts, and how many single rows there are.
    """

    digits: int
    pose: int = 0
    side: int = 0
    gap: int = 0
    lines: int = 6

    @property
    def height(self) -> int:
        """Rows that all of it takes."""
        pose, side = letters_high(self.pose) or 1, letters_high(self.side)
        return pose + side + self.digits + self.lines + 4 * self.gap + bool(self.gap and side)


def letters_high(scale: int) -> int:
    """Rows that letters of so many pixels a dot take; 0 for none."""
    return (5 * scale + 1) // 2


# From the most generous to the least; `lines` drops, in this order: the words, the keys, what is next, the time, the
# strip, what goes on.
PLANS = (
    *(Plan(rows, 3, 3, 2) for rows in (28, 24, 20)),
    *(Plan(rows, 2, 2, 2) for rows in (18, 16)),
    *(Plan(rows, 2, 2, 1) for rows in (14, 12)),
    *(Plan(rows, 1, 1, 1) for rows in (14, 12, 10, 8, 7)),
    Plan(7, 1, 1),
    Plan(6, 1),
    Plan(5, 1),
    Plan(5),
    *(Plan(1, lines=lines) for lines in range(6, -1, -1)),
)
LINES = ("stage", "strip", "time", "next", "keys", "words")
"""The parts of one row, from the one that matters most."""
