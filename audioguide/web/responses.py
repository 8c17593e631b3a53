"""What the server answers in JSON: data, or what was refused, as one sentence and what to do next."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from audioguide.errors import AudioguideError, RequestError, RoutineError

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


def json_response(data: Any, status: int = 200) -> Response:
    """Data as JSON, which no browser keeps."""
    return JSONResponse(data, status, {"Cache-Control": "no-store"})


async def error_response(request: Request, error: Exception) -> Response:
    """The answer to a request that failed."""
    match error:
        case HTTPException():
            sentence = _SENTENCES.get(error.status_code, error.detail)
            return JSONResponse({"error": sentence, "hint": ""}, error.status_code, error.headers)
        case Refusal():
            return json_response({"error": error.message, "hint": error.hint}, error.status)
        case AudioguideError():
            return json_response(error_json(error), 422 if isinstance(error, RequestError) else 503)
    return json_response({"error": _SENTENCES[500], "hint": ""}, 500)


def error_json(error: AudioguideError, *, located: bool = False) -> Mapping[str, str]:
    """A failure as the page shows it: of several problems the first one, `located` with its file's name and line."""
    if isinstance(error, RoutineError) and error.problems:
        first = error.problems[0]
        where = f"{first.place._replace(file=Path(first.place.file).name)}: " if located else ""
        return {"error": f"{where}{first.message}", "hint": first.hint}
    if isinstance(error, RequestError):
        return {"error": error.message, "hint": error.hint}
    return {"error": str(error), "hint": ""}


EXCEPTION_HANDLERS: dict[Any, Any] = dict.fromkeys((HTTPException, Refusal, AudioguideError, Exception), error_response)
"""The exception handlers of an application: whatever goes wrong is answered in a sentence."""
