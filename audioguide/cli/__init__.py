"""The command line: one module a command, loaded when it is called for."""

import contextlib
import os
import signal
import sys
from types import FrameType

INTERRUPTED = 130


def main() -> None:
    """Run the command line and exit: 0 done, 1 the machine failed, 2 the request was wrong, 130 interrupted."""
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        from audioguide.cli.main import run  # here, so that Ctrl-C while it loads is no traceback

        code = run(sys.argv[1:])
    except KeyboardInterrupt:
        sys.stderr.write("Stopped.\n")
        code = INTERRUPTED
    if code == INTERRUPTED:
        # Where the key came inside an exec() of some library's, the interpreter remembers it although it was caught,
        # and would end itself by a signal. All clean-up is done; daemon threads need no joining.
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(OSError):
                stream.flush()
        os._exit(code)
    sys.exit(code)


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    """Being told to end is like Ctrl-C: sound fades out, and nothing half-written stays behind."""
    raise KeyboardInterrupt
