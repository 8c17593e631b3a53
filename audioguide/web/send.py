"""One file to one phone: served at an address that nobody can guess, until the phone has it."""

from __future__ import annotations

import asyncio
import io
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
from audioguide.web.audio_stream import finished
from audioguide.web.auth import AccessControl
from audioguide.web.responses import EXCEPTION_HANDLERS
from audioguide.web.server import build_server, create_token, open_socket

LINGER = 120.0
"""Seconds for which it stays open after the file was sent whole: sent is not received, and some phones ask again."""

_LOOK = 0.1
"""Seconds between two looks at the clock."""


def send_file(
    file: Path,
    address: str,
    *,
    timeout: float,
    port: int = 0,
    ready: Callable[[str], None],
    sent: Callable[[int, int], None] = lambda count, size: None,
) -> None:
    """Serve `file` at `address`, one of this machine's, until it was answered whole and then nobody asks for a while.

    `ready` is told where it is to be had; `sent` how many bytes were sent, and how many there are. Port 0 is any that
    is free. EnvironmentFailure when the port is taken, and when nothing is asked for or taken for `timeout` seconds.
    """
    asyncio.run(_Sending(file, sent).run(address, port, timeout, ready))


class _Sending:
    def __init__(self, file: Path, tell: Callable[[int, int], None]) -> None:
        self._file, self._size, self._tell = file, file.stat().st_size, tell
        self._etag = secrets.token_hex(8)
        self._sent = 0
        self._moved = 0.0

    async def run(self, address: str, port: int, timeout: float, ready: Callable[[str], None]) -> None:
        token = create_token()
        doors = [Middleware(TrustedHostMiddleware, allowed_hosts=[address])]
        app = Starlette(routes=[Route("/", self._answer)], middleware=doors, exception_handlers=EXCEPTION_HANDLERS)
        with open_socket(address, port) as listening:
            running = build_server(AccessControl(self._counting(app), token))
            ready(f"http://{address}:{listening.getsockname()[1]}/{token}/")
            serving = asyncio.create_task(running.serve([listening]))
            self._moved = asyncio.get_running_loop().time()
            while not serving.done() and asyncio.get_running_loop().time() < self._moved + self._patience(timeout):
                await asyncio.wait([serving], timeout=_LOOK)
            running.should_exit = True
            await serving
        if self._sent < self._size:
            raise EnvironmentFailure(self._sentence(timeout))

    def _patience(self, timeout: float) -> float:
        return timeout if self._sent < self._size else min(timeout, LINGER)

    def _sentence(self, timeout: float) -> str:
        name, waited = self._file.name, format_duration(timeout)
        if not self._sent:
            return f"Nobody fetched {name} within {waited}. Is the phone in the same network? Then try again."
        part = f"Only {self._sent * 100 // self._size} % of {name} was fetched, and nothing more for {waited}."
        return f"{part} Go closer to the router, then try again."

    async def _answer(self, request: Request) -> Response:
        kind = format_of(self._file).media_type
        return await finished(request, self._file, self._etag, kind, self._file.name)

    def _counting(self, app: ASGIApp) -> ASGIApp:
        """The application; the bytes of the file that it sends are counted, whoever takes them, and however often."""

        async def counting(scope: Scope, receive: Receive, send: Send) -> None:
            is_file = False

            async def counted(message: Message) -> None:
                nonlocal is_file
                await send(message)
                self._moved = asyncio.get_running_loop().time()
                if message["type"] == "http.response.start":
                    is_file = message["status"] in (200, 206)
                elif is_file and message["type"] == "http.response.body":
                    self._sent += len(message["body"])
                    self._tell(min(self._sent, self._size), self._size)

            await app(scope, receive, counted)

        return counting


BORDER = 4
"""Light modules around the code: the quiet zone of ISO/IEC 18004."""

# Dark on light whatever the terminal's own colours are, which half of all cameras need: 16 and 231 are black and white
# in the 256 colours, and no theme changes them.
_COLOURS, _PLAIN = "\x1b[38;5;231;48;5;16m", "\x1b[0m"


def render_qr_text(text: str) -> str:
    """The code in lines for a terminal: two rows of modules a line, as half blocks."""
    import segno

    lines = io.StringIO()
    segno.make(text, micro=False).terminal(lines, border=BORDER, compact=True)
    return "\n".join(f"{_COLOURS}{line}{_PLAIN}" for line in lines.getvalue().splitlines())


def render_qr_svg(text: str) -> bytes:
    """The code as an SVG document that grows with its place: black on white, without a style."""
    import segno

    file, plain = io.BytesIO(), {"omitsize": True, "xmldecl": False, "svgclass": None, "lineclass": None}
    segno.make(text, micro=False).save(file, kind="svg", border=BORDER, light="#fff", **plain)
    return file.getvalue()
