"""Reads a script, plain text or Markdown, as the document of a routine, and writes that as YAML."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePath
from shlex import quote
from textwrap import wrap
from typing import Any

from audioguide.errors import Problem, RequestError, RoutineError, SourceLocation
from audioguide.routine.importers import MARKDOWN
from audioguide.routine.importers.blocks import markdown_blocks, plain_blocks
from audioguide.routine.importers.exercise import split_name
from audioguide.routine.importers.phrasing import is_exercise
from audioguide.routine.importers.read_text import LARGEST_TEXT, decode, split_lines
from audioguide.routine.importers.segments import split_pieces
from audioguide.routine.importers.steps import LONG_PAUSE, StepBuilder
from audioguide.routine.importers.text_pieces import Assumption, Assumptions, Break, Heading, Pause, Piece, Words
from audioguide.schema.document import LARGEST_FILE, Document
from audioguide.schema.yaml_writer import WIDTH, to_yaml
from audioguide.system.files import read_bytes
from audioguide.system.paths import display_path, printable

_MOST_NOTES = 5  # lines about assumptions that are shown before a session begins


@dataclass(frozen=True)
class Script(Document):
    """A document that was made from a script. Its places point into the text; `assumptions` are shown to the user."""

    assumptions: tuple[Assumption, ...] = field(default=(), repr=False)

    @property
    def notes(self) -> tuple[str, ...]:
        """The first few assumptions, and how to see the others."""
        lines = tuple(map(str, self.assumptions))
        if len(lines) <= _MOST_NOTES:
            return lines
        more = len(lines) - _MOST_NOTES + 1
        return (*lines[:-more], f"There are {more} more: see `audioguide import {quote(self.file)}`.")


def read_script(path: Path) -> Script:
    """The routine in a script. RequestError when it cannot be read, RoutineError when there is nothing to say in it."""
    name = display_path(path)
    raw = read_bytes(path, LARGEST_TEXT, "text", "Check the spelling.")
    if len(raw) > LARGEST_TEXT:
        message = "The file is larger than 500 kB, which no script is."
        raise RoutineError([Problem(SourceLocation(name, 1, 1), "too-large", message, "Did you mean another file?")])
    return parse_script(split_lines(decode(raw, name), name), name)


def parse_script(lines: list[str], file: str) -> Script:
    """The routine in the lines of a script; the ending of `file` says which kind of text it is."""
    assumptions = Assumptions()
    blocks_of = markdown_blocks if PurePath(file).suffix.lower() in MARKDOWN else plain_blocks
    title, blocks = blocks_of(lines, file, assumptions)
    found, read = _take_title(split_pieces(blocks, assumptions))
    start = SourceLocation(file, 1, 1)
    builder = StepBuilder(assumptions)
    builder.add_all(read)
    if all("rest" in step for step in builder.steps):
        raise RoutineError(
            [Problem(start, "empty-file", "There are no words in this file.", "Write what is to be said.")]
        )
    from_file = printable(PurePath(file).stem).replace("-", " ").replace("_", " ")
    title = split_name(title)[0] or found or split_name(from_file)[0].capitalize()
    if not any(sign.isalnum() for sign in title):
        title = "Untitled"
    data = {"title": title, "steps": builder.steps}
    places = {(): start, ("title",): start, ("steps",): start} | builder.places
    return Script(file, data, places, dict(places), "\n".join(lines), assumptions=assumptions.all())


def _take_title(read: list[Piece]) -> tuple[str, list[Piece]]:
    """The title that the first heading gives, or "", and the pieces without it.

    It is the title if it stands alone on its level, or with nothing under it. It stays a heading, too, where all that
    is under it is one exercise; and it is only that where in plain text other exercises follow.
    """
    if not read or not isinstance(first := read[0], Heading):
        return "", read
    ends = [index for index, piece in enumerate(read) if index and isinstance(piece, Heading)]
    under = read[1 : ends[0] if ends else None]
    others = [heading for heading in read[1:] if isinstance(heading, Heading)]
    words = " ".join(piece.text for piece in under if isinstance(piece, Words))
    held = [index for index, piece in enumerate(under) if isinstance(piece, Pause) and _is_hold(piece, first, words)]
    if words and others and ((first.guessed and held) or any(other.level <= first.level for other in others)):
        return "", read
    return split_name(first.text)[0], read if first.amount or _is_only_exercise(under, held) else read[1:]


def _is_only_exercise(under: list[Piece], held: list[int]) -> bool:
    """Whether an exercise of one paragraph, or of one list, is all that is held under a heading."""
    spoken = [index for index, piece in enumerate(under) if isinstance(piece, Words)]
    if len(held) != 1 or not spoken or spoken[0] > held[0]:
        return len(held) == 1
    first = under[spoken[0]]
    words = under[spoken[0] : max(index for index in spoken if index < held[0])]
    return isinstance(first, Words) and not first.lead and Break() not in words


def _is_hold(pause: Pause, heading: Heading, words: str) -> bool:
    return pause.kind == "hold" or (pause.seconds >= LONG_PAUSE and is_exercise(f"{heading.text} {words}"))


def script_to_yaml(script: Script) -> str:
    """The routine file: the same data, with each assumption as a comment over its step. RequestError: too large."""
    return routine_to_yaml(script.data, script.file, _comments_by_step(script))


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


def _comments_by_step(script: Script) -> dict[int, list[str]]:
    """The assumptions by the step that each one is about: the last that begins at or before its line."""
    found: dict[int, list[str]] = {}
    starts = [script.places["steps", index].line for index in range(len(script.data["steps"]))]
    index = 0
    for assumption in script.assumptions:
        while index + 1 < len(starts) and starts[index] < assumption.place.line >= starts[index + 1]:
            index += 1
        found.setdefault(index, []).extend(wrap(f"Line {assumption.place.line}: {assumption.message}", WIDTH - 4))
    return found
