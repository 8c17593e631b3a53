"""Going before other programs: sound does not wait."""

from __future__ import annotations

import os
import sys
from contextlib import suppress

_NICENESS = -10


def hasten() -> None:
    """Have this thread, and what it starts, go before other programs' where the system lets it.

    Linux lets those whose limit for niceness says so, as it does for the sound group of many distributions. Elsewhere
    the sound system's own thread, which asks for sound, is urgent already.
    """
    if sys.platform == "linux":
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, 0, _NICENESS)  # there, of the thread alone
