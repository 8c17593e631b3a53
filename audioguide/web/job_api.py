"""The routes of jobs: start one, follow its progress, and get its sound."""

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator

from starlette.endpoints import HTTPEndpoint
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from audioguide.errors import RequestError
from audioguide.session.open import build_session, parse_options
from audioguide.session.preset import ResolvedRoutine
from audioguide.units import RATE
from audioguide.web.audio_stream import MP3_TYPE, empty_body, file_response, open_sound, stream_response
from audioguide.web.catalog import Catalog
from audioguide.web.export_job import ExportJob
from audioguide.web.http_json import Refusal, get_options, json_response, read_json
from audioguide.web.job_queue import JobQueue
from audioguide.web.limits import HEARTBEAT, KEPT, check_length
from audioguide.web.session_form import describe_figures


class JobRoutes:
    """Puts jobs for the sessions of a catalog into a queue, and answers what is asked about them."""

    def __init__(self, catalog: Catalog, queue: JobQueue) -> None:
        self._catalog = catalog
        self._queue = queue

    def routes(self) -> list[Route]:
        """The routes, below the address of the page."""

        class All(HTTPEndpoint):  # with two routes of one path, `Allow` would name the methods of one only
            get, post = staticmethod(self._list), staticmethod(self._submit)

        class One(HTTPEndpoint):
            get, delete = staticmethod(self._show), staticmethod(self._cancel)

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
        ]

    async def _list(self, request: Request) -> Response:
        return json_response([self._queue.to_json(job) for job in self._queue])

    async def _submit(self, request: Request) -> Response:
        data = await read_json(request)
        id, options = data.get("session"), get_options(data, "session")
        if not isinstance(id, str):
            raise RequestError("Say which session is to be made.", 'Write it as {"session": "…", "options": {}}.')

        def prepare() -> tuple[ResolvedRoutine, bytes]:
            resolved, session = self._catalog.open(id, parse_options(options))
            check_length(session.outline.timeline.frames / RATE)
            payload = session.pack().payload if session.pack else b""
            return resolved, hashlib.blake2b(payload).digest() if payload else b""

        job = self._queue.submit(id, options, *await asyncio.to_thread(prepare))
        return json_response(self._queue.to_json(job), 202)

    async def _show(self, request: Request) -> Response:
        return json_response(self._queue.to_json(self._find(request)))

    async def _cancel(self, request: Request) -> Response:
        job = self._find(request)
        await self._queue.cancel(job)
        return json_response(self._queue.to_json(job))

    async def _send_events(self, request: Request) -> Response:
        events = self._stream_events(self._find(request)) if request.method == "GET" else empty_body()
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
        return json_response(self._find(request).timeline_json())

    async def _send_figures(self, request: Request) -> Response:
        resolved = self._find(request).request.resolved
        figures = await asyncio.to_thread(lambda: describe_figures(build_session(resolved).routine))
        return JSONResponse(figures, headers=KEPT)

    async def _send_sound(self, request: Request) -> Response:
        job = self._find(request)
        file = await open_sound(job) if request.method == "GET" else None
        return stream_response(job, file) if file or not job.is_over else await self._send_file(request, attach=False)

    async def _send_file(self, request: Request, *, attach: bool = True) -> Response:
        job = self._find(request)
        if job.state != "ready":
            raise Refusal(404, job.error or "This session is not finished.", job.hint or "Wait until it is.")
        return await file_response(request, job.request.file, job.id, MP3_TYPE, job.name if attach else None)

    async def _send_cover(self, request: Request) -> Response:
        job = self._find(request)
        return await file_response(request, job.request.cover, job.id, "image/jpeg")

    def _find(self, request: Request) -> ExportJob:
        return self._queue.find(request.path_params["job"])
