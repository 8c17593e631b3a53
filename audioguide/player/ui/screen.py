"""The session on the whole terminal: a textual application that shows the player's state and passes keys to it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from itertools import chain, zip_longest
from typing import TYPE_CHECKING, Any, ClassVar

from rich.text import Text
from textual import events
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.screen import ModalScreen, Screen
from textual.widgets import Footer, Static

from audioguide.player.commands import HELP, HINT, PHONE_IS_THERE, SHOW_QR, Command, KeyMap, SeekTo
from audioguide.player.transport import EndReason, PlayerState
from audioguide.player.ui.keyboard import restore_signals, suspend_process
from audioguide.player.ui.terminal_style import to_ascii, truncate
from audioguide.player.ui.view import View, ViewBuilder
from audioguide.player.ui.widgets import NOTE, Painter, StyledRow, choose_layout, shorten

if TYPE_CHECKING:
    from audioguide.model.routine import Routine
    from audioguide.player.player import Player

RATE = 25  # updates a second
_NARROW = 40  # columns below which there is no margin
# From top to bottom; an empty name is a gap, shown where there is room.
_PARTS = ("top", "", "pose", "", "side", "", "body", "stage", "", "words", "strip", "next", "time")


class ScreenPart(Static):
    """Some rows of the screen, drawn only when they change."""

    rows: list[StyledRow] | None = None

    def show(self, rows: list[StyledRow], *, unicode: bool = True) -> None:
        """Show these rows; the part becomes as high as they are."""
        if rows == self.rows:
            return
        if self.rows is None or len(rows) != len(self.rows):
            self.styles.height, self.display = len(rows), bool(rows)
        self.rows = rows
        lines = [[(text if unicode else to_ascii(text), style) for text, style in row] for row in rows]
        self.update(Content("\n").join(Content.assemble(*line) for line in lines), layout=False)

    def on_click(self, event: events.Click) -> None:
        """Go to the clicked position of the progress strip."""
        if self.id == "strip" and isinstance(self.app, PlayerApp):
            self.app.seek(event.x / self.size.width)


class MainScreen(Screen[None], inherit_bindings=False):
    """The parts of the session, and the keys below."""

    def __init__(self) -> None:
        super().__init__()
        self.parts = {name: ScreenPart(id=name) for name in (*filter(None, _PARTS), "message", "figure")}
        self.foot = Footer(show_command_palette=False, compact=True)

    def compose(self) -> ComposeResult:
        """The parts from top to bottom; the footer is the keys or a message."""
        yield from (self.parts[name] if name else Static(classes="gap") for name in _PARTS)
        yield self.parts["message"]
        yield self.parts["figure"]
        yield self.foot


class HelpScreen(ModalScreen[None], inherit_bindings=False):
    """The list of keys, in as many columns and pages as the terminal's size requires."""

    def __init__(self, lines: list[str], unicode: bool) -> None:
        super().__init__(classes="" if unicode else "-ascii")
        self._lines, self._first = lines, 0  # the first line of this page

    def compose(self) -> ComposeResult:
        """A page of the list."""
        width, height = self.app.size
        lines = [truncate(line, width - 6) for line in self._lines]
        column, rows = max(map(len, lines)) + 2, max(1, height - 2)
        count = max(1, (width - 4) // column)
        if len(lines) > count * rows:
            rows = max(1, rows - 1)  # the last one says that there is more
        shown = lines[self._first : self._first + count * rows]
        columns = [shown[start : start + rows] for start in range(0, len(shown), rows)]
        table = ["".join(line.ljust(column) for line in row).rstrip() for row in zip_longest(*columns, fillvalue="")]
        self._first = (self._first + len(shown)) % len(lines)
        table += ["? more"] * bool(self._first)
        yield Static("\n".join(table), markup=False)

    def close_on(self, key: str) -> bool:
        """Whether a key closes the list; on a page that is not the last, ? turns it."""
        if key == "question_mark" and self._first:
            self.refresh(recompose=True)
            return False
        return True


class QrScreen(HelpScreen):
    """The address of the remote, as a QR code where that has room."""

    def compose(self) -> ComposeResult:
        """The code."""
        yield Static(Text.from_ansi("\n".join(self._lines[-1 if self.app.size.height < len(self._lines) else 0 :])))


def _join(keys: Sequence[str]) -> str:
    return ",".join(key.replace(",", "comma") for key in keys)


def _bind(command: Command) -> Binding:
    action, label = f"ask({command.name!r})", command.label
    return Binding(
        _join(command.keys), action, label, bool(label), id=command.name, group=Binding.Group(label, compact=True)
    )


class PlayerApp(App[EndReason], inherit_bindings=False):
    """The screen of a playing session. It ends with the session, on q, and on Ctrl-C."""

    ENABLE_COMMAND_PALETTE: ClassVar[bool] = False
    BINDINGS: ClassVar[list[BindingType]] = [
        *map(_bind, [*Command][:2]),  # in a narrow footer, the first keys stay
        Binding(HELP, "help", "keys", id=HELP),
        *map(_bind, [*Command][2:]),
        Binding(SHOW_QR, "qr_code", show=False),
        Binding("ctrl+c", "end('interrupted')", show=False, priority=True),
        Binding("ctrl+z", "suspend_player", show=False, priority=True),
    ]
    CSS = """
    Screen { background: ansi_default; overflow: hidden; padding: 0 2; }
    .-narrow { padding: 0; }
    ScreenPart { width: 100%; text-wrap: nowrap; }
    .gap { height: 1fr; max-height: 2; }
    .-low .gap { display: none; }
    #message { dock: bottom; }
    MainScreen { layers: rows over; }
    #figure { layer: over; position: absolute; }
    Footer { background: ansi_default; FooterKey, FooterLabel { margin: 0 2 0 0; } }
    Footer KeyGroup { margin: 0 1 0 0; padding: 0; FooterKey { margin: 0; } }
    FooterKey, FooterLabel, FooterKey .footer-key--key { background: ansi_default; color: ansi_default; }
    FooterLabel, FooterKey .footer-key--description {
        background: ansi_default; color: ansi_default; text-style: dim;
    }
    HelpScreen { align: center middle; background: transparent; padding: 0; }
    HelpScreen Static { width: auto; max-width: 100%; max-height: 100%; padding: 0 2; text-wrap: nowrap; }
    HelpScreen Static { border: round ansi_default; }
    HelpScreen.-ascii Static { border: ascii ansi_default; }
    """

    def __init__(
        self,
        player: Player,
        viewer: ViewBuilder,
        tick: Callable[[PlayerState], None],
        *,
        unicode: bool = True,
        keymap: KeyMap | None = None,
    ) -> None:
        super().__init__(ansi_color=True)
        self.theme, self.animation_level = "ansi-dark", "none"
        self.failure: BaseException | None = None  # what `tick` raised
        self._player, self._viewer, self._tick, self._unicode = player, viewer, tick, unicode
        self._view: View | None = None
        self._keys = keymap or KeyMap()
        if self._keys.own:
            keys = {command.name: _join(keys) for command, keys in self._keys.keys.items()}
            self.set_keymap({**keys, HELP: HELP})  # all of them, so that they stay in their order
        self._hint = 0
        self._ending = False
        self._main = MainScreen()

    def get_default_screen(self) -> Screen[Any]:
        """The main screen."""
        return self._main

    def get_key_display(self, binding: Binding) -> str:
        """How the footer shows a key."""
        shown = super().get_key_display(binding)
        return shown if self._unicode else to_ascii(shown)

    def on_mount(self) -> None:
        """Start the updates."""
        self._handle_signals()
        self.set_interval(1 / RATE, self.look)
        self.action_qr_code()

    def on_resize(self) -> None:
        """Draw for the new size."""
        self.call_after_refresh(self.draw)

    def look(self) -> None:
        """Show the player's state; end when playback is over."""
        now = self._player.now()
        try:
            self._tick(now)
        except BaseException as error:  # `run_screen` raises it, once the terminal is restored
            self.failure = error
            self.action_end("interrupted" if isinstance(error, KeyboardInterrupt) else "stopped")
            return
        before, self._view = self._view, self._viewer.build(now)
        met = self._view.message == PHONE_IS_THERE != (before and before.message)
        if met and isinstance(self.screen, QrScreen):
            self.pop_screen()
        self._hint = max(0, self._hint - 1)
        self.draw()
        if self._player.wait(0):
            self.action_end(now.end or self._player.now().end or "stopped")

    def draw(self) -> None:
        """Draw the last view."""
        if self._view is None:
            return
        view = replace(self._view, message=HINT) if self._hint else self._view
        main, (width, height) = self._main, self._main.size
        main.set_class(self.size.width < _NARROW, "-narrow")
        layout = choose_layout(view, width, height)
        main.set_class(not layout.side, "-low")
        foot = layout.shows("keys")
        keep = " ".join(self._keys.keys[Command.KEEP][:1])
        painter = Painter(view, layout, width, self._unicode, min(2, height - layout.height), keep)
        rows = painter.parts()
        tops = {name: part.region.y for name, part in main.parts.items()}
        beside, column, rows["figure"] = painter.place_figure(rows, tops)
        figure = main.parts["figure"].styles
        figure.offset, figure.width = (column, tops[beside]), sum(len(text) for text, _ in chain(*rows["figure"][:1]))
        rows["message"] = [((shorten(view.message, width), NOTE),)] if foot and view.message else []
        for name, part in main.parts.items():
            part.show(rows[name], unicode=self._unicode)
        main.foot.display = foot and not view.message

    async def on_event(self, event: events.Event) -> None:
        """Close the list of keys on any key, at once: the next key may have been typed already."""
        if isinstance(event, events.Key) and isinstance(self.screen, HelpScreen) and not event.key.startswith("ctrl+"):
            if self.screen.close_on(event.key):
                self.pop_screen()
        else:
            await super().on_event(event)

    def on_key(self, event: events.Key) -> None:
        """After an unknown key, tell how to list the keys."""
        if event.key not in self.screen.active_bindings:
            self._hint = 3 * RATE
            self.draw()

    def action_ask(self, command: str) -> None:
        """Carry out the command of a key."""
        self._hint = 0
        self._player.do(Command[command])
        self.look()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool:
        """Whether a command has a key: the listener may have given all of them to others."""
        return action != "ask" or bool(self._keys.keys[Command[str(parameters[0])]])

    def action_help(self) -> None:
        """List the keys."""
        self.push_screen(HelpScreen(self._keys.format_help(unicode=self._unicode), self._unicode))

    def action_qr_code(self) -> None:
        """Show the address of the remote."""
        if self._keys.qr_code:
            self.push_screen(QrScreen(self._keys.qr_code, self._unicode))

    def seek(self, fraction: float) -> None:
        """Go to a fraction (0 to 1) of the progress strip."""
        if self._view is not None:
            self._player.do(SeekTo(self._view.frame(fraction)))

    def action_end(self, end: EndReason) -> None:
        """Leave the screen; from now on nothing sets up the terminal again."""
        self._ending = True
        self.exit(end)

    def action_suspend_player(self) -> None:
        """Fade out, restore the terminal and stop the process; go on when it is continued."""
        if sys.platform == "win32" or self.is_headless or self._ending:
            return
        self._player.suspend()
        with self.suspend():
            suspend_process()
        self._player.resume()

    def _hang_up(self) -> None:
        """The terminal is closed: discard output, since writing to it would fail, and end."""
        null = os.open(os.devnull, os.O_RDWR)
        os.dup2(null, sys.__stderr__.fileno() if sys.__stderr__ else 2)
        os.close(null)
        self.action_end("interrupted")

    def _set_up_again(self) -> None:
        """Set up the terminal again: another process stopped this one, and the shell has used it meanwhile."""
        if not self._ending:  # a terminal that closes sends SIGCONT, too, after SIGHUP
            with self.suspend():
                pass

    def _handle_signals(self) -> None:
        """Handle signals as the keys do, except signals that are ignored."""
        loop = asyncio.get_running_loop()
        acts: dict[str, Callable[[], None]] = {
            **dict.fromkeys(("SIGINT", "SIGTERM"), partial(self.action_end, "interrupted")),
            "SIGHUP": self._hang_up,
            "SIGTSTP": self.action_suspend_player,
            "SIGCONT": self._set_up_again,
        }
        for name, act in acts.items():
            number = getattr(signal, name, None)
            if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
                with contextlib.suppress(NotImplementedError, RuntimeError, ValueError):  # Windows; another thread
                    loop.add_signal_handler(number, act)


def run_screen(
    player: Player,
    routine: Routine,
    tick: Callable[[PlayerState], None],
    *,
    guess: int = 0,
    unicode: bool = True,
    keymap: KeyMap | None = None,
) -> EndReason:
    """Show a playing session on the terminal, and control it by keys, until it is over; then restore the terminal.

    For the main thread, with stdin and stderr on a terminal. `guess` is the session's length in frames until that is
    known. `tick` is called several times a second; what it raises is raised here. Returns how playback ended:
    "interrupted" on Ctrl-C, SIGTERM and SIGHUP, even if the player has not stopped yet.
    """
    viewer = ViewBuilder(routine.title, guess, patience=4 * RATE, steps=routine.steps)
    app = PlayerApp(player, viewer, tick, unicode=unicode, keymap=keymap)
    try:
        with restore_signals():  # textual and the event loop replace them
            end = app.run()
        if app.failure is not None:
            raise app.failure
    except KeyboardInterrupt:
        return "interrupted"
    return end or "stopped"
