"""A job is one session to be written to one file: plain data, whose result depends on nothing else.

Here a pool of processes makes them, each with one job at a time; they live as long as the batch.
"""

import multiprocessing
import os
import platform
import signal
import threading
from collections import deque
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from queue import SimpleQueue  # noqa: TID251 – waited for without a time
from tempfile import gettempdir
from typing import Any, Literal

from audioguide.errors import AudioguideError, EnvironmentFailure, RequestError
from audioguide.system.files import sweep
from audioguide.system.process import cores, share_one_heap, trim_memory
from audioguide.system.remote_cache import take_error
from audioguide.units import RATE
from audioguide.version import __version__

ResultState = Literal["made", "kept", "wrong", "failed"]


@dataclass(frozen=True, slots=True)
class Job:
    """The row at `line` of a batch file: `source` is a routine's id or file, `options` are written as in a preset.

    `columns` are the texts that `{name}` stands for in the routine. `sheet` is what stands on the session's sheet, with
    its `file`, and `plan` the `text` of a plan's `file`; empty where it has none.
    """

    line: int
    source: str
    output: str
    options: Mapping[str, Any] = field(default_factory=dict)
    mono: bool = False
    pictures: bool = True
    bitrate: int | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    sheet: Mapping[str, str] = field(default_factory=dict)
    plan: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class JobResult:
    """How a job ended; `seconds` is the length of the session.

    "made": its file was written; "kept": the file there is as it would be made now; "wrong": the row asks for something
    that does not exist; "failed": the machine failed. `cache_error` is about the shared cache, once per process.
    `sheet_made` is whether its sheet was written, too, and `notes` are about that.
    """

    job: Job
    state: ResultState
    seconds: float = 0.0
    bytes: int = 0
    error: str = ""
    cache_error: str = ""
    sheet_made: bool = False
    notes: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """The row that `--json` prints."""
        row: dict[str, Any] = {"line": self.job.line, "routine": self.job.source, "file": self.job.output}
        row["state"] = self.state
        seconds, size = round(self.seconds, 6) or None, self.bytes or None
        if file := self.job.sheet.get("file"):
            row |= {"sheet": file, "sheet_made": self.sheet_made}
        if file := self.job.plan.get("file"):
            row |= {"plan": file}
        return row | {"duration": seconds, "bytes": size, "error": self.error or None}


def run_job(data: Mapping[str, Any], workers: int, version: str) -> dict[str, Any]:
    """Run the job in `data`, in any process on any machine; returns the fields of its JobResult without `job`.

    `workers` segments are encoded at a time. `version` is that of the program that asks: a worker of another version
    refuses. Errors are returned, not raised.
    """
    try:
        if version != __version__:
            mismatch = f"The worker on {platform.node()} has audioguide {__version__}, and the batch is of {version}."
            raise EnvironmentFailure(f"{mismatch} Install the same there.")
        result = _write_file(Job(**data), workers)
    except RequestError as error:
        result = {"state": "wrong", "error": str(error)}
    except AudioguideError as error:
        result = {"state": "failed", "error": str(error)}
    except OSError as error:
        result = {"state": "failed", "error": f"The system refused: {error.strerror or error}."}
    trim_memory()
    return result | {"cache_error": take_error()}


def _write_file(job: Job, workers: int) -> dict[str, Any]:
    from audioguide.export.formats import read_label
    from audioguide.session.handout import write_sheet
    from audioguide.session.open import open_session, parse_options
    from audioguide.session.output import compute_fingerprint
    from audioguide.system.files import make_folder, write_text

    path = Path(job.output)
    session = open_session(job.source, parse_options(job.options), job.columns)
    choices: dict[str, Any] = {"mono": job.mono, "pictures": job.pictures, "bitrate": job.bitrate}
    mark = compute_fingerprint(session, path, **choices)
    if mark and (label := read_label(path)) and label.mark == mark:
        result: dict[str, Any] = {"state": "kept"}
    else:
        make_folder(path.parent)
        timeline = session.export(path, **choices, workers=workers)
        result = {"state": "made", "seconds": timeline.frames / RATE, "bytes": path.stat().st_size}
    if job.plan and (not (plan := Path(job.plan["file"])).is_file() or plan.read_bytes() != job.plan["text"].encode()):
        make_folder(plan.parent)
        write_text(plan, job.plan["text"])
    settings = dict(job.sheet)
    if file := settings.pop("file", ""):
        make_folder(Path(file).parent)
        exact = replace(session).fit()  # now that all its clips are known
        result["sheet_made"], result["notes"] = write_sheet(exact, Path(file), settings, keep=True)
    return result


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
        # Not `wait`: Ctrl-C in the middle of it leaves a future locked, and the pool waits for that for ever.
        ended = SimpleQueue[Future[dict[str, Any]]]()
        try:
            while waiting or running:
                while waiting and len(running) < processes:
                    job = waiting.popleft()
                    with _block_ctrl_c():  # a process may be started here
                        threads = max(1, cores() // processes)
                        running[future := pool.submit(run_job, asdict(job), threads, __version__)] = job
                        future.add_done_callback(ended.put)
                job = running.pop(future := ended.get())
                yield JobResult(job, **future.result())
        except BrokenProcessPool:
            lost += [job, *running.values()]
        finally:  # workers end in the middle of their jobs: a file gets its name only when it is whole
            for process in list((pool._processes or {}).values()):
                process.terminate()
            pool.shutdown(wait=True, cancel_futures=True)  # and release its semaphores
            _sweep_after(running.values())
    return lost


def _sweep_after(jobs: Iterable[Job]) -> None:
    """Remove what workers that have ended had begun."""
    files = (file for job in jobs for file in (job.output, job.sheet.get("file"), job.plan.get("file")) if file)
    folders = {Path(file).parent for file in files}
    for folder in folders | ({Path(gettempdir())} if folders else set()):
        sweep(folder)


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
