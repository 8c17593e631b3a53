"""Jobs on this machine: a pool of worker processes that live as long as the plan, each with one job at a time."""

import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

from audioguide.batch.job import Job, JobResult, run_job
from audioguide.system.process import cores, share_one_heap, trim_memory
from audioguide.version import __version__


def run_local(jobs: Sequence[Job], processes: int | None = None) -> Generator[JobResult, None, None]:
    """The results of jobs as they come, from `processes` workers at a time: by default, one for each core.

    When a worker dies, the jobs that were running are run again, one by one, so that only the one that kills it fails.
    """
    for job in (yield from _run_jobs(jobs, processes or cores())):
        if (yield from _run_jobs([job], 1)):
            yield JobResult(job, "failed", error="The worker process was killed twice.")


def _run_jobs(jobs: Sequence[Job], processes: int) -> Generator[JobResult, None, list[Job]]:
    """Run each job once; returns those that were running when a worker died."""
    waiting, lost = deque(jobs), list[Job]()
    while waiting:
        pool = ProcessPoolExecutor(processes, multiprocessing.get_context("spawn"), _start_worker)
        running: dict[Future[dict[str, Any]], Job] = {}
        try:
            while waiting or running:
                while waiting and len(running) < processes:
                    job = waiting.popleft()
                    with _block_ctrl_c():  # a process may be started here
                        running[pool.submit(_run_in_worker, asdict(job), max(1, cores() // processes))] = job
                for future in wait(running, return_when=FIRST_COMPLETED).done:
                    job = running.pop(future)
                    yield JobResult(job, **future.result())
        except BrokenProcessPool:
            lost += [job, *running.values()]
        finally:  # workers end in the middle of their jobs: a file gets its name only when it is whole
            for process in list((pool._processes or {}).values()):
                process.terminate()
            pool.shutdown(wait=True, cancel_futures=True)  # and release its semaphores
    return lost


@contextmanager
def _block_ctrl_c() -> Iterator[None]:
    """Make processes that are started here ignore Ctrl-C from their first moment; this one gets it a moment later."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _start_worker() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # it is left to the parent process, with which this one ends
    share_one_heap()
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    if parent := multiprocessing.parent_process():
        parent.join()
    os._exit(1)


def _run_in_worker(job: dict[str, Any], threads: int) -> dict[str, Any]:
    fields = run_job(job, threads, __version__)
    trim_memory()
    return fields
