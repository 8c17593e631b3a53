"""Jobs on this machine: processes that live as long as the plan does, each with one job at a time."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import time
from collections import deque
from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from typing import Any

from audioguide.batch.job import Job, JobResult, run_job
from audioguide.system.process import cores, share_one_heap, trim_memory
from audioguide.version import __version__

_DIED = "The process that made it was ended from outside, twice."


def run_local(jobs: Sequence[Job], at_a_time: int | None = None) -> Generator[JobResult, None, None]:
    """The results of jobs as they come, `at_a_time` processes side by side, as many as there are cores without it.

    A process that dies takes its job with it: it is done once more, alone, so that no other one is taken for the
    culprit. The processes are ended with this generator.
    """
    processes = at_a_time or cores()
    doubtful: list[Job] = []
    yield from _round(jobs, processes, doubtful)
    for job in doubtful:
        lost: list[Job] = []
        yield from _round([job], 1, lost)
        if lost:
            yield JobResult(job, "failed", error=_DIED)


def _round(jobs: Sequence[Job], processes: int, lost: list[Job]) -> Iterator[JobResult]:
    """All jobs once; those whose process died, or that were done beside one that did, are `lost`."""
    waiting = deque(jobs)
    while waiting:
        pool = ProcessPoolExecutor(processes, multiprocessing.get_context("spawn"), _begin, (os.getpid(),))
        running: dict[Future[dict[str, Any]], Job] = {}
        workers = max(1, cores() // processes)
        try:
            while waiting or running:
                while waiting and len(running) < processes:
                    job = waiting.popleft()
                    with _undisturbed():  # a process begins here
                        running[pool.submit(_make, job.to_dict(), workers)] = job
                done, _ = wait(running, return_when=FIRST_COMPLETED)
                for future in done:
                    job = running.pop(future)
                    yield JobResult(job, **future.result())
        except BrokenProcessPool:
            lost += [job, *running.values()]
        finally:
            _end(pool)


def _make(facts: dict[str, Any], workers: int) -> dict[str, Any]:
    made = run_job(facts, workers, __version__)
    trim_memory()
    return made


@contextmanager
def _undisturbed() -> Iterator[None]:
    """What is started here takes no notice of Ctrl-C, from its first moment on; we do, a moment later."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _begin(parent: int) -> None:
    """A process begins: it leaves Ctrl-C to whoever started it, and ends when that is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    share_one_heap()
    threading.Thread(target=_watch, args=(parent,), daemon=True).start()


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(1.0)
    os._exit(1)


def _end(pool: ProcessPoolExecutor) -> None:
    """End the processes now, whatever they are doing: a file that is half written never has its name."""
    for process in list((pool._processes or {}).values()):
        process.terminate()
    pool.shutdown(wait=True, cancel_futures=True)  # its semaphores are to be gone before we are
