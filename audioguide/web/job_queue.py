"""The queue of export jobs: as many run at a time as there are cores, each in a process of its own."""

import asyncio
import json
import pickle
import secrets
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

from audioguide.session.preset import ResolvedRoutine
from audioguide.system.cache import evict
from audioguide.system.files import make_folder
from audioguide.system.paths import cache_root
from audioguide.system.process import NEW_PROCESS_GROUP, cores
from audioguide.web.export_job import ExportJob, JobRequest
from audioguide.web.http_json import Refusal
from audioguide.web.limits import MAX_FILES_BYTES, MAX_JOB_SECONDS, MAX_JOBS, MAX_WAITING

_MAX_LINE = 2**26
_END_SECONDS = 6.0  # time for a worker to end when it is told to: a little more than it gives itself


class JobQueue:
    """The jobs of one server, and the finished sessions. To be used on the thread of the event loop only."""

    def __init__(self, made: Callable[[str], None]) -> None:
        """`made` is called with the id of each session that is finished: all of it has been spoken."""
        self._folder = cache_root() / "sessions"
        self._made = made
        self._jobs: dict[str, ExportJob] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._slots = asyncio.Semaphore(cores())

    async def open(self) -> None:
        """Delete what earlier servers left behind."""
        await asyncio.to_thread(evict, self._folder, 0)

    async def close(self) -> None:
        """End all jobs and delete what they have made: nobody can ask for it any more."""
        for task in self._tasks.values():
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)
        for job in [*self._jobs.values()]:
            self._remove(job)

    def __iter__(self) -> Iterator[ExportJob]:
        """The jobs, the latest first."""
        return iter([*self._jobs.values()][::-1])

    def find(self, id: str) -> ExportJob:
        """The job with an id. Refused when there is none, or when its file is gone."""
        job = self._jobs.get(id)
        if job and job.state == "ready" and not job.request.file.is_file():
            self._remove(job)
            job = None
        if job is None:
            raise Refusal(404, "This job no longer exists.", "Make the session again.")
        return job

    def to_json(self, job: ExportJob) -> dict[str, Any]:
        """The job as the page gets it, with its position in the queue."""
        waiting = [other.id for other in self._jobs.values() if other.state == "waiting"]
        return job.to_json(waiting.index(job.id) + 1 if job.id in waiting else None)

    def submit(self, session: str, options: dict[str, Any], resolved: ResolvedRoutine, key: bytes) -> ExportJob:
        """The job that makes this session: one with the same key, or a new one. Refused when too many wait."""
        for job in [*self._jobs.values()]:
            if key and job.key == key and job.state not in ("failed", "cancelled"):
                with suppress(Refusal):
                    return self.find(job.id)
        if sum(job.state == "waiting" for job in self._jobs.values()) >= MAX_WAITING:
            raise Refusal(429, "Too many sessions are waiting to be made.", "Try again when some are done.")
        make_folder(self._folder)
        id = secrets.token_hex(16)
        sound, file, cover = (self._folder / f"{id}{ending}" for ending in (".sound", ".mp3", ".jpg"))
        request, name = JobRequest(resolved, sound, file, cover), f"{resolved.routine.id}.mp3"
        job = self._jobs[id] = ExportJob(id, key, session, options, request, resolved.routine.title, name)
        self._tasks[id] = asyncio.create_task(self._run(job), name=f"job {id}")
        self._evict()
        return job

    async def cancel(self, job: ExportJob) -> None:
        """End a job, whether it waits or runs; delete one that is ready."""
        if job.state == "ready":
            self._remove(job)
        elif task := self._tasks.get(job.id):
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def _run(self, job: ExportJob) -> None:
        try:
            async with self._slots:
                job.state = "making"
                self._notify_all()
                async with asyncio.timeout(MAX_JOB_SECONDS):
                    await self._run_worker(job)
        except asyncio.CancelledError:
            job.state = job.state if job.is_over else "cancelled"
        except TimeoutError:
            job.error, job.hint = "Making this session took too long.", "Try a shorter one."
        except OSError as error:
            job.error = f"No process could be started for it: {error.strerror}."
        finally:
            if not job.is_over:
                job.state = "failed"
                if not job.error:
                    job.error, job.hint = "The session could not be made.", "Try again."
            job.request.sound.unlink(missing_ok=True)
            if job.state == "ready":
                self._made(job.session)
            else:
                _delete_files(job)
            self._tasks.pop(job.id, None)
            self._evict()
            job.notify()
            self._notify_all()

    async def _run_worker(self, job: ExportJob) -> None:
        """Have a process make the session, and take over what it reports."""
        request = await asyncio.to_thread(pickle.dumps, job.request)
        worker = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "audioguide.web.worker"),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            limit=_MAX_LINE,
            **NEW_PROCESS_GROUP,
        )
        assert worker.stdin
        assert worker.stdout
        try:
            worker.stdin.write(request)  # and it stays open: the worker ends when it closes
            async for line in worker.stdout:
                if line.endswith(b"\n"):  # a worker that is killed may leave half a line
                    job.update(json.loads(line))
        finally:
            await _end_worker(worker)

    def _notify_all(self) -> None:
        for job in self._jobs.values():
            if not job.is_over:
                job.notify()

    def _evict(self) -> None:
        """Remove the oldest jobs that are over while there are too many jobs or too large files; keep the latest."""
        over = [job for job in self._jobs.values() if job.is_over]
        total = sum(job.bytes for job in over)
        for job in over[:-1]:
            if total <= MAX_FILES_BYTES and len(self._jobs) <= MAX_JOBS:
                return
            total -= job.bytes
            self._remove(job)

    def _remove(self, job: ExportJob) -> None:
        self._jobs.pop(job.id, None)
        with suppress(OSError):
            _delete_files(job)


def _delete_files(job: ExportJob) -> None:
    job.request.file.unlink(missing_ok=True)
    job.request.cover.unlink(missing_ok=True)


async def _end_worker(worker: asyncio.subprocess.Process) -> None:
    """Ask a worker to clean up and end; kill it if that takes too long."""
    if worker.stdin:
        worker.stdin.close()
    with suppress(ProcessLookupError):
        worker.terminate()
    try:
        await asyncio.wait_for(worker.wait(), _END_SECONDS)
    except TimeoutError:
        with suppress(ProcessLookupError):
            worker.kill()
        await worker.wait()
