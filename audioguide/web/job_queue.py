"""The queue: jobs are made one a core, each by a process of its own, and what is finished is kept for a while."""

from __future__ import annotations

import asyncio
import contextlib
import json
import pickle
import secrets
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from audioguide.session.preset import ResolvedRoutine
from audioguide.system.cache import evict
from audioguide.system.files import make_folder
from audioguide.system.paths import cache_root
from audioguide.system.process import NEW_PROCESS_GROUP, cores
from audioguide.web.export_job import ExportJob
from audioguide.web.limits import MAX_FILES_BYTES, MAX_JOB_SECONDS, MAX_JOBS, MAX_WAITING
from audioguide.web.responses import Refusal
from audioguide.web.worker import JobRequest

_LONGEST_LINE = 2**26
_TO_END = 6.0
"""Seconds that a worker has to end when it is told to: a little more than it gives itself."""


class JobQueue:
    """The jobs of one server. All of it happens on the thread of the event loop."""

    def __init__(self, finished: Callable[[ExportJob], None], folder: Path | None = None) -> None:
        self._folder = folder or cache_root() / "sessions"
        self._finished = finished
        self._jobs: dict[str, ExportJob] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._places = asyncio.Semaphore(cores())  # one a core

    def __iter__(self) -> Iterator[ExportJob]:
        """The jobs, the latest first."""
        return iter([*self._jobs.values()][::-1])

    def find(self, id: str) -> ExportJob:
        """The job of an id. Refused when there is none, or its file is gone."""
        job = self._jobs.get(id)
        if job and job.state == "ready" and not job.order.file.is_file():
            self._drop(job)
            job = None
        if job is None:
            raise Refusal(404, "There is no such job any more.", "Make the session again.")
        return job

    def place(self, job: ExportJob) -> int | None:
        """Its place in the queue, from 1; None for one that does not wait."""
        waiting = [one.id for one in self._jobs.values() if one.state == "waiting"]
        return waiting.index(job.id) + 1 if job.id in waiting else None

    def facts(self, job: ExportJob) -> dict[str, Any]:
        """The job as the page knows it."""
        return job.facts(self.place(job))

    def order(self, session: str, options: dict[str, Any], plan: ResolvedRoutine, key: bytes) -> ExportJob:
        """The job that makes this, now or when its turn comes: the one that there is, if there is one."""
        for job in [*self._jobs.values()]:
            if key and job.key == key and job.state not in ("failed", "cancelled"):
                with contextlib.suppress(Refusal):
                    return self.find(job.id)
        if sum(job.state == "waiting" for job in self._jobs.values()) >= MAX_WAITING:
            raise Refusal(429, "Too many sessions are waiting to be made.", "Try again when some are done.")
        make_folder(self._folder)
        id = secrets.token_hex(16)
        order = JobRequest(plan, self._folder / f"{id}.sound", self._folder / f"{id}.mp3", self._folder / f"{id}.jpg")
        name = f"{plan.routine.id}.mp3"
        job = self._jobs[id] = ExportJob(id, key, session, options, order, plan.routine.title, name)
        self._tasks[id] = asyncio.create_task(self._attend(job), name=f"job {id}")
        self._make_room()
        return job

    async def cancel(self, job: ExportJob) -> None:
        """End it, wherever it is; what is ready is taken away."""
        if job.state == "ready":
            self._drop(job)
        elif task := self._tasks.get(job.id):
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    async def open(self) -> None:
        """Take away what servers before this one left behind."""
        await asyncio.to_thread(evict, self._folder, 0)

    async def close(self) -> None:
        """End all that is under way, and take away what was made: nobody is going to ask for it any more."""
        for task in self._tasks.values():
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)
        for job in [*self._jobs.values()]:
            self._drop(job)

    async def _attend(self, job: ExportJob) -> None:
        """A job from its place in the queue to its end."""
        try:
            async with self._places:
                job.state = "making"
                self._all_moved()
                async with asyncio.timeout(MAX_JOB_SECONDS):
                    await self._make(job)
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
            job.order.sound.unlink(missing_ok=True)
            if job.state != "ready":  # and if it was about to be
                job.order.file.unlink(missing_ok=True)
                job.order.cover.unlink(missing_ok=True)
            self._tasks.pop(job.id, None)
            self._finished(job)
            self._make_room()
            job.changed()
            self._all_moved()

    async def _make(self, job: ExportJob) -> None:
        """Have a process make it, and take in what that tells."""
        order = await asyncio.to_thread(pickle.dumps, job.order)
        worker = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "audioguide.web.worker"),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            limit=_LONGEST_LINE,
            **NEW_PROCESS_GROUP,
        )
        assert worker.stdin
        assert worker.stdout
        try:
            worker.stdin.write(order)  # and it stays open: when it ends, so does the worker
            async for line in worker.stdout:
                if line.endswith(b"\n"):  # the last one of a worker that was killed may be half a line
                    job.hear(json.loads(line))
        finally:
            await _end(worker)

    def _all_moved(self) -> None:
        """The places in the queue are other ones now."""
        for job in self._jobs.values():
            if not job.is_over:
                job.changed()

    def _make_room(self) -> None:
        """Take the oldest away, of files and of jobs."""
        over = [job for job in self._jobs.values() if job.is_over]
        total = sum(job.bytes for job in over)
        excess = len(self._jobs) - MAX_JOBS
        for job in over[:-1]:
            if total <= MAX_FILES_BYTES and excess <= 0:
                return
            total -= job.bytes
            excess -= 1
            self._drop(job)

    def _drop(self, job: ExportJob) -> None:
        self._jobs.pop(job.id, None)
        with contextlib.suppress(OSError):
            job.order.file.unlink(missing_ok=True)
            job.order.cover.unlink(missing_ok=True)


async def _end(worker: asyncio.subprocess.Process) -> None:
    """Have it put its things away and end; after a while, whether it has or not."""
    if worker.stdin:
        worker.stdin.close()
    with contextlib.suppress(ProcessLookupError):
        if worker.returncode is None:
            worker.terminate()
    try:
        await asyncio.wait_for(worker.wait(), _TO_END)
    except TimeoutError:
        with contextlib.suppress(ProcessLookupError):
            worker.kill()
        await worker.wait()
