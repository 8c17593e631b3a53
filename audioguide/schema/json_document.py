"""Plain data, as JSON has it, as a document whose values know where they stand."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from audioguide.errors import Problem, RequestError, RoutineError, SourceLocation
from audioguide.model.notation import CONTROLS
from audioguide.schema.document import DEEPEST, LARGEST_TREE, Document, Keys, is_valid_unicode

LARGEST_FIGURE = 1_000  # most values of a figure; eight postures have half of that

Label = Callable[[Keys], tuple[str, int]]  # what a place is called ("step 3"), and the number of its step, or 1


def parse_json_object(payload: bytes, file: str) -> dict[str, Any]:
    """The data in a payload; RequestError where it is damaged, or is no mapping. `file` names it in messages."""
    try:
        data = json.loads(payload.decode("utf-8"), parse_constant=_refuse)
    except (ValueError, RecursionError):
        data = None
    if not isinstance(data, dict):
        raise RequestError(f"{file} carries something that is damaged.", "Get it again from where it came from.")
    return data


def to_json_object(data: Mapping[str, Any], name: str) -> dict[str, Any]:
    """Data of a caller as JSON has it; RequestError where something in it is not. `name` begins the message."""
    try:
        return parse_json_object(json.dumps(data, allow_nan=False).encode(), name)
    except (TypeError, ValueError, RecursionError) as error:
        hint = "Write it as a routine file has it."
        raise RequestError(f"{name} holds something that is no text, number, list or mapping.", hint) from error


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no number.")


def to_document(data: Mapping[str, Any], file: str, label: Label) -> Document:
    """Data as a document. RoutineError where it is deeper than `DEEPEST`, or has far too many values."""
    places: dict[Keys, SourceLocation] = {}

    def walk(value: Any, path: Keys) -> None:
        within, number = label(path)
        # A label has keys in it, and those are a stranger's: nothing that a terminal would act on.
        within = CONTROLS.sub("?", within)
        place = places[path] = SourceLocation(file, number, 1, within)
        if len(path) > DEEPEST:
            raise RoutineError([Problem(place, "too-deep", "This is nested too deeply.", "Repeat less in a repeat.")])
        if len(places) > LARGEST_TREE:
            raise RoutineError([Problem(place, "too-large", "There is far too much in this.", "Use `repeat`.")])
        if isinstance(value, dict):
            if is_large(value.get("figure"), LARGEST_FIGURE):  # its pose is used without it
                value["figure"] = "something far too large"
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


def _check_text(text: str, place: SourceLocation) -> None:
    if not is_valid_unicode(text):
        raise RoutineError([Problem(place, "bad-character", "This is no text.", "Write it again.")])


def is_large(value: Any, most: int) -> bool:
    """Whether there are more than `most` values in plain data."""
    found = [value]
    for inner in found:
        found += inner.values() if isinstance(inner, dict) else inner if isinstance(inner, list) else ()
        if len(found) > most:
            return True
    return False


def depth(value: Any) -> int:
    """Levels of mappings and lists in plain data."""
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return 1 + max(map(depth, inner), default=0)
