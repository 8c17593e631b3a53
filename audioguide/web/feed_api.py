"""The podcast feed of `serve --feed`: what was made on the page, and what lies in a folder of exports."""

import asyncio
from collections.abc import Iterable, Sequence
from pathlib import Path
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from audioguide.export.feed import BESIDE, FEED, render_feed
from audioguide.export.folder import COVER, ExportFolder
from audioguide.export.formats import FORMATS
from audioguide.system.files import file_state
from audioguide.web.audio_stream import file_response
from audioguide.web.export_job import ExportJob
from audioguide.web.http_json import Refusal
from audioguide.web.job_queue import JobQueue

_TYPES = {
    ".json": "application/json+chapters",
    ".vtt": "text/vtt",
    ".srt": "application/x-subrip",
    ".jpg": "image/jpeg",
}


def feed_routes(queue: JobQueue, folders: Sequence[ExportFolder]) -> list[Route]:
    """The feed and its files, below the address of the page."""

    async def send_feed(request: Request) -> Response:
        base, jobs = str(request.base_url), [*queue]

        def render() -> bytes:
            sounds = _find_sounds(jobs, folders).items()
            found = {path: (f"{base}feed/{quote(name)}", length, label) for name, (path, length, label) in sounds}
            return render_feed(f"{base}{FEED}", "audioguide", found)

        content = await asyncio.to_thread(render)
        return Response(content, headers={"Cache-Control": "no-cache"}, media_type="application/rss+xml")

    async def send_file(request: Request) -> Response:
        name, jobs = request.path_params["name"], [*queue]
        path = (await asyncio.to_thread(lambda: _find_files(_find_sounds(jobs, folders)))).get(name)
        if path is None:
            raise Refusal(404, "This is not in the feed.", "Refresh it.")
        form = FORMATS.get(path.suffix.lower())
        etag = "-".join(map(str, file_state(path) or ()))
        return await file_response(request, path, etag, form.media_type if form else _TYPES[path.suffix])

    return [Route(f"/{FEED}", send_feed), Route("/feed/{name:path}", send_file)]


Sounds = dict[str, tuple[Path, float, str]]
"""Each sound by the end of its address, with its length in seconds and what tells it from others of its title."""


def _find_sounds(jobs: Iterable[ExportJob], folders: Iterable[ExportFolder]) -> Sounds:
    """What is in the feed."""
    there = {
        f"folder/{folder.name(path)}": (path, seconds, "")
        for folder in folders
        for path, seconds in folder.sessions().items()
    }
    made = [job for job in jobs if job.state == "ready" and not job.superseded and job.is_whole]
    return there | {f"page/{job.id}.mp3": (job.file(".mp3"), job.duration, job.label) for job in made}


def _find_files(sounds: Sounds) -> dict[str, Path]:
    """Every file of the feed by the end of its address."""
    found = {name: path for name, (path, _, _) in sounds.items()}
    for name, (path, _, _) in sounds.items():
        above, stem = name.rpartition("/")[0], path.stem
        found |= {
            f"{above}/{one}": path.with_name(one) for one in (COVER, *(f"{stem}{ending}" for ending in BESIDE.values()))
        }
    return found
