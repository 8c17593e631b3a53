"""The routes of jobs: start one, follow its progress, and get its sound."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

from starlette.endpoints import HTTPEndpoint
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from audioguide.draw.figure_svg import describe_figures
from audioguide.errors import RequestError
from audioguide.model.notation import CONTROLS
from audioguide.model.options import Options
from audioguide.session.open import build_session, parse_options
from audioguide.session.preset import ResolvedRoutine
from audioguide.session.variant import describe_variant
from audioguide.units import RATE
from audioguide.web.audio_stream import (
    MP3_TYPE,
    empty_body,
    file_response,
    open_sound,
    stream_response,
    wait_for_change,
)
from audioguide.web.catalog import Catalog
from audioguide.web.export_job import ExportJob, JobRequest
from audioguide.web.http_json import Refusal, get_options, json_response, read_json
from audioguide.web.job_change import find_key, make_change, read_frame
from audioguide.web.job_queue import JobQueue
from audioguide.web.limits import HEARTBEAT, KEPT, check_length
from audioguide.web.state import State, note_place


class JobRoutes:
    """Puts jobs for the sessions of a catalog into a queue, and answers what is asked about them."""

    def __init__(self, catalog: Catalog, queue: JobQueue, state: State) -> None:
        self._catalog, self._queue, self._state = catalog, queue, state

    def routes(self) -> list[Route]:
        """The routes, below the address of the page."""

        class All(HTTPEndpoint):  # with two routes of one path, `Allow` would name the methods of one only
            get, post = staticmethod(self._list), staticmethod(self._submit)

        class One(HTTPEndpoint):
            get, delete, patch = staticmethod(self._show), staticmethod(self._cancel), staticmethod(self._rename)

        job = "/api/jobs/{job}"
        return [
            Route("/api/jobs", All),
            Route(job, One),
            Route(f"{job}/events", self._send_events),
            Route(f"{job}/timeline", self._send_timeline),
            Route(f"{job}/figures", self._send_figures),
            Route(f"{job}/sound", self._send_sound),
            Route(f"{job}/file", self._send_file),
            Route(f"{job}/cover.jpg", self._send_cover),
            Route(f"{job}/change", self._change, methods=["POST"]),
        ]

    async def _list(self, request: Request) -> Response:
        return json_response([self._queue.to_json(job) for job in self._queue])

    async def _submit(self, request: Request) -> Response:
        data = await read_json(request)
        id, options = data.get("session"), get_options(data, "session")
        if not isinstance(id, str):
            raise RequestError("Say which session is to be made.", 'Write it as {"session": "…", "options": {}}.')

        job = self._queue.submit(id, options, *await asyncio.to_thread(self._prepare, id, parse_options(options)))
        await asyncio.to_thread(self._state.change, lambda memory: note_place(memory, job.id, job.session, job.resume))
        await self._queue.wait_until_saved()
        return json_response(self._queue.to_json(job), 202)

    def _prepare(self, id: str, options: Options) -> tuple[ResolvedRoutine, str]:
        """A session with its options, and the key of all that it depends on."""
        resolved, session = self._catalog.open(id, options)
        check_length(session.outline.timeline.frames / RATE)
        return resolved, find_key(session)

    async def _change(self, request: Request) -> Response:
        old, data = self._find(request), await read_json(request)
        answer, about = await asyncio.to_thread(make_change, self._catalog, old, data)
        new = self._queue.submit(session=old.session, **about) if about else old
        if new is not old:
            self._queue.replace(old, new)
            await self._queue.wait_until_saved()
        return json_response(self._queue.to_json(new) | answer | {"changed": new is not old}, 202)

    async def _rename(self, request: Request) -> Response:
        job, data = self._find(request), await read_json(request)
        if not isinstance(name := data.get("name"), str) or len(name) > 100 or CONTROLS.search(name):
            raise RequestError("This is no name of a session.", "Write it in at most 100 letters.")
        job.renamed = bool(name.strip())
        job.label = name.strip() or (await asyncio.to_thread(self._describe, job))
        self._queue.save(job)
        await self._queue.wait_until_saved()
        return json_response(self._queue.to_json(job))

    def _describe(self, job: ExportJob) -> str:
        return describe_variant(self._catalog.open(job.session, parse_options(job.options))[0])

    async def _show(self, request: Request) -> Response:
        return json_response(self._queue.to_json(self._find(request)))

    async def _cancel(self, request: Request) -> Response:
        job = self._find(request)
        await self._queue.cancel(job)
        await self._queue.wait_until_saved()
        return json_response(self._queue.to_json(job))

    async def _send_events(self, request: Request) -> Response:
        events = self._stream_events(await self._wake(request)) if request.method == "GET" else empty_body()
        return StreamingResponse(events, headers={"Cache-Control": "no-store"}, media_type="text/event-stream")

    async def _stream_events(self, job: ExportJob) -> AsyncIterator[str]:
        while True:
            change = job.next_change()
            is_over = job.is_over  # asked once: the job may end while the event is being sent
            kind = job.state if is_over else "progress"
            yield f"event: {kind}\ndata: {json.dumps(self._queue.to_json(job))}\n\n"
            if is_over:
                return
            while not change.is_set():
                try:
                    async with asyncio.timeout(HEARTBEAT):
                        await change.wait()
                except TimeoutError:
                    yield ": still here\n\n"

    async def _send_timeline(self, request: Request) -> Response:
        job = await self._wake(request)
        details = await asyncio.to_thread(job.read_details) if job.state == "ready" else None
        return json_response(details["timeline"] if details else job.timeline_json())

    async def _send_figures(self, request: Request) -> Response:
        job = await self._wake(request)

        def describe() -> Any:
            if job.request and not job.is_over:
                return describe_figures(build_session(job.request.resolved).routine.steps)
            return (job.read_details() or {}).get("figures", {"steps": {}, "drawings": []})

        return JSONResponse(await asyncio.to_thread(describe), headers=KEPT)

    async def _send_sound(self, request: Request) -> Response:
        job, start = await self._wake(request), request.query_params.get("from")
        self._queue.hear(job)
        if start is None and job.is_over:
            return await self._send_file(request, attach=False)
        frame = read_frame(0 if start is None else start)
        file = await open_sound(job, frame, self._queue.want) if request.method == "GET" else None
        if file or request.method != "GET":
            return stream_response(job, file)
        if job.state == "ready" and start is not None:
            raise Refusal(422, "This session ends before that.", "Begin earlier.")
        return await self._send_file(request, attach=False)

    async def _send_file(self, request: Request, *, attach: bool = True) -> Response:
        was_kept = self._find(request).state == "kept"
        job = await self._wake(request)
        while was_kept and not job.is_over:
            await wait_for_change(job)
        if job.state != "ready":
            raise Refusal(404, job.error or "This session is not finished.", job.hint or "Wait until it is.")
        return await file_response(request, job.file(".mp3"), job.id, MP3_TYPE, job.name if attach else None)

    async def _send_cover(self, request: Request) -> Response:
        job = self._find(request)
        return await file_response(request, job.file(".jpg"), job.id, "image/jpeg")

    def _find(self, request: Request) -> ExportJob:
        return self._queue.find(request.path_params["job"])

    async def _wake(self, request: Request) -> ExportJob:
        """The job, which is made again if it is only kept."""
        job = self._find(request)
        if job.state == "kept":
            resolved, key = await asyncio.to_thread(self._prepare, job.session, parse_options(job.options))
            if job.state == "kept":
                job.key = key
                self._queue.start(job, JobRequest(resolved, job.place))
        return job
