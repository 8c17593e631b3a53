"""The command line: a module for each group of commands, loaded when one of them is called."""

import contextlib
import gc
import os
import signal
import sys
import threading
from pathlib import Path
from types import FrameType

INTERRUPTED = 130
_PATIENCE = 20  # seconds from an interruption on, after which something waits for ever
_interrupted = threading.Event()


def main() -> None:
    """Run the command line and exit: 0 done, 1 the environment failed, 2 the request was wrong, 130 interrupted."""
    sys.unraisablehook = report_unraisable
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):  # Windows has no SIGHUP
        number = getattr(signal, name, None)
        if number and signal.getsignal(number) is not signal.SIG_IGN:  # nohup and background shells ignore signals
            signal.signal(number, handle_signal)
    # OpenBLAS's threads busy-wait, which costs 0.1 s of a second core; our products are too small to be shared out
    # (tests/bench/mixing.py is as fast with one thread).
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    gc.set_threshold(100_000)  # collecting while modules load would find nothing and take 40 ms
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")  # looking for plugins reads all installed metadata
    if sys.stdout is None or sys.stderr is None:  # daemons may start without them
        nowhere = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 - open until the process ends
        sys.stdout, sys.stderr = sys.stdout or nowhere, sys.stderr or nowhere
    try:
        from audioguide.cli.main import run  # here, so that Ctrl-C while it loads prints no traceback

        code = run(sys.argv[1:])
    except BaseException:
        # Python turns an interruption in the middle of a class definition into another error.
        if not _interrupted.is_set():
            raise
        sys.stderr.write("Stopped.\n")
        code = INTERRUPTED
    if code == INTERRUPTED:
        _leave()
    gc.freeze()  # the interpreter looks for garbage at its end: in all that was loaded, for 50 ms
    sys.exit(code)


def _leave(*_: object) -> None:
    """End this process after an interruption.

    After one inside a library's exec(), the interpreter would end itself by a signal although the exception was caught.
    One between two steps leaves what nobody takes care of, and one inside a lock leaves it locked: then somebody waits
    for that for ever. Daemon threads need no joining.
    """
    if process := sys.modules.get("audioguide.system.process"):
        process.end_children()  # or an encoder that has just begun makes its file anew
    if files := sys.modules.get("audioguide.system.files"):
        files.remove_begun()
    for output in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, RuntimeError):
            output.flush()
    os._exit(INTERRUPTED)


def check_interrupt() -> None:
    """Raise KeyboardInterrupt if a signal has come: some libraries swallow the first one while they load."""
    if _interrupted.is_set():
        raise KeyboardInterrupt


def report_unraisable(lost: "sys.UnraisableHookArgs") -> None:
    """Report an exception that cannot be raised, unless it is an interruption, which `check_interrupt` sees."""
    if not (_interrupted.is_set() and isinstance(lost.exc_value, KeyboardInterrupt)):
        sys.__unraisablehook__(lost)


def handle_signal(_number: int, _frame: FrameType | None) -> None:
    """Treat every request to end like Ctrl-C: sound fades out, and no half-written file stays behind."""
    _interrupted.set()
    if hasattr(signal, "alarm"):
        signal.signal(signal.SIGALRM, _leave)
        signal.alarm(_PATIENCE)
    raise KeyboardInterrupt
