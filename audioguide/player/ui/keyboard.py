"""Reads single keys, the sign that they type or their name, and handles Ctrl-Z and other signals meanwhile."""

import os
import re
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from types import FrameType

from audioguide.player.commands import NAMED_KEYS

# The signals of Ctrl-Z and of continuing after it; None on Windows.
STOP, CONTINUE = getattr(signal, "SIGTSTP", None), getattr(signal, "SIGCONT", None)

_CONTROLS = dict(zip(" \r\n\t\x1b\x7f\b", "space enter enter tab escape backspace backspace".split(), strict=True))


class KeyReader:
    """Reads keys as they are pressed. This one has no keyboard."""

    def read(self, timeout: float) -> str | None:
        """The name of the next key ("q", "space"), or None after `timeout` seconds without one."""
        time.sleep(timeout)
        return None


@contextmanager
def open_keyboard() -> Iterator[KeyReader]:
    """The keys of the terminal on stdin, without echo until the context is left; none where there is no terminal."""
    if not sys.stdin or sys.stdin.closed or not sys.stdin.isatty():
        yield KeyReader()
    elif sys.platform == "win32":
        yield _WindowsKeys()
    else:
        keys = _TerminalKeys(sys.stdin.fileno())
        with ExitStack() as stack:
            stack.callback(keys.restore)
            for number in (signal.SIGTSTP, signal.SIGTERM):
                stack.enter_context(run_before_signal(number, keys.restore))
            stack.enter_context(run_before_signal(signal.SIGCONT, keys.grab))
            keys.grab()
            yield keys


if sys.platform == "win32":
    import msvcrt

    _CODES, _KEYS = "HPMKIQGORS;<=>?@ABCD\x85\x86", "up down right left pageup pagedown home end insert delete"
    _SCAN_CODES = dict(zip(_CODES, [*_KEYS.split(), *NAMED_KEYS[-12:]], strict=True))

    class _WindowsKeys(KeyReader):
        def read(self, timeout: float) -> str | None:
            deadline = time.monotonic() + timeout
            while not msvcrt.kbhit():
                if time.monotonic() > deadline:
                    return None
                time.sleep(0.02)
            key = msvcrt.getwch()
            if key in "\0\xe0":  # the first of the two codes of an arrow or function key
                return _SCAN_CODES.get(msvcrt.getwch(), "unknown")
            return _CONTROLS.get(key, key)

else:
    import select
    import termios
    import tty

    _KEY = re.compile(r"\x1b\[\[.|\x1b\[[0-9;]*[@-~]|\x1bO.|\x1b(?!$).|.", re.DOTALL)
    _UNFINISHED = re.compile(r"\x1b(\[[0-9;]*|\[\[|O)?")
    _REST = 0.02  # seconds to wait for the rest of an incomplete escape sequence
    _CODES = (
        "A B C D H F 1~ 2~ 3~ 4~ 5~ 6~ 7~ 8~ P Q R S [A [B [C [D [E 11~ 12~ 13~ 14~ 15~ 17~ 18~ 19~ 20~ 21~ 23~ 24~"
    )
    _KEYS = "up down right left home end home insert delete end pageup pagedown home end f1 f2 f3 f4 f1 f2 f3 f4 f5"
    _NAMES = dict(zip(_CODES.split(), [*_KEYS.split(), *NAMED_KEYS[-12:]], strict=True))

    class _TerminalKeys(KeyReader):
        """It leaves the terminal alone in the background, since using it there would stop the process."""

        def __init__(self, file: int) -> None:
            self._file = file
            self._saved = termios.tcgetattr(file)
            self._typed = ""

        def grab(self) -> None:
            if self._is_in_foreground():
                tty.setcbreak(self._file, termios.TCSANOW)  # no echo; Ctrl-C and Ctrl-Z keep their meaning

        def restore(self) -> None:
            if self._is_in_foreground():
                termios.tcsetattr(self._file, termios.TCSANOW, self._saved)

        def read(self, timeout: float) -> str | None:
            if not self._typed:
                self._typed = self._read_codes(timeout)
            if _UNFINISHED.fullmatch(self._typed):
                self._typed += self._read_codes(_REST)
            found = _KEY.match(self._typed) or re.match(".", self._typed, re.DOTALL)
            if found is None:
                return None
            self._typed = self._typed[found.end() :]
            return _CONTROLS.get(found[0], found[0]) if len(found[0]) == 1 else _NAMES.get(found[0][2:], "unknown")

        def _read_codes(self, timeout: float) -> str:
            if self._is_in_foreground():
                if not select.select([self._file], [], [], timeout)[0]:
                    return ""
                with suppress(OSError):  # the terminal is closed, as it is when nothing is read
                    if codes := os.read(self._file, 64):
                        return codes.decode(errors="ignore")
            time.sleep(timeout)
            return ""

        def _is_in_foreground(self) -> bool:
            with suppress(OSError):
                return os.tcgetpgrp(self._file) == os.getpgrp()
            return False


@contextmanager
def run_before_signal(number: signal.Signals | None, act: Callable[[], object]) -> Iterator[None]:
    """Call `act` before a signal has its usual effect. Only in the main thread; elsewhere this does nothing."""
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


def suspend_process() -> None:
    """Stop the process group, as Ctrl-Z does (a parent outside it would keep the terminal). Returns when it goes on."""
    with restore_signals():
        if STOP and CONTINUE:
            signal.signal(STOP, signal.SIG_DFL)
            signal.signal(CONTINUE, signal.SIG_DFL)
            os.killpg(os.getpgrp(), STOP)


@contextmanager
def restore_signals() -> Iterator[None]:
    """Restore the signal handlers that are replaced in this context."""
    names = ("SIGINT", "SIGTERM", "SIGHUP", "SIGTSTP", "SIGCONT", "SIGWINCH", "SIGTTIN", "SIGTTOU")
    handlers = {number: signal.getsignal(number) for name in names if (number := getattr(signal, name, None))}
    try:
        yield
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
