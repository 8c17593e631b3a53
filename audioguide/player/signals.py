"""Signals: doing something before one takes effect, and stopping as Ctrl-Z does."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

STOP, CONTINUE = getattr(signal, "SIGTSTP", None), getattr(signal, "SIGCONT", None)
"""Ctrl-Z, and going on after it; None on Windows, which has neither."""


@contextmanager
def before(number: signal.Signals | None, act: Callable[[], object]) -> Iterator[None]:
    """Do something before a signal has the effect that it had without this; nothing outside the main thread, whose
    business signals are.
    """
    if number is None or threading.current_thread() is not threading.main_thread():
        yield
        return
    previous = signal.getsignal(number)

    def handle(_number: int, frame: FrameType | None) -> None:
        act()
        if callable(previous):
            previous(number, frame)
        elif previous == signal.SIG_DFL:
            signal.signal(number, signal.SIG_DFL)
            os.kill(os.getpid(), number)  # a process stopped by this goes on here
            signal.signal(number, handle)

    signal.signal(number, handle)
    try:
        yield
    finally:
        signal.signal(number, previous)


def stop_this_process() -> None:
    """Stop, as Ctrl-Z does: this process with all that the shell started together with it, or whoever waits for it
    would keep the terminal. It returns when the process is continued, at once where there is no shell to do that.
    """
    if STOP is None or CONTINUE is None:
        return
    handlers = {number: signal.signal(number, signal.SIG_DFL) for number in (STOP, CONTINUE)}
    try:
        os.killpg(os.getpgrp(), STOP)
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
