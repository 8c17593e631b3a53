"""A phone as the remote of a session that plays: a page of large buttons below a secret, and what plays as events."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from audioguide.errors import EnvironmentFailure
from audioguide.player.commands import ASKS, PHONE_IS_THERE
from audioguide.player.ui.view import ViewBuilder
from audioguide.units import RATE
from audioguide.web.auth import AccessControl
from audioguide.web.http_json import EXCEPTION_HANDLERS
from audioguide.web.limits import HEARTBEAT
from audioguide.web.server import DEFAULT_PORT, build_server, find_lan_address, open_socket, write_origin
from audioguide.web.state import State

if TYPE_CHECKING:
    from audioguide.player.player import Player

_TURN = 0.2  # seconds between two looks at the player
_PAGE = Path(__file__).parent


class Remote:
    """Listens at `address`, in the network of this machine; EnvironmentFailure where there is none.

    The address is mostly the same each time, so a phone that is there already has the next session, too.
    """

    def __init__(self) -> None:
        self._host, self._token, self._met = find_lan_address(), State().find_secret(), False
        try:
            self._socket = open_socket(self._host, DEFAULT_PORT + 1)
        except EnvironmentFailure:  # another session plays
            self._socket = open_socket(self._host, 0)
        self.address = f"{write_origin(self._host, self._socket.getsockname()[1], None)}/{self._token}/"

    async def serve(self, player: Player, title: str, halt: threading.Event) -> None:
        """Serve phones until `halt`."""

        async def stream_events() -> AsyncIterator[str]:
            views, told, quiet = ViewBuilder(title, patience=round(4 / _TURN)), "", 0.0
            while not halt.is_set():
                view = views.build(player.now())
                words = {name: getattr(view, name) for name in "session pose side stage following message".split()}
                count = [view.count.kind, view.count.seconds] if view.count else None
                left, paused = max(0, view.total - view.position) // RATE, view.transport.paused
                now = json.dumps({**words, "count": count, "left": left, "paused": paused})
                if now != told or quiet > HEARTBEAT:
                    yield f"data: {now}\n\n"
                    told, quiet = now, 0.0
                quiet += _TURN
                await asyncio.sleep(_TURN)
            yield "event: end\ndata: \n\n"

        async def send_events(request: Request) -> Response:
            if not self._met:
                player.tell(PHONE_IS_THERE)
            self._met = True
            return StreamingResponse(stream_events(), 200, {"Cache-Control": "no-store"}, "text/event-stream")

        async def obey(request: Request) -> Response:
            if (asked := ASKS.get(request.path_params["what"])) is None:
                raise HTTPException(404)
            player.do(asked)
            return Response(status_code=204)

        routes = [
            Route("/events", send_events),
            Route("/do/{what}", obey, methods=["POST"]),
            Mount("/assets", StaticFiles(directory=_PAGE / "page")),
            Mount("/", StaticFiles(directory=_PAGE / "remote", html=True)),
        ]
        hosts = [Middleware(TrustedHostMiddleware, allowed_hosts=[self._host])]
        app = Starlette(routes=routes, middleware=hosts, exception_handlers=EXCEPTION_HANDLERS)
        with self._socket:
            server = build_server(AccessControl(app, self._token))
            serving = asyncio.create_task(server.serve([self._socket]))
            while not halt.is_set() and not serving.done():
                await asyncio.sleep(_TURN)
            server.should_exit = True
            await serving
