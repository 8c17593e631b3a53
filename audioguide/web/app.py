"""The whole server: the page with its files, its sessions, its jobs, and the doors in front of them."""

from __future__ import annotations

import asyncio
import mimetypes
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.staticfiles import StaticFiles

from audioguide.model.options import Options
from audioguide.web.auth import AccessControl
from audioguide.web.catalog import Catalog
from audioguide.web.export_job import ExportJob
from audioguide.web.job_api import JobRoutes
from audioguide.web.job_queue import JobQueue
from audioguide.web.responses import EXCEPTION_HANDLERS
from audioguide.web.session_api import SessionRoutes

_PAGE = StaticFiles(directory=Path(__file__).parent / "page")
mimetypes.add_type("text/javascript", ".js")  # a Windows registry may say text/plain, and no browser runs that


def create_app(standing: Options, hosts: Sequence[str], token: str | None, address: str) -> AccessControl:
    """The server as an ASGI application.

    `hosts` are the names and addresses that it is reached by, `token` as in `Guard`, `address` what the QR code leads
    to.
    """
    catalogue = Catalog(standing)

    def over(job: ExportJob) -> None:
        if job.state == "ready":  # what it says is spoken now, so its length is known
            catalogue.forget(job.session)

    kitchen = JobQueue(over)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        await kitchen.open()
        # What takes longest is begun with: by the time that a phone asks, the sessions are known.
        warming = asyncio.create_task(asyncio.to_thread(catalogue.rows))
        yield
        warming.cancel()
        await kitchen.close()

    async def code(request: Request) -> Response:
        from audioguide.web.send import render_qr_svg

        return Response(render_qr_svg(address), headers={"Cache-Control": "no-store"}, media_type="image/svg+xml")

    routes = [
        Route("/", _file),
        Route("/assets/{name}", _file),
        Route("/qr.svg", code),
        *SessionRoutes(catalogue).routes(),
        *JobRoutes(catalogue, kitchen).routes(),
    ]
    doors = [Middleware(TrustedHostMiddleware, allowed_hosts=hosts), Middleware(GZipMiddleware, minimum_size=1000)]
    return AccessControl(
        Starlette(routes=routes, middleware=doors, exception_handlers=EXCEPTION_HANDLERS, lifespan=lifespan), token
    )


async def _file(request: Request) -> Response:
    """A file of the page. The browser asks each time whether it has changed."""
    response = await _PAGE.get_response(request.path_params.get("name", "index.html"), request.scope)
    response.headers["Cache-Control"] = "no-cache"
    return response
