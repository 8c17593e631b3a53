"""Audio over HTTP: a finished file in ranges, and the sound of a job that grows while it is played."""

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
from audioguide.web.http_json import Refusal

MP3_TYPE = "audio/mpeg"
_RANGES = re.compile(r"bytes\s*=\s*(\d+-\d*|-\d+)(\s*,\s*(\d+-\d*|-\d+))*\s*", re.ASCII | re.IGNORECASE)
"""A valid Range header (RFC 9110, section 14.1.1)."""

_CHUNK = 64 * 1024
_POLL_SECONDS = 1.0  # after which a growing file is read again even if its job has announced no change


async def file_response(request: Request, path: Path, etag: str, kind: str, name: str | None = None) -> Response:
    """A file that does not change any more, whole or in ranges; with a `name`, the browser saves it under that.

    Refused when the file is gone.
    """
    if request.method != "GET" or not _RANGES.fullmatch(request.headers.get("range", "")):
        del MutableHeaders(scope=request.scope)["range"]  # to be ignored: RFC 9110, section 14.2
    tag = f'"{etag}"'
    headers = {"ETag": tag, "Cache-Control": "private, no-cache", "Accept-Ranges": "bytes"}
    known = request.headers.get("if-none-match", "")
    if known == "*" or tag in [item.strip().removeprefix("W/") for item in known.split(",")]:
        return Response(status_code=304, headers=headers)
    try:
        stat = await asyncio.to_thread(path.stat)
    except OSError:
        raise Refusal(404, "This file is no longer there.", "Make the session again.") from None
    return FileResponse(path, headers=headers, media_type=kind, filename=name, stat_result=stat)


async def open_sound(job: ExportJob) -> BinaryIO | None:
    """The growing sound of a job, as soon as there is any; None when the job ends before that."""
    while not job.is_over:
        with suppress(FileNotFoundError):
            return await asyncio.to_thread(job.request.sound.open, "rb")
        await _wait_for_change(job)
    return None


def stream_response(job: ExportJob, file: BinaryIO | None) -> Response:
    """The sound of a job from its beginning to its end, sent while it is made; without `file`, the answer to HEAD.

    It has no tags: they stand in front of the finished file, and moving every byte they make ranges of the two files
    differ. So this one offers no ranges. The connection is broken off when the job fails.
    """
    headers = {"Accept-Ranges": "none", "Cache-Control": "no-store"}
    content = _stream(job, file) if file else empty_body()
    return StreamingResponse(content, headers=headers, media_type=MP3_TYPE)


async def _stream(job: ExportJob, file: BinaryIO) -> AsyncIterator[bytes]:
    with file:  # it can be read to its end even when the job is over and has deleted it
        while True:
            was_over = job.is_over  # asked before reading, so that nothing written until then is missed
            if chunk := await asyncio.to_thread(file.read, _CHUNK):
                yield chunk
            elif was_over:
                break
            else:
                await _wait_for_change(job)
    if job.state != "ready":
        raise _SoundIncomplete


async def _wait_for_change(job: ExportJob) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(_POLL_SECONDS):
            await job.next_change().wait()


async def empty_body() -> AsyncIterator[bytes]:
    """The body of an answer to HEAD."""
    return
    yield b""


class _SoundIncomplete(Exception):
    """Ends the connection before the end of the answer, so that no client takes the sound for whole."""
