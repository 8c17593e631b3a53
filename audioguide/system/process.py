"""What there is of the machine: its processor, its memory, its processes and threads."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import suppress
from typing import Any, TypeVar

T = TypeVar("T")

# Ctrl-C reaches the whole process group. The child is in one of its own: what Ctrl-C means is decided here alone.
if sys.platform == "win32":
    NEW_PROCESS_GROUP: dict[str, Any] = {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP}
else:
    NEW_PROCESS_GROUP: dict[str, Any] = {"start_new_session": True}
"""How a child process is started that Ctrl-C does not reach."""

_M_ARENA_MAX = -8
"""As malloc.h of glibc has it."""


def cores() -> int:
    """Processor cores that this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # macOS and Windows do not tell
        return os.cpu_count() or 1


def describe_exit(code: int) -> str:
    """How a child process ended, by its exit code as `subprocess` gives it: `exit code 3`, `ended by SIGKILL`."""
    with suppress(ValueError):
        return f"ended by {signal.Signals(-code).name}"
    return f"exit code {code}"


def start(command: Sequence[str], **streams: Any) -> subprocess.Popen[bytes]:
    """Start a program that Ctrl-C does not reach. OSError where it does not start.

    A child that reads its standard input ends with us: the pipe closes, also where we are killed.
    """
    # Python programs among them speak UTF-8 with us, and the inference library does not report its use to its maker.
    environment = {**os.environ, "PYTHONUTF8": "1", "PYTHONUNBUFFERED": "1", "ORT_DISABLE_TELEMETRY": "1"}
    return subprocess.Popen(command, env=environment, **streams, **NEW_PROCESS_GROUP)


def run(command: Sequence[str], seconds: float, given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    """Run a program, which is `given` its input, to its end. OSError where it does not start or takes longer."""
    pipe = subprocess.PIPE
    with start(command, stdin=pipe, stdout=pipe, stderr=pipe) as child:
        try:
            output, errors = child.communicate(given, timeout=seconds)
        except subprocess.TimeoutExpired:
            raise TimeoutError(f"no answer within {seconds:g} seconds") from None
        finally:
            child.kill()
    return subprocess.CompletedProcess(command, child.returncode, output, errors)


def run_in_daemon_thread(work: Callable[[], T]) -> Future[T]:
    """Do `work` that may hang in a thread of its own, which is left behind where it never ends: the program can end."""
    future: Future[T] = Future()

    def run() -> None:
        try:
            future.set_result(work())
        except BaseException as error:  # raised again where the result is wanted
            future.set_exception(error)

    threading.Thread(target=run, name="errand", daemon=True).start()
    return future


def cpu_features() -> str:
    """What NumPy found of the processor's vector units: other ones may round otherwise."""
    import numpy as np

    found: Any = np.show_config(mode="dicts")
    return ",".join(found["SIMD Extensions"].get("found", ()))


def share_one_heap() -> None:
    """Have all threads take their memory from one place, where the C library lets us (glibc does).

    By default it has a heap for each thread, and what one has let go of no other can use: 40 MB of 370 in an export.
    """
    if sys.platform == "linux":
        import ctypes

        with suppress(OSError, AttributeError):  # another C library
            ctypes.CDLL(None).mallopt(_M_ARENA_MAX, 1)


def trim_memory() -> None:
    """Let the system have what is free in that heap."""
    if sys.platform == "linux":
        import ctypes

        with suppress(OSError, AttributeError):
            ctypes.CDLL(None).malloc_trim(0)
