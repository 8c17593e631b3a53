"""Finds the words of an exercise, its name, its rounds and sides, and the words that release it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from audioguide.errors import SourceLocation
from audioguide.routine.importers import phrasing
from audioguide.routine.importers.text_pieces import Assumptions, Break, Heading, Pause, Piece, Words
from audioguide.schema.document import Keys
from audioguide.units import LONGEST_SESSION, format_duration

MOST_NAME = 120
MOST_INSTRUCTIONS = 4_000
_MOST_CONTEXT = 3  # sentences after a hold that may still be about it

_HOLDING = re.compile(
    r"(?:(?:now|and|then|just|try to),? ){0,3}(?:hold|stay|keep|remain|wait|breathe|rest here|relax)\b", re.I
)
_AFTER = re.compile(
    r"(?:and )?(?:then|next|now|finally|after|when|once|switch|move|let|from here|well done|good)\b", re.I
)


@dataclass
class Chunk:
    """The words and short pauses of a paragraph, or of its part between two long pauses."""

    parts: list[Words | Pause] = field(default_factory=list)
    item: bool = False

    @property
    def words(self) -> list[Words]:
        """What is said."""
        return [part for part in self.parts if isinstance(part, Words)]

    @property
    def text(self) -> str:
        """What is said, without the pauses."""
        return " ".join(part.text for part in self.words)

    @property
    def names_exercise(self) -> bool:
        """Whether it begins with the name of an exercise."""
        return bool(self.parts) and isinstance(self.parts[0], Words) and bool(self.parts[0].lead)

    @property
    def place(self) -> SourceLocation:
        """Where it begins."""
        return (self.words or self.parts)[0].place

    @property
    def routine_text(self) -> str:
        """As a text of a routine, its pauses in braces."""
        said = ""
        for part, following in zip(self.parts, (*self.parts[1:], None), strict=True):
            if isinstance(part, Pause):
                said += f" {{pause {format_duration(part.seconds)}}}"
                continue
            said += " " + part.text.replace("{", "").replace("}", "")
            if isinstance(following, Words) and said[-1].isalnum() and not following.text[0].islower():
                said += "."  # the end of a line, or of a name, was the end of a sentence
        return " ".join(said.split())


def exercise_span(chunks: list[Chunk], heading: Heading | None) -> tuple[list[Chunk], list[Chunk]]:
    """The chunks before the exercise, and its own: all under its heading, else its paragraph or its list."""
    chunks = [chunk for chunk in chunks if chunk.parts]
    if not any(chunk.words for chunk in chunks):
        return [], [] if heading is None else chunks
    first = len(chunks) - 1
    while not chunks[first].words:
        first -= 1
    if has_own_name(chunks[first:]):
        return chunks[:first], chunks[first:]
    if heading is not None:
        first = 0
    else:
        while first and chunks[first].item and chunks[first - 1].item and not chunks[first].names_exercise:
            first -= 1
        if first and _HOLDING.match(chunks[first].text) and chunks[first - 1].words:
            first -= 1
        parts, item = chunks[first].parts, chunks[first].item
        moves = (at for at, part in enumerate(parts) if isinstance(part, Words) and phrasing.is_movement(part.text))
        at = next(moves, 0)
        if Chunk(parts[:at]).words:
            chunks = [*chunks[:first], Chunk(parts[:at], item), Chunk(parts[at:], item), *chunks[first + 1 :]]
            first += 1
    while first < len(chunks) - 1 and sum(len(chunk.routine_text) for chunk in chunks[first:]) > MOST_INSTRUCTIONS:
        first += 1
    if len(chunks[first].routine_text) > MOST_INSTRUCTIONS:
        *early, late = split_chunk(chunks[first], MOST_INSTRUCTIONS)
        return [*chunks[:first], *early], [late, *chunks[first + 1 :]]
    return chunks[:first], chunks[first:]


def has_own_name(chunks: list[Chunk]) -> bool:
    """Whether an exercise has a name of its own, which counts more than the heading over it."""
    return bool(chunks) and chunks[0].names_exercise


def split_chunk(chunk: Chunk, most: int) -> Iterator[Chunk]:
    """Split a chunk into parts of at most `most` characters, between sentences where possible."""
    part, size = Chunk(item=chunk.item), 0
    for piece in _split_long_words(chunk.parts, most):
        length = len(piece.text) + 2 if isinstance(piece, Words) else 16
        if size + length > most and part.words and isinstance(piece, Words):
            yield part
            part, size = Chunk(item=chunk.item), 0
        part.parts.append(piece)
        size += length
    yield part


def _split_long_words(parts: list[Words | Pause], most: int) -> Iterator[Words | Pause]:
    for part in parts:
        text = part.text if isinstance(part, Words) else ""
        while len(text) > most // 2:
            space = text.rfind(" ", 0, most // 2)
            end = space if space > 0 else most // 2
            if any(sign.isalnum() for sign in text[:end]):
                yield Words(text[:end], part.place)
            text = text[end:].strip()
        if isinstance(part, Pause):
            yield part
        elif any(sign.isalnum() for sign in text):
            yield part if text == part.text else Words(text, part.place)


def trailing_context(pieces: list[Piece], index: int, pause: Pause) -> tuple[int, list[Words], Words | None]:
    """Find words after a hold that are about it, and those that release it; the index is that of the first piece after.

    What follows "hold for 30 seconds" in its paragraph describes the hold, unless it leads out of it.
    """
    seen: list[tuple[Words, int]] = []
    breaks, at = 0, index
    while at < len(pieces) and len(seen) < _MOST_CONTEXT:
        piece = pieces[at]
        at += 1
        if isinstance(piece, Break):
            breaks += not piece.item
        if isinstance(piece, Heading | Pause) or breaks > 1 or (isinstance(piece, Words) and piece.lead):
            break
        if isinstance(piece, Words):
            if isinstance(_next_piece(pieces, at), Pause):
                break  # it has a time of its own
            seen.append((piece, at))
    for count in range(len(seen), 0, -1):
        text, sides = seen[count - 1][0].text, phrasing.find_sides(seen[count - 1][0].text)
        again = phrasing.is_repetition(text) and (sides or phrasing.find_repeats(text))
        if again or (sides and len(text.split()) <= 12):
            return seen[count - 1][1], [words for words, _ in seen[:count]], None
    described: list[Words] = []
    while pause.source == "wording" and index < len(pieces) and len(described) < _MOST_CONTEXT:
        more = pieces[index]
        if not isinstance(more, Words) or more.lead or isinstance(_next_piece(pieces, index + 1), Pause):
            break
        match pieces[index + 1 : index + 3]:
            case [Words(lead="") as words, Pause(kind="hold")] if _HOLDING.match(words.text):
                break  # it is what the next hold is about
        if phrasing.is_release(more.text) or _AFTER.match(more.text):
            break
        described.append(more)
        index += 1
    match pieces[index : index + 2]:
        case [Words(lead="") as words, *_] | [Break(), Words(lead="") as words] if phrasing.is_release(words.text):
            return index + (1 if words is pieces[index] else 2), described, words
    return index, described, None


def _next_piece(pieces: list[Piece], at: int) -> Piece | None:
    return next((piece for piece in pieces[at : at + 4] if not isinstance(piece, Break)), None)


def build_pose(
    heading: Heading | None,
    chunks: list[Chunk],
    pause: Pause,
    described: list[Words],
    release: Words | None,
    assumptions: Assumptions,
) -> tuple[dict[str, Any], dict[Keys, SourceLocation]]:
    """The step of an exercise, with its pose written in place, and the place of each of its keys."""
    parts: list[Words | Pause] = [part for chunk in chunks for part in chunk.parts]
    while parts and isinstance(parts[0], Pause):
        parts.pop(0)
    heading = None if has_own_name(chunks) else heading
    place = heading.place if heading else parts[0].place
    if heading:
        name, _ = split_name(heading.text)  # the end of one that is too long for a name is not said
    else:
        first = parts.pop(0)
        assert isinstance(first, Words)
        name, rest = split_name(first.text)
        if rest:
            parts.insert(0, Words(rest, first.place))
        if not first.lead:
            assumptions.add(pause.place, f"Held for {pause}, and named by its first words: {name!r}.")
    asked = [words.text for words in described]
    if pause.source == "wording" and (spoken := [words.text for chunk in chunks for words in chunk.words]):
        asked.insert(0, spoken[-1])
    rounds = pause.times if pause.times > 1 else next((n for text in asked if (n := phrasing.find_repeats(text))), 1)
    sides = pause.sides or next((pair for text in asked if (pair := phrasing.find_sides(text))), None)

    written: dict[str, Any] = {"name": name}
    places: dict[Keys, SourceLocation] = {(): place, ("pose",): place, ("pose", "name"): place}
    said = Chunk([*parts, *described])
    if said.words:
        written["instructions"] = said.routine_text
        places["pose", "instructions"] = said.place
    written["hold"] = str(pause)
    places["pose", "hold"] = pause.place
    if pause.amount.breaths:
        written["breath"] = "4-6"
    longest = max(pause.seconds * 2, pause.amount.upper)
    if longest <= LONGEST_SESSION:
        shortest = max(1.0, pause.seconds // 2) if pause.seconds >= 1 else pause.seconds
        written["limits"] = f"{format_duration(shortest)}..{format_duration(longest)}"
    if sides:
        written["sides"] = list(sides)
        assumptions.add(pause.place, f"Done on two sides, {sides[0]} and {sides[1]}, each for {pause}.")
    if release:
        written["release"] = Chunk([release]).routine_text
        places["pose", "release"] = release.place
    step: dict[str, Any] = {"pose": written}
    if rounds > 1:
        step["rounds"] = rounds
        assumptions.add(pause.place, f"Done {rounds} times, since the words say so.")
    return step, places


def split_name(text: str) -> tuple[str, str]:
    """The name that a text begins with, without its full stop, and the rest of the text."""
    text = text.replace("{", "").replace("}", "").strip(' .,;:!?–—-*_"“”')
    text = text[:1].upper() + text[1:]
    if len(text) <= MOST_NAME:
        return text, ""
    comma = text.rfind(", ", 20, MOST_NAME)
    end = comma if comma > 0 else text.rfind(" ", 0, MOST_NAME)
    end = end if end > 0 else MOST_NAME
    return text[:end].strip(" ,;:–—-"), text[end:].strip(" ,;:–—-")
