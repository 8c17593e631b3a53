"""The whole server: the page with its files, its sessions, its jobs, and the doors in front of them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from audioguide.errors import AudioguideError
from audioguide.routine.customise import Options
from audioguide.web.answers import Refusal, refused
from audioguide.web.assets import START, asset
from audioguide.web.catalogue import Catalogue
from audioguide.web.guard import Guard
from audioguide.web.job import Job
from audioguide.web.job_routes import JobRoutes
from audioguide.web.kitchen import Kitchen
from audioguide.web.session_routes import SessionRoutes


def application(standing: Options, hosts: Collection[str], token: str | None, address: str) -> Guard:
    """The server as an ASGI application; `address` is what the QR code leads to, `hosts` and `token` as in `Guard`."""
    catalogue = Catalogue(standing)

    def over(job: Job) -> None:
        if job.state == "ready":  # what it says is spoken now, so its length is known
            catalogue.forget(job.session)

    kitchen = Kitchen(over)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        await kitchen.open()
        # What takes longest is begun with: by the time that a phone asks, the sessions are known.
        warming = asyncio.create_task(asyncio.to_thread(catalogue.rows))
        yield
        warming.cancel()
        await kitchen.close()

    async def start(request: Request) -> Response:
        return asset(request, START)

    async def file(request: Request) -> Response:
        return asset(request, request.path_params["name"])

    async def code(request: Request) -> Response:
        from audioguide.web.qr import svg

        return Response(svg(address), media_type="image/svg+xml")

    routes = [
        Route("/", start),
        Route("/assets/{name}", file),
        Route("/qr.svg", code),
        *SessionRoutes(catalogue).routes(),
        *JobRoutes(catalogue, kitchen).routes(),
    ]
    failures: dict[Any, Any] = dict.fromkeys((HTTPException, Refusal, AudioguideError, Exception), refused)
    app = Starlette(routes=routes, exception_handlers=failures, lifespan=lifespan)
    return Guard(app, hosts, token)  # outermost: what fails is sealed, too
