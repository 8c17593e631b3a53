"""YAML text to plain data in which every value knows its line and column.

The text is composed, not constructed: no tag of it can build anything but text, numbers, lists and mappings.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from audioguide.errors import Code, Place, Problem, RequestError, RoutineError
from audioguide.files import read_bytes
from audioguide.resources import shown

LARGEST_FILE = 1_000_000
"""Bytes. The longest shipped routine has 4 kB; YAML of a megabyte takes the parser minutes."""

LARGEST_TREE = 200_000
"""Values, aliases counted each time they are used: what keeps ten lines of aliases from filling the memory."""

LONGEST_NUMBER = 300
"""Letters. What is longer is no number that anything has, and some of those cannot be printed."""

Keys = tuple[str | int, ...]

_FIX = "Check the indentation, colons and quotes around here."


@dataclass(frozen=True)
class Document:
    """Plain data, and where each value (`places`) and each key (`keys`) of it was written."""

    file: str
    data: Any
    places: dict[Keys, Place] = field(repr=False)
    keys: dict[Keys, Place] = field(repr=False)
    text: str = field(default="", repr=False)
    """The text that it was read from."""

    @property
    def notes(self) -> tuple[str, ...]:
        """What a listener should be told about how it was read, a line each."""
        return ()

    def value(self, path: Keys) -> Any:
        """What is written at a path."""
        value = self.data
        for part in path:
            value = value[part]
        return value

    def place(self, path: Keys) -> Place:
        """Where a value is written; of one that is not there, where it should be: its nearest parent's place."""
        while path not in self.places:
            path = path[:-1]
        return self.places[path]


def read(path: Path) -> Document:
    """The document in a file. RequestError when it cannot be read, RoutineError when it is no YAML mapping."""
    return parse(text_of(path), shown(path))


def text_of(path: Path) -> str:
    """The text in a file. RequestError when it cannot be read, RoutineError when it is no text."""
    name = shown(path)
    raw = read_bytes(path, LARGEST_FILE, "routine", "Check the spelling, or see `audioguide list`.")
    if len(raw) > LARGEST_FILE:
        raise RequestError(f"{name} is larger than 1 MB, which no routine is.", "Did you mean another file?")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise RoutineError(
            [Problem(Place(name, line, 1), "not-utf-8", "This is not UTF-8 text.", "Save the file as UTF-8.")]
        ) from None


def parse(text: str, file: str) -> Document:
    """The document in a text; `file` names it in messages. RoutineError when it is no YAML mapping."""
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    start = Place(file, 1, 1)
    try:
        root = YAML(typ="safe", pure=True).compose(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = Place(file, mark.line + 1, mark.column + 1) if mark else start
        raise RoutineError([Problem(where, *_plain(text, where, str(error.problem or error.context)))]) from None
    except YAMLError as error:
        where = start
        if (position := getattr(error, "position", None)) is not None:
            line = text.count("\n", 0, position) + 1
            where = Place(file, line, position - (text.rfind("\n", 0, position) + 1) + 1)
        if where is start:
            raise RoutineError([Problem(start, "not-yaml", f"This is not YAML: {error}", _FIX)]) from None
        fix = "Take it out, and save the file as plain text."
        raise RoutineError([Problem(where, "bad-character", "This character may not stand in YAML.", fix)]) from None
    except RecursionError:
        raise RoutineError([Problem(start, "too-deep", "This is nested too deeply to be a routine.", _FIX)]) from None
    except ValueError as error:
        raise RoutineError([Problem(start, "not-yaml", f"This is not YAML: {error}.", _FIX)]) from None
    if root is None:
        raise RoutineError(
            [Problem(start, "empty-file", "The file is empty.", "A routine needs `title:` and `steps:`.")]
        )
    if root.id != "mapping":
        raise RoutineError(
            [Problem(start, "not-a-routine", "This is not a routine or a voice.", "Begin with `title:` and `steps:`.")]
        )
    return _Tree(file).document(root, text)


def is_text(text: str) -> bool:
    """Whether a text can be written anywhere: JSON and YAML have a notation for half a letter (a lone surrogate)."""
    return text.isascii() or not any("\ud800" <= sign <= "\udfff" for sign in text)


def _plain(text: str, where: Place, problem: str) -> tuple[Code, str, str]:
    lines = text.splitlines()
    if where.line <= len(lines) and "\t" in lines[where.line - 1][: where.column + 1]:
        return "tab", "There is a tab here, and YAML allows only spaces.", "Replace it with spaces."
    if problem.startswith("found duplicate anchor"):
        return "duplicate-anchor", "This anchor was used before.", "Give it another name."
    if problem.startswith("found undefined alias"):
        return (
            "unknown-alias",
            "This alias names nothing that was written above it.",
            "Put quotes around the text, if `*` is its own.",
        )
    return "not-yaml", f"This is not YAML: {problem}.", _FIX


class _Tree:
    def __init__(self, file: str) -> None:
        self.file = file
        self.places: dict[Keys, Place] = {}
        self.keys: dict[Keys, Place] = {}
        self.problems: list[Problem] = []
        self.above: set[int] = set()

    def document(self, root: Any, text: str) -> Document:
        data = self.value(root, ())
        if self.problems:
            raise RoutineError(self.problems)
        return Document(self.file, data, self.places, self.keys, text)

    def place(self, node: Any) -> Place:
        return Place(self.file, node.start_mark.line + 1, node.start_mark.column + 1)

    def value(self, node: Any, path: Keys) -> Any:
        self.places[path] = self.place(node)
        if len(self.places) > LARGEST_TREE:
            message = "The aliases of this file unfold to far too much."
            raise RoutineError([Problem(self.place(node), "too-large", message, "Use `repeat` instead of aliases.")])
        if id(node) in self.above:
            message = "This alias stands for something that it is part of."
            raise RoutineError([Problem(self.place(node), "circular-alias", message, "Write out what it stands for.")])
        if node.id == "scalar":
            return self.scalar(node)
        self.above.add(id(node))
        try:
            if node.id == "sequence":
                return [self.value(item, (*path, index)) for index, item in enumerate(node.value)]
            return self.mapping(node, path)
        finally:
            self.above.remove(id(node))

    def mapping(self, node: Any, path: Keys) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key_node, value_node in node.value:
            if key_node.id != "scalar":
                fix = "Put quotes around it, if brackets or braces belong to a text."
                self.problems.append(Problem(self.place(key_node), "not-a-key", "A key has to be a word.", fix))
                continue
            key = self.text(key_node)
            if key in found:
                first = self.keys[(*path, key)].line
                message = f"The key {key!r} stands here a second time (first in line {first})."
                self.problems.append(Problem(self.place(key_node), "duplicate-key", message, "Keep one of them."))
                continue
            self.keys[(*path, key)] = self.place(key_node)
            found[key] = self.value(value_node, (*path, key))
            if found[key] is None:
                self.places[(*path, key)] = self.place(key_node)  # of nothing, the parsers do not agree where it is
        return found

    def text(self, node: Any) -> str:
        text = str(node.value)
        if not is_text(text):  # escapes: the file itself is UTF-8, and JSON writes a letter beyond U+FFFF as two halves
            try:
                return text.encode("utf-16", "surrogatepass").decode("utf-16")
            except UnicodeDecodeError:
                message = "Half a letter is no text."
                self.problems.append(Problem(self.place(node), "bad-character", message, "Write it again."))
        return text

    def scalar(self, node: Any) -> str | int | float | bool | None:
        kind = node.tag.rpartition(":")[2]
        text = self.text(node)
        try:
            if kind == "int" and len(text) <= LONGEST_NUMBER:
                return int(text.replace("_", ""), 0)
            if kind == "float":
                return float(text.replace("_", "").replace(".inf", "inf").replace(".nan", "nan"))
        except ValueError:
            return text
        if kind == "bool":
            return text.lower() == "true"
        return None if kind == "null" else text
