"""The routes of what the page remembers of the person: what goes on, what is due, favourites, places and presets."""

import asyncio
import time
from dataclasses import replace

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from audioguide.errors import RequestError
from audioguide.model.selectors import slug
from audioguide.player.history import FRESH
from audioguide.session import preset
from audioguide.session.open import parse_options
from audioguide.system import paths
from audioguide.units import RATE
from audioguide.web.catalog import Catalog
from audioguide.web.due_sessions import list_due
from audioguide.web.http_json import Refusal, get_options, json_response, read_json
from audioguide.web.job_change import read_frame
from audioguide.web.job_queue import JobQueue
from audioguide.web.state import Memory, State, note_place

_ENDING = 10.0  # seconds before the end of a session from which it is not to go on


class HomeRoutes:
    """Answers from the state, the catalog and the queue."""

    def __init__(self, catalog: Catalog, queue: JobQueue, state: State) -> None:
        self._catalog, self._queue, self._state = catalog, queue, state

    def routes(self) -> list[Route]:
        """The routes, below the address of the page."""
        return [
            Route("/api/home", self._show),
            Route("/api/sessions/{id}/favourite", self._set_favourite, methods=["PUT"]),
            Route("/api/sessions/{id}/preset", self._save_preset, methods=["POST"]),
            Route("/api/jobs/{job}/place", self._keep_place, methods=["PUT"]),
        ]

    async def _show(self, request: Request) -> Response:
        memory, due = await asyncio.to_thread(lambda: (self._state.read(), [*list_due(self._catalog.config)]))
        now, rows = time.time(), {row["job"]: row for row in map(self._queue.to_json, self._queue)}
        latest = sorted(((when, id) for id, (_, when) in memory.places.items() if id in rows), reverse=True)
        going = None
        if latest and now - latest[0][0] < FRESH.total_seconds():
            when, id = latest[0]
            keys = ("job", "session", "title", "label", "name", "state", "duration")
            going = {key: rows[id][key] for key in keys} | {"position": memory.places[id][0], "when": now - when}
        used = {id: now - when for id, when in memory.used.items()}
        return json_response({"going": going, "due": due, "favourites": memory.favourites, "used": used})

    async def _set_favourite(self, request: Request) -> Response:
        id, on = request.path_params["id"], (await read_json(request)).get("on")
        if on is not False:  # one that is gone can still be taken out
            await asyncio.to_thread(self._catalog.resolve, id)
        if not isinstance(on, bool):
            raise RequestError("Say whether it is a favourite.", 'Write it as {"on": true}.')

        def edit(memory: Memory) -> None:
            memory.favourites = [*(one for one in memory.favourites if one != id), *([id] if on else [])]

        await asyncio.to_thread(self._state.change, edit)
        return Response(status_code=204)

    async def _keep_place(self, request: Request) -> Response:
        job = self._queue.find(request.path_params["job"])
        seconds = read_frame((await read_json(request)).get("position")) / RATE
        job.resume = seconds if 0 < seconds < (job.duration or seconds + 2 * _ENDING) - _ENDING else None
        await asyncio.to_thread(self._state.change, lambda memory: note_place(memory, job.id, job.session, job.resume))
        return Response(status_code=204)

    async def _save_preset(self, request: Request) -> Response:
        id, data = request.path_params["id"], await read_json(request)
        own = await asyncio.to_thread(self._catalog.resolve, id)
        name, options = data.get("name"), get_options(data, "name")
        if not isinstance(name, str) or not slug(name):
            raise RequestError("A preset needs a name.", 'Write it as {"name": "Morning short", "options": {}}.')

        def save() -> str:
            if not own.source or own.embedded:
                raise RequestError("A session that was dropped here has no file on this computer for a preset.", "")
            asked = parse_options(options)
            self._catalog.open(id, asked)  # refuses what cannot be
            if slug(name) in paths.preset_files() and slug(name) != id:
                raise Refusal(409, f"There is a preset {slug(name)} already.", "Choose another name.")
            preset.save(slug(name), replace(own, asked=asked, saved_options=asked.over(own.saved_options)))
            return slug(name)

        return json_response({"id": await asyncio.to_thread(save)}, 201)
