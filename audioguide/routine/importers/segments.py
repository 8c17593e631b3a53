"""Splits headings and paragraphs into pieces: words, pauses, and the ends of paragraphs."""

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

from audioguide.errors import SourceLocation
from audioguide.routine.importers import pauses, phrasing, text_pieces
from audioguide.routine.importers.text_pieces import Assumptions, Break, Heading, Line, Paragraph, Pause, Piece, Words
from audioguide.units import format_duration

_SENTENCE = re.compile(r"[.!?][\"'”’)\]]{0,3}\s+(?![a-z])|\n")
_STRAY = re.compile(r"^[\s.,;:!?)\]}>–—/-]+|[\s(\[{<–—/-]+$")
_BRACKETS = re.compile(r"\[[^\[\]\n]{1,80}\]")
_LOOK = 4  # most sentences between words that ask for a time and the mark of it


def split_pieces(blocks: list[text_pieces.Block], assumptions: Assumptions) -> list[Piece]:
    """The pieces in order. A pause that is both asked for in words and marked becomes one."""
    found: list[Piece] = []
    for block in _join_counts(blocks):
        if isinstance(block, Heading):
            if timed := phrasing.parse_list_item(block.text):
                block = replace(block, text=timed.words, amount=timed.amount, times=timed.times, sides=timed.sides)
            found.append(block)
            continue
        found.append(Break(block.item))
        if block.lead:
            found.append(Words(block.lead, block.lines[0].place, lead="bold"))
        found += _read_paragraph(block, assumptions)
    return _clear_single_leads(_merge_pauses(found, assumptions))


def _join_counts(blocks: list[text_pieces.Block]) -> Iterator[text_pieces.Block]:
    """The blocks, with numbers in paragraphs of their own joined into one: a count, a number a line."""
    counting: list[Line] = []
    for block in (*blocks, None):
        if isinstance(block, Paragraph) and all(phrasing.DIGIT_ONLY.fullmatch(line.text) for line in block.lines):
            counting += block.lines
            continue
        if counting:
            yield Paragraph(tuple(counting))
            counting = []
        if block:
            yield block


def _read_paragraph(paragraph: Paragraph, assumptions: Assumptions) -> Iterator[Piece]:
    if described := _read_described_item(paragraph, assumptions):
        yield from described
        return
    prose: list[Line] = []
    for line in paragraph.lines:
        mark = pauses.parse_pause_line(line.text)
        listed = None if mark else phrasing.parse_list_item(line.text)
        if mark is None and listed is None:
            prose.append(line)
            continue
        yield from _read_prose(prose, assumptions)
        prose = []
        if mark:
            if line.text[0] not in "[({<*":
                assumptions.once("line", line.place, "A line that only asks for a pause is not said.")
            yield _build_pause(mark, line.text, line.place, assumptions)
        elif listed:
            yield from _read_list_item(line, listed, alone=not paragraph.lead)
    yield from _read_prose(prose, assumptions)


def _read_described_item(paragraph: Paragraph, assumptions: Assumptions) -> list[Piece]:
    """An exercise whose name and time stand in one line over its description: the hold comes after the description."""
    line, *under = paragraph.lines
    listed = phrasing.parse_list_item(line.text)
    if paragraph.lead or not under or listed is None or phrasing.is_rest(listed.words):
        return []
    if any(pauses.parse_pause_line(other.text) or phrasing.parse_list_item(other.text) for other in under):
        return []
    *head, pause, _ = _read_list_item(line, listed, alone=True)
    pieces = list(_read_prose(under, assumptions))
    if not isinstance(pause, Pause) or any(isinstance(piece, Pause) and piece.kind != "pause" for piece in pieces):
        return []
    spoken = [at for at, piece in enumerate(pieces) if isinstance(piece, Words)]
    last = pieces[spoken[-1]] if len(spoken) > 1 else None
    end = spoken[-1] if isinstance(last, Words) and phrasing.is_release(last.text) else len(pieces)
    assumptions.add(line.place, f"What stands under {listed.words!r} is said before its hold of {pause}.")
    return [*head, *pieces[:end], pause, *pieces[end:], Break()]


def _read_list_item(line: Line, listed: phrasing.ListItem, alone: bool) -> Iterator[Piece]:
    words, amount = listed.words, listed.amount
    if phrasing.is_breathing(words) and amount.seconds < 30:
        yield Words(words, line.place)
        yield Pause(amount, line.place)
        return
    if alone:
        yield Break()
    yield Words(words, line.place, "listed" if alone else "")
    pause = Pause(amount, line.place, "hold", times=listed.times, sides=listed.sides)
    yield replace(pause, kind="rest") if phrasing.is_rest(words) else pause
    if alone:
        yield Break()


class _Text:
    """Lines of prose as one text, and where each line starts in it. `breathing`: it leads a breath."""

    def __init__(self, lines: list[Line]) -> None:
        self.lines, self.starts = lines, list[int]()
        text = last = ""
        for line in lines:
            if text:
                text += "\n" if _ends_sentence(last, line.text) else " "
            self.starts.append(len(text))
            last = " ".join(line.text.split())
            text += last
        self.text, self.breathing = text, phrasing.is_breathing(text)

    def place(self, offset: int) -> SourceLocation:
        return self.lines[max(0, bisect_right(self.starts, offset) - 1)].place


def _read_prose(lines: list[Line], assumptions: Assumptions) -> Iterator[Piece]:
    if not lines:
        return
    text = _Text(lines)
    if pauses.has_open_bracket(lines[-1].text):
        assumptions.add(lines[-1].place, "A bracket is opened here and not closed, so its words are said.")
    position = 0
    for mark in pauses.find_pause_marks(text.text):
        yield from _split_sentences(text, position, mark.start, assumptions)
        yield _build_pause(mark, text.text[mark.start : mark.end], text.place(mark.start), assumptions)
        position = mark.end
    yield from _split_sentences(text, position, len(text.text), assumptions)


def _ends_sentence(last: str, following: str) -> bool:
    """Whether a sentence ends with its line without a full stop: the line is short and a capital letter follows."""
    counting = phrasing.DIGIT_ONLY.fullmatch(following) is not None
    return len(last) < 60 and following[:1].isupper() and not counting and last[-1:] not in ",;:"


def _split_sentences(text: _Text, start: int, end: int, assumptions: Assumptions) -> Iterator[Piece]:
    cuts = [match.end() for match in _SENTENCE.finditer(text.text, start, end)]
    for left, right in pairwise((start, *cuts, end)):
        sentence = text.text[left:right]
        words = _STRAY.sub("", sentence) if left == start else sentence.strip()
        if any(sign.isalnum() for sign in words):
            where = text.place(left + len(sentence) - len(sentence.lstrip()))
            yield from _read_sentence(words, where, text.breathing, assumptions)


def _read_sentence(words: str, where: SourceLocation, breathing: bool, assumptions: Assumptions) -> Iterator[Piece]:
    for bracket in _BRACKETS.findall(words):
        assumptions.once("bracket", where, f"{bracket} is no pause that is known here, so its words are said.")
    timed = phrasing.find_timing(words, breathing)
    if timed is None:
        yield Words(words, where)
        return
    pause = Pause(timed.amount, where, timed.kind, "wording")
    if timed.amount.breaths:
        assumptions.once("breaths", where, "A breath is taken as a slow one: 4s in, 6s out.")
    if not timed.certain or timed.kind == "pause":
        assumptions.add(where, f"{timed.text!r} is followed by {pause}.")
    elif pauses.is_vague(timed.text):
        assumptions.once(timed.text.lower(), where, f"{timed.text!r} is taken as {pause}.")
    if timed.amount.upper:
        assumptions.add(where, f"Of {timed.text!r}, the shorter time is taken: {pause}.")
    yield Words(words[: timed.end].strip(" –—-"), where)
    yield pause
    if rest := words[timed.end :].strip():
        yield Words(rest, where)


def _build_pause(mark: pauses.PauseMark, text: str, place: SourceLocation, assumptions: Assumptions) -> Pause:
    pause = Pause(mark.amount, place, mark.kind, mark.source)
    shown = " ".join(text.split())
    if mark.source == "count":
        assumptions.once("count", place, "Numbers that are counted are said about one a second.")
    elif mark.source == "dots":
        assumptions.once("dots", place, f"Three dots are a pause of {format_duration(pauses.DOTS)}.")
    elif mark.uncertain:
        assumptions.add(place, f"Taken as a pause of {pause}, and not said: {shown}")
    elif mark.defaulted or pauses.is_vague(shown):
        assumptions.once(f"bare {pause}", place, f"{shown} does not say how long, and is taken as {pause}.")
    if mark.amount.breaths:
        assumptions.once("breaths", place, "A breath is taken as a slow one: 4s in, 6s out.")
    if mark.amount.upper:
        assumptions.add(place, f"Of {shown}, the shorter time is taken: {pause}.")
    return pause


def _merge_pauses(found: list[Piece], assumptions: Assumptions) -> list[Piece]:
    merged: list[Piece] = []
    for index, piece in enumerate(found):
        if not isinstance(piece, Pause):
            merged.append(piece)
            continue
        if piece.source == "wording" and (better := _find_mark(piece, found, index)):
            mark = found[better]
            if isinstance(mark, Pause) and better != index:
                found[better] = replace(mark, kind=piece.kind if mark.kind == "pause" else mark.kind)
            continue
        before = next((at for at in range(len(merged) - 1, -1, -1) if not isinstance(merged[at], Break)), None)
        last = merged[before] if before is not None else None
        if not isinstance(last, Pause) or "count" in (last.source, piece.source) or before is None:
            merged.append(piece)
        elif last.source == "dots":
            merged[before] = piece
        elif piece.source == "dots" or (last.kind != piece.kind == "pause" and last.seconds == piece.seconds):
            continue  # said twice
        elif last.kind == piece.kind:
            assumptions.once("sum", last.place, "Pauses in a row are added up.")
            merged[before] = replace(last, amount=text_pieces.Amount(last.seconds + piece.seconds))
        else:
            merged.append(piece)
    return merged


def _find_mark(asked: Pause, found: list[Piece], index: int) -> int | None:
    """The index of the mark for a time that words ask for; `index` itself where the time is counted aloud instead."""
    counts = words = breaks = 0
    for at in range(index + 1, len(found)):
        piece = found[at]
        if isinstance(piece, Break):
            breaks += 1
        elif isinstance(piece, Words):
            words += 1
        if isinstance(piece, Heading) or breaks > 1 or words > _LOOK + counts:
            break
        if not isinstance(piece, Pause) or piece.source == "dots":
            continue
        if piece.source == "count":
            counts += 1
            continue
        if counts or piece.source == "wording":
            break
        return at if not words or abs(piece.seconds - asked.seconds) <= 1 else None
    return index if counts and counts + 1 >= 0.7 * asked.seconds else None


def _clear_single_leads(found: list[Piece]) -> list[Piece]:
    """Keep bold words as names of exercises only where a heading has several of them; else the heading is the name."""
    heads = [at for at, piece in enumerate(found) if isinstance(piece, Heading)]
    long = [isinstance(piece, Pause) and (piece.kind == "hold" or piece.seconds >= 10) for piece in found]
    for start, end in pairwise((*heads, len(found))):
        leads = [at for at in range(start, end) if isinstance(piece := found[at], Words) and piece.lead == "bold"]
        held = sum(any(long[left:right]) for left, right in pairwise((*leads, end)))
        for at in leads if held < 2 else ():
            if isinstance(words := found[at], Words):
                found[at] = replace(words, lead="")
    return found
