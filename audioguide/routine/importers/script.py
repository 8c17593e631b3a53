"""A script, plain text or Markdown, as the document of a routine."""

from __future__ import annotations

import codecs
import re
import unicodedata
from dataclasses import dataclass, field
from pathlib import Path, PurePath
from shlex import quote

from audioguide.errors import Code, Problem, RoutineError, SourceLocation
from audioguide.routine.importers import MARKDOWN
from audioguide.routine.importers.blocks import markdown_blocks, plain_blocks
from audioguide.routine.importers.exercise import named
from audioguide.routine.importers.phrasing import is_exercise
from audioguide.routine.importers.segments import pieces
from audioguide.routine.importers.steps import LONG_PAUSE, Assembly
from audioguide.routine.importers.text_pieces import Break, Guess, Guesses, Heading, Pause, Piece, Words
from audioguide.schema.document import Document
from audioguide.system.files import read_bytes
from audioguide.system.paths import display_path, printable

LARGEST_TEXT = 500_000
"""Bytes: about nine hours of talk without a pause."""

MOST_LINES = 20_000

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16: its mark begins in the same way
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_SPACES = str.maketrans(dict.fromkeys("\x0b\x0c\x1c\x1d\x1e\x1f\x85\u2028\u2029\xa0\t", " "))


def read_lines(path: Path) -> list[str]:
    """The lines of a text file. RequestError when it cannot be read, RoutineError when it is no script."""
    name = display_path(path)
    raw = read_bytes(path, LARGEST_TEXT, "text", "Check the spelling.")
    if len(raw) > LARGEST_TEXT:
        message = "The file is larger than 500 kB, which no script is."
        raise _wrong(SourceLocation(name, 1, 1), "too-large", message, "Did you mean another file?")
    return split_lines(decode(raw, name), name)


def decode(raw: bytes, name: str) -> str:
    """The text in some bytes: UTF-8, or UTF-16 and UTF-32 with their mark. RoutineError for all else.

    Older encodings (Latin-1, Windows-1252 …) cannot be told apart for sure, and a wrong guess would be *spoken*.
    """
    mark, encoding = next(((mark, encoding) for mark, encoding in _MARKS if raw.startswith(mark)), (b"", "utf-8"))
    body = raw[len(mark) :]
    try:
        text = body.decode(encoding)
    except UnicodeDecodeError as error:
        before = body[: error.start].decode(encoding, "ignore")
        place = SourceLocation(name, len(_split(before)), 1)
        if "unexpected end" in error.reason or "truncated" in error.reason:
            raise _wrong(place, "not-utf-8", "The file breaks off in the middle of a letter.", "Get it anew.") from None
        if b"\0" in body and encoding == "utf-8":
            raise _no_text(body, place) from None
        raise _wrong(place, "not-utf-8", "This is not UTF-8 text.", "Save the file as UTF-8.") from None
    if "\0" in text:
        raise _no_text(body, SourceLocation(name, len(_split(text[: text.index("\0")])), 1))
    return text


def split_lines(text: str, name: str) -> list[str]:
    """The lines of a text, whichever way they end, with nothing in them that is neither a letter nor a space."""
    lines = _split(text)
    if len(lines) > MOST_LINES:
        message = f"The text has over {MOST_LINES:,} lines, more than a session can be long."
        raise _wrong(SourceLocation(name, MOST_LINES + 1, 1), "too-large", message, "Did you mean another file?")
    lines = [line.translate(_SPACES) for line in lines]
    for number, line in enumerate(lines, start=1):
        if bad := next((sign for sign in line if unicodedata.category(sign) in ("Cc", "Cs")), None):
            message = "There is a control character here: this may not be plain text."
            place = SourceLocation(name, number, line.index(bad) + 1)
            raise _wrong(place, "control-character", message, "Export it as plain text, or take the character out.")
    return lines


def _split(text: str) -> list[str]:
    return re.split(r"\r\n|\r|\n", text)


def _no_text(body: bytes, place: SourceLocation) -> RoutineError:
    # Every other byte of English in UTF-16 is 0.
    head = body[:4000]
    if max(head[::2].count(0), head[1::2].count(0)) > 0.4 * len(head) > 0:
        message = "This looks like UTF-16 without its mark, which cannot be told for sure."
        return _wrong(SourceLocation(place.file, 1, 1), "not-utf-8", message, "Save the file as UTF-8.")
    return _wrong(place, "not-text", "This is no text, whatever its name says.", "Export the script as plain text.")


def _wrong(place: SourceLocation, code: Code, message: str, hint: str) -> RoutineError:
    return RoutineError([Problem(place, code, message, hint)])


MOST_NOTES = 5
"""Lines about guesses that a listener is told before a session begins."""


@dataclass(frozen=True)
class Script(Document):
    """A document that was made from a script: its places are those of the text. `guesses` are told to a person."""

    guesses: tuple[Guess, ...] = field(default=(), repr=False)

    @property
    def notes(self) -> tuple[str, ...]:
        """The first few guesses, and where to see the others."""
        told = tuple(map(str, self.guesses))
        if len(told) <= MOST_NOTES:
            return told
        first = told[: MOST_NOTES - 1]
        all = f"audioguide import {quote(self.file)}"
        return (*first, f"So it goes on, {len(told) - len(first)} more times: see `{all}`.")


def read_script(path: Path) -> Script:
    """The routine in a script. RequestError when it cannot be read, RoutineError when there is nothing to say in it."""
    return parse_script(read_lines(path), display_path(path))


def parse_script(lines: list[str], file: str) -> Script:
    """The routine in the lines of a script; the ending of `file` says which kind of text it is."""
    guesses = Guesses()
    blocks_of = markdown_blocks if PurePath(file).suffix.lower() in MARKDOWN else plain_blocks
    title, blocks = blocks_of(lines, file, guesses)
    found, read = _title(pieces(blocks, guesses))
    start = SourceLocation(file, 1, 1)
    assembly = Assembly(guesses)
    assembly.read(read)
    if all("rest" in step for step in assembly.steps):
        problem = Problem(start, "empty-file", "There are no words in this file.", "Write what is to be said.")
        raise RoutineError([problem])
    title = named(title)[0] or found or _title_of_file(file)
    if not any(sign.isalnum() for sign in title):
        title = "Untitled"
    data = {"title": title, "steps": assembly.steps}
    places = {(): start, ("title",): start, ("steps",): start} | assembly.places
    return Script(file, data, places, dict(places), "\n".join(lines), guesses=guesses.all())


def _title_of_file(file: str) -> str:
    return named(printable(PurePath(file).stem).replace("-", " ").replace("_", " "))[0].capitalize()


def _title(read: list[Piece]) -> tuple[str, list[Piece]]:
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
    held = [index for index, piece in enumerate(under) if isinstance(piece, Pause) and _held(piece, first, words)]
    if words and others and ((first.guessed and held) or any(other.level <= first.level for other in others)):
        return "", read
    return named(first.text)[0], read if first.amount or _is_only(under, held) else read[1:]


def _is_only(under: list[Piece], held: list[int]) -> bool:
    """Whether an exercise of one paragraph, or of one list, is all that is held under a heading."""
    spoken = [index for index, piece in enumerate(under) if isinstance(piece, Words)]
    if len(held) != 1 or not spoken or spoken[0] > held[0]:
        return len(held) == 1
    first = under[spoken[0]]
    words = under[spoken[0] : max(index for index in spoken if index < held[0])]
    return isinstance(first, Words) and not first.lead and Break() not in words


def _held(pause: Pause, heading: Heading, words: str) -> bool:
    return pause.kind == "hold" or (pause.seconds >= LONG_PAUSE and is_exercise(f"{heading.text} {words}"))
