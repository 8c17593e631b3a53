"""One file to one phone: served at an address that nobody can guess, until the phone has it."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from audioguide.errors import EnvironmentFailure
from audioguide.units import plain
from audioguide.web.answers import Refusal, refused
from audioguide.web.delivery import Delivery
from audioguide.web.guard import Guard
from audioguide.web.patience import Patient
from audioguide.web.serve import listen, new_token, server
from audioguide.web.sound import finished

if TYPE_CHECKING:
    import uvicorn

KINDS = {".mp3": "audio/mpeg", ".m4a": "audio/mp4", ".m4b": "audio/mp4", ".opus": "audio/ogg", ".flac": "audio/flac"}
"""The media type of each kind of file that a phone plays."""

_LOOK = 0.1
"""Seconds between two looks at the clock."""

_TO_CLOSE = 1.0
"""Seconds that answers which were cut off have to close their files."""


def send(
    file: Path,
    address: str,
    *,
    timeout: float,
    port: int = 0,
    ready: Callable[[str], None],
    arrived: Callable[[int, int], None] | None = None,
) -> None:
    """Serve `file` at `address`, one of this machine's, and return when one client has every byte of it.

    `ready` is told where it is to be had; `arrived` how many bytes a client has, and how many there are. Port 0 is any
    that is free. EnvironmentFailure when the port is taken, and when nothing arrives for `timeout` seconds.
    """
    asyncio.run(_Sending(file, arrived).run(address, port, timeout, ready))


class _Sending:
    def __init__(self, file: Path, arrived: Callable[[int, int], None] | None) -> None:
        self._file, self._size, self._tell = file, file.stat().st_size, arrived
        self._etag = secrets.token_hex(8)
        self._server: uvicorn.Server | None = None
        self._most = 0
        self._moved = 0.0

    async def run(self, address: str, port: int, timeout: float, ready: Callable[[str], None]) -> None:
        token = new_token()
        failures = dict.fromkeys((HTTPException, Refusal, Exception), refused)
        route = Route("/", self._answer)
        app = Delivery(Starlette(routes=[route], exception_handlers=failures), self._find, self._has)
        with listen(address, port) as listening:
            place = f"{address}:{listening.getsockname()[1]}"
            self._server = server(Guard(app, (place,), token))
            ready(f"http://{place}/{token}/")
            self._moved = asyncio.get_running_loop().time()
            watching = asyncio.create_task(self._watch(timeout))
            try:
                await self._server.serve([listening])
                if cut := self._server.server_state.tasks:
                    await asyncio.wait(cut, timeout=_TO_CLOSE)
            finally:
                watching.cancel()
        if self._most < self._size:
            raise EnvironmentFailure(self._sentence(timeout))

    def _sentence(self, timeout: float) -> str:
        name = self._file.name
        if not self._most:
            return f"Nobody fetched {name} within {plain(timeout)}. Is the phone in the same network? Then try again."
        part = f"Only {self._most * 100 // self._size} % of {name} arrived, and nothing more for {plain(timeout)}."
        return f"{part} Go closer to the router, then try again."

    async def _answer(self, request: Request) -> Response:
        kind = KINDS.get(self._file.suffix.lower(), "application/octet-stream")
        return await finished(request, self._file, self._etag, kind, self._file.name)

    def _find(self, client: tuple[str, int]) -> asyncio.Transport | None:
        connections = self._server.server_state.connections if self._server else ()
        return next((one.transport for one in connections if isinstance(one, Patient) and one.client == client), None)

    def _has(self, count: int) -> None:
        if count <= self._most or not self._server:
            return
        self._most, self._moved = count, asyncio.get_running_loop().time()
        if self._tell:
            self._tell(count, self._size)
        self._server.should_exit = count >= self._size

    async def _watch(self, timeout: float) -> None:
        loop = asyncio.get_running_loop()
        while self._server and loop.time() < self._moved + timeout:
            await asyncio.sleep(_LOOK)
        if self._server:
            self._server.should_exit = True
