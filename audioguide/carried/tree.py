"""What a file carries, from bytes to documents in which every value knows which step or pose it belongs to."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from audioguide.errors import Place, Problem, RequestError, RoutineError
from audioguide.routine.document import LARGEST_TREE, Document, Keys, is_text

DEEPEST = 100
"""Levels of mappings and lists: a repeat takes two of them."""

Label = Callable[[Keys], tuple[str, int]]
"""What a place is called ("step 3"), and the number of its step, or 1."""


def data_in(payload: bytes, file: str) -> dict[str, Any]:
    """The data in a payload; RequestError where it is damaged, or is no mapping. `file` names it in messages."""
    try:
        data = json.loads(payload.decode("utf-8"), parse_constant=_refuse)
    except (ValueError, RecursionError):
        data = None
    if not isinstance(data, dict):
        raise RequestError(f"{file} carries something that is damaged.", "Get it again from where it came from.")
    return data


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no number.")


def document_of(data: Mapping[str, Any], file: str, label: Label) -> Document:
    """Data as a document. RoutineError where it is deeper than `DEEPEST`, or has far too many values."""
    places: dict[Keys, Place] = {}

    def walk(value: Any, path: Keys) -> None:
        within, number = label(path)
        # A label has keys in it, and those are a stranger's: nothing that a terminal would act on.
        within = "".join(sign if sign.isprintable() else "?" for sign in within)
        place = places[path] = Place(file, number, 1, within)
        if len(path) > DEEPEST:
            raise RoutineError([Problem(place, "too-deep", "This is nested too deeply.", "Repeat less in a repeat.")])
        if len(places) > LARGEST_TREE:
            raise RoutineError([Problem(place, "too-large", "There is far too much in this.", "Use `repeat`.")])
        if isinstance(value, dict):
            for key, inner in value.items():
                _check_text(key, place)
                walk(inner, (*path, key))
        elif isinstance(value, list):
            for index, inner in enumerate(value):
                walk(inner, (*path, index))
        elif isinstance(value, str):
            _check_text(value, place)

    walk(data, ())
    return Document(file, dict(data), places, places)


def _check_text(text: str, place: Place) -> None:
    if not is_text(text):
        raise RoutineError([Problem(place, "bad-character", "This is no text.", "Write it again.")])


def depth(value: Any) -> int:
    """Levels of mappings and lists in plain data."""
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return 1 + max(map(depth, inner), default=0)


def labelled(name: str) -> Label:
    """Places in what is called so: `routine hip-openers, step 2`, `pose bridge`; "" is the routine, or all of it."""
    return partial(_label, name)


_KINDS = {"routines": "routine", "poses": "pose", "voices": "voice", "backgrounds": "background"}


def _label(name: str, path: Keys) -> tuple[str, int]:
    if not name and len(path) > 1 and path[0] in _KINDS:
        return _label(f"{_KINDS[str(path[0])]} {path[1]}", path[2:])
    if not name and len(path) > 1 and path[0] == "routine":
        path = path[1:]
    numbers: list[int] = []
    while len(path) > 1 and path[0] == "steps" and isinstance(path[1], int):
        numbers.append(path[1] + 1)
        path = path[2:]
    if numbers:
        step = f"step {'.'.join(map(str, numbers))}"
        return f"{name}, {step}" if name else step, numbers[0]
    return name or str(path[0] if path else "routine"), 1
