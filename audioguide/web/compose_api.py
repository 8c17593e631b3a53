"""The route that composes a session for today: it opens as a routine that was uploaded does."""

import asyncio
from contextlib import suppress
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from audioguide.errors import EnvironmentFailure
from audioguide.player.history import SessionLog
from audioguide.routine.choose_poses import ImpossibleWishes, compose_routine
from audioguide.routine.lead_over import find_lead_overs
from audioguide.routine.load import read_library
from audioguide.routine.wishes import parse_wishes, write_wishes
from audioguide.session.recent_poses import recent_poses
from audioguide.speech.languages import language_name
from audioguide.system import clock, paths
from audioguide.web.catalog import Catalog
from audioguide.web.http_json import json_response, read_json


def compose_routes(catalog: Catalog) -> list[Route]:
    """The languages that sessions can be composed in, and a session for wishes with the keys of the command line."""

    def compose(data: dict[str, Any]) -> str:
        wishes = parse_wishes(data)
        words, library = find_lead_overs(wishes.language), read_library(wishes.language)[0]
        recent = frozenset[str]()
        with suppress(EnvironmentFailure):  # a session needs no log: where it cannot be read, `audioguide log` says so
            recent = recent_poses(SessionLog(lambda _: None).records(), clock.now().date())
        text = compose_routine(library, wishes, words, recent).to_yaml()
        return catalog.uploads.add(text.encode(), ".yaml", catalog.config)

    async def answer(request: Request) -> Response:
        if request.method == "POST":
            try:
                return json_response({"id": await asyncio.to_thread(compose, await read_json(request))}, 201)
            except ImpossibleWishes as error:  # its hint is a command, and on a phone there are none
                nearest = write_wishes(error.nearest) if error.nearest else None
                return json_response({"error": error.message, "hint": "", "nearest": nearest}, 422)
        return json_response({"languages": [(code, language_name(code)) for code in paths.lead_over_files()]})

    return [Route("/api/compose", answer, methods=["GET", "POST"])]
