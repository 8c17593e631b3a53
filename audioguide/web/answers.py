"""What the server answers in JSON: data, or what was refused, as one sentence and what to do next."""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from audioguide.errors import AudioguideError, RequestError, RoutineError

_WORTH_PACKING = 1_000

_SENTENCES = {
    400: "This is no request that can be answered.",
    404: "There is nothing here.",
    405: "That cannot be done here.",
    500: "Something went wrong here. Try again.",
}


class Refusal(Exception):
    """A request that is refused with an HTTP status of its own."""

    def __init__(self, status: int, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.status, self.message, self.hint = status, message, hint


def answer(request: Request, data: Any, status: int = 200) -> Response:
    """Data as JSON, packed where it is long and the client can unpack it. It is always asked for anew."""
    content = json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()
    headers = {"Cache-Control": "no-store", "Vary": "Accept-Encoding"}
    if len(content) >= _WORTH_PACKING and takes_gzip(request):
        content = gzip.compress(content, 5, mtime=0)
        headers["Content-Encoding"] = "gzip"
    return Response(content, status, headers, "application/json")


def takes_gzip(request: Request) -> bool:
    """Whether the client says that it unpacks gzip."""
    offers = request.headers.get("accept-encoding", "").replace(" ", "").split(",")
    return any(offer.split(";")[0] == "gzip" and not offer.endswith(";q=0") for offer in offers)


async def refused(request: Request, error: Exception) -> Response:
    """The answer to a request that failed."""
    if isinstance(error, HTTPException):
        response = answer(request, {"error": _SENTENCES.get(error.status_code, error.detail), "hint": ""})
        response.status_code = error.status_code
        response.headers.update(error.headers or {})
        return response
    if isinstance(error, Refusal):
        return answer(request, {"error": error.message, "hint": error.hint}, error.status)
    if isinstance(error, AudioguideError):
        return answer(request, told(error), 422 if isinstance(error, RequestError) else 503)
    return answer(request, {"error": _SENTENCES[500], "hint": ""}, 500)


def told(error: AudioguideError, *, located: bool = False) -> Mapping[str, str]:
    """A failure as the page shows it: of several problems the first one, `located` with its file's name and line."""
    if isinstance(error, RoutineError) and error.problems:
        first = error.problems[0]
        where = f"{replace(first.place, file=Path(first.place.file).name)}: " if located else ""
        return {"error": f"{where}{first.message}", "hint": first.hint}
    if isinstance(error, RequestError):
        return {"error": error.message, "hint": error.hint}
    return {"error": str(error), "hint": ""}
