"""A script's routine as YAML that a person likes to go on with."""

from __future__ import annotations

import io
from collections.abc import Mapping
from textwrap import wrap
from typing import Any

from audioguide.errors import RequestError
from audioguide.resources import as_text
from audioguide.routine.document import LARGEST_FILE
from audioguide.routine.importing.script import Script

WIDTH = 100


def yaml_text(script: Script) -> str:
    """The routine file: the same data, with each guess as a comment over its step. RequestError: too large."""
    return routine_text(script.data, script.file, _comments(script))


def routine_text(data: Mapping[str, Any], file: str, comments: Mapping[int, list[str]] | None = None) -> str:
    """A routine file with this data, made from `file`. `comments` stand over steps. RequestError: too large."""
    from ruamel.yaml import YAML
    from ruamel.yaml.comments import CommentedMap

    writer = YAML()
    writer.width = WIDTH
    writer.indent(mapping=2, sequence=4, offset=2)
    steps = _formed_steps(data["steps"])
    for index, told in (comments or {}).items():
        steps.yaml_set_comment_before_after_key(index, before="\n".join(told), indent=2)
    root = CommentedMap((key, steps if key == "steps" else _formed(value)) for key, value in data.items())
    root.yaml_set_start_comment(f"Made from {as_text(file)}.")
    out = io.StringIO()
    writer.dump(root, out)
    text = out.getvalue()
    if len(text.encode()) > LARGEST_FILE:
        raise RequestError(f"The routine of {file} would be larger than 1 MB.", "Split the text in two.")
    return text


def _formed_steps(steps: list[dict[str, Any]]) -> Any:
    """Each on lines of its own, those in a repeat, too."""
    from ruamel.yaml.comments import CommentedMap, CommentedSeq

    return CommentedSeq(
        CommentedMap((key, _formed_steps(value) if key == "steps" else _formed(value)) for key, value in step.items())
        for step in steps
    )


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


def _formed(value: Any) -> Any:
    """Long texts folded, short lists in a row."""
    from ruamel.yaml.comments import CommentedMap, CommentedSeq
    from ruamel.yaml.scalarstring import FoldedScalarString

    match value:
        case dict():
            return CommentedMap((key, _formed(item)) for key, item in value.items())
        case list():
            row = CommentedSeq(value)
            row.fa.set_flow_style()
            return row
        case str() if len(value) > WIDTH - 20:
            return FoldedScalarString(value)
    return value
