"""Sound over HTTP: a finished file with its ranges, and one that grows while it is heard."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import FileResponse, Response, StreamingResponse

from audioguide.web.export_job import ExportJob
from audioguide.web.responses import Refusal

MP3 = "audio/mpeg"
_RANGES = re.compile(r"bytes\s*=\s*(\d+-\d*|-\d+)(\s*,\s*(\d+-\d*|-\d+))*\s*", re.ASCII | re.IGNORECASE)
"""What can be answered in ranges (RFC 9110, section 14.1.1)."""

_CHUNK = 64 * 1024
_PATIENCE = 1.0
"""Seconds after which a growing file is looked at again, where there was no news."""


async def finished(request: Request, path: Path, etag: str, kind: str, name: str | None = None) -> Response:
    """A file that does not change any more, whole or in ranges; with a name, it is to be kept under that.

    Refused when it is gone.
    """
    if request.method != "GET" or not _RANGES.fullmatch(request.headers.get("range", "")):
        del MutableHeaders(scope=request.scope)["range"]  # RFC 9110, 14.2: as if it had not been asked for
    tag = f'"{etag}"'
    headers = {"ETag": tag, "Cache-Control": "private, no-cache", "Accept-Ranges": "bytes"}
    given = request.headers.get("if-none-match", "")
    if tag in [one.strip().removeprefix("W/") for one in given.split(",")] or given == "*":
        return Response(status_code=304, headers=headers)
    try:
        stat = await asyncio.to_thread(path.stat)
    except OSError:
        raise Refusal(404, "This file is not there any more.", "Make the session again.") from None
    return FileResponse(path, headers=headers, media_type=kind, filename=name, stat_result=stat)


async def opened(job: ExportJob) -> BinaryIO | None:
    """The sound of a job while it is made, as soon as there is any; None when the job is over before that."""
    while not job.is_over:
        with suppress(FileNotFoundError):
            return await asyncio.to_thread(job.order.sound.open, "rb")
        await _news(job)
    return None


def growing(job: ExportJob, file: BinaryIO | None) -> Response:
    """The sound of a job while it is made, from its beginning to its end: as it comes, and without tags.

    The tags would come in front of it when all is known, which moves every byte: so a client that took this from its
    beginning can't go on in the finished file, and is told of no ranges. It breaks off when the job does. Without a
    `file`, what HEAD is told of it.
    """
    headers = {"Accept-Ranges": "none", "Cache-Control": "no-store"}
    content = _growing(job, file) if file else nothing()
    return StreamingResponse(content, headers=headers, media_type=MP3)


async def _growing(job: ExportJob, file: BinaryIO) -> AsyncIterator[bytes]:
    # The job may be over before all is sent: an open file stays, whatever becomes of its name.
    with file:
        async for chunk in _read(job, file):
            yield chunk
    if job.state != "ready":
        raise _BrokenOff


async def _read(job: ExportJob, file: BinaryIO) -> AsyncIterator[bytes]:
    while True:
        over = job.is_over  # asked before it is read: what comes until then is read
        if chunk := await asyncio.to_thread(file.read, _CHUNK):
            yield chunk
        elif over:
            return
        else:
            await _news(job)


async def _news(job: ExportJob) -> None:
    try:
        async with asyncio.timeout(_PATIENCE):
            await job.news().wait()
    except TimeoutError:
        return


async def nothing() -> AsyncIterator[bytes]:
    """What follows the head of an answer to HEAD."""
    return
    yield b""


class _BrokenOff(Exception):
    """The sound ends before its end: the connection does so, too, so that nobody takes it for whole."""
