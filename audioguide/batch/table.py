"""A plan as a table: CSV to the same data that a plan in YAML is, every cell with its place."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

from audioguide.errors import Code, Place, Problem, RequestError, RoutineError
from audioguide.files import read_bytes
from audioguide.resources import shown
from audioguide.routine.document import Document, Keys

LARGEST = 20_000_000
"""Bytes: some 200,000 rows."""

_TRUTHS = {"true": True, "yes": True, "1": True, "x": True, "false": False, "no": False, "0": False}


def read_table(path: Path) -> Document:
    """The table in a file, separated by commas, semicolons or tabs, as `{"sessions": [row, …]}` without empty cells.

    RequestError when it cannot be read, RoutineError when it is no table.
    """
    name = shown(path)
    raw = read_bytes(path, LARGEST, "plan", "Check the spelling.")
    if len(raw) > LARGEST:
        raise RequestError(f"{name} is larger than 20 MB.", "Cut it into several plans.")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        place = Place(name, raw[: error.start].count(b"\n") + 1, 1)
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
            [Problem(Place(name, line, 1), "not-csv", message, "Check the quotes around here.")]
        ) from None
    rows = [(line, cells) for line, cells in rows if any(cell.strip() for cell in cells)]
    if not rows:
        raise RoutineError(
            [Problem(Place(name, 1, 1), "empty-file", "The file is empty.", "Begin with a row of names.")]
        )
    return _document(name, [cell.strip() for cell in rows[0][1]], rows[1:], rows[0][0])


def _document(file: str, names: list[str], rows: list[tuple[int, list[str]]], head: int) -> Document:
    """The column of a place is that of its cell: nobody counts letters in a table."""
    sessions: list[dict[str, Any]] = []
    start = Place(file, head, 1)
    places: dict[Keys, Place] = {(): start, ("sessions",): start}
    keys: dict[Keys, Place] = {}
    problems: list[Problem] = []
    for column, name in enumerate(names, 1):
        if name and name in names[: column - 1]:
            message = f"The column {name!r} is there twice."
            problems.append(Problem(Place(file, head, column), "duplicate-key", message, "Keep one of them."))
    for index, (line, cells) in enumerate(rows):
        places["sessions", index] = Place(file, line, 1)
        row: dict[str, Any] = {}
        for column, cell in enumerate(cells, 1):
            text = cell.strip()
            if column > len(names):
                if text:
                    message = f"This row has more cells than the first one, which has {len(names)}."
                    fix = "Put quotes around a cell that has the separator in it."
                    problems.append(Problem(Place(file, line, column), "invalid", message, fix))
                break
            if text:
                place = Place(file, line, column)
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
