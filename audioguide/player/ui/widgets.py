"""The parts of the screen, each as rows of text: pure, from a view of the session and the room there is.

What matters most goes first where there is little room: the pose, the count, what goes on, the strip, the time, the
next thing, the keys, the words. What room there is beyond that makes the figures and the names larger.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from textwrap import wrap

from rich.cells import cell_len

from audioguide.player.ui.big_text import count_disc_sizes, count_letter_rows, draw_disc, draw_letters
from audioguide.player.ui.status_line import format_remaining, truncate
from audioguide.player.ui.view import SessionMap, View
from audioguide.units import RATE, format_clock

StyledRow = tuple[tuple[str, str], ...]
"""Runs of text, each with its style as textual writes it."""

NOTE = "bold reverse"
QUIET, STRONG, LUNGS, RING = "dim", "bold", "ansi_cyan", "ansi_cyan dim"

LINES = ("stage", "strip", "time", "next", "keys", "words")
"""The parts of one row, from the one that matters most."""

BREATH = {"in": "breathe in", "hold": "hold", "out": "breathe out", "rest": "rest"}

_DOT = " · "


@dataclass(frozen=True, slots=True)
class ScreenLayout:
    """How large things are: pixels a dot of the count, the pose and the side (0: plain text, and no side), and how many
    of `LINES` there are.
    """

    count: int = 0
    pose: int = 0
    side: int = 0
    lines: int = 6

    @property
    def height(self) -> int:
        """Rows that all of it takes; where there is room for a side, there are gaps besides."""
        side = count_letter_rows(self.side) + 3 if self.side else 0
        return count_letter_rows(self.pose) + side + count_letter_rows(self.count) + self.lines

    @property
    def shown(self) -> tuple[str, ...]:
        """The lines that there are."""
        return LINES[: self.lines]


# From the most generous to the least.
_PLANS = (
    *(ScreenLayout(count, 3, 3) for count in (11, 10, 9, 8)),
    *(ScreenLayout(count, 2, 2) for count in (7, 6, 5)),
    *(ScreenLayout(count, 1, 1) for count in (5, 4, 3)),
    *(ScreenLayout(3, 1), ScreenLayout(3), ScreenLayout(2, 1), ScreenLayout(2)),
    *(ScreenLayout(lines=lines) for lines in range(6, -1, -1)),
)


def choose_layout(view: View, width: int, height: int) -> ScreenLayout:
    """The most generous plan that fits."""
    for plan in _PLANS:
        counted = draw_letters(format_count(view), plan.count) if plan.count else None
        room = find_pacer_column(plan, width) - count_letter_rows(plan.count) - 2 if view.paced else width
        if plan.height <= height and (counted is None or len(counted[0]) <= room):
            return plan
    return _PLANS[-1]


def find_pacer_column(plan: ScreenLayout, width: int) -> int:
    """The column that the pacer has its middle in."""
    return width - count_letter_rows(plan.count) - max(0, (width - 60) // 6)


def format_count(view: View) -> str:
    """What is counted, as a clock."""
    return format_clock((view.seconds or 0) * RATE)


@dataclass(frozen=True, slots=True)
class Painter:
    """Draws the parts, `width` columns wide. `spare` are the rows that the words may have besides their one."""

    view: View
    plan: ScreenLayout
    width: int
    unicode: bool = True
    spare: int = 0

    def parts(self) -> dict[str, list[StyledRow]]:
        """The rows of each part; none where there is no room for it."""
        shown, large = self.plan.shown, self.plan.count > 0
        times: StyledRow = ((self.times(), ""),)
        return {
            "top": [self.top()] if large and "time" in shown else [],
            "pose": self.large(self.view.pose or self.view.session, self.plan.pose),
            "side": self.side() if self.plan.side else [],
            "body": self.body() if large else [self.small()],
            "stage": [self.stage()] if "stage" in shown else [],
            "words": self.words() if "words" in shown else [],
            "strip": [self.strip()] if "strip" in shown else [],
            "next": [self.next()] if "next" in shown else [],
            "time": [times] if not large and "time" in shown else [],
        }

    def top(self) -> StyledRow:
        """The session's title, and on the right the time."""
        times = self.times()
        title = truncate(self.view.session, self.width - len(times) - 2)
        return ((title, QUIET), (" " * (self.width - cell_len(title) - len(times)), ""), (times, ""))

    def times(self) -> str:
        """Time gone and left; gaps in the sound, if there were any."""
        view = self.view
        gaps = f"{view.underruns} gap{'s' * (view.underruns > 1)}{_DOT}" if view.underruns else ""
        return f"{gaps}{format_clock(view.position)}{_DOT}{'~' * view.estimated}{format_remaining(view.left)} left"

    def side(self) -> list[StyledRow]:
        """What is to be seen from far below the pose: that it is paused, or the side, or that it is held."""
        held = self.state() if self.view.counting in ("down", "up") else ""
        return self.large(self.notice() or self.view.side or held, self.plan.side)

    def large(self, text: str, scale: int) -> list[StyledRow]:
        """A text in letters of this many pixels a dot or fewer, or else bold, in the rows that the scale has."""
        rows = count_letter_rows(scale)
        for dots in range(scale if self.unicode else 0, 0, -1):
            drawn = draw_letters(text, dots)
            if drawn is not None and len(drawn[0]) <= self.width:
                return [*[((line, STRONG),) for line in drawn], *[()] * (rows - len(drawn))]
        return [*[()] * (rows // 2), ((truncate(text, self.width), STRONG),), *[()] * (rows - 1 - rows // 2)]

    def notice(self) -> str:
        """What keeps the session from going on."""
        return "paused" if self.view.paused else "getting ready" if self.view.waiting else ""

    def state(self) -> str:
        """What goes on."""
        return "until you press =" if self.view.counting == "up" else str(self.view.stage)

    def body(self) -> list[StyledRow]:
        """The count, and the pacer on its right."""
        view, rows = self.view, count_letter_rows(self.plan.count)
        style = QUIET if view.counting == "ahead" else STRONG
        counted = (
            draw_letters(format_count(view) if view.counting else "", self.plan.count, unicode=self.unicode)
            or ("",) * rows
        )
        room = find_pacer_column(self.plan, self.width) - rows - len(counted[0])
        if view.breath is None or room < 2:
            return [((line, style),) for line in counted]
        pacer = draw_disc(rows, round(view.breath.fullness * count_disc_sizes(rows)), unicode=self.unicode)
        return [
            ((line, style), (" " * room, ""), *_styled(signs, parts))
            for line, (signs, parts) in zip(counted, pacer, strict=True)
        ]

    def small(self) -> StyledRow:
        """The count as plain text, and the pacer as a bar that grows."""
        view = self.view
        counted = format_count(view) if view.counting else ""
        style = QUIET if view.counting == "ahead" else STRONG
        if view.breath is None:
            return ((counted, style),) if counted else ()
        word = str(view.breath.phase)
        room = max(0, min(24, self.width - len(counted) - len(word) - 3))
        full = round(room * view.breath.fullness)
        bar = ("━" if self.unicode else "=") * full
        return ((f"{counted}  ", style), (bar, LUNGS), (" " * (room - full + 1), ""), (word, LUNGS))

    def stage(self) -> StyledRow:
        """What goes on, in words: and under the pacer what the breath does."""
        view = self.view
        if view.message and "keys" not in self.plan.shown:
            return ((truncate(view.message, self.width), NOTE),)
        if self.plan.side:
            said = [self.state(), view.round, *self.volumes()]
        else:
            said = [view.side, view.round, self.notice() or self.state(), "muted" if view.muted else ""]
        text = truncate(_DOT.join(part for part in said if part), self.width)
        if view.breath is None or not self.plan.count:
            return ((text, ""),)
        word = BREATH[view.breath.phase]
        left = find_pacer_column(self.plan, self.width) - len(word) // 2 - cell_len(text)
        return ((text, ""), (" " * left, ""), (word, LUNGS)) if left > 1 else ((text, ""),)

    def volumes(self) -> list[str]:
        """The volumes, where they are not as they were."""
        view = self.view
        voice = f"voice {view.voice:+g} dB" if view.voice else ""
        background = f"background {view.background:+g} dB" if view.background else ""
        return ["muted"] if view.muted else [voice, background]

    def words(self) -> list[StyledRow]:
        """The last words spoken, in as many rows as there are for them."""
        lines = wrap(f"“{self.view.words}”", max(self.width, 1)) if self.view.words else []
        room = 1 + self.spare
        if len(lines) > room:
            lines[room - 1 :] = [truncate(" ".join(lines[room - 1 :]), self.width)]
        return [*[((line, QUIET),) for line in lines], *[()] * (room - len(lines))]

    def strip(self) -> StyledRow:
        """The session from end to end, and where we are."""
        view = self.view
        past, ahead = draw_strip(view.course, view.position, view.total, self.width, unicode=self.unicode)
        return ((past, LUNGS), (ahead, QUIET))

    def next(self) -> StyledRow:
        """What comes next."""
        following = self.view.following
        return (("next  ", QUIET), (truncate(following, self.width - 6), "")) if following else ()


def _styled(signs: str, parts: str) -> Iterator[tuple[str, str]]:
    """The runs of a row of the disc."""
    styles = {"d": LUNGS, "r": RING, " ": ""}
    start = 0
    for end in range(1, len(parts) + 1):
        if end == len(parts) or parts[end] != parts[start]:
            yield signs[start:end], styles[parts[start]]
            start = end


def draw_strip(course: SessionMap, position: int, total: int, width: int, *, unicode: bool = True) -> tuple[str, str]:
    """The session in `width` characters, in two pieces: what is over with where we are, and what is still to come.

    Holds are high, the rest is low, a chapter begins with a gap; what is not known yet is dotted.
    """
    if width <= 0:
        return "", ""
    cell = min(width - 1, position * width // max(total, 1))
    drawn = _drawn(course, max(total, 1), width, unicode)
    return drawn[:cell] + ("█" if unicode else "O"), drawn[cell + 1 :]


@lru_cache(8)
def _drawn(course: SessionMap, total: int, width: int, unicode: bool) -> str:
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
