"""Reads a file that has words to be said in it: bytes to text, text to blocks. Its name and what it is like say how."""

from __future__ import annotations

import codecs
import json
import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path, PurePath

from audioguide.errors import Code, Problem, RoutineError, SourceLocation
from audioguide.routine.importers.inline_text import DATA, FIELDS
from audioguide.routine.importers.read_markdown import read_markdown
from audioguide.routine.importers.read_markup import read_markup
from audioguide.routine.importers.read_plain import BYLINE, Found, read_plain
from audioguide.routine.importers.read_table import PHRASE_LINE, read_table
from audioguide.routine.importers.read_timed import SPAN, place_times, read_captions, read_lyrics
from audioguide.routine.importers.script_blocks import Block, LeftOut, ScriptSource, SourceNote
from audioguide.system.files import read_bytes
from audioguide.system.paths import display_path

LARGEST_TEXT = 500_000  # bytes: about nine hours of talk without a pause
MOST_LINES = 20_000
_BYTE_ORDER_MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF32_LE: "utf-32",  # before UTF-16: its mark begins in the same way
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
_SPACES = str.maketrans(dict.fromkeys("\x0b\x0c\x1c\x1d\x1e\x1f\x85\u2028\u2029\xa0", " "))
Reader = Callable[[Sequence[str], str], Iterator[Found | SourceNote]]
_READERS: dict[str, Reader] = {
    **dict.fromkeys((".md", ".markdown"), read_markdown),
    **dict.fromkeys((".html", ".htm", ".xhtml", ".xml", ".ssml"), read_markup),
    **dict.fromkeys((".srt", ".vtt"), read_captions),
    **dict.fromkeys((".csv", ".tsv"), read_table),
    ".lrc": read_lyrics,
}
_MARKUP = re.compile(
    r"<(?:\?xml|!doctype|(?:speak|html|head|body|p|div|h[1-6]|ul|ol|table|section|article)\b)", re.IGNORECASE
)
_LYRICS = re.compile(r"\[(?:ti|ar|al|by|re|length|offset):|(?:\s*\[\d{1,3}:\d\d\.\d\d)", re.IGNORECASE)
_LANGUAGE = re.compile(r"[a-z]{2}(?:[-_]\w{1,10})?", re.IGNORECASE)


def read_script_source(path: Path) -> ScriptSource:
    """The blocks of a file. RequestError where it cannot be opened, RoutineError where there is no text in it."""
    name = display_path(path)
    raw = read_bytes(path, LARGEST_TEXT, "text", "Check the spelling.")
    if len(raw) > LARGEST_TEXT:
        message = "The file is larger than 500 kB, which no script is."
        raise _error(SourceLocation(name, 1, 1), "too-large", message, "Did you mean another file?")
    return read_source(raw, name)


def read_source(raw: bytes, file: str) -> ScriptSource:
    """The blocks of some bytes, whose form `file` tells by its ending. RoutineError where they are no text."""
    starts, ending = raw[:8].decode("latin-1"), PurePath(file).suffix.lower()
    for sign, kind in DATA["foreign"].items():
        if sign == ending or starts.startswith(sign):
            raise _refuse(SourceLocation(file, 1, 1), kind)
    try:
        return read_text_source(decode(raw, file), file)
    except RoutineError as error:
        if error.problems[0].code != "not-utf-8" or (text := _decode_western(raw)) is None:
            raise
    line = next(number for number, line in enumerate(_split_any_lines(text), 1) if not line.isascii())
    message = "This is no UTF-8, and is read as Windows-1252. If letters are wrong, save the file as UTF-8."
    return read_text_source(text, file, SourceNote(SourceLocation(file, line, 1), message))


def read_text_source(text: str, file: str, *notes: SourceNote) -> ScriptSource:
    """The blocks of a text. RoutineError where it is too long, or has characters that no text has."""
    lines = split_lines(text, file)
    if _is_json(text):
        raise _refuse(SourceLocation(file, 1, 1), DATA["foreign"][".json"])
    found = list(_choose_reader(lines, file)(lines, file))
    blocks = [part for part in found if isinstance(part, Block)]
    for index, block in enumerate(blocks[:3]):
        if block.kind == "paragraph" and len(block.lines) == 1 and (by := BYLINE.fullmatch(block.lines[0].text)):
            blocks[index] = Block("field", tuple(replace(block.lines[0], text=text) for text in by.groups()))
    fields: dict[str | None, str] = {}
    for name, value in (block.lines for block in blocks if block.kind == "field"):
        fields.setdefault(FIELDS.get(name.text.lower()), value.text)
    left_out = sorted((part for part in found if isinstance(part, LeftOut)), key=lambda part: part.place)
    told = *notes, *(part for part in found if isinstance(part, SourceNote))
    language = fields.get("language", "")
    language = language[:2].lower() if _LANGUAGE.fullmatch(language) else ""
    placed, title = tuple(place_times(blocks)), fields.get("title", "")
    return ScriptSource(file, tuple(lines), placed, tuple(left_out), told, title, language)


def _choose_reader(lines: Sequence[str], file: str) -> Reader:
    reader = _READERS.get(PurePath(file).suffix.lower())
    if reader and (reader is not read_captions or any(map(SPAN.fullmatch, lines))):
        return reader
    shown = list(islice((line.strip() for line in lines if line.strip()), 100))
    first = shown[0] if shown else ""
    if first.startswith("WEBVTT") or any(map(SPAN.fullmatch, shown[:4])):
        return read_captions
    if _MARKUP.match(first):
        return read_markup
    if sum(_LYRICS.match(line) is not None for line in shown) * 2 > len(shown):
        return read_lyrics
    if len(shown) > 1 and sum(PHRASE_LINE.fullmatch(line) is not None for line in shown) * 2 > len(shown):
        return read_table
    return read_markdown if any(re.match(r"#{2,6} \S", line) for line in lines) else read_plain


def _is_json(text: str) -> bool:
    try:
        return text.lstrip()[:1] in ("{", "[") and isinstance(json.loads(text), dict | list)
    except (ValueError, RecursionError):
        return False


def decode(raw: bytes, name: str) -> str:
    """The text in some bytes: UTF-8, or UTF-16 and UTF-32 with their mark. RoutineError for all else."""
    encoding = next((encoding for mark, encoding in _BYTE_ORDER_MARKS.items() if raw.startswith(mark)), "utf-8")
    try:
        text = raw.decode(encoding)
    except UnicodeDecodeError as error:
        before = raw[: error.start].decode(encoding, "ignore")
        place = SourceLocation(name, len(_split_any_lines(before)), 1)
        if "unexpected end" in error.reason or "truncated" in error.reason:
            raise _error(place, "not-utf-8", "The file breaks off in the middle of a letter.", "Get it anew.") from None
        if b"\0" in raw and encoding == "utf-8":
            raise _not_text_error(raw, place) from None
        raise _error(place, "not-utf-8", "This is not UTF-8 text.", "Save the file as UTF-8.") from None
    if "\0" in text:
        raise _not_text_error(raw, SourceLocation(name, len(_split_any_lines(text[: text.index("\0")])), 1))
    return text


def _decode_western(raw: bytes) -> str | None:
    """The text in Windows-1252 (or Latin-1), if it has only what Western European languages need; else None."""
    text = raw.decode("cp1252", "replace")
    return text if re.fullmatch(DATA["western"], text) else None


def split_lines(text: str, name: str) -> list[str]:
    """The lines of a text, whichever way they end, with nothing in them that is neither a letter nor a space."""
    lines = _split_any_lines(text)
    if len(lines) > MOST_LINES:
        message = f"The text has over {MOST_LINES:,} lines, more than a session can be long."
        raise _error(SourceLocation(name, MOST_LINES + 1, 1), "too-large", message, "Did you mean another file?")
    lines = [line.translate(_SPACES) for line in lines]
    for number, line in enumerate(lines, 1):
        if bad := next((sign for sign in line if unicodedata.category(sign) in ("Cc", "Cs") and sign != "\t"), None):
            message = "There is a control character here: this may not be plain text."
            place = SourceLocation(name, number, line.index(bad) + 1)
            raise _error(place, "control-character", message, "Export it as plain text, or take the character out.")
    return lines


def _split_any_lines(text: str) -> list[str]:
    return re.split(r"\r\n|\r|\n", text)


def _refuse(place: SourceLocation, kind: str) -> RoutineError:
    hint = "Save its words as plain text (.txt), Markdown or HTML, and import that."
    return _error(place, "not-text", f"This is {kind}, which cannot be read.", hint)


def _not_text_error(body: bytes, place: SourceLocation) -> RoutineError:
    # Every other byte of English in UTF-16 is 0.
    head = body[:4000]
    if max(head[::2].count(0), head[1::2].count(0)) > 0.4 * len(head) > 0:
        message = "This looks like UTF-16 without its mark, which cannot be told for sure."
        return _error(SourceLocation(place.file, 1, 1), "not-utf-8", message, "Save the file as UTF-8.")
    return _error(place, "not-text", "This is no text, whatever its name says.", "Export the script as plain text.")


def _error(place: SourceLocation, code: Code, message: str, hint: str) -> RoutineError:
    return RoutineError([Problem(place, code, message, hint)])
