"""Sends files to phones: a landing page at a secret address, open until all were taken and some minutes more."""

import asyncio
import secrets
import socket
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from unicodedata import normalize
from urllib.parse import quote

from starlette.applications import Starlette
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from audioguide.errors import EnvironmentFailure
from audioguide.export.formats import format_of
from audioguide.system.files import safe_name
from audioguide.units import format_duration, format_megabytes
from audioguide.web.audio_stream import file_response
from audioguide.web.auth import AccessControl
from audioguide.web.certificate import Certificate
from audioguide.web.http_json import EXCEPTION_HANDLERS
from audioguide.web.landing_page import SentFile, describe_device, render_page
from audioguide.web.page_files import PageFiles, find_language
from audioguide.web.server import build_server, open_socket, write_origin

LINGER = 300.0
"""Seconds that files stay available after the last byte: for a phone that asks again, and for a second one."""

_SETTLED = 1.0  # seconds after an answer in which a phone that wanted only a part of it breaks the connection
_CHECK_SECONDS = 0.1  # time between two checks whether the server should end
_KEPT_BYTES = 128 * 1024  # that the system keeps for a phone: they count as sent, and are not received yet
_LOOKS_AHEAD = ("sec-purpose", "purpose", "x-purpose", "x-moz")  # prefetch, preview: nobody has asked for it


@dataclass
class Download:
    """What a device has of a file, in spans of bytes: `had` surely, `sent` perhaps, where an answer broke off."""

    size: int
    had: list[Sequence[int]] = field(default_factory=list)
    sent: list[Sequence[int]] = field(default_factory=list)

    def begin(self, span: list[int]) -> None:
        """Begin a span, which will grow. Whoever goes on within another one has that as far as here."""
        self.had += [(first, span[0]) for first, end in self.sent if first < span[0] <= end]
        self.sent.append(span)

    def count(self, spans: Sequence[Sequence[int]]) -> int:
        """The bytes in spans, each once."""
        total = reach = 0
        for first, end in sorted(map(tuple, spans)):
            total += max(0, end - max(first, reach))
            reach = max(reach, end)
        return total

    @property
    def is_whole(self) -> bool:
        """Whether the device has all of the file."""
        return self.count(self.had) == self.size


def send_files(
    files: Sequence[SentFile],
    address: str,
    *,
    timeout: float,
    port: int = 0,
    cert: Certificate | None = None,
    ready: Callable[[str], None],
    sent: Callable[[int, int], None],
    tell: Callable[[str], None],
) -> None:
    """Serve files at `address`, one of this machine's, until all were taken and `LINGER` seconds passed without a byte.

    `ready` gets the URL of the landing page, `sent` the bytes sent so far and those of all files, `tell` who took what.
    Port 0 means any free one. EnvironmentFailure when the port is taken, or a file was not taken within `timeout`
    seconds without a byte.
    """
    sender = _Sender({file.path.name: file for file in files}, timeout, sent, tell)
    try:
        asyncio.run(sender.run(address, port, cert, ready))
    finally:
        sender.tell_taken()
    sender.check()


@dataclass
class _Sender:
    """Serves files by their names, and knows what each device has of them: by the name and the device."""

    files: Mapping[str, SentFile]
    timeout: float
    sent: Callable[[int, int], None]
    tell: Callable[[str], None]
    downloads: dict[tuple[str, str], Download] = field(default_factory=dict)
    moved: float = 0.0

    async def run(self, address: str, port: int, cert: Certificate | None, ready: Callable[[str], None]) -> None:
        """Serve until it is time to end."""
        token, now = secrets.token_urlsafe(16), asyncio.get_running_loop().time
        hosts = [Middleware(TrustedHostMiddleware, allowed_hosts=[address, *(cert.names if cert else ())])]
        routes = [
            Route("/", self._send_page),
            Route("/{name}/cover.jpg", self._send_cover),
            Route("/{name}", self._send_file),
            PageFiles().routes()[-1],
        ]
        app = Starlette(routes=routes, middleware=hosts, exception_handlers=EXCEPTION_HANDLERS)
        app.router.redirect_slashes = False
        with open_socket(address, port) as listening:
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _KEPT_BYTES)
            server = build_server(AccessControl(app, token), cert)
            ready(f"{write_origin(address, listening.getsockname()[1], cert)}/{token}/")
            serving = asyncio.create_task(server.serve([listening]))
            self.moved = now()
            while not serving.done() and now() < self.moved + self._remaining():
                await asyncio.wait([serving], timeout=_CHECK_SECONDS)
            server.should_exit = True
            await serving

    def _remaining(self) -> float:
        return self.timeout if self._list_left() else min(self.timeout, LINGER)

    def _list_left(self) -> list[str]:
        return [name for name in self.files if not self._list_takers(name)]

    def _list_takers(self, name: str) -> list[str]:
        """The devices that have all of a file."""
        return [device for (other, device), it in self.downloads.items() if other == name and it.is_whole]

    def _count_sent(self, name: str) -> int:
        """The bytes that some device may have of a file; all of them only where it surely has."""
        counts = [it.count(it.had + it.sent) for (other, _), it in self.downloads.items() if other == name]
        return min(max(counts, default=0), self.files[name].size - (name in self._list_left()))

    def _report(self) -> None:
        self.sent(sum(map(self._count_sent, self.files)), sum(file.size for file in self.files.values()))

    def tell_taken(self) -> None:
        """Tell who took what, if anybody took anything."""
        for name in self.files if len(self._list_left()) < len(self.files) else ():
            self.tell(f"{name}: {', '.join(self._list_takers(name)) or 'not taken'}.")

    def check(self) -> None:
        """EnvironmentFailure where a file was not taken."""
        left, time = self._list_left(), format_duration(self.timeout)
        names, size = ", ".join(left), sum(self.files[name].size for name in left)
        if sent := sum(map(self._count_sent, left)):
            part = f"Only {sent * 100 // size} % of {names} was fetched, and nothing more for {time}."
            raise EnvironmentFailure(f"{part} Go closer to the router, then try again.")
        if left:
            hint = "Is the phone in the same network? Then try again."
            raise EnvironmentFailure(f"Nobody fetched {names} within {time}. {hint}")

    async def _send_page(self, request: Request) -> Response:
        page = render_page([*self.files.values()], find_language(request), self._greet(request))
        return HTMLResponse(page, headers={"Cache-Control": "no-store"})

    async def _send_cover(self, request: Request) -> Response:
        return Response(self._find_file(request).cover, media_type="image/jpeg")

    def _find_file(self, request: Request) -> SentFile:
        if file := self.files.get(request.path_params["name"]):
            return file
        raise HTTPException(404)

    def _greet(self, request: Request) -> str:
        """The device that asks; empty for a program that only looks, which keeps nothing open."""
        device = describe_device(request.headers.get("user-agent", ""))
        if not device or any("pre" in request.headers.get(name, "").lower() for name in _LOOKS_AHEAD):
            return ""
        self.moved = asyncio.get_running_loop().time()
        return f"{device} ({request.client.host})" if request.client else device

    async def _send_file(self, request: Request) -> ASGIApp:
        """A file to be kept, or to be played in place."""
        file, plays = self._find_file(request), "play" in request.query_params
        if "," in request.headers.get("range", ""):  # several parts in one answer: it gets the whole
            del MutableHeaders(scope=request.scope)["range"]
        name, kind, tag = file.path.name, format_of(file.path).media_type, str(file.path.stat().st_mtime_ns)
        response = await file_response(request, file.path, tag, kind, None if plays else name)
        if not plays:  # RFC 6266: a name for everyone, and the real one
            plain = safe_name(normalize("NFKD", file.path.stem).encode("ascii", "ignore").decode(), file.path.suffix)
            real = f"; filename*=UTF-8''{quote(name)}" if plain != name else ""
            response.headers["content-disposition"] = f'attachment; filename="{plain}"{real}'
        if not (device := self._greet(request)) or request.method != "GET":
            return response
        download = Download(file.size)
        if not plays:
            download = self.downloads.setdefault((name, device), download)

        async def send_and_count(scope: Scope, receive: Receive, send: Send) -> None:
            span, size, was_whole = [0, 0], 0, download.is_whole

            async def count(message: Message) -> None:
                nonlocal size
                if message["type"] == "http.response.start" and message["status"] in (200, 206):
                    headers = Headers(raw=message["headers"])
                    size = int(headers["content-length"])
                    span[:] = [int(headers.get("content-range", "bytes 0-")[6:].partition("-")[0])] * 2
                    download.begin(span)
                await send(message)
                span[1] += len(message.get("body", b"")) if size else 0
                self.moved = asyncio.get_running_loop().time()
                self._report()

            await response(scope, receive, count)
            await asyncio.sleep(_SETTLED)
            if size and span[1] - span[0] == size and not scope["state"].get("broken"):
                download.had.append(span)
            self._report()
            if download.is_whole and not was_whole and not plays:
                again = f"It can be fetched again for {format_duration(min(self.timeout, LINGER))}; Ctrl-C ends it."
                self.tell(f"{name}, {format_megabytes(file.size)}, was fetched by {device}. {again}")

        return send_and_count
