"""The plan for weeks of a row: a file with the routine in it, for the client."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from shlex import quote
from typing import Any

from audioguide.errors import RequestError, suggest
from audioguide.model.options import to_data, write_hold
from audioguide.model.routine import LengthChange
from audioguide.schema.json_document import to_document
from audioguide.schema.yaml_writer import to_yaml
from audioguide.session.embedded import inline_routine
from audioguide.session.preset import ResolvedRoutine
from audioguide.session.week_plan import HEAD, parse_plan
from audioguide.system.paths import ENDINGS

PLAN_KEYS = ("start", "days", "at", "zone", "weeks", "progress", "deload")


def check_plan_file(path: Path) -> None:
    """Raises RequestError for a file that cannot be a plan's."""
    if path.suffix not in ENDINGS:
        raise RequestError(f"{path} is no file for a plan.", "End it with .yaml.")


def write_plan(
    resolved: ResolvedRoutine, file: Path, changes: Mapping[str, LengthChange], weeks: int, settings: Mapping[str, str]
) -> str:
    """The text of a plan's `file`: `settings`, over the row's weeks and how much poses grow in them. RequestError for
    a key that is none; RoutineError with what is wrong, each within its key.
    """
    if unknown := sorted(settings.keys() - set(PLAN_KEYS)):
        raise RequestError(f"A plan has no {unknown[0]!r}.", suggest(unknown[0], PLAN_KEYS), ("plans", unknown[0]))
    title, options = resolved.routine.title, replace(resolved.saved_options, cover=None)  # which is on this machine
    routine, growth = (
        inline_routine(resolved.written, title, own=False),
        {one: write_hold(changes[one]) for one in changes},
    )
    data: dict[str, Any] = {
        "plan": title,
        "routine": routine,
        "weeks": weeks,
        "progress": growth,
        "options": to_data(options),
    }
    filled = {key: value for key, value in {**data, **settings}.items() if value}
    parse_plan(to_document(filled, "plan", lambda keys: (str((*keys, "")[0]), 1)), file)
    return HEAD.format(name=quote(file.stem)) + to_yaml(filled)
