"""Child processes, threads with a time limit, and what the processor and the memory of this machine can do."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, wait
from contextlib import contextmanager, suppress
from typing import IO, Any, TypeVar

T = TypeVar("T")

# Arguments of `Popen` for a child in a process group of its own, which Ctrl-C does not reach.
if sys.platform == "win32":
    NEW_PROCESS_GROUP: dict[str, Any] = {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP}
else:
    NEW_PROCESS_GROUP: dict[str, Any] = {"start_new_session": True}

_children = set[subprocess.Popen[bytes]]()  # those that may still run
_TURN = 0.5  # seconds that a time limit waits at once


def cores() -> int:
    """Processor cores that this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # macOS and Windows do not tell
        return os.cpu_count() or 1


def is_busy() -> bool:
    """Whether more wanted to run in the last minute than this machine has cores; Windows does not tell."""
    return hasattr(os, "getloadavg") and os.getloadavg()[0] > cores()


def describe_exit(code: int) -> str:
    """How a child process ended, from `subprocess`'s exit code: `exit code 3`, `ended by SIGKILL`."""
    with suppress(ValueError):
        return f"ended by {signal.Signals(-code).name}"
    return f"exit code {code}"


def start(command: Sequence[str], **streams: Any) -> subprocess.Popen[bytes]:
    """Start a program that Ctrl-C does not reach. OSError where it does not start."""
    # Children in Python use UTF-8, and the inference library must not send usage reports to its maker.
    environment = {**os.environ, "PYTHONUTF8": "1", "PYTHONUNBUFFERED": "1", "ORT_DISABLE_TELEMETRY": "1"}
    child = subprocess.Popen(command, env=environment, **streams, **NEW_PROCESS_GROUP)
    _children.difference_update([one for one in [*_children] if one.poll() is not None])  # other threads add theirs
    _children.add(child)
    return child


def end_children() -> None:
    """End the programs that `start` started: an interruption may come before anybody takes care of one."""
    for child in [*_children]:
        if child.poll() is None:
            child.kill()
            child.wait()


def run(
    command: Sequence[str], seconds: float, given: bytes = b"", into: IO[bytes] | None = None
) -> subprocess.CompletedProcess[bytes]:
    """Run a program to its end, its output `into` a file or the result. OSError if it does not start, TimeoutError."""
    pipe = subprocess.PIPE
    with start(command, stdin=pipe, stdout=into or pipe, stderr=pipe) as child:
        answer = run_in_daemon_thread(lambda: child.communicate(given))
        try:
            output, errors = wait_for(answer, seconds)
        finally:
            child.kill()
            wait([answer], _TURN)  # its thread reads the pipes, which are closed next
    return subprocess.CompletedProcess(command, child.returncode, output, errors)


def wait_for(future: Future[T], seconds: float) -> T:
    """The result of a future. TimeoutError where it takes longer than `seconds`."""
    left = seconds  # counted in turns, not by the clock: while this process is stopped (Ctrl-Z), nothing times out
    while left > 0:
        if wait([future], min(left, _TURN)).done:
            return future.result()
        left -= _TURN
    raise TimeoutError(f"no answer within {seconds:g} seconds")


def run_in_daemon_thread(work: Callable[[], T]) -> Future[T]:
    """Do `work`, which may hang, in a thread that does not keep the program from ending."""
    future: Future[T] = Future()

    def run() -> None:
        try:
            future.set_result(work())
        except BaseException as error:  # raised again by whoever asks for the result
            future.set_exception(error)

    threading.Thread(target=run, name="daemon-work", daemon=True).start()
    return future


@contextmanager
def run_meanwhile(work: Callable[[threading.Event], object], seconds: float) -> Iterator[None]:
    """Do `work` in a daemon thread while in this context; what it raises is dropped.

    It is to end when the event that it gets is set; for that, leaving the context waits up to `seconds`.
    """
    halt = threading.Event()
    done = run_in_daemon_thread(lambda: work(halt))
    try:
        yield
    finally:
        halt.set()
        wait([done], seconds)


def cpu_features() -> str:
    """The vector extensions that NumPy uses on this processor: results may differ in their last bits between them."""
    import numpy as np

    found: Any = np.show_config(mode="dicts")
    return ",".join(found["SIMD Extensions"].get("found", ()))


def share_one_heap() -> None:
    """Have all threads allocate from one heap, and what is large outside of it (glibc only): both leave fewer holes."""
    for name, value in ((-8, 1), (-3, 2**21), (-1, 2**23)):  # M_ARENA_MAX, M_MMAP_THRESHOLD, M_TRIM_THRESHOLD
        _call_glibc("mallopt", name, value)


def trim_memory() -> None:
    """Give the free memory of that heap back to the system."""
    _call_glibc("malloc_trim", 0)


def _call_glibc(name: str, *arguments: int) -> None:
    if sys.platform == "linux":
        import ctypes

        with suppress(OSError, AttributeError):  # another C library
            getattr(ctypes.CDLL(None), name)(*arguments)
