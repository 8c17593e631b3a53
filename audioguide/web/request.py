"""What a request asks for: its body within its limits, and the options in it, in the words of a preset."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Collection
from typing import Any

from starlette.requests import ClientDisconnect, Request

from audioguide.errors import RequestError
from audioguide.web.limits import BODY_TIMEOUT, MAX_OPTIONS_BYTES
from audioguide.web.responses import Refusal

_LONGEST_NUMBER = 15
"""Digits. A longer one is larger than anything that is meant."""

_BY_NAME = ("application/json",)


async def body_of(request: Request, most: int, kinds: Collection[str]) -> bytes:
    """The body of a request. Refused when it is of another kind, larger than `most` bytes, or too slow to come."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in kinds:
        raise Refusal(415, "This is not what is expected here.", f"Send {', '.join(kinds)}.")
    length = request.headers.get("content-length", "")
    if length.isdecimal() and (len(length) > _LONGEST_NUMBER or int(length) > most):
        raise _too_large(most)
    content = bytearray()
    try:
        async with asyncio.timeout(BODY_TIMEOUT):
            async for chunk in request.stream():
                content += chunk
                if len(content) > most:
                    raise _too_large(most)
    except TimeoutError:
        raise Refusal(408, "The request took too long to come.", "Try again.") from None
    except ClientDisconnect:
        raise Refusal(400, "The request broke off.", "Try again.") from None
    return bytes(content)


async def data_of(request: Request) -> dict[str, Any]:
    """The JSON object in the body of a request."""
    content = await body_of(request, MAX_OPTIONS_BYTES, _BY_NAME)
    try:
        data = json.loads(content.decode("utf-8"), parse_constant=_refuse, parse_int=_whole)
    except (ValueError, RecursionError):
        data = None
    if not isinstance(data, dict):
        raise RequestError("This is no JSON object.", 'Write it as {"options": {}}.')
    return data


def only(data: dict[str, Any], key: str, *others: str) -> dict[str, Any]:
    """The mapping at a key of a request's data, in which nothing else may stand but `others`."""
    if wrong := [name for name in data if name not in (key, *others)]:
        raise RequestError(f"There is no key {wrong[0]!r} here.", f"Write {key}.")
    found = data.get(key, {})
    if not isinstance(found, dict):
        raise RequestError("Options have to be a mapping of keys.", "Write them as in a preset.")
    return found


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no number.")


def _whole(digits: str) -> int | float:
    return int(digits) if len(digits) <= _LONGEST_NUMBER else float(digits)


def _too_large(most: int) -> Refusal:
    return Refusal(413, f"This is larger than {most // 1000} kB.", "Send less.")
