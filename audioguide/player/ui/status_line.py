"""The session on one line, for `--plain` and for terminals that cannot show a screen."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from contextlib import closing, nullcontext
from typing import TYPE_CHECKING, TextIO

from rich.cells import cell_len

from audioguide.player.commands import HELP, HINT, SHOW_QR, KeyMap
from audioguide.player.transport import EndReason, PlayerState
from audioguide.player.ui.keyboard import CONTINUE, STOP, open_keyboard, run_before_signal
from audioguide.player.ui.terminal_style import to_ascii, truncate
from audioguide.player.ui.view import View, ViewBuilder
from audioguide.units import RATE, format_clock

if TYPE_CHECKING:
    from audioguide.player.player import Player


_SEPARATOR = " · "
_TICK = 0.1  # seconds between two updates


def run_status_line(
    player: Player,
    tick: Callable[[PlayerState], None],
    *,
    title: str = "",
    guess: int = 0,
    line: bool = True,
    unicode: bool = True,
    keymap: KeyMap | None = None,
) -> EndReason:
    """Control a playing session by the keys of the terminal on stdin, if there is one, until it is over. With `line`,
    one line of stderr, a terminal, shows the session; without it, only messages are printed there. `title` is shown
    until there is a pose; the rest is as in `run_screen`.
    """
    views = ViewBuilder(title, guess, patience=round(4 / _TICK))
    hint, message_count, keymap = 0, 0, keymap or KeyMap()
    try:
        with (
            closing(_Line(sys.stderr)) if line else nullcontext() as shown,
            open_keyboard() as keys,
            run_before_signal(STOP, player.suspend),  # Ctrl-Z fades out first
            run_before_signal(CONTINUE, player.resume),
            run_before_signal(CONTINUE, shown.forget if shown else lambda: None),
        ):
            while not player.wait(0):
                key = keys.read(_TICK)
                if key == HELP and shown:
                    shown.print_above(keymap.format_help(unicode=unicode))
                elif key == SHOW_QR and shown and keymap.qr_code:
                    shown.print_above(keymap.qr_code)
                elif key in keymap.commands:
                    player.do(keymap.commands[key])
                elif key:
                    hint = round(3 / _TICK)
                now = player.now()
                tick(now)
                hint = max(0, hint - 1)
                if shown:
                    width = shutil.get_terminal_size().columns - 1
                    view = views.build(now)
                    shown.show(HINT[:width] if hint else format_status_line(view, width, unicode=unicode))
                elif now.message_count != message_count:
                    message_count = now.message_count
                    print(now.message, file=sys.stderr, flush=True)
    except KeyboardInterrupt:
        return "interrupted"
    return player.now().end or "stopped"


class _Line:
    """The last line of the terminal, which is written over again and again."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._shown = ""

    def show(self, text: str) -> None:
        """Write over the line, with blanks over the rest: a dumb terminal has no other way."""
        if text != self._shown:
            blanks = max(0, cell_len(self._shown) - cell_len(text))
            self._stream.write(f"\r{text}{' ' * blanks}" + ("\r" if not text else ""))
            self._stream.flush()
            self._shown = text

    def print_above(self, lines: list[str]) -> None:
        for text in lines:
            self.show(text)
            self._stream.write("\n")
            self.forget()

    def forget(self) -> None:
        """Write all of the line next time, since others have written to the terminal."""
        self._shown = ""

    def close(self) -> None:
        self.show("")


def format_status_line(view: View, width: int = 80, *, unicode: bool = True) -> str:
    """The pose and side, the time left in the hold or rest, and the time left in total, in at most `width` columns.

    A message, or "paused", comes before the times: `Child's pose · paused · hold 0:23 · 12:41 left`. What does not fit
    is left out in this order: the end of the title, the side, the title, the message.
    """
    title = ", ".join(part for part in (view.pose, view.round) if part).replace(_SEPARATOR, ", ")
    count = ""
    if view.count and view.count.kind != "ahead":
        plus, until = ("+", " until you end it") if view.count.kind == "up" else ("", "")
        stage = f"{view.following} in" if view.stage == "introduction" else view.stage
        count = f"{stage} {plus}{format_clock(view.count.seconds * RATE)}{until}"
    note = view.message or view.obstacle or ("muted" if view.transport.muted else "")
    line = _fit(title, view.side, [part for part in (note, count, format_time_left(view)) if part], width)
    return line if unicode else truncate(to_ascii(line), width, "")


def _fit(title: str, side: str, tail: list[str], width: int) -> str:
    for head in ([title, side], [title]):
        parts = [part for part in [*head, *tail] if part]
        over = cell_len(_SEPARATOR.join(parts)) - width
        if over <= 0:
            return _SEPARATOR.join(parts)
        if (room := cell_len(title) - over) >= 8:
            return _SEPARATOR.join([truncate(title, room), *parts[1:]])
    while len(tail) > 1 and cell_len(_SEPARATOR.join(tail)) > width:
        tail = tail[1:]
    return truncate(_SEPARATOR.join(tail), width)


def format_time_left(view: View) -> str:
    """The time left of the session, rounded up to a second: `~12:41 left`."""
    count = max(0, view.total - view.position)
    return f"{'~' * view.estimated}{format_clock(-(-count // RATE) * RATE)} left"
