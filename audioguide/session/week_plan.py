"""Plans: a routine, or wishes for one, on days of some weeks; a YAML file, which a coach can hand out."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, datetime, time, tzinfo
from pathlib import Path
from shlex import quote
from typing import Annotated, Any, NoReturn
from zoneinfo import ZoneInfo, available_timezones

from pydantic import BeforeValidator, Field

from audioguide.errors import Problem, RequestError, RoutineError, suggest
from audioguide.model.notation import parse_hold
from audioguide.model.options import Options
from audioguide.model.routine import LengthChange
from audioguide.model.selectors import slug
from audioguide.routine.load import is_path
from audioguide.routine.options_form import OptionsForm, check_printable, empty_as_default, join, to_options
from audioguide.routine.wishes import parse_wishes
from audioguide.schema.document import Document, parse_document, read_document
from audioguide.schema.form import Form, Name, parse_with, problem
from audioguide.schema.validate import validate
from audioguide.session.config import locate_files
from audioguide.session.preset import find_preset
from audioguide.system import clock, paths
from audioguide.system.files import make_folder, write_text

MOST_WEEKS = 104
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,79}")
_LONGEST_ZONE = 60  # characters; hundreds of strokes in a name would be looked up as a package in a package
HEAD = """\
# A plan of audioguide: what is done when. `audioguide plan show {name}` shows its weeks, and
# `audioguide play --next` plays what is due.
"""


@dataclass(frozen=True)
class WeekPlan:
    """A plan as it is written. Its weeks begin on Mondays, the first one is that of the first session.

    `key` is that of its sessions in the log. The routine is a `source` (an id or an absolute path), or stands in the
    plan as `routine`, or is composed to `wishes`. `days` are numbers from 0, Monday. `progress` is by how much holds
    grow each week, `progresses` that of single poses. Every `deload`-th week has the holds of the first one.
    """

    name: str
    title: str
    path: Path
    document: Document
    key: str
    source: str
    routine: Document | None
    wishes: Mapping[str, Any] | None
    start: date
    weeks: int
    days: tuple[int, ...]
    at: time
    zone: tzinfo
    progress: LengthChange | None
    progresses: tuple[tuple[str, LengthChange], ...]
    deload: int | None
    options: Options


def parse_days(text: str | float) -> tuple[int, ...]:
    """`mon,wed,fri` as numbers from 0, Monday. ValueError for what is no day."""
    found = set()
    for word in str(text).lower().replace(" ", "").split(","):
        number = next((number for number, day in enumerate(DAYS) if word in (day, day[:3])), None)
        if number is None:
            raise ValueError(f"{word or 'Nothing'} is no day of the week. Write days as mon,wed,fri.")
        found.add(number)
    return tuple(sorted(found))


def parse_date(text: str | float) -> date:
    """A day as `2026-12-01`. ValueError for what is none, as the 29th of February of most years."""
    with suppress(ValueError):
        found = date.fromisoformat(str(text))
        if 2000 <= found.year < 2200:
            return found
    raise ValueError(f"{text} is not a day in the calendar. Write it as 2026-12-01.")


def parse_time(text: str | float) -> time:
    """A time of day as `18:30`. ValueError for what is none."""
    with suppress(ValueError):
        return datetime.strptime(str(text), "%H:%M").time()
    raise ValueError(f"{text} is not a time of day. Write it as 18:30.")


def parse_zone(text: str | float) -> tzinfo:
    """A time zone by its name. ValueError for what is none."""
    name = str(text)[:_LONGEST_ZONE]
    with suppress(LookupError, ValueError, OSError):
        return ZoneInfo(name)
    raise ValueError(f"There is no time zone {name}. {suggest(name, available_timezones())}".strip())


def parse_progress(text: str | float) -> LengthChange:
    """By how much holds grow each week, as `+5s` or `+5s a week`. ValueError for what is none."""
    change = parse_hold(text.strip().removesuffix("a week") if isinstance(text, str) else text)
    if change.amount <= 0 or change.unit == "reps":
        raise ValueError(f"{text} is no progress, since holds are to grow. Write it as +5s.")
    return LengthChange(change.amount, change.unit)


def _check_routine(value: Any) -> Any:
    if isinstance(value, dict) or (isinstance(value, str) and 0 < len(check_printable(value)) <= 4096):
        return value
    raise problem("unknown-routine", "A routine is an id, a path, or its keys.", "See `audioguide list`.")


class WeekPlanForm(Form):
    """A plan: what is done, on which days of how many weeks, and how it grows."""

    plan: Name
    routine: Annotated[Any, BeforeValidator(_check_routine)] = None
    wishes: dict[str, Any] | None = None
    start: Annotated[date, parse_with("invalid", parse_date, "")]
    weeks: Annotated[int, Field(ge=1, le=MOST_WEEKS)]
    days: Annotated[Any, parse_with("invalid", parse_days, ""), BeforeValidator(join)]
    at: Annotated[time, parse_with("invalid", parse_time, "")] = time(18)
    zone: Annotated[Any, parse_with("invalid", parse_zone, "")] = None
    progress: Annotated[
        dict[str, Annotated[LengthChange, parse_with("invalid", parse_progress, "")]],
        BeforeValidator(lambda value: value if isinstance(value, dict) else {"default": value}),
    ] = Field(default_factory=dict)
    deload: Annotated[int, Field(ge=2, le=MOST_WEEKS)] | None = None
    options: Annotated[OptionsForm, BeforeValidator(empty_as_default)] = OptionsForm()


def parse_plan(document: Document, path: Path) -> WeekPlan:
    """The plan in a document of the file at `path`; a path in it begins at its folder. RoutineError if it is wrong."""

    def refuse(key: str, message: str, hint: str) -> NoReturn:
        raise RoutineError([Problem(document.place((key,)), "invalid", message, hint)])

    form, routine = validate(document, WeekPlanForm), None
    if (form.routine is None) == (form.wishes is None):
        refuse("wishes", "A plan has either a routine or wishes for one.", "Write one of these two keys.")
    source, changes = str(form.routine or ""), dict(form.progress)
    try:
        parse_wishes(form.wishes or {})
    except RequestError as error:
        refuse("wishes", error.message, error.hint)
    if isinstance(form.routine, dict):
        source, routine = "", _cut_routine(document)
    elif is_path(source) or (source not in paths.routine_files() and source and paths.is_file(path.parent / source)):
        source = str((path.parent / paths.expand(source)).absolute())
    options = locate_files(to_options(form.options), path.parent)
    if changes and options.length:
        refuse("progress", "The session is fitted to a length, so its holds cannot grow.", "Leave one of them out.")
    every = changes.pop("default", None)
    same: dict[str, Any] = {key: getattr(form, key) for key in ("wishes", "start", "weeks", "days", "at", "deload")}
    same |= {"zone": form.zone or clock.local_zone(), "progress": every, "progresses": tuple(changes.items())}
    file = Path(find_preset(source) or source) if source else path
    key = os.path.realpath(file) if file.is_absolute() else source
    return WeekPlan(path.stem, form.plan, path, document, key, source, routine, options=options, **same)


def _cut_routine(document: Document) -> Document:
    """The routine in a plan as a document of its own, whose values keep their places in the plan's file."""
    places, keys = (
        {path[1:]: place for path, place in found.items() if path[:1] == ("routine",)}
        for found in (document.places, document.keys)
    )
    return replace(document, data=document.data["routine"], places=places, keys=keys)


def is_plan(path: Path) -> bool:
    """Whether a file is a plan for weeks, by its keys."""
    with suppress(OSError, RequestError):  # reading it as something else tells what is wrong
        return path.suffix in paths.ENDINGS and "plan" in read_document(path).data
    return False


def find_plan(source: str) -> WeekPlan:
    """The plan of a name or in a file. RequestError where there is none, RoutineError with all that is wrong."""
    known = paths.plan_files()
    if not is_path(source) and source not in known:
        hint = suggest(source, known) or "Begin one with `audioguide plan new`."
        raise RequestError(f"There is no plan {source!r}.", hint)
    path = known.get(source) or Path(source)
    return parse_plan(read_document(path), path.absolute())


def save_plan(path: Path, data: Mapping[str, Any], check: Callable[[WeekPlan], object] = bool) -> WeekPlan:
    """Write a plan's file, after it was found to be right, also by `check`. RoutineError with all that is wrong."""
    from audioguide.schema.yaml_writer import to_yaml

    text = HEAD.format(name=quote(path.stem)) + to_yaml(data)
    plan = parse_plan(parse_document(text, paths.display_path(path)), path.absolute())
    check(plan)
    make_folder(path.parent)
    write_text(path, text)
    return plan


def own_file(name: str) -> Path:
    """The file of one's own plan of this name, which may not exist. RequestError for a name that no plan can have."""
    if not _NAME.fullmatch(name):
        offer = slug(name)[:80]
        hint = f"Try {offer}." if _NAME.fullmatch(offer) else "Try one like back-care."
        raise RequestError(f"{name!r} cannot be a plan's name: those have small letters, digits and hyphens.", hint)
    return paths.plan_files().get(name) or paths.user_dir() / "plans" / f"{name}.yaml"
