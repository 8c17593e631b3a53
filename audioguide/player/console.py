"""Keys on Windows, whose console gives them singly and without echo of its own accord."""

from __future__ import annotations

import msvcrt
import sys
import time

from audioguide.player.command import key_name

assert sys.platform == "win32"  # for the type checker too: what follows exists nowhere else

_NAMES = {"H": "up", "P": "down", "M": "right", "K": "left", "I": "pageup", "Q": "pagedown"}


class Console:
    """The console's keys."""

    def read(self, timeout: float) -> str | None:
        """The name of the next key, or None when `timeout` seconds have passed without one."""
        deadline = time.monotonic() + timeout
        while not msvcrt.kbhit():
            if time.monotonic() > deadline:
                return None
            time.sleep(0.02)
        key = msvcrt.getwch()
        if key in "\0\xe0":  # the first of the two codes of an arrow or function key
            return _NAMES.get(msvcrt.getwch(), "unknown")
        return key_name(key)
