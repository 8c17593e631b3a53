"""Reads a batch file, a table or YAML, as a document of rows whose keys are those of the forms."""

import codecs
import csv
import io
import re
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from audioguide.errors import Code, Problem, RequestError, RoutineError, SourceLocation
from audioguide.model.notation import parse_factor
from audioguide.model.options import OPTIONS
from audioguide.schema.document import Document, Keys, read_document
from audioguide.system.files import read_bytes
from audioguide.system.paths import ENDINGS, display_path

MAX_BYTES = 20_000_000

_OPTIONS = {option.key: option for option in OPTIONS}
_BY_POSE = {(row.flag or row.key).lstrip("-"): row.key for row in OPTIONS if row.kind == "by pose"}
_BY_POSE["progress"] = "progresses"  # the key of the values for single poses, as `holds` is of `hold`
_BY_POSE |= {"sheet": "sheets", "plan": "plans"}  # and those of what stands on a sheet or in a plan: `sheet:clinic`
COLUMNS = (*_OPTIONS, *_BY_POSE, "routine", "output", "mono", "pictures", "bitrate", "weeks", "week", "sheets", "plans")
_SWITCHES = {"true": True, "yes": True, "1": True, "x": True, "false": False, "no": False, "0": False}
_SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs"}


def read_rows(path: Path) -> tuple[Document, str]:
    """The rows of a batch file as `{"sessions": [row, …]}`, and a line on how its table was read if that was guessed.

    `hold:bridge` is the key "bridge" in `holds`, a column that is none of the program's is a key in `columns`.
    RequestError when the file cannot be read, RoutineError where it is no batch file.
    """
    document, note = (_read_yaml(path), "") if path.suffix.lower() in ENDINGS else _read_table(path)
    data = document.data | {"defaults": _sort_row(document.data.get("defaults"))}
    if isinstance(rows := data.get("sessions"), list):
        data["sessions"] = [_sort_row(row) for row in rows]

    def move(path: Keys) -> Keys:
        head = 1 if path[:1] == ("defaults",) else 2
        return (*path[:head], *_target(str(path[head])), *path[head + 1 :]) if len(path) > head else path

    places, keys = ({move(path): place for path, place in one.items()} for one in (document.places, document.keys))
    return replace(document, data=data, places=places, keys=keys), note


def _target(column: str) -> Keys:
    name, colon, pose = column.partition(":")
    key = "-".join(name.casefold().split())
    if colon and key in _BY_POSE:
        return _BY_POSE[key], pose.strip()
    return (key,) if key in COLUMNS and not colon else ("columns", " ".join(column.casefold().split()))


def _sort_row(row: Any) -> Any:
    if not isinstance(row, dict):
        return row
    found: dict[str | int, Any] = {}
    for column, value in row.items():
        key, *inner = _target(column)
        owner = found.setdefault(key, {}) if inner else found
        if isinstance(owner, dict):
            owner[inner[0] if inner else key] = value
    return found


def _read_yaml(path: Path) -> Document:
    try:
        return read_document(path)
    except RoutineError as error:
        first = error.problems[0]
        if first.code not in ("empty-file", "not-a-routine"):
            raise
        message = first.message.replace("a routine or a voice", "a batch file")
        hint = "Begin with `sessions:` and a line `- routine: …` for each."
        raise RoutineError([replace(first, message=message, hint=hint)]) from None


def _read_table(path: Path) -> tuple[Document, str]:
    name = display_path(path)
    raw = read_bytes(path, MAX_BYTES, "batch", "Check the spelling.")
    if len(raw) > MAX_BYTES:
        raise RequestError(f"{name} is larger than {MAX_BYTES // 1_000_000} MB.", "Cut it into several files.")

    def fail(line: int, code: Code, message: str, hint: str) -> RoutineError:
        return RoutineError([Problem(SourceLocation(name, line, 1), code, message, hint)])

    wide = raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    shown = "UTF-16" if wide else "UTF-8 with its mark" if raw.startswith(codecs.BOM_UTF8) else "UTF-8"
    try:
        text = raw.decode("utf-16" if wide else "utf-8-sig")
    except UnicodeDecodeError:  # as Excel saves it on Windows
        text, shown = raw.decode("cp1252", "replace"), "CP1252"
    if bad := re.search("[\0\ufffd]", text):
        line = text.count("\n", 0, bad.start()) + 1
        raise fail(line, "not-csv", "This is no plain text.", "Save the table as CSV, in UTF-8.")
    first = re.sub('"[^"]*"', "", text).partition("\n")[0]
    separator = max(_SEPARATORS, key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    rows: list[tuple[int, list[str]]] = []
    line = 1
    try:
        for cells in reader:
            if any(cells := [cell.strip() for cell in cells]):
                rows.append((line, cells))
            line = reader.line_num + 1
    except csv.Error as error:
        raise fail(line, "not-csv", f"This is not CSV: {error}.", "Check the quotes around here.") from None
    if not rows:
        raise fail(1, "empty-file", "The file is empty.", "Begin with a row of column names.")
    if len(rows) == 1:
        raise fail(rows[0][0], "empty", "There is no row below the column names.", "Add one for each session.")
    note = f"{name}: read as {shown} with {_SEPARATORS[separator]}." if (shown, separator) != ("UTF-8", ",") else ""
    return _build_document(name, *rows[0], rows[1:]), note


def _build_document(file: str, header_line: int, names: list[str], rows: list[tuple[int, list[str]]]) -> Document:
    sessions, problems = list[dict[str, Any]](), list[Problem]()
    places: dict[Keys, SourceLocation] = {(): SourceLocation(file, header_line, 1)}
    columns: dict[Keys, int] = {}
    for column, name in enumerate(names, 1):
        if name and (first := columns.setdefault(_target(name), column)) < column:
            place, both = SourceLocation(file, header_line, column), f"{names[first - 1]!r} and {name!r}"
            message = f"The columns {first} and {column} are the same: {both}."
            problems.append(Problem(place, "duplicate-key", message, "Keep one of them."))
    for index, (line, cells) in enumerate(rows):
        places["sessions", index] = SourceLocation(file, line, 1, str(line))
        row: dict[str, Any] = {}
        for column, text in enumerate(cells, 1):
            if not text:
                continue
            place = SourceLocation(file, line, column, ": ".join((str(line), *names[column - 1 : column])))
            try:
                if column > len(names):
                    message = f"This row has more cells than the first one, which has {len(names)}."
                    raise RequestError(message, "Put quotes around a cell that has the separator in it.")
                values = _parse_cell(names[column - 1], text)
            except RequestError as error:
                problems.append(Problem(place, "invalid", error.message, error.hint))
                continue
            row |= values
            places |= {("sessions", index, key): place for key in values}
        sessions.append(row)
    if problems:
        raise RoutineError(problems)
    return Document(file, {"sessions": sessions}, places, places)


def _parse_cell(column: str, text: str) -> dict[str, Any]:
    """The keys and values of a cell as in YAML. Text that is not valid is left for the form to refuse."""
    key = str(_target(column)[0])
    option = _OPTIONS.get(key)
    if key in _BY_POSE and key not in ("sheet", "plan") and ":" not in column:
        return _parse_by_pose(key, text)
    if key in ("mono", "pictures") or (option and option.kind == "switch"):
        return {column: _SWITCHES.get(text.casefold(), text)}
    if option and option.parse is parse_factor:
        with suppress(ValueError):
            return {column: float(text)}
    return {column: _split_list(text) if option and option.kind == "poses" else text}


def _parse_by_pose(key: str, text: str) -> dict[str, Any]:
    """`45s; childs-pose=1:00` as `{"hold": "45s", "holds": {"childs-pose": "1:00"}}`."""
    values: dict[str, Any] = {}
    for part in _split_list(text):
        pose, equals, value = (word.strip() for word in part.rpartition("="))
        if not (pose if equals else _BY_POSE[key] != key):
            raise RequestError(f"There is no pose for {value!r}.", f"Write it as bridge={value or '…'}.")
        group, name = (values.setdefault(_BY_POSE[key], {}), pose) if equals else (values, key)
        if name in group:
            raise RequestError(f"{pose or 'What is for all poses'} is there twice.", "Keep one of them.")
        group[name] = value
    return values


def _split_list(text: str) -> list[str]:
    return [part.strip() for part in text.split(";") if part.strip()]
