"""A plan: one row a session, with its routine, its options and its file. Every problem of it is told at once."""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from shlex import quote
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field

from audioguide.batch.job import Job
from audioguide.errors import Code, Problem, RequestError, RoutineError, SourceLocation
from audioguide.export.formats import format_of, parse_bitrate
from audioguide.model.options import Options, to_data
from audioguide.routine.options_form import OptionsForm, check_printable, empty_as_default, strict_bool, to_options
from audioguide.schema.document import Document, Keys, read_document
from audioguide.schema.form import Form, problem
from audioguide.schema.validate import validate
from audioguide.session.preset import resolve as planned
from audioguide.system.files import read_bytes
from audioguide.system.paths import display_path, is_file

LARGEST = 20_000_000
"""Bytes: some 200,000 rows."""

_TRUTHS = {"true": True, "yes": True, "1": True, "x": True, "false": False, "no": False, "0": False}


def read_table(path: Path) -> Document:
    """The table in a file, separated by commas, semicolons or tabs, as `{"sessions": [row, …]}` without empty cells.

    RequestError when it cannot be read, RoutineError when it is no table.
    """
    name = display_path(path)
    raw = read_bytes(path, LARGEST, "plan", "Check the spelling.")
    if len(raw) > LARGEST:
        raise RequestError(f"{name} is larger than 20 MB.", "Cut it into several plans.")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        place = SourceLocation(name, raw[: error.start].count(b"\n") + 1, 1)
        raise RoutineError([Problem(place, "not-utf-8", "This is not UTF-8 text.", "Save it as UTF-8.")]) from None
    first = text.partition("\n")[0]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=max(",;\t", key=first.count), strict=True)
    rows: list[tuple[int, list[str]]] = []
    line = 1
    try:
        for cells in reader:
            rows.append((line, cells))
            line = reader.line_num + 1
    except csv.Error as error:
        message = f"This is not CSV: {error}."
        raise RoutineError(
            [Problem(SourceLocation(name, line, 1), "not-csv", message, "Check the quotes around here.")]
        ) from None
    rows = [(line, cells) for line, cells in rows if any(cell.strip() for cell in cells)]
    if not rows:
        raise RoutineError(
            [Problem(SourceLocation(name, 1, 1), "empty-file", "The file is empty.", "Begin with a row of names.")]
        )
    return _document(name, [cell.strip() for cell in rows[0][1]], rows[1:], rows[0][0])


def _document(file: str, names: list[str], rows: list[tuple[int, list[str]]], head: int) -> Document:
    """The column of a place is that of its cell: nobody counts letters in a table."""
    sessions: list[dict[str, Any]] = []
    start = SourceLocation(file, head, 1)
    places: dict[Keys, SourceLocation] = {(): start, ("sessions",): start}
    keys: dict[Keys, SourceLocation] = {}
    problems: list[Problem] = []
    for column, name in enumerate(names, 1):
        if name and name in names[: column - 1]:
            message = f"The column {name!r} is there twice."
            problems.append(Problem(SourceLocation(file, head, column), "duplicate-key", message, "Keep one of them."))
    for index, (line, cells) in enumerate(rows):
        places["sessions", index] = SourceLocation(file, line, 1)
        row: dict[str, Any] = {}
        for column, cell in enumerate(cells, 1):
            text = cell.strip()
            if column > len(names):
                if text:
                    message = f"This row has more cells than the first one, which has {len(names)}."
                    fix = "Put quotes around a cell that has the separator in it."
                    problems.append(Problem(SourceLocation(file, line, column), "invalid", message, fix))
                break
            if text:
                place = SourceLocation(file, line, column)
                if names[column - 1] == "hold" and (slip := _slip(_parts(text))):
                    problems.append(Problem(place, *slip))
                for key, value in _values(names[column - 1], text):
                    row[key] = value
                    places["sessions", index, key] = keys["sessions", index, key] = place
        sessions.append(row)
    if problems:
        raise RoutineError(problems)
    return Document(file, {"sessions": sessions}, places, keys)


def _parts(text: str) -> list[str]:
    return [part.strip() for part in text.split(";") if part.strip()]


def _slip(holds: list[str]) -> tuple[Code, str, str] | None:
    """What is wrong with the holds of a cell taken together: the last one would count, and nobody would know."""
    poses = [one.rpartition("=")[0].strip() if "=" in one else None for one in holds]
    if "" in poses:
        return "invalid", "There is no pose before the equals sign.", "Write holds as childs-pose=1:00; cat-cow=40s."
    twice = next((pose for pose in poses if poses.count(pose) > 1), "")
    if twice == "":
        return None
    what = "The hold of all poses" if twice is None else f"The hold of {twice}"
    return "duplicate-key", f"{what} is there twice.", "Keep one of them."


def _values(name: str, text: str) -> list[tuple[str, Any]]:
    """What a cell says, as a plan in YAML would have it: lists by semicolons, `hold` as after `--hold`."""
    if name == "hold":
        named = [one.rpartition("=") for one in _parts(text) if "=" in one]
        holds = {pose.strip(): length.strip() for pose, _, length in named}
        everywhere = [one for one in _parts(text) if "=" not in one]
        found: list[tuple[str, Any]] = [("holds", holds)] if holds else []
        return [*found, *(("hold", one) for one in everywhere)]
    if name == "skip":
        return [(name, _parts(text))]
    if name in ("beyond-limits", "mono"):
        return [(name, _TRUTHS.get(text.casefold(), text))]
    if name == "scale":
        try:
            return [(name, float(text))]
        except ValueError:
            return [(name, text)]
    return [(name, text)]


MOST = 200_000
"""Rows of one plan."""


def _bitrate(value: object) -> object:
    if value is None:
        return value
    try:
        return parse_bitrate(str(value))
    except ValueError as error:
        raise problem("invalid", str(error).partition(". ")[0] + ".", "Write it as 96k.") from None


def _inside(output: str) -> str:
    """A file below the folder, whatever the system that makes it."""
    path = PurePosixPath(output.replace("\\", "/"))
    if path.is_absolute() or ".." in path.parts or ":" in output or not output.isprintable() or not path.name:
        raise problem("invalid", f"{output!r} is no file below the folder.", "Write it as anna/evening.mp3.")
    try:
        format_of(Path(path.name))
    except RequestError as error:
        raise problem("invalid", error.message, error.hint) from None
    return str(path)


class FileForm(OptionsForm):
    """The options of a session, and how its file is written."""

    mono: Annotated[bool, BeforeValidator(strict_bool)] = False
    bitrate: Annotated[int, BeforeValidator(_bitrate)] | None = None


class RowForm(FileForm):
    """A session: its routine (an id, or a path as seen from the plan), its file below the folder, and its options."""

    routine: Annotated[str, Field(min_length=1, max_length=4096), AfterValidator(check_printable)]
    output: Annotated[str, Field(min_length=1, max_length=1024), AfterValidator(_inside)] | None = None


class PlanForm(Form):
    """All sessions, and what holds for those that do not say otherwise."""

    defaults: Annotated[FileForm, BeforeValidator(empty_as_default)] = FileForm()
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
        return read_document(path)
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
    under = to_options(form.defaults)
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
        options = to_data(to_options(row).over(under))
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
