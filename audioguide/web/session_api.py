"""The routes of sessions: which there are, what can be changed of one, and a routine that is dropped."""

from __future__ import annotations

import asyncio
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from audioguide.errors import RequestError
from audioguide.model.options import Options
from audioguide.session.open import parse_options
from audioguide.web.catalog import Catalog
from audioguide.web.limits import MAX_MP3_HEAD_BYTES, MAX_ROUTINE_BYTES
from audioguide.web.request import body_of, data_of, only
from audioguide.web.responses import Refusal, error_json, json_response
from audioguide.web.session_form import form, length
from audioguide.web.uploads import KINDS, problems_in


class SessionRoutes:
    """Answers from a catalogue. What takes more than a moment is worked out on another thread."""

    def __init__(self, catalogue: Catalog) -> None:
        self._catalogue = catalogue

    def routes(self) -> list[Route]:
        """Below the address of the page."""
        return [
            Route("/api/sessions", self._sessions),
            Route("/api/sessions/{id}", self._session),
            Route("/api/sessions/{id}/length", self._length, methods=["POST"]),
            Route("/api/routines", self._drop, methods=["POST"]),
        ]

    async def _sessions(self, request: Request) -> Response:
        rows, problems = await asyncio.to_thread(self._catalogue.rows)
        return json_response({"sessions": rows, "problems": problems})

    async def _session(self, request: Request) -> Response:
        id = request.path_params["id"]

        def work() -> dict[str, Any]:
            return form(id, *self._catalogue.session(id, Options()))

        return json_response(await asyncio.to_thread(work))

    async def _length(self, request: Request) -> Response:
        id, data = request.path_params["id"], await data_of(request)

        def work() -> dict[str, Any]:
            return length(self._catalogue.session(id, parse_options(only(data, "options")))[1])

        return json_response(await asyncio.to_thread(work))

    async def _drop(self, request: Request) -> Response:
        content = await body_of(request, MAX_MP3_HEAD_BYTES, KINDS)
        ending = KINDS[request.headers["content-type"].partition(";")[0].strip().lower()]
        if ending != ".mp3" and len(content) > MAX_ROUTINE_BYTES:
            raise Refusal(413, f"This is larger than {MAX_ROUTINE_BYTES // 1000} kB, which no routine is.")
        try:
            id = await asyncio.to_thread(self._catalogue.dropped.take, content, ending, self._catalogue.standing)
        except RequestError as error:
            return json_response({**error_json(error), "problems": problems_in(error)}, 422)
        return json_response({"id": id}, 201)
