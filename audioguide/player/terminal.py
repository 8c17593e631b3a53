"""Keys of a POSIX terminal, and the promise that it is put back as it was."""

from __future__ import annotations

import os
import select
import signal
import sys
import termios
import threading
import time
import tty
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from types import FrameType

assert sys.platform != "win32"  # for the type checker too: termios exists nowhere else

_ESCAPE = "\x1b"


class Terminal:
    """Hands over each key as it is pressed. Ctrl-C and Ctrl-Z keep their meaning.

    Nothing here touches the terminal while the process is in its background: that would stop the process.
    """

    def __init__(self, file: int) -> None:
        self._file = file
        self._saved = termios.tcgetattr(file)
        self._typed = ""

    def grab(self) -> None:
        """Turn echo and line editing off."""
        if self._foreground():
            tty.setcbreak(self._file, termios.TCSANOW)

    def restore(self) -> None:
        """Put everything back."""
        if self._foreground():
            termios.tcsetattr(self._file, termios.TCSANOW, self._saved)

    def read(self, timeout: float) -> str | None:
        """The next key, or None when `timeout` seconds have passed without one. An arrow is one key of many codes."""
        if not self._typed:
            self._typed = self._codes(timeout)
        end = len(self._typed) if self._typed.startswith(_ESCAPE) else 1
        key, self._typed = self._typed[:end], self._typed[end:]
        return key or None

    def _codes(self, timeout: float) -> str:
        """What has been typed by the end of `timeout` seconds."""
        if self._foreground():
            if not select.select([self._file], [], [], timeout)[0]:
                return ""
            try:
                if codes := os.read(self._file, 64):
                    return codes.decode(errors="ignore")
            except OSError:  # the terminal has gone away, as it has when it reads as empty
                pass
        time.sleep(timeout)
        return ""

    def _foreground(self) -> bool:
        try:
            return os.tcgetpgrp(self._file) == os.getpgrp()
        except OSError:
            return False


@contextmanager
def terminal(file: int) -> Iterator[Terminal]:
    """The terminal behind a file descriptor, handing over single keys for as long as the context lasts."""
    keys = Terminal(file)
    with ExitStack() as stack:
        stack.callback(keys.restore)
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGTSTP, signal.SIGTERM):
                stack.enter_context(_before(number, keys.restore))
            stack.enter_context(_before(signal.SIGCONT, keys.grab))
        keys.grab()
        yield keys


@contextmanager
def _before(number: signal.Signals, act: Callable[[], None]) -> Iterator[None]:
    """Do something before a signal has the effect that it had without this."""
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
