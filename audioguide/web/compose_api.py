"""The route that composes a session for today: it opens as a routine that was uploaded does."""

import asyncio
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from audioguide.routine.choose_poses import ImpossibleWishes, compose_from_library
from audioguide.routine.wishes import parse_wishes, write_wishes
from audioguide.session.recent_poses import find_recent_poses
from audioguide.speech.languages import language_name
from audioguide.system import paths
from audioguide.web.catalog import Catalog
from audioguide.web.http_json import json_response, read_json


def compose_routes(catalog: Catalog) -> list[Route]:
    """The languages that sessions can be composed in, and a session for wishes with the keys of the command line."""

    def compose(data: dict[str, Any]) -> str:
        text = compose_from_library(parse_wishes(data), find_recent_poses()).to_yaml()
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
