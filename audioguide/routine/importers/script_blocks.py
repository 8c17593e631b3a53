"""What a reader makes of a file, and what is then understood: blocks of text, each line with its place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from audioguide.errors import SourceLocation

Kind = Literal["heading", "paragraph", "item", "row", "time", "field"]
Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class TextLine:
    """What stands in one line of the file, without markup and with single spaces, and where it begins.

    `bold` and `italic` are the parts of the text that are so, from and to.
    """

    text: str
    place: SourceLocation
    bold: tuple[Span, ...] = ()
    italic: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class Block:
    """A heading, a paragraph, an item of a list, a row of a table, a position in time, or a field of metadata.

    A heading has one line, a row one a cell, a field two: its name and its value. `level` is that of a heading (1 to
    6), or how deep an item lies (0 is outermost). `mark` is what stands before an item (`-`, `1.`, `a)`). `why`: only
    its looks make a heading of it. `columns` are the names of a row's cells. What follows a time
    begins at `start`, in seconds from the beginning, and ends at `end`, where the file says so.
    """

    kind: Kind
    lines: tuple[TextLine, ...] = ()
    level: int = 0
    mark: str = ""
    why: str = ""
    columns: tuple[TextLine, ...] = ()
    start: float = 0.0
    end: float | None = None


@dataclass(frozen=True, slots=True)
class LeftOut:
    """What is not said, and why: `a picture`, `an address`, `code`."""

    place: SourceLocation
    why: str
    text: str


@dataclass(frozen=True, slots=True)
class SourceNote:
    """What a reader guessed about the whole of a file, as a sentence or two: what it took, and what to do if not."""

    place: SourceLocation
    message: str


@dataclass(frozen=True)
class ScriptSource:
    """A file as its reader leaves it. `rows` are its lines as they stand; `title` and `language` are "" if unknown."""

    file: str
    rows: tuple[str, ...]
    blocks: tuple[Block, ...]
    left_out: tuple[LeftOut, ...] = ()
    notes: tuple[SourceNote, ...] = ()
    title: str = ""
    language: str = ""
