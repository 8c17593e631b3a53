"""The queue of export jobs: as many run at a time as there are cores, each in a process of its own."""

import asyncio
import json
import pickle
import re
import secrets
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import nullcontext, suppress
from dataclasses import fields, replace
from typing import Any

from audioguide.errors import EnvironmentFailure
from audioguide.session.preset import ResolvedRoutine
from audioguide.session.variant import describe_variant
from audioguide.system.files import make_folder
from audioguide.system.paths import cache_root
from audioguide.system.process import NEW_PROCESS_GROUP, cores
from audioguide.timeline.edits import EditHistory
from audioguide.web.export_job import ExportJob, JobRequest
from audioguide.web.http_json import Refusal
from audioguide.web.limits import MAX_FILES_BYTES, MAX_JOB_SECONDS, MAX_JOBS, MAX_WAITING, MAX_WORKER_BYTES
from audioguide.web.state import JobRecord, Memory, State

_MAX_LINE = 2**26
_END_SECONDS = 6.0  # time for a worker to end when it is told to: a little more than it gives itself
_WATCH_SECONDS = 0.5  # between two looks at the memory of a worker
_CROSSING = 4.0  # seconds in which a player goes over from a sound to the one that replaces it
_OLD = 3 * 3600.0  # seconds after which a file that no job has was left behind by a server
_FRESH = 4  # jobs whose routines stay in memory


class JobQueue:
    """The jobs of one server, and those of earlier ones. To be used on the thread of the event loop only."""

    def __init__(self, made: Callable[[str], None], state: State) -> None:
        """`made` is called with the id of each session that is finished: all of it has been spoken."""
        self._folder = cache_root() / "sessions"
        self._made, self._state = made, state
        self._jobs: dict[str, ExportJob] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._workers: dict[str, asyncio.subprocess.Process] = {}
        self._saving: set[asyncio.Task[None]] = set()
        self._spare: asyncio.Task[asyncio.subprocess.Process] | None = None  # a worker that waits for the next job
        self._slots = asyncio.Semaphore(cores())
        self._is_closing = False

    async def open(self) -> None:
        """Find the sessions of earlier servers, and delete what else they left behind."""
        memory = await asyncio.to_thread(self._state.read)
        for id, record in memory.jobs.items():
            if re.fullmatch("[0-9a-f]{32}", id):  # "ready" until somebody asks for its files, and they are gone
                about: dict[str, Any] = {"state": "ready", "resume": memory.places.get(id, (None,))[0]}
                self._jobs[id] = ExportJob(id=id, place=self._folder / id, **vars(record), **about)
        await asyncio.to_thread(self._measure)
        await asyncio.to_thread(self._sweep)
        self._spare = asyncio.create_task(_start_worker())

    def _measure(self) -> None:
        """Look at the files that were finished when their server was gone already, or could not note it any more."""
        for job in self:
            if not job.bytes and job.is_whole and (details := job.read_details()):
                job.bytes, job.duration = job.file(".mp3").stat().st_size, details["timeline"]["duration"]

    def _sweep(self) -> None:
        with suppress(OSError):
            for path in self._folder.iterdir():
                id = re.match(r"[0-9a-f]{32}\b", path.name)
                if id and id[0] not in self._jobs and path.stat().st_mtime < time.time() - _OLD:
                    path.unlink()

    async def close(self) -> None:
        """End all jobs. Those that are not finished are kept: they are made again when somebody asks for them."""
        self._is_closing = True
        for task in self._tasks.values():
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)
        await self.wait_until_saved()
        if self._spare:
            await _end_worker(await self._spare)

    def __iter__(self) -> Iterator[ExportJob]:
        """The jobs, the latest first."""
        return iter([*self._jobs.values()][::-1])

    def find(self, id: str) -> ExportJob:
        """The job with an id; one whose files are gone is only kept. Refused when there is none."""
        if (job := self._jobs.get(id)) is None:
            raise Refusal(404, "This job no longer exists.", "Make the session again.")
        if job.state == "ready" and not job.is_whole:
            job.state, job.bytes = "kept", 0
        return job

    def to_json(self, job: ExportJob) -> dict[str, Any]:
        """The job as the page gets it, with its position in the queue."""
        waiting = [other.id for other in self._jobs.values() if other.state == "waiting"]
        return job.to_json(waiting.index(job.id) + 1 if job.id in waiting else None)

    def submit(
        self,
        session: str,
        options: dict[str, Any],
        resolved: ResolvedRoutine,
        key: str,
        *,
        start: int = 0,
        changed: ResolvedRoutine | None = None,
        history: EditHistory = (),
    ) -> ExportJob:
        """The job that makes this session: one with the same key, or a new one. Refused when too many wait.

        It is first made from the frame `start` on. One that was `changed` while it was heard does not wait for others.
        """
        found = next((job for job in self if key and job.key == key and job.state not in ("failed", "cancelled")), None)
        if found is None:
            if not changed and sum(job.state == "waiting" for job in self) >= MAX_WAITING:
                raise Refusal(429, "Too many sessions are waiting to be made.", "Try again when some are done.")
            id, routine = secrets.token_hex(16), resolved.routine
            record: dict[str, Any] = {"session": session, "options": options, "key": key, "title": routine.title}
            record |= {"routine": routine.id, "label": describe_variant(changed or resolved), "state": "kept"}
            found = self._jobs[id] = ExportJob(id=id, place=self._folder / id, is_change=changed is not None, **record)
        found.superseded, found.is_change = False, found.is_change and changed is not None
        if self.find(found.id).state == "kept":
            self.start(found, JobRequest(resolved, found.place, start, history, changed))
        return found

    def start(self, job: ExportJob, request: JobRequest) -> None:
        """Make the session of a job, for the first time or again."""
        make_folder(self._folder)
        job.begin(request)
        self._tasks[job.id] = asyncio.create_task(self._run(job), name=f"job {job.id}")
        self.save(job)
        self._evict()

    def want(self, job: ExportJob, frame: int) -> None:
        """Have a job made from a frame on first, where somebody wants to hear it."""
        if (worker := self._workers.get(job.id)) and worker.stdin:
            with suppress(OSError):
                worker.stdin.write(b"%d\n" % frame)
        elif job.request:
            job.request = replace(job.request, start=frame)

    def replace(self, old: ExportJob, new: ExportJob) -> None:
        """Note that a job takes the place of another one, which ends when the new one is heard, or was never heard."""
        new.replaces, old.replaces, old.superseded = [*new.replaces, *old.replaces, old], [], True
        for job in [job for job in new.replaces if not job.heard]:
            self._drop(job)
        if new.heard:
            self.hear(new)

    def hear(self, job: ExportJob) -> None:
        """Note that somebody hears a job."""
        job.heard = True
        for other in job.replaces:
            asyncio.get_running_loop().call_later(_CROSSING, self._drop, other)
        job.replaces = []

    def _drop(self, job: ExportJob) -> None:
        """End a job that another one has replaced, and forget it, unless it is a session that was ordered and made."""
        if job.superseded and not job.renamed and (job.is_change or not job.is_over):
            if task := self._tasks.get(job.id):
                task.cancel()
            self._remove(job)

    def save(self, job: ExportJob) -> None:
        """Keep what is known of a job for later servers, soon."""

        def edit(memory: Memory) -> None:
            if self._jobs.get(job.id) is job and job.state not in ("failed", "cancelled"):
                memory.jobs[job.id] = JobRecord(**{one.name: getattr(job, one.name) for one in fields(JobRecord)})
            else:
                memory.jobs.pop(job.id, None)
                memory.places.pop(job.id, None)

        async def write() -> None:
            with suppress(EnvironmentFailure):  # the page works without
                await asyncio.to_thread(self._state.change, edit)

        self._saving.add(task := asyncio.create_task(write()))
        task.add_done_callback(self._saving.discard)

    async def wait_until_saved(self) -> None:
        """Wait until all changes so far are kept: a server that is killed after this has lost none."""
        await asyncio.gather(*self._saving, return_exceptions=True)

    async def cancel(self, job: ExportJob) -> None:
        """End a job, whether it waits or runs; delete one that is ready or kept."""
        if job.state in ("ready", "kept"):
            self._remove(job)
        elif task := self._tasks.get(job.id):
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def _run(self, job: ExportJob) -> None:
        try:
            async with nullcontext() if job.is_change else self._slots:
                job.state = "making"
                self._notify_all()
                async with asyncio.timeout(MAX_JOB_SECONDS):
                    await self._run_worker(job)
        except asyncio.CancelledError:
            job.state = job.state if job.is_over else "kept" if self._is_closing else "cancelled"
        except TimeoutError:
            job.error, job.hint = "Making this session took too long.", "Try a shorter one."
        except OSError as error:
            job.error = f"No process could be started for it: {error.strerror}."
        finally:
            if not job.is_over:
                job.state = "failed"
                if not job.error:
                    job.error, job.hint = "The session could not be made.", "Try again."
            if job.state == "ready" and self._jobs.get(job.id) is job:
                self._made(job.session)
                job.cues = []  # they are in its file
            else:
                _delete_files(job)
            self._tasks.pop(job.id, None)
            self.save(job)
            self._evict()
            job.notify()
            self._notify_all()

    async def _run_worker(self, job: ExportJob) -> None:
        """Have a process make the session, and take over what it reports."""
        spare, self._spare = self._spare, None
        worker = await (spare or _start_worker())
        if worker.returncode is not None:
            worker = await _start_worker()
        assert worker.stdin
        assert worker.stdout
        watching, last = asyncio.create_task(_watch(job, worker)), dict[str, Any]()
        try:
            worker.stdin.write(pickle.dumps(job.request))  # and it stays open: the worker ends when it closes
            self._workers[job.id] = worker
            async for line in worker.stdout:
                if line.endswith(b"\n"):  # a worker that is killed may leave half a line
                    report = json.loads(line)
                    if "ready" in report:
                        last = report
                    else:
                        job.update(report)
                    if job.sounds and self._spare is None:  # not before: it would take the time of this one
                        self._spare = asyncio.create_task(_start_worker())
        finally:
            watching.cancel()
            self._workers.pop(job.id, None)
            await _end_worker(worker)
        job.update(last)  # now, since who is told that it is ready may order it again

    def _notify_all(self) -> None:
        for job in self._jobs.values():
            if not job.is_over:
                job.notify()

    def _evict(self) -> None:
        """Remove the oldest jobs that are over while there are too many jobs or too large files; keep the latest."""
        over = sorted((job for job in self if job.is_over), key=lambda job: job.when)
        for job in over[:-_FRESH]:
            job.request = None
        total = sum(job.bytes for job in over)
        for job in over[:-1]:
            if total <= MAX_FILES_BYTES and len(self._jobs) <= MAX_JOBS:
                return
            total -= job.bytes
            self._remove(job)

    def _remove(self, job: ExportJob) -> None:
        self._jobs.pop(job.id, None)
        _delete_files(job)
        self.save(job)


def _delete_files(job: ExportJob) -> None:
    with suppress(OSError):
        for path in job.place.parent.glob(f"{job.id}.*"):
            path.unlink(missing_ok=True)


async def _start_worker() -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "audioguide.web.worker"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        limit=_MAX_LINE,
        **NEW_PROCESS_GROUP,
    )


async def _watch(job: ExportJob, worker: asyncio.subprocess.Process) -> None:
    """End a worker that takes more memory than a session needs."""
    from psutil import Error, Process

    with suppress(Error):
        while Process(worker.pid).memory_info().rss < MAX_WORKER_BYTES:
            await asyncio.sleep(_WATCH_SECONDS)
        job.error, job.hint = "Making this session took too much memory.", "Try one with fewer sounds at a time."
        worker.kill()


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
