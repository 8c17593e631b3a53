"""Showing a session on the whole terminal."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from audioguide.player.now import End, Now
from audioguide.player.steered import Steered
from audioguide.player.view import Viewer


def show(
    player: Steered,
    title: str,
    tick: Callable[[Now], None],
    *,
    guess: int = 0,
    unicode: bool = True,
    mouse: bool = True,
) -> End:
    """Show a session that plays on the terminal, and steer it, until it is over; then the terminal is as it was.

    For the main thread, with stdin and stderr on a terminal. `guess` is the session's length in frames while that is
    not known. `tick` is called several times a second. Returns how it ended: "interrupted" on Ctrl-C, SIGTERM and
    SIGHUP, whether or not the player has stopped by then. Whatever the player failed with is the player's to tell; what
    `tick` raises is raised here.
    """
    try:
        with _signals_put_back():
            from audioguide.player.screen.app import RATE, PlayerApp

            app = PlayerApp(player, Viewer(title, guess, patience=4 * RATE), tick, unicode=unicode)
            end = app.run(mouse=mouse)
    except KeyboardInterrupt:
        return "interrupted"
    if app.failure is not None and not isinstance(app.failure, KeyboardInterrupt):
        raise app.failure
    return end or "stopped"


@contextmanager
def _signals_put_back() -> Iterator[None]:
    """Give signals their handlers back that textual and the event loop have replaced."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    names = ("SIGINT", "SIGTERM", "SIGHUP", "SIGTSTP", "SIGCONT", "SIGWINCH", "SIGTTIN", "SIGTTOU")
    numbers = [getattr(signal, name) for name in names if hasattr(signal, name)]
    handlers = {number: signal.getsignal(number) for number in numbers}
    try:
        yield
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
