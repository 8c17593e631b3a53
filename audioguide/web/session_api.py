"""The routes of sessions: list them, show the form of one, work out its length, log that it was heard, and upload a
routine.
"""

import asyncio
import math
from contextlib import suppress
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from audioguide.errors import RequestError
from audioguide.model.options import Options
from audioguide.routine.load import SOUND_ENDINGS
from audioguide.session.open import parse_options
from audioguide.web.catalog import Catalog
from audioguide.web.heard import note_heard
from audioguide.web.http_json import Refusal, error_json, get_options, json_response, media_type, read_body, read_json
from audioguide.web.limits import KEPT, MAX_ROUTINE_BYTES, MAX_SOUND_HEAD_BYTES
from audioguide.web.session_form import build_form, measure_length
from audioguide.web.uploads import SUFFIXES, list_problems


class SessionRoutes:
    """Answers from a catalog. What takes more than a moment runs on another thread."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog

    def routes(self) -> list[Route]:
        """The routes, below the address of the page."""
        return [
            Route("/api/sessions", self._list),
            Route("/api/sessions/{id}", self._show_form),
            Route("/api/sessions/{id}/frieze.svg", self._send_frieze),
            Route("/api/sessions/{id}/length", self._measure, methods=["POST"]),
            Route("/api/sessions/{id}/heard", self._note_heard, methods=["POST"]),
            Route("/api/routines", self._upload, methods=["POST"]),
        ]

    async def _list(self, request: Request) -> Response:
        query, within = request.query_params, math.inf
        with suppress(ValueError):
            within = float(query.get("within", "inf"))
        rows, errors, pending = await asyncio.to_thread(self._catalog.list_sessions, query.get("language"), within)
        return json_response({"sessions": rows, "problems": errors, "pending": pending})

    async def _show_form(self, request: Request) -> Response:
        id, language = request.path_params["id"], request.query_params.get("language")

        def build() -> dict[str, Any]:
            resolved = self._catalog.resolve_in(id, language)
            wanted = Options(language=language if resolved.routine.language == language else None)
            return build_form(id, *self._catalog.open(id, wanted))

        return json_response(await asyncio.to_thread(build))

    async def _send_frieze(self, request: Request) -> Response:
        frieze = await asyncio.to_thread(self._catalog.draw_frieze, request.path_params["id"])
        return Response(frieze, headers=KEPT, media_type="image/svg+xml")

    async def _measure(self, request: Request) -> Response:
        id, data = request.path_params["id"], await read_json(request)

        def measure() -> dict[str, Any]:
            return measure_length(*self._catalog.open(id, parse_options(get_options(data))))

        return json_response(await asyncio.to_thread(measure))

    async def _note_heard(self, request: Request) -> Response:
        id, data = request.path_params["id"], await read_json(request)
        return json_response(await asyncio.to_thread(note_heard, self._catalog, id, data))

    async def _upload(self, request: Request) -> Response:
        content = await read_body(request, MAX_SOUND_HEAD_BYTES, SUFFIXES)
        suffix = SUFFIXES[media_type(request)]
        if suffix not in SOUND_ENDINGS and len(content) > MAX_ROUTINE_BYTES:
            raise Refusal(413, f"This is larger than {MAX_ROUTINE_BYTES // 1000} kB, which no routine is.")
        try:
            id = await asyncio.to_thread(self._catalog.uploads.add, content, suffix, self._catalog.config)
        except RequestError as error:
            return json_response({**error_json(error), "problems": list_problems(error)}, 422)
        return json_response({"id": id}, 201)
