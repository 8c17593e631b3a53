"""Audio over HTTP: a finished file in ranges, and the sound of a job that grows while it is played."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import FileResponse, Response, StreamingResponse

from audioguide.export.formats import FORMATS
from audioguide.export.mp3 import info_frame
from audioguide.system.mp3_frames import frame_ends, tag_length
from audioguide.units import MP3_FRAME, to_frames
from audioguide.web.export_job import ExportJob
from audioguide.web.http_json import Refusal

MP3_TYPE = "audio/mpeg"
_RANGES = re.compile(r"bytes\s*=\s*(\d+-\d*|-\d+)(\s*,\s*(\d+-\d*|-\d+))*\s*", re.ASCII | re.IGNORECASE)
"""A valid Range header (RFC 9110, section 14.1.1)."""

_CHUNK = 64 * 1024
_NEAR = to_frames(30)  # so much ahead of what is made, a sound is waited for, and not made apart
_SCAN = 2**20  # bytes that are read at a time while frames are counted
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


async def open_sound(job: ExportJob, frame: int, want: Callable[[ExportJob, int], None]) -> BinaryIO | None:
    """The sound of a job from a frame on, as soon as there is any; `want` has it made there first. None beyond its end,
    and where the job ends before that.
    """
    asked = False
    while not job.is_over:
        for start, last in job.sounds.items():
            if start == frame or start < frame < last:
                with suppress(FileNotFoundError):
                    return await asyncio.to_thread(_open_at, job.file(f".sound{start}"), frame - start)
        is_near = any(start < frame < last + _NEAR for start, last in job.sounds.items())
        if not asked and job.request and job.request.start != frame and not is_near:
            want(job, frame)
            asked = True
        await wait_for_change(job)
    with suppress(FileNotFoundError):
        return await asyncio.to_thread(_open_at, job.file(".mp3"), frame) if job.state == "ready" else None
    return None


def _open_at(path: Path, frame: int) -> BinaryIO | None:
    """An MP3 at the first byte that belongs to a frame of the session; None beyond its end."""
    file, count = path.open("rb"), frame // MP3_FRAME + 1  # with the one that tells the length
    at = tag_length(file.read(10))
    while count:
        file.seek(at)
        ends = [*islice(frame_ends(file.read(_SCAN)), count)]
        if not ends:
            file.close()
            return None
        count, at = count - len(ends), at + ends[-1]
    file.seek(at)
    return file


def stream_response(job: ExportJob, file: BinaryIO | None) -> Response:
    """The sound of a job from where a file is to its end, sent while it is made; without a file, the answer to HEAD.

    It has no tags: they stand in front of the finished file, and moving every byte they make ranges of the two files
    differ. So this one offers no ranges. The connection is broken off when the job fails.
    """
    headers = {"Accept-Ranges": "none", "Cache-Control": "no-store"}
    content = _stream(job, file) if file else empty_body()
    return StreamingResponse(content, headers=headers, media_type=MP3_TYPE)


async def _stream(job: ExportJob, file: BinaryIO) -> AsyncIterator[bytes]:
    form = FORMATS[".mp3"]
    with file:  # it can be read to its end even when the job is over and has deleted it
        yield info_frame(form.bitrate or 0, 2)  # by which players leave out what the encoder delays
        while True:
            was_over = job.is_over  # asked before reading, so that nothing written until then is missed
            if chunk := await asyncio.to_thread(file.read, _CHUNK):
                yield chunk
            elif was_over:
                break
            else:
                await wait_for_change(job)
    if job.state != "ready":
        raise _SoundIncomplete


async def wait_for_change(job: ExportJob) -> None:
    """Wait for the next change of a job, or a second."""
    with suppress(TimeoutError):
        async with asyncio.timeout(_POLL_SECONDS):
            await job.next_change().wait()


async def empty_body() -> AsyncIterator[bytes]:
    """The body of an answer to HEAD."""
    return
    yield b""


class _SoundIncomplete(Exception):
    """Ends the connection before the end of the answer, so that no client takes the sound for whole."""
