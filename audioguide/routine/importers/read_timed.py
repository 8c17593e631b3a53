"""Reads captions (SRT, WebVTT, LRC), and finds the times that lines of other texts begin with.

pysubs2 knows neither LRC nor on which line a caption stands, and would speak the notes of WebVTT.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from audioguide.errors import SourceLocation
from audioguide.routine.importers.inline_text import FIELDS, Row, locate
from audioguide.routine.importers.read_plain import Found, make_field, read_fields
from audioguide.routine.importers.script_blocks import Block, LeftOut, SourceNote, TextLine

_CLOCK = r"(?:(\d{1,3}):)?(\d{1,3}):(\d{1,2})(?:[.,](\d{1,3}))?"
SPAN = re.compile(rf"\s*{_CLOCK}\s*--?>\s*{_CLOCK}.*")
STAMP = re.compile(rf"\s*\[{_CLOCK}\]")
_TAG = re.compile(
    r"<v(?:\.[^\s<>]*)?\s+(?P<speaker>[^<>]+)>|</?[a-z][\w.-]*(?:\s[^<>]*)?>|<[\d:.]+>|\{\\[^{}]*\}", re.IGNORECASE
)
_LYRICS_TAG = re.compile(r"\s*\[(?P<name>[a-z]{2,10})\s*:\s*(?P<value>[^\]]*)\]\s*", re.IGNORECASE)
Caption = tuple[Block, list[TextLine]]  # when it begins and ends, and its words
# A time that a line begins with: `[0:30] …`, `0:30 – …`, `(0:30-1:00) …`.
_CODE = re.compile(
    rf"(?P<open>[\[(])?{_CLOCK}(?:\s*[-–—]\s*{_CLOCK})?(?(open)[\])])(?![\w/%]|[:.,]\d|\s?[ap]\.?m\b)\s*(?:[-–—:|]+\s+)?",
    re.IGNORECASE,
)


def read_captions(lines: Sequence[str], file: str) -> Iterator[Found | SourceNote]:
    """The captions of SRT or WebVTT as times and paragraphs, in the order of their times."""
    rows = [Row(number, line, line.strip()) for number, line in enumerate(lines, 1)]
    captions, speakers, mode, ids = list[Caption](), set[str](), "the head of the captions", list[TextLine]()
    for index, row in enumerate(rows):
        above, below = rows[index - 1].written if index else "", rows[index + 1].text if index + 1 < len(rows) else ""
        place = SourceLocation(file, row.number, 1)
        is_id = SPAN.fullmatch(below) and (not above or row.written.isdigit())
        if match := SPAN.fullmatch(row.text):
            head = *ids, TextLine(" ".join(row.text.split()), place)
            captions.append((Block("time", head, start=_seconds(match, 1), end=_seconds(match, 5)), []))
            mode, ids = "", []
        elif is_id:
            ids = [TextLine(row.written, place)]
        elif not row.written:
            mode = "" if captions else mode
        elif not above and re.match(r"(?:NOTE|STYLE|REGION)\b", row.text):
            mode = "a note in the captions"
            yield LeftOut(place, mode, row.written)
        elif mode:  # YouTube writes fields there
            yield from tuple(read_fields([row], file)) or (LeftOut(place, mode, row.written),)
        else:
            for tag in _TAG.finditer(row.text):
                if (speaker := tag["speaker"]) and speaker not in speakers:
                    speakers.add(speaker)
                    yield LeftOut(SourceLocation(file, row.number, tag.start() + 1), "a speaker", speaker)
            captions[-1][1].append(_read_line(row, row.text, file))
    yield from _put_in_order(captions)


def read_lyrics(lines: Sequence[str], file: str) -> Iterator[Found | SourceNote]:
    """The lines of LRC as times and paragraphs; one may have several times."""
    captions, offset = list[Caption](), 0.0
    for row in (Row(number, line, line) for number, line in enumerate(lines, 1)):
        text, place, begun = row.text, SourceLocation(file, row.number, 1), len(captions)
        if tag := _LYRICS_TAG.fullmatch(text):
            name = tag["name"].lower()
            if name in FIELDS and tag["value"].strip():
                yield make_field(row, tag["name"], tag["value"], file)
            else:
                yield LeftOut(place, "a note in the captions", text.strip())
            if name == "offset" and re.fullmatch(r"[+-]?\d{1,7}", tag["value"].strip()):
                offset = int(tag["value"]) / 1000
            continue
        while match := STAMP.match(text):
            head = TextLine(match[0].strip(), place)
            captions.append((Block("time", (head,), start=max(0.0, _seconds(match, 1) - offset)), []))
            text = text[match.end() :]
        if line := _read_line(row, text, file) if text.strip() else None:
            for _, said in captions[min(begun, len(captions) - 1) :]:
                said.append(line)
            if not captions:
                yield Block("paragraph", (line,))
    yield from _put_in_order(captions)


def _read_line(row: Row, text: str, file: str) -> TextLine:
    text = html.unescape(" ".join(_TAG.sub("", text).split()))
    return TextLine(text, locate(row, text, file))


def _seconds(match: re.Match[str], group: int) -> float:
    hours, minutes, seconds, part = match.group(*range(group, group + 4))
    return int(hours or 0) * 3600 + int(minutes) * 60 + int(seconds) + float(f"0.{part or 0}")


def _put_in_order(captions: list[Caption]) -> Iterator[Found | SourceNote]:
    for (first, _), (second, said) in pairwise(captions):
        place = second.lines[0].place
        if second.start < first.start:
            yield SourceNote(place, "The times run backwards here; what is said follows the times, not the lines.")
        elif said and second.start < (first.end or 0):
            yield SourceNote(place, "This begins before the words before it end, so it waits until they are said.")
        else:
            continue
        break
    for time, said in sorted(captions, key=lambda caption: caption[0].start):
        yield time
        if any(line.text for line in said):
            yield Block("paragraph", tuple(said))


def place_times(blocks: Sequence[Block]) -> Iterator[Block]:
    """The blocks with times in the place of what lines begin with (`[0:30]`), if these go upwards from near 0."""
    found = {}
    for number, block in enumerate(blocks):
        lines = block.lines[:1] if block.kind in ("row", "heading") else block.lines
        for index, line in enumerate(lines if block.kind not in ("field", "time") else ()):
            if (match := _CODE.match(line.text)) and (block.kind != "row" or match.end() == len(line.text)):
                found[number, index] = match
    starts = [_seconds(match, 2) for match in found.values()]
    near = max((60.0 if match["open"] == "[" or match[7] else 10.0 for match in list(found.values())[:1]), default=0.0)
    if len(starts) < 2 or starts[0] > near or any(second <= first for first, second in pairwise(starts)):
        yield from blocks
        return
    for number, block in enumerate(blocks):
        said, columns = list[TextLine](), block.columns
        for index, line in enumerate(block.lines):
            if match := found.get((number, index)):
                if said:
                    yield replace(block, lines=tuple(said))
                end = _seconds(match, 6) if match[7] else None
                yield Block("time", (TextLine(match[0].strip(), line.place),), start=_seconds(match, 2), end=end)
                said, columns = [], columns[1:]
                line = _cut(line, match.end())
            said += [line] if line.text or (block.kind == "row" and index) else []
        if said or not block.lines:
            yield replace(block, lines=tuple(said), columns=columns)


def _cut(line: TextLine, at: int) -> TextLine:
    bold, italic = (
        tuple((max(0, start - at), end - at) for start, end in spans if end > at) for spans in (line.bold, line.italic)
    )
    return TextLine(line.text[at:], line.place._replace(column=line.place.column + at), bold, italic)
