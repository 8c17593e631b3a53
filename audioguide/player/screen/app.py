"""The textual application: it asks the player where things are, shows the picture of it, and hands on the keys."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Callable
from dataclasses import replace
from itertools import zip_longest
from typing import Any, ClassVar

from rich.segment import Segment
from rich.style import Style as RichStyle
from textual import events
from textual.app import App, ComposeResult
from textual.geometry import Region
from textual.screen import ModalScreen, Screen
from textual.strip import Strip
from textual.widget import Widget
from textual.widgets import Static

from audioguide.player.command import SeekTo
from audioguide.player.now import End, Now
from audioguide.player.screen.parts import Style
from audioguide.player.screen.picture import Picture, picture
from audioguide.player.signals import stop_this_process
from audioguide.player.steered import COMMANDS, HELP, HINT, Steered, help_lines
from audioguide.player.view import View, Viewer

RATE = 25
"""Looks at the player in a second: the pacer moves that often at most."""

_STYLES: dict[Style, RichStyle] = {
    "plain": RichStyle(),
    "quiet": RichStyle(dim=True),
    "strong": RichStyle(bold=True),
    "past": RichStyle(color="cyan"),
    "disc": RichStyle(color="cyan"),
    "ring": RichStyle(color="cyan", dim=True),
    "note": RichStyle(bold=True, reverse=True),
    "key": RichStyle(bold=True),
}


class Canvas(Widget):
    """Shows a picture, and draws anew only the rows that have changed."""

    DEFAULT_CSS = "Canvas { width: 100%; height: 100%; }"

    def __init__(self) -> None:
        super().__init__()
        self.picture = Picture(())

    def show(self, fresh: Picture) -> None:
        """Show another picture."""
        before, self.picture = self.picture.rows, fresh
        width = self.size.width
        changed = [y for y, row in enumerate(fresh.rows) if y >= len(before) or row != before[y]]
        if changed:
            self.refresh(*(Region(0, y, width, 1) for y in changed))

    def render_line(self, y: int) -> Strip:
        """One row, filled up to the width."""
        row = self.picture.rows[y] if y < len(self.picture.rows) else ()
        return Strip([Segment(text, _STYLES[style]) for text, style in row]).adjust_cell_length(self.size.width)

    def on_click(self, event: events.Click) -> None:
        """Go to where the strip was clicked."""
        app = self.app
        if isinstance(app, PlayerApp) and (fraction := self.picture.fraction(event.x, event.y)) is not None:
            app.go_to(fraction)


class Main(Screen[None], inherit_bindings=False):
    """The session."""

    def compose(self) -> ComposeResult:
        """The picture fills the screen."""
        yield Canvas()


class Help(ModalScreen[None], inherit_bindings=False):
    """The keys; any key goes back."""

    CSS = """
    Help { align: center middle; background: transparent; }
    Help Static { width: auto; height: auto; max-width: 100%; max-height: 100%; padding: 0 2; text-wrap: nowrap;
                  border: round ansi_default; }
    """

    def __init__(self, unicode: bool) -> None:
        super().__init__()
        self._unicode = unicode

    def compose(self) -> ComposeResult:
        """The list, in as many columns as the terminal is too low for one."""
        lines, rows = help_lines(unicode=self._unicode), max(1, self.app.size.height - 2)
        columns = [lines[start : start + rows] for start in range(0, len(lines), rows)]
        width = max(len(line) for line in lines) + 2
        table = ("".join(line.ljust(width) for line in row).rstrip() for row in zip_longest(*columns, fillvalue=""))
        box = Static("\n".join(table), markup=False)
        if not self._unicode:
            box.styles.border = ("ascii", "ansi_default")
        yield box


class PlayerApp(App[End], inherit_bindings=False):
    """The screen of a session that plays. It ends with the session, on q, and when it is interrupted."""

    ENABLE_COMMAND_PALETTE: ClassVar[bool] = False
    CSS = "Screen { background: ansi_default; overflow: hidden; }"

    def __init__(self, player: Steered, viewer: Viewer, tick: Callable[[Now], None], *, unicode: bool = True) -> None:
        super().__init__(ansi_color=True)
        self.theme = "ansi-dark"
        self.animation_level = "none"
        self.failure: BaseException | None = None
        """What `tick` failed with."""
        self._player = player
        self._viewer = viewer
        self._tick = tick
        self._unicode = unicode
        self._view: View | None = None
        self._hint = 0
        self._ending = False
        self._main = Main()

    def get_default_screen(self) -> Screen[Any]:
        """The session."""
        return self._main

    def on_mount(self) -> None:
        """Begin to look at the player."""
        self._listen()
        self.set_interval(1 / RATE, self.look)

    def on_resize(self) -> None:
        """Draw for the new size at once."""
        self.call_after_refresh(self.draw)

    def look(self) -> None:
        """Ask the player how things are, and show it; end when it is over."""
        now = self._player.now()
        try:
            self._tick(now)
        except BaseException as error:  # raised again once the terminal is as it was
            self.failure = error
            self.end("interrupted" if isinstance(error, KeyboardInterrupt) else "stopped")
            return
        self._view = self._viewer.view(now)
        self._hint = max(0, self._hint - 1)
        self.draw()
        if self._player.wait(0):
            self.end(now.end or self._player.now().end or "stopped")

    def draw(self) -> None:
        """Show what was seen last."""
        if self._view is None:
            return
        view = replace(self._view, message=HINT) if self._hint else self._view
        for canvas in self._main.query(Canvas):
            canvas.show(picture(view, *canvas.size, unicode=self._unicode))

    async def on_event(self, event: events.Event) -> None:
        """Take every key before anything else does: textual has uses of its own for some."""
        if isinstance(event, events.Key):
            self.press(event.key)
        else:
            await super().on_event(event)

    def press(self, key: str) -> None:
        """Do what a key stands for."""
        helping = isinstance(self.screen, Help)
        if key == "ctrl+c":
            self.interrupt()
        elif key == "ctrl+z":
            self.stop_for_now()
        elif helping:
            self.pop_screen()
        elif key == HELP:
            self.push_screen(Help(self._unicode))
        elif command := COMMANDS.get(key):
            self._hint = 0
            self._player.do(command)
            self.look()
        else:
            self._hint = 3 * RATE
            self.draw()

    def go_to(self, fraction: float) -> None:
        """Go to a place on the strip."""
        if self._view is not None:
            self._player.do(SeekTo(self._view.frame(fraction)))

    def end(self, end: End) -> None:
        """Give the terminal back; from here on nothing sets it up again."""
        self._ending = True
        self.exit(end)

    def interrupt(self) -> None:
        """End as Ctrl-C does."""
        self.end("interrupted")

    def hang_up(self) -> None:
        """The terminal has gone: end, and write to nobody, for writing to it would fail."""
        nobody = os.open(os.devnull, os.O_RDWR)
        os.dup2(nobody, sys.__stderr__.fileno() if sys.__stderr__ else 2)
        os.close(nobody)
        self.end("interrupted")

    def stop_for_now(self) -> None:
        """Fade out, give the terminal back and stop the process; go on from here when it is continued."""
        if sys.platform == "win32" or self.is_headless or self._ending:
            return
        self._player.suspend()
        with self.suspend():
            stop_this_process()
        self._player.resume()

    def take_up(self) -> None:
        """Set up the terminal anew: the process was stopped from outside, and the shell has used it meanwhile.

        A terminal that goes away continues its processes, too: after it has told them that it hangs up.
        """
        if not self._ending:
            with self.suspend():
                pass

    def _listen(self) -> None:
        """Do on signals what the keys do; a signal that is ignored stays so."""
        loop = asyncio.get_running_loop()
        acts = {
            "SIGINT": self.interrupt,
            "SIGTERM": self.interrupt,
            "SIGHUP": self.hang_up,
            "SIGTSTP": self.stop_for_now,
            "SIGCONT": self.take_up,
        }
        for name, act in acts.items():
            number = getattr(signal, name, None)
            if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
                with contextlib.suppress(NotImplementedError, RuntimeError, ValueError):  # Windows; another thread
                    loop.add_signal_handler(number, act)
