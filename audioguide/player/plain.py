"""The session on one line: for those who want no more, and for terminals that can show no more."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from typing import TextIO

from audioguide.player.keys import keyboard
from audioguide.player.now import End, Now
from audioguide.player.signals import CONTINUE, STOP, before
from audioguide.player.status import columns, status_line
from audioguide.player.steered import COMMANDS, HELP, HINT, Steered, help_lines
from audioguide.player.view import View, Viewer

_TICK = 0.1  # seconds between two looks


def plain(
    player: Steered,
    tick: Callable[[Now], None],
    *,
    title: str = "",
    guess: int = 0,
    line: bool = True,
    unicode: bool = True,
) -> End:
    """Steer a session that plays with the keys of the terminal on stdin, if there is one, until it is over.

    With `line` it is shown on one line of stderr, which has to be a terminal; it is gone at the end. Without it only
    what the player tells is printed there. `title` stands in the line until there is a pose, `guess` is the session's
    length in frames while that is not known. `tick` is called several times a second. Returns how it ended,
    "interrupted" on Ctrl-C whether or not the player has stopped by then; whatever the player failed with is the
    player's to tell.
    """
    viewer = Viewer(title, guess, patience=round(4 / _TICK))
    hint = told = 0
    try:
        with (
            _line(unicode) if line else nullcontext() as shown,
            keyboard() as keys,
            before(STOP, player.suspend),  # Ctrl-Z fades out first, and the sound goes on when that is continued
            before(CONTINUE, player.resume),
            before(CONTINUE, shown.forget if shown else lambda: None),
        ):
            while not player.wait(0):
                key = keys.read(_TICK)
                if key == HELP and shown:
                    shown.above(help_lines(unicode=unicode))
                elif key in COMMANDS:
                    player.do(COMMANDS[key])
                elif key:
                    hint = round(3 / _TICK)
                now = player.now()
                tick(now)
                hint = max(0, hint - 1)
                if shown:
                    shown.show(viewer.view(now), HINT if hint else "")
                elif now.told != told:
                    told = now.told
                    print(now.message, file=sys.stderr, flush=True)
    except KeyboardInterrupt:
        return "interrupted"
    return player.now().end or "stopped"


class _Line:
    """The last line of the terminal, which is written over again and again."""

    def __init__(self, stream: TextIO, unicode: bool) -> None:
        self._stream = stream
        self._unicode = unicode
        self._shown = ""

    def show(self, view: View, hint: str) -> None:
        """Show where the session is, or a hint."""
        width = shutil.get_terminal_size().columns - 1
        text = hint[:width] or status_line(view, width, unicode=self._unicode)
        if text != self._shown:
            self._write(text)

    def above(self, lines: list[str]) -> None:
        """Leave some lines standing, and go on below."""
        for text in lines:
            self._write(text)
            self._stream.write("\n")
            self._shown = ""

    def forget(self) -> None:
        """Others have written to the terminal meanwhile: show everything anew."""
        self._shown = ""

    def clear(self) -> None:
        """Leave nothing behind."""
        self._write("")

    def _write(self, text: str) -> None:
        """Blanks wipe out the rest of what stood there: a dumb terminal knows no other way."""
        blanks = max(0, columns(self._shown) - columns(text))
        self._stream.write(f"\r{text}{' ' * blanks}" + ("\r" if not text else ""))
        self._stream.flush()
        self._shown = text


@contextmanager
def _line(unicode: bool) -> Iterator[_Line]:
    line = _Line(sys.stderr, unicode)
    try:
        yield line
    finally:
        line.clear()
