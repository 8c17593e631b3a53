"""A plan: a CSV or YAML file with a row for each session. All its problems are reported at once, each at its place."""

import csv
import io
import unicodedata
from contextlib import suppress
from dataclasses import replace
from functools import cache
from pathlib import Path, PurePosixPath
from shlex import quote
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field

from audioguide.batch.job import Job
from audioguide.errors import Code, Problem, RequestError, RoutineError, SourceLocation
from audioguide.export.formats import format_of, parse_bitrate
from audioguide.model.notation import parse_factor
from audioguide.model.options import OPTIONS, Options, to_data
from audioguide.routine.options_form import OptionsForm, check_printable, empty_as_default, strict_bool, to_options
from audioguide.schema.document import Document, Keys, read_document
from audioguide.schema.form import Form, problem
from audioguide.schema.validate import validate
from audioguide.session.preset import resolve
from audioguide.system.files import read_bytes
from audioguide.system.paths import display_path, is_file

MAX_BYTES = 20_000_000
MAX_ROWS = 200_000

_OPTIONS = {option.key: option for option in OPTIONS}
_SWITCHES = {"true": True, "yes": True, "1": True, "x": True, "false": False, "no": False, "0": False}


def read_plan(path: Path, folder: Path) -> tuple[Job, ...]:
    """The jobs of a plan, whose files go below `folder`. A routine's path is relative to the plan.

    RequestError when the file cannot be read, RoutineError with all problems of the plan.
    """
    document = _read_table(path) if path.suffix.lower() in (".csv", ".tsv") else _read_yaml(path)
    return _build_jobs(validate(document, PlanForm), document, path.parent, folder)


def _parse_bitrate(value: object) -> object:
    try:
        return None if value is None else parse_bitrate(str(value))
    except ValueError as error:
        raise problem("invalid", str(error).partition(". ")[0] + ".", "Write it as 96k.") from None


def _parse_output(output: str) -> str:
    """A file below the folder, written the same on every system."""
    path = PurePosixPath(output.replace("\\", "/"))
    if path.is_absolute() or ".." in path.parts or ":" in output or not output.isprintable() or not path.name:
        raise problem("invalid", f"{output!r} is not a file below the folder.", "Write it as anna/evening.mp3.")
    try:
        format_of(Path(path.name))
    except RequestError as error:
        raise problem("invalid", error.message, error.hint) from None
    return str(path)


class FileForm(OptionsForm):
    """The options of a session, and how its file is written."""

    mono: Annotated[bool, BeforeValidator(strict_bool)] = False
    bitrate: Annotated[int, BeforeValidator(_parse_bitrate)] | None = None


class RowForm(FileForm):
    """A session: its routine (an id or a path), its file below the folder, and its options."""

    routine: Annotated[str, Field(min_length=1, max_length=4096), AfterValidator(check_printable)]
    output: Annotated[str, Field(min_length=1, max_length=1024), AfterValidator(_parse_output)] | None = None


class PlanForm(Form):
    """All sessions, and the defaults of those that do not say otherwise."""

    defaults: Annotated[FileForm, BeforeValidator(empty_as_default)] = FileForm()
    sessions: Annotated[list[RowForm], Field(min_length=1, max_length=MAX_ROWS)]


def _build_jobs(form: PlanForm, document: Document, plan_folder: Path, folder: Path) -> tuple[Job, ...]:
    jobs: list[Job] = []
    problems: list[Problem] = []
    lines: dict[str, int] = {}
    find_error, defaults = cache(_find_error), to_options(form.defaults)
    for number, row in enumerate(form.sessions):
        line = document.place(("sessions", number)).line
        path = plan_folder / row.routine
        source = str(path.absolute()) if is_file(path) else row.routine
        output = row.output or f"{Path(row.routine).stem}.mp3"
        same = unicodedata.normalize("NFC", output).casefold()  # as disks compare names that ignore case
        key: str
        code: Code
        try:
            key, code = "routine", "unknown-routine"
            if error := find_error(source):
                raise error
            key, code = "output", "duplicate-output"
            if first := lines.get(same):
                raise RequestError(f"{output} is already the file of line {first}.", "Give each row its own.")
            lines[same] = line
            key, code = "bitrate", "invalid"
            bitrate = row.bitrate
            if bitrate is None and format_of(Path(output)).bitrates:
                bitrate = form.defaults.bitrate
            format_of(Path(output), bitrate)
        except RequestError as error:
            problems.append(Problem(document.place(("sessions", number, key)), code, error.message, error.hint))
            continue
        mono = row.mono if "mono" in row.model_fields_set else form.defaults.mono
        options = to_data(to_options(row).over(defaults))
        jobs.append(Job(line, source, str(folder / output), options, mono, bitrate))
    if problems:
        raise RoutineError(problems)
    return tuple(jobs)


def _find_error(source: str) -> RequestError | None:
    try:
        resolve(source, Options())
    except RoutineError as error:
        more = f" (and {len(error.problems) - 1} more)" if len(error.problems) > 1 else ""
        return RequestError(f"{error.problems[0]}{more}", f"See `audioguide check {quote(source)}`.")
    except RequestError as error:
        return error
    return None


def _read_yaml(path: Path) -> Document:
    try:
        return read_document(path)
    except RoutineError as error:
        messages = {"empty-file": "The file is empty.", "not-a-routine": "This is not a plan."}
        hint = "Begin with `sessions:` and a line `- routine: …` for each."
        raise RoutineError(
            replace(problem, message=messages[problem.code], hint=hint) if problem.code in messages else problem
            for problem in error.problems
        ) from None


def _read_table(path: Path) -> Document:
    """The table in a file, separated by commas, semicolons or tabs, as `{"sessions": [row, …]}` without empty cells."""
    name = display_path(path)
    raw = read_bytes(path, MAX_BYTES, "plan", "Check the spelling.")
    if len(raw) > MAX_BYTES:
        raise RequestError(f"{name} is larger than {MAX_BYTES // 1_000_000} MB.", "Cut it into several plans.")

    def fail(line: int, code: Code, message: str, hint: str) -> RoutineError:
        return RoutineError([Problem(SourceLocation(name, line, 1), code, message, hint)])

    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise fail(line, "not-utf-8", "This is not UTF-8 text.", "Save it as UTF-8.") from None
    first = text.partition("\n")[0]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=max(",;\t", key=first.count), strict=True)
    rows: list[tuple[int, list[str]]] = []
    line = 1
    try:
        for cells in reader:
            rows.append((line, [cell.strip() for cell in cells]))
            line = reader.line_num + 1
    except csv.Error as error:
        raise fail(line, "not-csv", f"This is not CSV: {error}.", "Check the quotes around here.") from None
    rows = [row for row in rows if any(row[1])]
    if not rows:
        raise fail(1, "empty-file", "The file is empty.", "Begin with a row of column names.")
    return _build_document(name, *rows[0], rows[1:])


def _build_document(file: str, header_line: int, names: list[str], rows: list[tuple[int, list[str]]]) -> Document:
    sessions, problems = list[dict[str, Any]](), list[Problem]()
    places: dict[Keys, SourceLocation] = {(): SourceLocation(file, header_line, 1)}
    keys: dict[Keys, SourceLocation] = {}
    for column, name in enumerate(names, 1):
        if name and name in names[: column - 1]:
            place, message = SourceLocation(file, header_line, column), f"There are two columns {name!r}."
            problems.append(Problem(place, "duplicate-key", message, "Keep one of them."))
    for index, (line, cells) in enumerate(rows):
        places["sessions", index] = SourceLocation(file, line, 1)
        row: dict[str, Any] = {}
        for column, text in enumerate(cells, 1):
            if not text:
                continue
            place = SourceLocation(file, line, column)
            if column > len(names):
                message = f"This row has more cells than the first one, which has {len(names)}."
                hint = "Put quotes around a cell that has the separator in it."
                problems.append(Problem(place, "invalid", message, hint))
                break
            try:
                values = _parse_cell(place, names[column - 1], text)
            except RoutineError as error:
                problems += error.problems
                continue
            row |= values
            for key in values:
                places["sessions", index, key] = keys["sessions", index, key] = place
        sessions.append(row)
    if problems:
        raise RoutineError(problems)
    return Document(file, {"sessions": sessions}, places, keys)


def _parse_cell(place: SourceLocation, column: str, text: str) -> dict[str, Any]:
    """The keys and values of a cell as in YAML. Text that is not valid is left for the form to refuse."""
    if column == "hold":
        return _parse_holds(place, text)
    option = _OPTIONS.get(column)
    if option and option.kind == "poses":
        return {column: _split_list(text)}
    if column == "mono" or (option and option.kind == "switch"):
        return {column: _SWITCHES.get(text.casefold(), text)}
    if option and option.parse is parse_factor:
        with suppress(ValueError):
            return {column: float(text)}
    return {column: text}


def _parse_holds(place: SourceLocation, text: str) -> dict[str, Any]:
    """`45s; childs-pose=1:00` as `{"hold": "45s", "holds": {"childs-pose": "1:00"}}`."""
    values: dict[str, Any] = {}
    for part in _split_list(text):
        pose, equals, length = (word.strip() for word in part.rpartition("="))
        if equals and not pose:
            hint = "Write holds as childs-pose=1:00; cat-cow=40s."
            raise RoutineError([Problem(place, "invalid", "There is no pose before the equals sign.", hint)])
        group, key = (values.setdefault("holds", {}), pose) if equals else (values, "hold")
        if key in group:
            what = f"The hold of {pose}" if equals else "The hold of all poses"
            raise RoutineError([Problem(place, "duplicate-key", f"{what} is there twice.", "Keep one of them.")])
        group[key] = length
    return values


def _split_list(text: str) -> list[str]:
    return [part.strip() for part in text.split(";") if part.strip()]
