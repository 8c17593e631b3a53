"""Reads YAML text as plain data, and keeps the line and column of every value.

The text is read as events, so no tag in it can create anything but text, numbers, lists and mappings. The parser is
libyaml, which is twenty times as fast as one in Python. It reads YAML 1.1; what differs in 1.2 is handled here: what
plain words mean (`_resolve_scalar`), and which characters are line breaks (`_adapt_to_libyaml`).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import reduce
from math import inf, nan
from pathlib import Path
from typing import Any, ClassVar, NoReturn, Self

import yaml

from audioguide.errors import Code, Problem, RequestError, RoutineError, SourceLocation
from audioguide.schema.explain import FIX, explain
from audioguide.system.files import read_bytes
from audioguide.system.paths import display_path

LARGEST_FILE = 1_000_000  # Bytes. The longest shipped routine has 4 kB; YAML of a megabyte takes the parser minutes.
LARGEST_TREE = 200_000  # most values; aliases count at each use, so that ten lines of them cannot fill the memory
DEEPEST = 100  # most levels of lists and mappings; a repeat takes two
MOST_PROBLEMS = 100  # most problems of a file that are told at once
LONGEST_NUMBER = 300  # most digits of a number; Python cannot print some longer ones

Keys = tuple[str | int, ...]

_UNPRINTABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_SURROGATES = re.compile(r"(?<!\\)((?:\\\\)*)\\u(d[89ab][0-9a-f]{2})\\u(d[c-f][0-9a-f]{2})", re.IGNORECASE)

_WORDS: dict[str, Any] = (
    dict.fromkeys(("", "~", "null", "Null", "NULL"))
    | dict.fromkeys(("true", "True", "TRUE"), True)
    | dict.fromkeys(("false", "False", "FALSE"), False)
    | dict.fromkeys((".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"), inf)
    | dict.fromkeys(("-.inf", "-.Inf", "-.INF"), -inf)
    | dict.fromkeys((".nan", ".NaN", ".NAN"), nan)
)
WHOLE = re.compile(r"(?:[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+)\Z")
FRACTION = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?\Z")


class Record:
    """The base of frozen dataclasses that files are read as: each field is a key, its annotation what it may hold."""

    __pydantic_config__: ClassVar[Any] = {"extra": "forbid", "coerce_numbers_to_str": True, "allow_inf_nan": False}


@dataclass(frozen=True)
class Document:
    """Plain data, and the location of each value (`places`) and each key (`keys`), by path."""

    file: str
    data: Any
    places: dict[Keys, SourceLocation] = field(repr=False)
    keys: dict[Keys, SourceLocation] = field(repr=False)
    text: str = field(default="", repr=False)  # the text of the file

    @property
    def notes(self) -> tuple[str, ...]:
        """Lines to show to the user about how the file was read."""
        return ()

    def value(self, path: Keys) -> Any:
        """The value at a path."""
        return reduce(lambda value, part: value[part], path, self.data)

    def place(self, path: Keys) -> SourceLocation:
        """The location of a value; of a missing one, that of its nearest parent."""
        while path not in self.places:
            path = path[:-1]
        return self.places[path]

    def fill(self, columns: Mapping[str, str]) -> Self:
        """With the value of each column in the place of its `{name}` in the texts."""

        def fill(value: Any) -> Any:
            match value:
                case dict():
                    return {key: fill(inner) for key, inner in value.items()}
                case list():
                    return [fill(inner) for inner in value]
                case str():
                    return re.sub(r"{(.*?)}", lambda name: columns.get(name[1].casefold(), name[0]), value)
            return value

        return replace(self, data=fill(self.data)) if columns else self


def read_document(path: Path) -> Document:
    """The document in a file. RequestError where it cannot be read, RoutineError where it is no YAML mapping."""
    return parse_document(read_text(path), display_path(path))


def read_text(path: Path) -> str:
    """The text of a file. RequestError where it cannot be read, RoutineError where it is not UTF-8."""
    name = display_path(path)
    raw = read_bytes(path, LARGEST_FILE, "routine", "Check the spelling, or see `audioguide list`.")
    if len(raw) > LARGEST_FILE:
        raise RequestError(f"{name} is larger than 1 MB, which no routine is.", "Did you mean another file?")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise RoutineError(
            [Problem(SourceLocation(name, line, 1), "not-utf-8", "This is not UTF-8 text.", "Save the file as UTF-8.")]
        ) from None


def parse_document(text: str, file: str) -> Document:
    """The document in a text; `file` is its name in messages. RoutineError where it is no YAML mapping."""
    if bad := _UNPRINTABLE.search(text):
        line = text.count("\n", 0, bad.start()) + 1
        where = SourceLocation(file, line, bad.start() - text.rfind("\n", 0, bad.start()))
        fix = "Take it out, and save the file as plain text."
        raise RoutineError([Problem(where, "bad-character", "This character may not stand in YAML.", fix)])
    start = SourceLocation(file, 1, 1)
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the first is in every wheel
    adapted, events = _adapt_to_libyaml(text), list[Any]()
    try:
        events.extend(yaml.parse(adapted, loader))
    except yaml.MarkedYAMLError as error:
        line, column, message, hint, code = explain(adapted, error, events[-1] if events else None)
        raise RoutineError([Problem(SourceLocation(file, line, column), code, message, hint)]) from None
    except (yaml.YAMLError, ValueError) as error:
        raise RoutineError([Problem(start, "not-yaml", f"This is not YAML: {error}.", FIX)]) from None
    reader = _Reader(file, events)
    if nul := next((event for event in events if "\0" in (getattr(event, "value", "") or "")), None):
        reader.refuse(reader.place(nul), "bad-character", "No text can have a NUL character in it.", "Take it out.")
    return reader.document(text)


def is_valid_unicode(text: str) -> bool:
    """Whether a text has no lone surrogate, which JSON and YAML can write but files cannot hold."""
    return text.isascii() or not any("\ud800" <= sign <= "\udfff" for sign in text)


def _adapt_to_libyaml(text: str) -> str:
    # Three characters are line breaks only in YAML 1.1. JSON escapes a surrogate pair, which libyaml does not know.
    text = re.sub("[\x85\u2028\u2029]", " ", text)
    return _SURROGATES.sub(_join_surrogates, text) if "\\u" in text else text


def _join_surrogates(halves: re.Match[str]) -> str:
    high, low = (int(half, 16) for half in halves.group(2, 3))
    return f"{halves[1]}\\U{0x10000 + ((high - 0xD800) << 10) + low - 0xDC00:08X}"


class _Reader:
    """Turns the events of a file into plain data. At an alias, the events of its anchor are read again."""

    def __init__(self, file: str, events: list[Any]) -> None:
        self.file, self.events, self.next = file, events, 0
        self.places: dict[Keys, SourceLocation] = {}
        self.keys: dict[Keys, SourceLocation] = {}
        self.problems: list[Problem] = []
        self.anchors: dict[str, int] = {}
        self.around: set[int] = set()  # the first events of the lists and mappings that are being read

    def document(self, text: str) -> Document:
        start = SourceLocation(self.file, 1, 1)
        if len(self.events) == 2:  # only the start and the end of the stream
            self.refuse(start, "empty-file", "The file is empty.", "A routine needs `title:` and `steps:`.")
        self.next = 2  # after the starts of the stream and of the document
        data = self.value(())
        if not isinstance(data, dict):
            message, fix = "This is not a routine or a voice.", "Begin with `title:` and `steps:`."
            self.refuse(start, "not-a-routine", message, fix)
        if isinstance(following := self.events[self.next + 1], yaml.DocumentStartEvent):
            message = "This is not YAML: A second document begins here."
            self.refuse(self.place(following), "not-yaml", message, "Take this line out.")
        if self.problems:
            raise RoutineError(self.problems)
        return Document(self.file, data, self.places, self.keys, text)

    def place(self, event: Any) -> SourceLocation:
        return SourceLocation(self.file, event.start_mark.line + 1, event.start_mark.column + 1)

    def refuse(self, place: SourceLocation, code: Code, message: str, fix: str) -> NoReturn:
        raise RoutineError([*self.problems, Problem(place, code, message, fix)])

    def value(self, path: Keys) -> Any:
        start, event = self.next, self.events[self.next]
        if isinstance(event, yaml.AliasEvent):
            return self.alias(event, path)
        place = self.places[path] = self.place(event)
        self.anchor(event, place)
        self.next += 1
        if len(self.places) > LARGEST_TREE:
            self.refuse(place, "too-large", "There is far too much in this file.", "Use `repeat` instead of aliases.")
        if len(path) > DEEPEST:
            self.refuse(place, "too-deep", "This is nested too deeply to be a routine.", FIX)
        if isinstance(event, yaml.ScalarEvent):
            return _resolve_scalar(event)
        self.around.add(start)
        found: Any = []
        if isinstance(event, yaml.MappingStartEvent):
            found = self.mapping(path)
        else:
            while not isinstance(self.events[self.next], yaml.SequenceEndEvent):
                found.append(self.value((*path, len(found))))
        self.around.remove(start)
        self.next += 1
        return found

    def alias(self, event: Any, path: Keys) -> Any:
        start, after, place = self.anchors.get(event.anchor), self.next + 1, self.place(event)
        if start is None:
            message = "This alias names nothing that was written above it."
            self.refuse(place, "unknown-alias", message, "Put quotes around the text, if `*` is its own.")
        if start in self.around:
            message = "This alias stands for something that it is part of."
            self.refuse(place, "circular-alias", message, "Write out what it stands for.")
        self.next = start
        found = self.value(path)
        self.next = after
        return found

    def anchor(self, event: Any, place: SourceLocation) -> None:
        if event.anchor and self.anchors.setdefault(event.anchor, self.next) != self.next:
            self.refuse(place, "duplicate-anchor", "This anchor was used before.", "Give it another name.")

    def mapping(self, path: Keys) -> dict[str, Any]:
        found: dict[str, Any] = {}
        while not isinstance(event := self.events[self.next], yaml.MappingEndEvent):
            place = self.place(event)
            if not isinstance(event, yaml.ScalarEvent):
                fix = "Put quotes around it, if brackets or braces belong to a text."
                self.refuse(place, "not-a-key", "A key has to be a word.", fix)
            self.anchor(event, place)
            self.next += 1
            key: str = event.value
            if key in found:
                message = f"The key {key!r} stands here a second time (first in line {self.keys[(*path, key)].line})."
                self.problems.append(Problem(place, "duplicate-key", message, "Keep one of them."))
                self.value((*path, key))
                if len(self.problems) == MOST_PROBLEMS:
                    raise RoutineError(self.problems)
                continue
            self.keys[(*path, key)] = place
            found[key] = self.value((*path, key))
            if found[key] is None:
                self.places[(*path, key)] = place
        return found


def _resolve_scalar(event: Any) -> Any:
    """The value of a scalar in YAML 1.2's core schema, where `yes`, `1:30` and dates are text and `010` is ten."""
    text: str = event.value
    if not event.implicit[0] and not (event.tag or "").endswith((":int", ":float", ":bool", ":null")):
        return text
    if text in _WORDS:
        return _WORDS[text]
    if WHOLE.match(text) and len(text) <= LONGEST_NUMBER:
        return int(text, 0 if text[1:2] in ("o", "x") else 10)
    return float(text) if FRACTION.match(text) and len(text) <= LONGEST_NUMBER else text
