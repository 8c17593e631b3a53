"""Single keys as they are pressed, from whatever keyboard there is, by the names that textual gives them."""

from __future__ import annotations

import sys
import time
from contextlib import AbstractContextManager, nullcontext
from typing import Protocol


class Keys(Protocol):
    """Keys as they are pressed."""

    def read(self, timeout: float) -> str | None:
        """The name of the next key ("q", "space"), or None when `timeout` seconds have passed without one."""


class NoKeys:
    """Stands for a keyboard where there is none."""

    def read(self, timeout: float) -> str | None:
        """Let the time pass."""
        time.sleep(timeout)
        return None


def keyboard() -> AbstractContextManager[Keys]:
    """The keys of the terminal on stdin, without echo; none where stdin is no terminal.

    The terminal is put back as it was when the context is left, when the process is stopped (Ctrl-Z), and when it is
    asked to end (SIGTERM).
    """
    if not sys.stdin or sys.stdin.closed or not sys.stdin.isatty():
        return nullcontext(NoKeys())
    keys: AbstractContextManager[Keys]
    if sys.platform == "win32":
        from audioguide.player.console import Console

        keys = nullcontext(Console())
    else:
        from audioguide.player.terminal import terminal

        keys = terminal(sys.stdin.fileno())
    return keys
