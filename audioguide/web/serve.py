"""The server on its sockets: where it listens, how long it waits, and how it ends."""

from __future__ import annotations

import asyncio
import errno
import secrets
import socket
import sys
from collections.abc import Callable
from contextlib import ExitStack
from typing import TYPE_CHECKING

from audioguide.errors import EnvironmentFailure
from audioguide.routine.customise import Options
from audioguide.web.limits import IDLE_TIME, MOST_CONNECTIONS

if TYPE_CHECKING:
    import uvicorn
    from starlette.types import ASGIApp

HERE = "127.0.0.1"
PORT = 8765
"""Where the page is if nobody says otherwise, so that a bookmark holds."""

_FURTHER = 20
"""Ports that are tried for one that is free."""

_TO_END = 1
"""Seconds that answers which are under way have when the server ends."""


def serve(standing: Options, port: int | None, lan: str | None, tell: Callable[[str], None]) -> None:
    """Serve the page until this process is told to end, which ends this as any interruption does.

    `lan` is the address of this machine in its network, and opens the page there. `tell` is told the address that the
    page has. EnvironmentFailure where the port is taken.
    """
    with ExitStack() as stack:
        sockets = [stack.enter_context(listen(HERE, PORT if port is None else port))]
        port = sockets[0].getsockname()[1]
        if lan is not None:
            sockets.append(stack.enter_context(listen(lan, port)))
        token = new_token() if lan is not None else None
        path = f"{token}/" if token else ""
        address = f"http://{lan or HERE}:{port}/{path}"
        tell(address)  # whoever asks from now on waits until all is loaded
        from audioguide.web.app import application

        app = application(standing, [HERE, "localhost", *filter(None, [lan])], token, address)
        asyncio.run(server(app).serve(sockets))


def new_token() -> str:
    """A secret that an address has in it: nobody guesses 128 bits."""
    return secrets.token_urlsafe(16)


def server(app: ASGIApp) -> uvicorn.Server:
    """A server for an application, patient and silent, which seals every answer. Its `serve(sockets)` ends when the
    process is told to, or when `should_exit` is set.
    """
    import uvicorn

    from audioguide.web.guard import HEADERS
    from audioguide.web.patience import Patient, Server

    config = uvicorn.Config(
        app,
        loop="asyncio",
        http=Patient,
        ws="none",
        lifespan="on",
        log_config=None,
        log_level="critical",
        access_log=False,
        proxy_headers=False,
        server_header=False,
        headers=[*HEADERS],
        limit_concurrency=MOST_CONNECTIONS,
        timeout_keep_alive=IDLE_TIME,
        timeout_graceful_shutdown=_TO_END,
    )
    return Server(config)


def listen(address: str, port: int) -> socket.socket:
    """A socket that listens; port 0 is any that is free. EnvironmentFailure, with another port, where it is taken."""
    try:
        return _bound(address, port)
    except OSError as error:
        if error.errno not in (errno.EADDRINUSE, errno.EACCES):
            raise EnvironmentFailure(f"There can be no server at {address}: {error.strerror}.") from None
        what = "is taken" if error.errno == errno.EADDRINUSE else "may not be used"
        raise EnvironmentFailure(f"Port {port} {what}. Try --port {_free(address, port)}.") from None


def _bound(address: str, port: int) -> socket.socket:
    bound = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        if sys.platform != "win32":  # there, it would let two servers have one port
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind((address, port))
        bound.listen(128)
    except BaseException:
        bound.close()
        raise
    bound.setblocking(False)
    return bound


def _free(address: str, port: int) -> int:
    """A port that is free, one that is near if there is any."""
    nearby = range(max(port, 1024) + 1, min(max(port, 1024) + _FURTHER, 65_535))
    for other in (*nearby, 0):
        try:
            with _bound(address, other) as bound:
                return int(bound.getsockname()[1])
        except OSError:
            continue
    return 0
