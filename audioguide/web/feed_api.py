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

_TYPES = {".json": "application/json+chapters", ".vtt": "text/vtt", ".jpg": "image/jpeg"}
_TYPES |= {form.ending: form.media_type for form in FORMATS.values()}


def feed_routes(queue: JobQueue, folders: Sequence[ExportFolder]) -> list[Route]:
    """The feed and its files, below the address of the page."""

    def find_sounds(jobs: Iterable[ExportJob]) -> dict[str, tuple[Path, float, str]]:
        """By the end of its address each sound, its seconds, and what tells it from others of its title."""
        made = (job for job in jobs if job.state == "ready" and not job.superseded and job.is_whole)
        found = {f"page/{job.id}.mp3": (job.file(".mp3"), job.duration, job.label) for job in made}
        for folder in folders:
            found |= {f"folder/{folder.name(path)}": (path, time, "") for path, time in folder.sessions().items()}
        return found

    def render(base: str, jobs: Iterable[ExportJob]) -> bytes:
        sounds = find_sounds(jobs).items()
        found = {path: (f"{base}feed/{quote(name)}", time, label) for name, (path, time, label) in sounds}
        return render_feed(f"{base}{FEED}", "audioguide", found)

    def find_file(name: str, jobs: Iterable[ExportJob]) -> Path | None:
        """The sound of that name, or what lies beside one."""
        above, _, own = name.rpartition("/")
        sounds = [path for one, (path, *_) in find_sounds(jobs).items() if one.rpartition("/")[0] == above]
        ours = {COVER, *(f"{path.stem}{end}" for path in sounds for end in (path.suffix, *BESIDE.values()))}
        return sounds[0].with_name(own) if sounds and own in ours else None

    async def send_feed(request: Request) -> Response:
        content = await asyncio.to_thread(render, str(request.base_url), [*queue])
        return Response(content, headers={"Cache-Control": "no-cache"}, media_type="application/rss+xml")

    async def send_file(request: Request) -> Response:
        if not (path := await asyncio.to_thread(find_file, request.path_params["name"], [*queue])):
            raise Refusal(404, "This is not in the feed.", "Refresh it.")
        etag, kind = "-".join(map(str, file_state(path) or ())), _TYPES.get(path.suffix, "text/plain")
        return await file_response(request, path, etag, kind)

    return [Route(f"/{FEED}", send_feed), Route("/feed/{name:path}", send_file)]
