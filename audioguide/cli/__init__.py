"""The command line: one module a command, loaded when it is called for."""

import contextlib
import gc
import os
import signal
import sys
import threading
from pathlib import Path
from types import FrameType
from typing import TextIO

INTERRUPTED = 130
_interrupted = threading.Event()


def main() -> None:
    """Run the command line and exit: 0 done, 1 the machine failed, 2 the request was wrong, 130 interrupted."""
    sys.unraisablehook = _report
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):  # a terminal that is closed hangs up; Windows has no such thing
        number = getattr(signal, name, None)
        if number and signal.getsignal(number) is not signal.SIG_IGN:  # as nohup, and a shell's background, ask for
            signal.signal(number, _interrupt)
    # The threads that NumPy's algebra starts wait for work at full speed: a tenth of a second of a second core, each
    # time. What is multiplied here is too small to be shared out (tests/bench/mixing.py is as fast with one).
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    # What is loaded stays. Looking through it for garbage, a hundred times before anything is done, takes 40 ms.
    gc.set_threshold(100_000)
    # pydantic looks for plugins in the metadata of everything that is installed, and nobody has any for these forms.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    # Started without one of them, as daemons are, a process goes on in silence.
    sys.stdout = sys.stdout or _nowhere()
    sys.stderr = sys.stderr or _nowhere()
    try:
        from audioguide.cli.main import run  # here, so that Ctrl-C while it loads is no traceback

        code = run(sys.argv[1:])
    except BaseException:
        if not _interrupted.is_set():
            raise
        # Whatever came of it: Python itself turns an interruption that meets a class in the making into another error.
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


def heed_interruption() -> None:
    """Stop now if we were told to: a library that swallows every error while it loads swallows that one, too."""
    if _interrupted.is_set():
        raise KeyboardInterrupt


def _report(lost: "sys.UnraisableHookArgs") -> None:
    """Say what was raised where nothing can be: not of an interruption, which is heeded a moment later."""
    if not (_interrupted.is_set() and isinstance(lost.exc_value, KeyboardInterrupt)):
        sys.__unraisablehook__(lost)


def _nowhere() -> TextIO:
    return Path(os.devnull).open("w", encoding="utf-8")


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    """Being told to end is like Ctrl-C: sound fades out, and nothing half-written stays behind."""
    _interrupted.set()
    raise KeyboardInterrupt
