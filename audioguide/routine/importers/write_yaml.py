"""A script's routine as YAML that a person likes to go on with."""

from __future__ import annotations

from collections.abc import Mapping
from textwrap import wrap
from typing import Any

from audioguide.errors import RequestError
from audioguide.routine.importers.script import Script
from audioguide.schema.document import LARGEST_FILE
from audioguide.schema.yaml_writer import WIDTH, to_yaml
from audioguide.system.paths import printable


def script_to_yaml(script: Script) -> str:
    """The routine file: the same data, with each guess as a comment over its step. RequestError: too large."""
    return routine_to_yaml(script.data, script.file, _comments(script))


def routine_to_yaml(data: Mapping[str, Any], file: str, comments: Mapping[int, list[str]] | None = None) -> str:
    """A routine file with this data, made from `file`. `comments` stand over steps. RequestError: too large."""
    lines = [f"# Made from {printable(file)}.\n"]
    for key, value in data.items():
        lines.append("steps:\n" if key == "steps" else to_yaml({key: value}))
        for index, step in enumerate(value if key == "steps" else ()):
            lines += [f"  # {line}\n" for line in (comments or {}).get(index, ())]
            lines.append(to_yaml({"steps": [step]}).partition("\n")[2])
    text = "".join(lines)
    if len(text.encode()) > LARGEST_FILE:
        raise RequestError(f"The routine of {file} would be larger than 1 MB.", "Split the text in two.")
    return text


def _comments(script: Script) -> dict[int, list[str]]:
    """The guesses by the step that each one is about: the last that begins at or before its line."""
    found: dict[int, list[str]] = {}
    starts = [script.places["steps", index].line for index in range(len(script.data["steps"]))]
    index = 0
    for guess in script.guesses:
        while index + 1 < len(starts) and starts[index] < guess.place.line >= starts[index + 1]:
            index += 1
        found.setdefault(index, []).extend(wrap(f"Line {guess.place.line}: {guess.message}", WIDTH - 4))
    return found
