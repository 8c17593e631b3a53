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
from audioguide.routine.importers import read_table, read_timed
from audioguide.routine.importers.inline_text import FIELDS
from audioguide.routine.importers.read_markdown import read_markdown
from audioguide.routine.importers.read_markup import read_markup
from audioguide.routine.importers.read_plain import BYLINE, Found, read_plain
from audioguide.routine.importers.script_blocks import Block, LeftOut, ScriptSource, SourceNote
from audioguide.system.files import read_bytes
from audioguide.system.paths import display_path

LARGEST_TEXT = 500_000  # bytes: about nine hours of talk without a pause
MOST_LINES = 20_000
_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16: its mark begins in the same way
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_SPACES = str.maketrans(dict.fromkeys("\x0b\x0c\x1c\x1d\x1e\x1f\x85\u2028\u2029\xa0", " "))
# What stands in texts in Western European languages, beside ASCII: if Windows-1252 gives only that, it is that.
_WESTERN = set("äöüßÄÖÜéèêëàâáíìîïóòôúùûñçÉÈÊÀÂÁÍÎÓÔÚÛÑÇœŒæ¿¡«»„“”‘’‚–—…•·°½¼¾×²³€ºª´§±\xa0©®™")
# How files begin that are no text.
_KINDS = {
    b"%PDF": "PDF",
    b"PK\x03\x04": "Word, OpenDocument, Pages or EPUB",
    b"{\\rtf": "RTF",
    b"\xd0\xcf\x11\xe0": "Word",
}
_ENDINGS = ".docx .doc .odt .pages .epub .pdf .rtf".split()
Reader = Callable[[Sequence[str], str], Iterator[Found | SourceNote]]
_READERS: dict[str, Reader] = {
    **dict.fromkeys((".md", ".markdown"), read_markdown),
    **dict.fromkeys((".html", ".htm", ".xhtml", ".xml", ".ssml"), read_markup),
    **dict.fromkeys((".srt", ".vtt"), read_timed.read_captions),
    **dict.fromkeys((".csv", ".tsv"), read_table.read_table),
    ".lrc": read_timed.read_lyrics,
}
_MARKUP = re.compile(
    r"<(?:\?xml|!doctype|(?:speak|html|head|body|p|div|h[1-6]|ul|ol|table|section|article)\b)", re.IGNORECASE
)
_LYRICS = re.compile(r"\[(?:ti|ar|al|by|re|length|offset):|(?:\s*\[\d{1,3}:\d\d\.\d\d)", re.IGNORECASE)
_LANGUAGE = re.compile(r"([a-z]{2})(?:[-_]\w{1,10})?", re.IGNORECASE)


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
    kind = next((kind for start, kind in _KINDS.items() if raw.startswith(start)), "")
    if kind or (ending := PurePath(file).suffix.lower()) in _ENDINGS:
        message = f"This is a file of {kind}." if kind else f"Files that end with {ending} cannot be read."
        hint = "Save it there as plain text (.txt), Markdown or HTML, and import that."
        raise _error(SourceLocation(file, 1, 1), "not-text", message, hint)
    try:
        text = decode(raw, file)
    except RoutineError:
        if (western := _decode_western(raw)) is None:
            raise
        text = western
    else:
        return read_text_source(text, file)
    line = next(number for number, line in enumerate(_split_any_lines(text), 1) if not line.isascii())
    message = "This is no UTF-8, and is read as Windows-1252. If letters are wrong, save the file as UTF-8."
    return read_text_source(text, file, SourceNote(SourceLocation(file, line, 1), message))


def read_text_source(text: str, file: str, *notes: SourceNote) -> ScriptSource:
    """The blocks of a text. RoutineError where it is too long, or has characters that no text has."""
    lines = split_lines(text, file)
    if PurePath(file).suffix.lower() == ".json" or _is_json(text):
        raise _error(
            SourceLocation(file, 1, 1), "not-text", "This is data (JSON).", "Write its words into a text file."
        )
    found = list(_choose_reader(lines, file)(lines, file))
    blocks = [part for part in found if isinstance(part, Block)]
    for index, block in enumerate(blocks[:3]):
        if block.kind == "paragraph" and len(block.lines) == 1 and (by := BYLINE.fullmatch(block.lines[0].text)):
            blocks[index] = Block("field", tuple(replace(block.lines[0], text=text) for text in by.groups()))
    fields = {name: _find_field(blocks, name) for name in FIELDS}
    language = _LANGUAGE.fullmatch(fields["language"])
    return ScriptSource(
        file,
        tuple(lines),
        tuple(read_timed.place_times(blocks)),
        tuple(sorted((part for part in found if isinstance(part, LeftOut)), key=lambda part: part.place)),
        (*notes, *(part for part in found if isinstance(part, SourceNote))),
        fields["title"],
        language[1].lower() if language else "",
    )


def _choose_reader(lines: Sequence[str], file: str) -> Reader:
    if reader := _READERS.get(PurePath(file).suffix.lower()):
        return reader
    shown = list(islice((line.strip() for line in lines if line.strip()), 100))
    first = shown[0] if shown else ""
    if first.startswith("WEBVTT") or any(map(read_timed.SPAN.fullmatch, shown[:4])):
        return read_timed.read_captions
    if _MARKUP.match(first):
        return read_markup
    if sum(_LYRICS.match(line) is not None for line in shown) * 2 > len(shown):
        return read_timed.read_lyrics
    if len(shown) > 1 and all(map(read_table.PHRASE_LINE.fullmatch, shown)):
        return read_table.read_table
    return read_markdown if any(re.match(r"#{2,6} \S", line) for line in lines) else read_plain


def _find_field(blocks: Sequence[Block], name: str) -> str:
    fields = (block.lines for block in blocks if block.kind == "field" and len(block.lines) == 2)
    return next((value.text for field, value in fields if field.text.lower() in FIELDS[name]), "")


def _is_json(text: str) -> bool:
    try:
        return text.lstrip()[:1] in ("{", "[") and isinstance(json.loads(text), dict | list)
    except (ValueError, RecursionError):
        return False


def decode(raw: bytes, name: str) -> str:
    """The text in some bytes: UTF-8, or UTF-16 and UTF-32 with their mark. RoutineError for all else."""
    mark, encoding = next((pair for pair in _BYTE_ORDER_MARKS if raw.startswith(pair[0])), (b"", "utf-8"))
    body = raw[len(mark) :]
    try:
        text = body.decode(encoding)
    except UnicodeDecodeError as error:
        before = body[: error.start].decode(encoding, "ignore")
        place = SourceLocation(name, len(_split_any_lines(before)), 1)
        if "unexpected end" in error.reason or "truncated" in error.reason:
            raise _error(place, "not-utf-8", "The file breaks off in the middle of a letter.", "Get it anew.") from None
        if b"\0" in body and encoding == "utf-8":
            raise _not_text_error(body, place) from None
        raise _error(place, "not-utf-8", "This is not UTF-8 text.", "Save the file as UTF-8.") from None
    if "\0" in text:
        raise _not_text_error(body, SourceLocation(name, len(_split_any_lines(text[: text.index("\0")])), 1))
    return text


def _decode_western(raw: bytes) -> str | None:
    """The text in Windows-1252 (or Latin-1), if it is written in what Western European languages need; else None."""
    try:
        text = raw.decode("cp1252")
    except UnicodeDecodeError:
        return None
    strange = {letter for letter in text if letter < " "} - set("\t\n\r\f")
    return text if not strange and {letter for letter in text if not letter.isascii()} <= _WESTERN else None


def split_lines(text: str, name: str) -> list[str]:
    """The lines of a text, whichever way they end, with nothing in them that is neither a letter nor a space."""
    lines = _split_any_lines(text)
    if len(lines) > MOST_LINES:
        message = f"The text has over {MOST_LINES:,} lines, more than a session can be long."
        raise _error(SourceLocation(name, MOST_LINES + 1, 1), "too-large", message, "Did you mean another file?")
    lines = [line.translate(_SPACES) for line in lines]
    for number, line in enumerate(lines, start=1):
        if bad := next((sign for sign in line if unicodedata.category(sign) in ("Cc", "Cs") and sign != "\t"), None):
            message = "There is a control character here: this may not be plain text."
            place = SourceLocation(name, number, line.index(bad) + 1)
            raise _error(place, "control-character", message, "Export it as plain text, or take the character out.")
    return lines


def _split_any_lines(text: str) -> list[str]:
    return re.split(r"\r\n|\r|\n", text)


def _not_text_error(body: bytes, place: SourceLocation) -> RoutineError:
    # Every other byte of English in UTF-16 is 0.
    head = body[:4000]
    if max(head[::2].count(0), head[1::2].count(0)) > 0.4 * len(head) > 0:
        message = "This looks like UTF-16 without its mark, which cannot be told for sure."
        return _error(SourceLocation(place.file, 1, 1), "not-utf-8", message, "Save the file as UTF-8.")
    return _error(place, "not-text", "This is no text, whatever its name says.", "Export the script as plain text.")


def _error(place: SourceLocation, code: Code, message: str, hint: str) -> RoutineError:
    return RoutineError([Problem(place, code, message, hint)])
