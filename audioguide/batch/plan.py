"""A plan: one row a session, with its routine, its options and its file. Every problem of it is told at once."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from shlex import quote
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field

from audioguide.batch.job import Job
from audioguide.batch.table import read_table
from audioguide.errors import Code, Problem, RequestError, RoutineError
from audioguide.output.formats import format_of, parse_bitrate
from audioguide.presets import plan as planned
from audioguide.resources import is_file
from audioguide.routine.customise import Options
from audioguide.routine.document import Document, read
from audioguide.routine.options import as_written
from audioguide.routine.validate import validate
from audioguide.routine.wishes import OptionsForm, options_of, printable, some, truth
from audioguide.routine.written import Form, slip

MOST = 200_000
"""Rows of one plan."""


def _bitrate(value: object) -> object:
    if value is None:
        return value
    try:
        return parse_bitrate(str(value))
    except ValueError as error:
        raise slip("invalid", str(error).partition(". ")[0] + ".", "Write it as 96k.") from None


def _inside(output: str) -> str:
    """A file below the folder, whatever the system that makes it."""
    path = PurePosixPath(output.replace("\\", "/"))
    if path.is_absolute() or ".." in path.parts or ":" in output or not output.isprintable() or not path.name:
        raise slip("invalid", f"{output!r} is no file below the folder.", "Write it as anna/evening.mp3.")
    try:
        format_of(Path(path.name))
    except RequestError as error:
        raise slip("invalid", error.message, error.hint) from None
    return str(path)


class SettingsForm(OptionsForm):
    """The options of a session, and how its file is written."""

    mono: Annotated[bool, BeforeValidator(truth)] = False
    bitrate: Annotated[int, BeforeValidator(_bitrate)] | None = None


class RowForm(SettingsForm):
    """A session: its routine (an id, or a path as seen from the plan), its file below the folder, and its options."""

    routine: Annotated[str, Field(min_length=1, max_length=4096), AfterValidator(printable)]
    output: Annotated[str, Field(min_length=1, max_length=1024), AfterValidator(_inside)] | None = None


class PlanForm(Form):
    """All sessions, and what holds for those that do not say otherwise."""

    defaults: Annotated[SettingsForm, BeforeValidator(some)] = SettingsForm()
    sessions: Annotated[list[RowForm], Field(min_length=1, max_length=MOST)]


def read_plan(path: Path, folder: Path) -> tuple[Job, ...]:
    """The jobs of a plan, CSV or YAML as its ending says, whose files go below `folder`.

    RequestError when it cannot be read, RoutineError with all that is wrong with it, each at its line and column: in a
    table the column is that of the cell.
    """
    document = read_table(path) if path.suffix.lower() in (".csv", ".tsv") else _read_yaml(path)
    form = validate(document, PlanForm)
    problems: list[Problem] = []
    jobs = tuple(_jobs(form, document, path.parent, folder, problems))
    if problems:
        raise RoutineError(problems)
    return jobs


def _read_yaml(path: Path) -> Document:
    try:
        return read(path)
    except RoutineError as error:
        raise RoutineError(map(_of_a_plan, error.problems)) from None


def _of_a_plan(problem: Problem) -> Problem:
    if problem.code not in ("empty-file", "not-a-routine"):
        return problem
    message = "The file is empty." if problem.code == "empty-file" else "This is not a plan."
    return Problem(problem.place, problem.code, message, "Begin with `sessions:`, and each is `- routine: …`.")


def _jobs(form: PlanForm, document: Document, beside: Path, folder: Path, problems: list[Problem]) -> Iterator[Job]:
    known: dict[str, RequestError | None] = {}
    taken: dict[str, int] = {}
    under = options_of(form.defaults)
    for number, row in enumerate(form.sessions):
        keys = "sessions", number

        def wrong(key: str, code: Code, message: str, hint: str, keys: tuple[str, int] = keys) -> None:
            problems.append(Problem(document.place((*keys, key)), code, message, hint))

        source = _source(row.routine, beside)
        if source not in known:
            known[source] = _refusal(source)
        if refused := known[source]:
            wrong("routine", "unknown-routine", refused.message, refused.hint)
            continue
        output = row.output or f"{Path(row.routine).stem}.mp3"
        line = document.place(keys).line
        name = unicodedata.normalize("NFC", output).casefold()  # as disks do that tell no capitals, and one é
        if first := taken.get(name):
            wrong("output", "duplicate-output", f"{output} is the file of line {first}, too.", "Give each row its own.")
            continue
        taken[name] = line
        try:
            usual = form.defaults.bitrate if format_of(Path(output)).bitrates else None
            bitrate = row.bitrate if row.bitrate is not None else usual
            format_of(Path(output), bitrate)
        except RequestError as error:
            wrong("bitrate", "invalid", error.message, error.hint)
            continue
        mono = row.mono if "mono" in row.model_fields_set else form.defaults.mono
        options = as_written(options_of(row).over(under))
        yield Job(line, source, str(folder / output), options, mono, bitrate)


def _source(routine: str, beside: Path) -> str:
    """A routine's id as it is, a path as seen from the plan."""
    path = beside / routine
    return str(path.absolute()) if is_file(path) else routine


def _refusal(source: str) -> RequestError | None:
    try:
        planned(source, Options())
    except RoutineError as error:
        more = f" (and {len(error.problems) - 1} more)" if len(error.problems) > 1 else ""
        return RequestError(f"{error.problems[0]}{more}", f"See `audioguide check {quote(source)}`.")
    except RequestError as error:
        return error
    return None
