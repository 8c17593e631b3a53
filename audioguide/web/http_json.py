"""JSON over HTTP: what a request sends, within its limits, and what the server answers, errors included."""

import asyncio
import json
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response

from audioguide.errors import AudioguideError, RequestError, RoutineError
from audioguide.web.limits import BODY_TIMEOUT, MAX_OPTIONS_BYTES

_MAX_DIGITS = 15  # a whole number with more digits is larger than anything that is meant, and is read as a float

_SENTENCES = {
    400: "The server cannot read this request.",
    404: "There is nothing here.",
    405: "That cannot be done here.",
    500: "Something went wrong here. Try again.",
}


class Refusal(Exception):
    """A request that is refused with an HTTP status of its own."""

    def __init__(self, status: int, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.status, self.message, self.hint = status, message, hint


async def read_body(request: Request, max_bytes: int, types: Collection[str]) -> bytes:
    """The body of a request. Refused when its media type is none of `types`, or when it is too large or too slow."""
    if media_type(request) not in types:
        raise Refusal(415, "The server does not read this type of content.", f"Send {', '.join(types)}.")
    too_large = Refusal(413, f"This is larger than {max_bytes // 1000} kB.", "Send less.")
    if int(request.headers.get("content-length", 0)) > max_bytes:  # which is a number, else h11 has refused it
        raise too_large
    content = bytearray()
    try:
        async with asyncio.timeout(BODY_TIMEOUT):
            async for chunk in request.stream():
                content += chunk
                if len(content) > max_bytes:
                    raise too_large
    except TimeoutError:
        raise Refusal(408, "The request took too long to arrive.", "Try again.") from None
    except ClientDisconnect:
        raise Refusal(400, "The request broke off.", "Try again.") from None
    return bytes(content)


def media_type(request: Request) -> str:
    """The media type of the body, in lower case and without parameters."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


async def read_json(request: Request) -> dict[str, Any]:
    """The JSON object in the body of a request. Refused as by `read_body`; RequestError when it is no object."""
    content = await read_body(request, MAX_OPTIONS_BYTES, ("application/json",))
    try:
        data = json.loads(content.decode("utf-8"), parse_constant=_refuse_constant, parse_int=_parse_whole)
    except (ValueError, RecursionError):
        data = None
    if not isinstance(data, dict):
        raise RequestError("The request is not a JSON object.", 'Write it as {"options": {}}.')
    return data


def get_options(data: dict[str, Any], *other_keys: str) -> dict[str, Any]:
    """The options in a request's data. RequestError for any key but "options" and `other_keys`."""
    if unknown := [name for name in data if name not in ("options", *other_keys)]:
        raise RequestError(f"There is no key {unknown[0]!r} here.", "Write options.")
    options = data.get("options", {})
    if not isinstance(options, dict):
        raise RequestError("Options have to be a mapping of keys.", "Write them as in a preset.")
    return options


def _refuse_constant(constant: str) -> None:
    raise ValueError(f"JSON has no {constant}.")


def _parse_whole(digits: str) -> int | float:
    return int(digits) if len(digits) <= _MAX_DIGITS else float(digits)


def json_response(data: Any, status: int = 200) -> Response:
    """An answer in JSON that browsers do not cache."""
    return JSONResponse(data, status, {"Cache-Control": "no-store"})


def error_json(error: AudioguideError, *, located: bool = False) -> Mapping[str, str]:
    """An error as the page shows it: the first of several problems; `located` adds the file's name and the line."""
    if isinstance(error, RoutineError) and error.problems:
        first = error.problems[0]
        where = f"{first.place._replace(file=Path(first.place.file).name)}: " if located else ""
        return {"error": f"{where}{first.message}", "hint": first.hint}
    if isinstance(error, RequestError):
        return {"error": error.message, "hint": error.hint}
    return {"error": str(error), "hint": ""}


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


EXCEPTION_HANDLERS: dict[Any, Any] = dict.fromkeys((HTTPException, Refusal, AudioguideError, Exception), error_response)
"""For a starlette application: every exception is answered in JSON."""
