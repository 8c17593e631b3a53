"""The bytes of a script to its lines, or one sentence about why not."""

from __future__ import annotations

import codecs
import re
import unicodedata
from pathlib import Path

from audioguide.errors import Code, Place, Problem, RoutineError
from audioguide.files import read_bytes
from audioguide.resources import shown

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
    name = shown(path)
    raw = read_bytes(path, LARGEST_TEXT, "text", "Check the spelling.")
    if len(raw) > LARGEST_TEXT:
        message = "The file is larger than 500 kB, which no script is."
        raise _wrong(Place(name, 1, 1), "too-large", message, "Did you mean another file?")
    return lines_of(decode(raw, name), name)


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
        place = Place(name, len(_split(before)), 1)
        if "unexpected end" in error.reason or "truncated" in error.reason:
            raise _wrong(place, "not-utf-8", "The file breaks off in the middle of a letter.", "Get it anew.") from None
        if b"\0" in body and encoding == "utf-8":
            raise _no_text(body, place) from None
        raise _wrong(place, "not-utf-8", "This is not UTF-8 text.", "Save the file as UTF-8.") from None
    if "\0" in text:
        raise _no_text(body, Place(name, len(_split(text[: text.index("\0")])), 1))
    return text


def lines_of(text: str, name: str) -> list[str]:
    """The lines of a text, whichever way they end, with nothing in them that is neither a letter nor a space."""
    lines = _split(text)
    if len(lines) > MOST_LINES:
        message = f"The text has over {MOST_LINES:,} lines, more than a session can be long."
        raise _wrong(Place(name, MOST_LINES + 1, 1), "too-large", message, "Did you mean another file?")
    lines = [line.translate(_SPACES) for line in lines]
    for number, line in enumerate(lines, start=1):
        if bad := next((sign for sign in line if unicodedata.category(sign) in ("Cc", "Cs")), None):
            message = "There is a control character here: this may not be plain text."
            place = Place(name, number, line.index(bad) + 1)
            raise _wrong(place, "control-character", message, "Export it as plain text, or take the character out.")
    return lines


def _split(text: str) -> list[str]:
    return re.split(r"\r\n|\r|\n", text)


def _no_text(body: bytes, place: Place) -> RoutineError:
    # Every other byte of English in UTF-16 is 0.
    head = body[:4000]
    if max(head[::2].count(0), head[1::2].count(0)) > 0.4 * len(head) > 0:
        message = "This looks like UTF-16 without its mark, which cannot be told for sure."
        return _wrong(Place(place.file, 1, 1), "not-utf-8", message, "Save the file as UTF-8.")
    return _wrong(place, "not-text", "This is no text, whatever its name says.", "Export the script as plain text.")


def _wrong(place: Place, code: Code, message: str, hint: str) -> RoutineError:
    return RoutineError([Problem(place, code, message, hint)])
