"""Who works on an export: the threads, and what starts their encoders."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Semaphore

from audioguide.machine import work_steadily
from audioguide.output.starter import Start, starting


@dataclass(frozen=True, slots=True)
class Crew:
    """Threads of `pool`, `workers` of which encode at a time: there are two more. `start` starts encoders.

    Who mixes has to have one of `mixing`: two that did would hand the interpreter to and fro. A core that mixes keeps
    two and more encoders busy.
    """

    pool: Executor
    workers: int
    start: Start
    mixing: Semaphore


@contextmanager
def crew(workers: int) -> Iterator[Crew]:
    """A crew, before the voice is loaded. Whoever its threads wait for has to end first: they are waited for here."""
    with starting() as start, ThreadPoolExecutor(workers + 2, "export", work_steadily) as pool:
        yield Crew(pool, workers, start, Semaphore(max(1, workers // 2)))
