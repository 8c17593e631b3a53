"""The web application: the page with its files, the sessions, the jobs, and the access control in front of them."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from audioguide.export.folder import ExportFolder
from audioguide.session.config import Config
from audioguide.web.auth import AccessControl, render_qr_svg
from audioguide.web.catalog import Catalog
from audioguide.web.compose_api import compose_routes
from audioguide.web.feed_api import feed_routes
from audioguide.web.home_api import HomeRoutes
from audioguide.web.http_json import EXCEPTION_HANDLERS
from audioguide.web.job_api import JobRoutes
from audioguide.web.job_queue import JobQueue
from audioguide.web.page_files import PageFiles
from audioguide.web.session_api import SessionRoutes
from audioguide.web.state import State


def create_app(
    config: Config, hosts: Sequence[str], token: str | None, address: str, feed: Sequence[ExportFolder] | None = None
) -> AccessControl:
    """The server as an ASGI application.

    `hosts` are the names and addresses that it may be reached by, `token` is the secret first part of every path,
    `address` the one that the QR code shows. `feed` are the folders whose sessions are in a podcast feed, too.
    """
    catalog = Catalog(config)
    state = State()
    queue = JobQueue(catalog.forget, state)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        await queue.open()
        catalog.kept = {job.session: job.file(".mp3") for job in queue if job.session.startswith("upload-")}
        # Listing the sessions takes longest, so it is started before a phone asks for them.
        warm_up = asyncio.create_task(asyncio.to_thread(catalog.list_sessions))
        yield
        warm_up.cancel()
        await queue.close()

    async def send_qr_code(request: Request) -> Response:
        return Response(render_qr_svg(address), headers={"Cache-Control": "no-store"}, media_type="image/svg+xml")

    routes = [
        *PageFiles().routes(),
        Route("/qr.svg", send_qr_code),
        *SessionRoutes(catalog).routes(),
        *compose_routes(catalog),
        *JobRoutes(catalog, queue, state).routes(),
        *HomeRoutes(catalog, queue, state).routes(),
        *(feed_routes(queue, feed) if feed is not None else ()),
    ]
    middleware = [Middleware(TrustedHostMiddleware, allowed_hosts=hosts), Middleware(GZipMiddleware, minimum_size=1000)]
    app = Starlette(routes=routes, middleware=middleware, exception_handlers=EXCEPTION_HANDLERS, lifespan=lifespan)
    return AccessControl(app, token)
