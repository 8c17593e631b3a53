"""The parts of the screen, each drawn as rows: pure, from a view of the session and the room there is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from textwrap import wrap
from typing import Literal

from audioguide.player.screen.blocks import Pixels, cells, digits, disc, steps
from audioguide.player.screen.glyphs import lettering
from audioguide.player.screen.layout import Plan, letters_high
from audioguide.player.screen.strip import strip
from audioguide.player.status import columns, remaining, shortened
from audioguide.player.view import View
from audioguide.units import RATE, clock

Style = Literal["plain", "quiet", "strong", "past", "disc", "ring", "note", "key"]
Span = tuple[str, Style]
Row = tuple[Span, ...]

KEYS = (
    ("space", "pause"),
    ("←→", "5 s"),
    ("<>", "chapter"),
    ("+-", "hold"),
    ("=", "keep"),
    ("90", "voice"),
    ("?", "keys"),
    ("q", "stop"),
)
"""What the foot shows of the keys; those at the end stay longest."""

BREATH = {"in": "breathe in", "hold": "hold", "out": "breathe out", "rest": "rest"}

_DOT = " · "


def count(view: View) -> str:
    """What is counted, as a clock."""
    return clock((view.seconds or 0) * RATE)


@dataclass(frozen=True, slots=True)
class Painter:
    """Draws the parts of the picture, `width` columns wide."""

    view: View
    plan: Plan
    width: int
    unicode: bool
    spare: int
    """Rows that the words may have besides their one."""

    def parts(self, lines: tuple[str, ...]) -> Iterator[tuple[str, list[Row]]]:
        """The parts in order, each with its rows."""
        gap: list[Row] = [()] * self.plan.gap
        large = self.plan.digits > 1
        if large and "time" in lines:
            yield "time", [self.top(), *gap]
        yield "pose", self.pose()
        if self.plan.side:
            yield "side", [*gap[:1], *self.side()]
        yield "body", [*gap, *self.body()]
        if "stage" in lines:
            yield "stage", [self.stage()]
        if "words" in lines:
            yield "words", [*gap, *self.words()]
        if "strip" in lines:
            yield "strip", self.strip()
        if "next" in lines:
            yield "next", [self.next()]
        if not large and "time" in lines:
            yield "time", [((shortened(self.times(), self.width), "plain"),)]
        if "keys" in lines:
            yield "keys", [self.foot()]

    def top(self) -> Row:
        """The session's title, and on the right the time."""
        times = self.times()
        title = shortened(self.view.session, self.width - len(times) - 2)
        return ((title, "quiet"), (" " * (self.width - columns(title) - len(times)), "plain"), (times, "plain"))

    def times(self) -> str:
        """Time gone and left; gaps in the sound, if there were any."""
        view = self.view
        gaps = f"{view.underruns} gap{'s' * (view.underruns > 1)}{_DOT}" if view.underruns else ""
        return f"{gaps}{clock(view.position)}{_DOT}{'~' * view.estimated}{remaining(view.left)} left"

    def pose(self) -> list[Row]:
        """The name of the pose, as large as it fits."""
        return self.large(self.view.pose or self.view.session, self.plan.pose)

    def side(self) -> list[Row]:
        """What is to be seen from far below the pose: that it is paused, or the side, or that it is held."""
        held = self.state() if self.view.counting in ("down", "up") else ""
        return self.large(self.notice() or self.view.side or held, self.plan.side)

    def large(self, text: str, scale: int) -> list[Row]:
        """A text in letters of this many dots or fewer, or else bold, in the rows that the scale has."""
        rows = letters_high(scale) or 1
        for dots in range(scale if self.unicode else 0, 0, -1):
            pixels: Pixels | None = lettering(text, dots)
            if pixels is not None and len(pixels[0]) <= self.width:
                drawn = cells(pixels)
                return [*[((line, "strong"),) for line in drawn], *[()] * (rows - len(drawn))]
        return [*[()] * (rows // 2), ((shortened(text, self.width), "strong"),), *[()] * (rows - 1 - rows // 2)]

    def notice(self) -> str:
        """What keeps the session from going on."""
        return "paused" if self.view.paused else "getting ready" if self.view.waiting else ""

    def state(self) -> str:
        """What goes on."""
        return "until you press =" if self.view.counting == "up" else str(self.view.stage)

    def body(self) -> list[Row]:
        """The count, and the pacer on its right."""
        view, rows = self.view, self.plan.digits
        if rows == 1:
            return [self.small()]
        style: Style = "quiet" if view.counting == "ahead" else "strong"
        counted = digits(count(view), rows, unicode=self.unicode) if view.counting else ("",) * rows
        drawn: list[Row] = [((line, style),) for line in counted]
        if view.breath is None or (left := self.middle() - rows) < len(counted[0]) + 2:
            return drawn
        step = round(view.breath.fullness * steps(rows))
        pacer = disc(rows, step, unicode=self.unicode)
        return [
            (*row, (" " * (left - len(row[0][0])), "plain"), *_styled(signs, parts))
            for row, (signs, parts) in zip(drawn, pacer, strict=True)
        ]

    def small(self) -> Row:
        """The count as plain text, and the pacer as a bar that grows."""
        view = self.view
        counted = count(view) if view.counting else ""
        style: Style = "quiet" if view.counting == "ahead" else "strong"
        if view.breath is None:
            return ((counted, style),) if counted else ()
        word = str(view.breath.phase)
        room = min(24, self.width - len(counted) - len(word) - 3)
        full = round(max(room, 0) * view.breath.fullness)
        bar = ("━" if self.unicode else "=") * full
        return ((f"{counted}  ", style), (bar, "disc"), (" " * (room - full + 1), "plain"), (word, "disc"))

    def middle(self) -> int:
        """The column that the pacer has its middle in."""
        return self.width - self.plan.digits - max(0, (self.width - 60) // 6)

    def stage(self) -> Row:
        """What goes on, in words: and under the pacer what the breath does."""
        view = self.view
        large = bool(self.plan.side)
        said = [self.state()] if large else [view.side, self.notice() or self.state()]
        said += [view.round if large else "", "" if large or not view.muted else "muted"]
        if large:
            said += self.volumes()
        else:
            said.insert(1, view.round)
        if view.message and self.plan.lines < 5:
            return ((shortened(view.message, self.width), "note"),)
        text = shortened(_DOT.join(part for part in said if part), self.width)
        if view.breath is None or self.plan.digits == 1:
            return ((text, "plain"),)
        word = BREATH[view.breath.phase]
        left = self.middle() - len(word) // 2 - columns(text)
        return ((text, "plain"), (" " * left, "plain"), (word, "disc")) if left > 1 else ((text, "plain"),)

    def volumes(self) -> list[str]:
        """The volumes, where they are not as they were."""
        view = self.view
        voice = f"voice {view.voice:+g} dB" if view.voice else ""
        bed = f"background {view.bed:+g} dB" if view.bed else ""
        return ["muted"] if view.muted else [voice, bed]

    def words(self) -> list[Row]:
        """The last words spoken, in as many rows as there are for them."""
        lines = wrap(f"“{self.view.words}”", max(self.width, 1)) if self.view.words else []
        room = 1 + self.spare
        if len(lines) > room:
            lines[room - 1 :] = [shortened(" ".join(lines[room - 1 :]), self.width)]
        return [*[((line, "quiet"),) for line in lines], *[()] * (room - len(lines))]

    def strip(self) -> list[Row]:
        """The session from end to end, and where we are."""
        view = self.view
        past, ahead = strip(view.course, view.position, view.total, self.width, unicode=self.unicode)
        return [((past, "past"), (ahead, "quiet"))]

    def next(self) -> Row:
        """What comes next."""
        following = self.view.following
        return (("next  ", "quiet"), (shortened(following, self.width - 6), "plain")) if following else ()

    def foot(self) -> Row:
        """The message, as long as there is one; the keys, as many as fit."""
        if self.view.message:
            return ((shortened(self.view.message, self.width), "note"),)
        keys = list(KEYS if self.unicode else [("left/right" if key == "←→" else key, does) for key, does in KEYS])
        while keys and sum(len(key) + len(does) + 3 for key, does in keys) - 2 > self.width:
            keys.pop(-3 if len(keys) > 2 else 0)
        row: list[Span] = []
        for key, does in keys:
            row += [(f"{key} ", "key"), (f"{does}  ", "quiet")]
        return tuple(row)


def _styled(signs: str, parts: str) -> Iterator[Span]:
    """The runs of a row of the disc."""
    styles: dict[str, Style] = {"d": "disc", "r": "ring", " ": "plain"}
    start = 0
    for end in range(1, len(parts) + 1):
        if end == len(parts) or parts[end] != parts[start]:
            yield signs[start:end], styles[parts[start]]
            start = end
