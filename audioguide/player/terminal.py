"""Keys of a POSIX terminal, and the promise that it is put back as it was."""

from __future__ import annotations

import os
import re
import select
import signal
import sys
import termios
import time
import tty
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from audioguide.player.command import key_name
from audioguide.player.signals import before

assert sys.platform != "win32"  # for the type checker too: termios exists nowhere else

_KEY = re.compile(r"\x1b\[[0-9;]*[@-~]|\x1bO.|\x1b(?!$).|.", re.DOTALL)
_UNFINISHED = re.compile(r"\x1b(\[[0-9;]*|O)?")
_REST = 0.02  # seconds in which the rest of a key comes that was cut in two
_NAMES = {"A": "up", "B": "down", "C": "right", "D": "left", "5~": "pageup", "6~": "pagedown"}


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
        """The name of the next key, or None when `timeout` seconds have passed without one."""
        if not self._typed:
            self._typed = self._codes(timeout)
        if _UNFINISHED.fullmatch(self._typed):
            self._typed += self._codes(_REST)
        found = _KEY.match(self._typed) or re.match(".", self._typed, re.DOTALL)
        if found is None:
            return None
        self._typed = self._typed[found.end() :]
        key = found[0]
        if len(key) == 1:
            return key_name(key)
        return _NAMES.get(key[2:], "unknown")

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
        for number in (signal.SIGTSTP, signal.SIGTERM):
            stack.enter_context(before(number, keys.restore))
        stack.enter_context(before(signal.SIGCONT, keys.grab))
        keys.grab()
        yield keys
