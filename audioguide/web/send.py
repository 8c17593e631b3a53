"""Sends one file to a phone: serves it at a secret address until it was fetched."""

import asyncio
import secrets
from collections.abc import Callable
from pathlib import Path

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from audioguide.errors import EnvironmentFailure
from audioguide.export.formats import format_of
from audioguide.units import format_duration
from audioguide.web.audio_stream import file_response
from audioguide.web.auth import AccessControl
from audioguide.web.http_json import EXCEPTION_HANDLERS
from audioguide.web.server import build_server, open_socket

LINGER = 120.0
"""Seconds that the file stays available after it was sent: sent is not yet received, and some phones ask again."""

_CHECK_SECONDS = 0.1  # time between two checks whether the server should end


def send_file(
    file: Path,
    address: str,
    *,
    timeout: float,
    port: int = 0,
    ready: Callable[[str], None],
    sent: Callable[[int, int], None],
) -> None:
    """Serve `file` at `address`, one of this machine's, until it was sent completely and `LINGER` seconds have passed.

    `ready` gets the URL of the file, `sent` the bytes sent so far and those of the file. Port 0 means any free one.
    EnvironmentFailure when the port is taken, or when nothing is sent for `timeout` seconds.
    """
    asyncio.run(_FileServer(file, timeout, sent).run(address, port, ready))


class _FileServer:
    """Serves one file, and counts the bytes that are sent of it, whoever asks and however often."""

    def __init__(self, file: Path, timeout: float, report: Callable[[int, int], None]) -> None:
        self._file, self._size, self._etag = file, file.stat().st_size, secrets.token_hex(8)
        self._timeout, self._report = timeout, report
        self._sent, self._last_sent = 0, 0.0

    async def run(self, address: str, port: int, ready: Callable[[str], None]) -> None:
        token, now = secrets.token_urlsafe(16), asyncio.get_running_loop().time
        hosts = [Middleware(TrustedHostMiddleware, allowed_hosts=[address])]
        app = Starlette(routes=[Route("/", self._answer)], middleware=hosts, exception_handlers=EXCEPTION_HANDLERS)
        with open_socket(address, port) as listening:
            server = build_server(AccessControl(self._count_bytes(app), token))
            ready(f"http://{address}:{listening.getsockname()[1]}/{token}/")
            serving = asyncio.create_task(server.serve([listening]))
            self._last_sent = now()
            while not serving.done() and now() < self._last_sent + self._remaining():
                await asyncio.wait([serving], timeout=_CHECK_SECONDS)
            server.should_exit = True
            await serving
        name, time = self._file.name, format_duration(self._timeout)
        if not self._sent:
            hint = "Is the phone in the same network? Then try again."
            raise EnvironmentFailure(f"Nobody fetched {name} within {time}. {hint}")
        if self._sent < self._size:
            part = f"Only {self._sent * 100 // self._size} % of {name} was fetched, and nothing more for {time}."
            raise EnvironmentFailure(f"{part} Go closer to the router, then try again.")

    def _remaining(self) -> float:
        return self._timeout if self._sent < self._size else min(self._timeout, LINGER)

    async def _answer(self, request: Request) -> Response:
        kind = format_of(self._file).media_type
        return await file_response(request, self._file, self._etag, kind, self._file.name)

    def _count_bytes(self, app: ASGIApp) -> ASGIApp:
        """ASGI middleware that adds up the bytes of all answers with the file or a part of it."""

        async def counting_app(scope: Scope, receive: Receive, send: Send) -> None:
            is_file = False

            async def send_and_count(message: Message) -> None:
                nonlocal is_file
                await send(message)
                self._last_sent = asyncio.get_running_loop().time()
                if message["type"] == "http.response.start":
                    is_file = message["status"] in (200, 206)
                elif is_file and message["type"] == "http.response.body":
                    self._sent += len(message["body"])
                    self._report(min(self._sent, self._size), self._size)

            await app(scope, receive, send_and_count)

        return counting_app
