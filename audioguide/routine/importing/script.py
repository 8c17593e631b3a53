"""A script, plain text or Markdown, as the document of a routine."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path, PurePath
from shlex import quote

from audioguide.errors import Place, Problem, RoutineError
from audioguide.resources import as_text, shown
from audioguide.routine.document import Document
from audioguide.routine.importing import MARKDOWN
from audioguide.routine.importing.assemble import LONG_PAUSE, Assembly
from audioguide.routine.importing.exercise import named
from audioguide.routine.importing.markdown import markdown_blocks
from audioguide.routine.importing.pieces import Break, Guess, Guesses, Heading, Pause, Piece, Words
from audioguide.routine.importing.plain import plain_blocks
from audioguide.routine.importing.reading import pieces
from audioguide.routine.importing.source import read_lines
from audioguide.routine.importing.wording import is_exercise

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
    return parse_script(read_lines(path), shown(path))


def parse_script(lines: list[str], file: str) -> Script:
    """The routine in the lines of a script; the ending of `file` says which kind of text it is."""
    guesses = Guesses()
    blocks_of = markdown_blocks if PurePath(file).suffix.lower() in MARKDOWN else plain_blocks
    title, blocks = blocks_of(lines, file, guesses)
    found, read = _title(pieces(blocks, guesses))
    start = Place(file, 1, 1)
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
    return named(as_text(PurePath(file).stem).replace("-", " ").replace("_", " "))[0].capitalize()


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
