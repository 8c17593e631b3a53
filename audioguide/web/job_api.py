"""The routes of jobs: a session that is made, how far it is, and its sound."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator

from starlette.endpoints import HTTPEndpoint
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from audioguide.errors import RequestError
from audioguide.session.open import parse_options
from audioguide.session.preset import ResolvedRoutine
from audioguide.units import RATE
from audioguide.web.audio_stream import MP3, finished, growing, nothing, opened
from audioguide.web.catalog import Catalog
from audioguide.web.export_job import ExportJob
from audioguide.web.job_queue import JobQueue
from audioguide.web.limits import HEARTBEAT, check_length
from audioguide.web.request import data_of, only
from audioguide.web.responses import Refusal, json_response


class JobRoutes:
    """Hands orders for sessions of a catalogue to a kitchen, and what it makes of them to who asked."""

    def __init__(self, catalogue: Catalog, kitchen: JobQueue) -> None:
        self._catalogue = catalogue
        self._kitchen = kitchen

    def routes(self) -> list[Route]:
        """Below the address of the page."""

        class All(HTTPEndpoint):  # of a class, since only then all methods are told in `Allow`
            get, post = staticmethod(self._jobs), staticmethod(self._order)

        class One(HTTPEndpoint):
            get, delete = staticmethod(self._job), staticmethod(self._cancel)

        job = "/api/jobs/{job}"
        return [
            Route("/api/jobs", All),
            Route(job, One),
            Route(f"{job}/events", self._events),
            Route(f"{job}/timeline", self._timeline),
            Route(f"{job}/sound", self._sound),
            Route(f"{job}/file", self._file),
            Route(f"{job}/cover.jpg", self._cover),
        ]

    async def _jobs(self, request: Request) -> Response:
        return json_response([self._kitchen.facts(job) for job in self._kitchen])

    async def _order(self, request: Request) -> Response:
        data = await data_of(request)
        id, options = data.get("session"), only(data, "options", "session")
        if not isinstance(id, str):
            raise RequestError("Say which session is to be made.", 'Write it as {"session": "…", "options": {}}.')

        def work() -> tuple[ResolvedRoutine, bytes]:
            plan, session = self._catalogue.session(id, parse_options(options))
            check_length(session.guess() / RATE)
            made = session.pack().payload if session.pack else b""
            return plan, hashlib.blake2b(made).digest() if made else b""

        plan, key = await asyncio.to_thread(work)
        job = self._kitchen.order(id, options, plan, key)
        return json_response(self._kitchen.facts(job), 202)

    async def _job(self, request: Request) -> Response:
        return json_response(self._kitchen.facts(self._found(request)))

    async def _cancel(self, request: Request) -> Response:
        job = self._found(request)
        await self._kitchen.cancel(job)
        return json_response(self._kitchen.facts(job))

    async def _events(self, request: Request) -> Response:
        told = self._told(self._found(request)) if request.method == "GET" else nothing()
        return StreamingResponse(told, headers={"Cache-Control": "no-store"}, media_type="text/event-stream")

    async def _told(self, job: ExportJob) -> AsyncIterator[str]:
        while True:
            news = job.news()
            over = job.is_over  # asked once: it may end while the event is on its way
            kind = job.state if over else "progress"
            yield f"event: {kind}\ndata: {json.dumps(self._kitchen.facts(job))}\n\n"
            if over:
                return
            while not news.is_set():
                try:
                    async with asyncio.timeout(HEARTBEAT):
                        await news.wait()
                except TimeoutError:
                    yield ": still here\n\n"

    async def _timeline(self, request: Request) -> Response:
        return json_response(self._found(request).timeline())

    async def _sound(self, request: Request) -> Response:
        job = self._found(request)
        file = await opened(job) if request.method == "GET" else None
        if file or not job.is_over:
            return growing(job, file)
        return await self._finished(request, job)

    async def _file(self, request: Request) -> Response:
        job = self._found(request)
        return await self._finished(request, job, job.name)

    async def _finished(self, request: Request, job: ExportJob, name: str | None = None) -> Response:
        if job.state != "ready":
            raise Refusal(404, job.error or "This session is not finished.", job.hint or "Wait until it is.")
        return await finished(request, job.order.file, job.id, MP3, name)

    async def _cover(self, request: Request) -> Response:
        job = self._found(request)
        return await finished(request, job.order.cover, job.id, "image/jpeg")

    def _found(self, request: Request) -> ExportJob:
        return self._kitchen.find(request.path_params["job"])
