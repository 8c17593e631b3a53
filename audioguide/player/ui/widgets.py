"""The parts of the screen as rows of styled text, drawn from a view and the size of the terminal.

A small terminal shows what matters most: the pose, the count, and `LINES`. A large one shows digits and names larger.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from operator import itemgetter
from textwrap import wrap

from rich.cells import cell_len

from audioguide.player.ui.big_text import (
    count_disc_sizes,
    count_letter_rows,
    draw_cells,
    draw_disc,
    draw_letters,
    fit_figure,
)
from audioguide.player.ui.status_line import format_time_left
from audioguide.player.ui.terminal_style import truncate
from audioguide.player.ui.view import SessionMap, View
from audioguide.units import RATE, format_clock

StyledRow = tuple[tuple[str, str], ...]  # segments of text, each with a textual style
LINES = ("stage", "strip", "time", "next", "keys", "words")  # the parts of one row, the most important first

NOTE, QUIET, STRONG, LUNGS, RING = "bold reverse", "dim", "bold", "ansi_cyan", "ansi_cyan dim"
BREATH = {"in": "breathe in", "hold": "hold", "out": "breathe out", "rest": "rest"}
_PHASES = {"in": LUNGS, "hold": "ansi_yellow", "out": "ansi_green", "rest": ""}  # the colour of each phase
_DOT = " · "
_STYLES = {"r": RING, "n": "", "f": QUIET, "p": RING, " ": ""}  # parts of a disc, tones of a figure
_LEAST_BAR = 8  # columns
_LEAST_FIGURE = 14.0  # columns for a body height: a smaller one cannot be told from another pose


@dataclass(frozen=True, slots=True)
class ScreenLayout:
    """Sizes of the count, the pose and the side in pixels a dot (0: plain text, or no side), and how many `LINES`."""

    count: int = 0
    pose: int = 0
    side: int = 0
    lines: int = 6

    @property
    def height(self) -> int:
        """Rows that it takes; with a large side, that includes gaps."""
        side = count_letter_rows(self.side) + 3 if self.side else 0
        return count_letter_rows(self.pose) + side + count_letter_rows(self.count) + self.lines

    def shows(self, line: str) -> bool:
        """Whether one of the `LINES` is shown."""
        return line in LINES[: self.lines]


# The largest first.
_LAYOUTS = (
    *(ScreenLayout(count, 3, 3) for count in (11, 10, 9, 8)),
    *(ScreenLayout(count, 2, 2) for count in (7, 6, 5)),
    *(ScreenLayout(count, 1, 1) for count in (5, 4, 3)),
    *(ScreenLayout(3, 1), ScreenLayout(3), ScreenLayout(2, 1), ScreenLayout(2)),
    *(ScreenLayout(lines=lines) for lines in range(6, -1, -1)),
)


def choose_layout(view: View, width: int, height: int) -> ScreenLayout:
    """The largest layout that fits."""
    for layout in _LAYOUTS:
        count = draw_letters(format_count(view) or "0:00", layout.count) if layout.count else None
        room = find_pacer_column(layout, width) - count_letter_rows(layout.count) - 2 if view.paced else width
        if layout.height <= height and (count is None or len(count[0]) <= room):
            return layout
    return _LAYOUTS[-1]


def find_pacer_column(layout: ScreenLayout, width: int) -> int:
    """The column of the middle of the breath pacer."""
    return width - count_letter_rows(layout.count) - max(0, (width - 60) // 6)


def format_count(view: View) -> str:
    """The count as a clock, with a plus where it counts up; empty if nothing is counted."""
    return "+" * (view.count.kind == "up") + format_clock(view.count.seconds * RATE) if view.count else ""


@dataclass(frozen=True, slots=True)
class Painter:
    """Draws the parts, `width` columns wide. The words may have `spare` rows besides one. `keep` is the key that ends a
    hold which is kept going.
    """

    view: View
    layout: ScreenLayout
    width: int
    unicode: bool = True
    spare: int = 0
    keep: str = "="

    def parts(self) -> dict[str, list[StyledRow]]:
        """The rows of each part; empty for a part that is not shown."""
        view, layout, large = self.view, self.layout, self.layout.count > 0
        times = self._format_times()
        title = truncate(view.session, self.width - len(times) - 2)
        top: StyledRow = ((title, QUIET), (" " * (self.width - cell_len(title) - len(times)), ""), (times, ""))
        past, ahead = draw_strip(view.map, view.position, view.total, self.width, unicode=self.unicode)
        following: StyledRow = (("next  ", QUIET), (truncate(view.following, self.width - 6), ""))
        answer = [view.message, view.message.rpartition(": ")[2], view.message.rpartition(": ")[2].partition(",")[0]]
        side = self._draw_side() if layout.side else []
        phase = large and not any(len(row) > 1 for row in side)
        return {
            "top": [top] if large and layout.shows("time") else [],
            "pose": self._draw_large(
                layout.pose, *(answer if layout.pose and view.message else [view.pose or view.session])
            ),
            "side": side,
            "body": self._draw_body() if large else [self._draw_small_body()],
            "stage": [self._draw_stage(phase=phase)] if layout.shows("stage") else [],
            "words": self._wrap_words() if layout.shows("words") else [],
            "strip": [((past, LUNGS), (ahead, QUIET))] if layout.shows("strip") else [],
            "next": [following if view.following else ()] if layout.shows("next") else [],
            "time": [((times, ""),)] if not large and layout.shows("time") else [],
        }

    def place_figure(self, parts: dict[str, list[StyledRow]], tops: dict[str, int]) -> tuple[str, int, list[StyledRow]]:
        """The figure of the pose where it is largest: right of the pose and the side, of the side, or of the count.

        `tops` are where the `parts` begin. Returns the part beside which it is, its column, and its rows, if any.
        """
        if not (figure := self.view.figure) or not self.layout.count or not self.unicode:
            return "pose", 0, []
        left = {name: max((cell_len(row[0][0]) for row in rows if row), default=0) + 2 for name, rows in parts.items()}
        left |= {"pose": max(left["pose"], left["side"]), "body": max(left["body"], self.width // 2)}
        pacer = self._find_pacer() - count_letter_rows(self.layout.count) - 2
        right = dict.fromkeys(("pose", "side", "body"), pacer if self.view.paced else self.width)
        ends = {"pose": tops["body"], "side": tops["body"], "body": tops["stage"]}
        rooms = [(right[name] - left[name], ends[name] - tops[name], name) for name in ends if parts[name]]
        columns, rows, name = max(rooms, key=lambda room: fit_figure(figure[0], *room[:2]))
        if fit_figure(figure[0], columns, rows) < _LEAST_FIGURE:
            return name, 0, []
        steps = count_disc_sizes(
            count_letter_rows(self.layout.count)
        )  # so that it moves in the same frames as the disc
        drawn = draw_cells(figure[0], round(figure[1] * steps) / steps, columns, rows)
        return name, right[name] - len(drawn[0][0]), [tuple(_split_styles(*row)) for row in drawn]

    def _format_times(self) -> str:
        """Gaps in the sound, if there were any; time elapsed and left."""
        view = self.view
        gaps = f"{view.underruns} gap{'s' * (view.underruns > 1)}{_DOT}" if view.underruns else ""
        return f"{gaps}{format_clock(view.position)}{_DOT}{format_time_left(view)}"

    def _draw_large(self, scale: int, *texts: str) -> list[StyledRow]:
        """The first text that fits in letters of up to `scale` pixels a dot, or else the first in bold; always in the
        rows of that scale.
        """
        rows = count_letter_rows(scale)
        for text in texts:
            for dots in range(scale if self.unicode else 0, 0, -1):
                drawn = draw_letters(text, dots)
                if drawn is not None and len(drawn[0]) <= self.width:
                    return [*[((line, STRONG),) for line in drawn], *[()] * (rows - len(drawn))]
        return [*[()] * (rows // 2), ((truncate(texts[0], self.width), STRONG),), *[()] * (rows - 1 - rows // 2)]

    def _draw_side(self) -> list[StyledRow]:
        """What is read from afar below the pose: whether it is paused, and the side, or else the stage or the first
        pose; and above the pacer, the phase of the breath.
        """
        view = self.view
        here = view.following if view.stage == "introduction" else self._describe_stage()
        if view.obstacle or view.count is None or view.count.kind == "ahead":
            here = ""
        here = view.side or here
        rows = self._draw_large(self.layout.side, _DOT.join(filter(None, (view.obstacle, here))), view.obstacle or here)
        if not (word := self._draw_phase(rows)):
            return rows
        first = self._find_pacer() - len(word[0][0][0]) // 2
        gaps = [" " * (first - sum(cell_len(text) for text, _ in row)) for row in rows]
        word += [()] * (len(rows) - len(word))
        return [(*row, (gap, ""), *sign) for row, gap, sign in zip(rows, gaps, word, strict=True)]

    def _draw_phase(self, beside: list[StyledRow]) -> list[StyledRow]:
        """The phase of the breath in large letters, no wider than the pacer; empty where these rows leave no room."""
        if self.view.breath is None or not self.unicode:
            return []
        left = max(sum(cell_len(text) for text, _ in row) for row in beside) + 2
        room = min(2 * count_letter_rows(self.layout.count), 2 * (self._find_pacer() - left))
        scales = (
            dots for dots in range(self.layout.side, 0, -1) if len((draw_letters("hold", dots) or [""])[0]) <= room
        )
        phase, scale = self.view.breath.phase, next(scales, 0)
        return [((line, f"bold {_PHASES[phase]}"),) for line in draw_letters(phase, scale) or ()] if scale else []

    def _find_pacer(self) -> int:
        return find_pacer_column(self.layout, self.width)

    def _describe_stage(self) -> str:
        return f"{self.keep} ends it" if self.view.count and self.view.count.kind == "up" else self.view.stage

    def _choose_count_style(self) -> str:
        return QUIET if self.view.count and self.view.count.kind == "ahead" else STRONG

    def _draw_body(self) -> list[StyledRow]:
        """The count, and the breath pacer on its right."""
        view, rows, style = self.view, count_letter_rows(self.layout.count), self._choose_count_style()
        count = draw_letters(format_count(view), self.layout.count, unicode=self.unicode) or ("",) * rows
        room = self._find_pacer() - rows - len(count[0])
        if view.breath is None or room < 2:
            return [((line, style),) for line in count]
        size, counts_up = round(view.breath.fullness * count_disc_sizes(rows)), view.count and view.count.kind == "up"
        pacer = draw_disc(rows, size, unicode=self.unicode, closed=not counts_up)
        return [
            ((line, style), (" " * room, ""), *_split_styles(signs, parts, _PHASES[view.breath.phase]))
            for line, (signs, parts) in zip(count, pacer, strict=True)
        ]

    def _draw_small_body(self) -> StyledRow:
        """The count as plain text, and the breath as a bar."""
        view, count, style = self.view, format_count(self.view), self._choose_count_style()
        if view.breath is None:
            return ((count, style),) if count else ()
        word = view.breath.phase
        room = max(0, min(24, self.width - len(count) - len(word) - 3))
        full = round(room * view.breath.fullness)
        bar = ("━" if self.unicode else "=") * full
        return ((f"{count}  ", style), (bar, LUNGS), (" " * (room - full + 1), ""), (word, _PHASES[word]))

    def _draw_stage(self, *, phase: bool) -> StyledRow:
        """What is not above in large letters, in words; and the `phase` of the breath below the pacer, or else a bar of
        how much of the hold is over, which is dotted where that has no end.
        """
        view, state = self.view, self.view.transport
        if view.message and not self.layout.shows("keys"):
            return ((shorten(view.message, self.width), NOTE),)
        said = [view.side if view.obstacle else "", view.round]
        said += [self._describe_stage()] if view.side or view.obstacle else []
        if not self.layout.side:
            said = [view.side, view.round, view.obstacle or self._describe_stage()]
        elif not state.muted:
            volumes = (("voice", state.voice), ("background", state.background))
            said += [f"{name} {volume:+g} dB" for name, volume in volumes if volume]
        said += ["muted"] * state.muted
        text = truncate(_DOT.join(part for part in said if part), self.width)
        if view.breath and phase:
            word = BREATH[view.breath.phase]
            left = self._find_pacer() - len(word) // 2 - cell_len(text)
            return ((text, ""), (" " * left, ""), (word, _PHASES[view.breath.phase])) if left > 1 else ((text, ""),)
        room = self.width - cell_len(text) - 2 * bool(text)
        if view.count is None or view.count.kind == "ahead" or room < _LEAST_BAR:
            return ((text, ""),)
        done, ahead, endless = "━─┄" if self.unicode else "=-."
        columns = round(room * (view.share or 0.0))
        rest = (endless if view.share is None else ahead) * (room - columns)
        return ((text, ""), ("  " * bool(text), ""), (done * columns, LUNGS), (rest, QUIET))

    def _wrap_words(self) -> list[StyledRow]:
        """The last words spoken, in 1 + `spare` rows."""
        lines = wrap(f"“{self.view.words}”", max(self.width, 1)) if self.view.words else []
        room = 1 + self.spare
        if len(lines) > room:
            lines[room - 1 :] = [truncate(" ".join(lines[room - 1 :]), self.width)]
        return [*[((line, QUIET),) for line in lines], *[()] * (room - len(lines))]


def _split_styles(signs: str, parts: str, disc: str = "") -> Iterator[tuple[str, str]]:
    for part, row in groupby(zip(signs, parts, strict=True), key=itemgetter(1)):
        yield "".join(sign for sign, _ in row), disc if part == "d" else _STYLES[part]


def shorten(message: str, width: int) -> str:
    """A message in at most `width` columns, with what has changed, which is its end: `Bird dog, ri…: 35 s`."""
    head, colon, tail = message.rpartition(": ")
    room = width - cell_len(colon + tail)
    return f"{truncate(head, room)}{colon}{tail}" if colon and room > 3 else truncate(message, width)


def draw_strip(map: SessionMap, position: int, total: int, width: int, *, unicode: bool = True) -> tuple[str, str]:
    """The session in `width` characters, in two parts: up to the position, with a mark, and after it.

    Holds are thick, other parts thin; a chapter begins with a gap; what is not compiled yet is dotted.
    """
    if width <= 0:
        return "", ""
    cell = min(width - 1, position * width // max(total, 1))
    drawn = _draw_map(map, max(total, 1), width, unicode)
    return drawn[:cell] + ("█" if unicode else "O"), drawn[cell + 1 :]


@lru_cache(8)
def _draw_map(map: SessionMap, total: int, width: int, unicode: bool) -> str:
    thick, thin, chapter, unknown = "▄▁ ┄" if unicode else "=-|."
    starts = [start for start, _ in map.holds]
    signs = ""
    for cell in range(width):
        start, end = cell * total // width, (cell + 1) * total // width
        middle = (start + end) // 2
        hold = bisect_right(starts, middle) - 1
        begins = bisect_left(map.chapters, start) < bisect_left(map.chapters, end)
        inside = hold >= 0 and middle < map.holds[hold][1]
        signs += thick if inside else chapter if begins and cell else thin if middle < map.known else unknown
    return signs
