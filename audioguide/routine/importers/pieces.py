"""What the blocks of a script consist of, in order: headings, words, times, and marks of where things are repeated."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from audioguide.errors import SourceLocation
from audioguide.routine.importers.doses import Dose
from audioguide.routine.importers.lengths import Duration
from audioguide.units import format_duration

BREATH = 10.0  # seconds of one breath: the pattern 4-6, slow and easy


@dataclass(frozen=True, slots=True)
class Heading:
    """A title over what follows. `dose`: what it asks for, of the exercise under it; `guessed`: by its looks alone."""

    text: str
    place: SourceLocation
    level: int = 1
    guessed: bool = False
    dose: Dose = Dose()  # noqa: RUF009
    timed: str = ""


@dataclass(frozen=True, slots=True)
class Words:
    """A sentence, or a part of one, in the block of this number. `lead`: it names an exercise, in bold or in a list.

    `name`: where the sentence is the first of an exercise, the part of it that may name it.
    """

    text: str
    place: SourceLocation
    block: int = 0
    item: bool = False
    lead: Literal["", "bold", "listed"] = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class Time:
    """A silence, a hold, a rest between exercises, or a `dose` that says more of an exercise.

    `source`: a mark in the text, words that are said before it, three dots, counted numbers, or a label or a line of a
    list that has nothing else in it, or a line of its own. `text` are words that are only said where the time belongs
    to no exercise; `named`: they stood beside others, which are said in any case, and name what is done.
    """

    kind: Literal["pause", "hold", "rest", "dose"]
    length: Duration
    place: SourceLocation
    source: Literal["written", "wording", "dots", "count", "label", "line", "until"] = "written"
    dose: Dose = Dose()  # noqa: RUF009
    text: str = ""
    block: int = 0
    item: bool = False
    named: bool = False

    @property
    def seconds(self) -> float:
        """Its length; breaths are counted as slow ones."""
        return count_seconds(self.length)

    def __str__(self) -> str:
        return show_length(self.length)


@dataclass(frozen=True, slots=True)
class At:
    """What follows begins at so many seconds from the beginning."""

    start: float
    place: SourceLocation


@dataclass(frozen=True, slots=True)
class Again:
    """All since the last heading, or since the last `Start`, is done so many times."""

    times: int
    place: SourceLocation


@dataclass(frozen=True, slots=True)
class Start:
    """Here begins what may be repeated."""


Piece = Heading | Words | Time | At | Again | Start


def show_length(length: Duration) -> str:
    """A length as a routine has it."""
    breaths = length.breaths
    return f"{breaths} breath{'' if breaths == 1 else 's'}" if breaths else format_duration(length.seconds)


def count_seconds(length: Duration) -> float:
    """A length in seconds; breaths are counted as slow ones."""
    return length.seconds or length.breaths * BREATH


def used_words(dose: Dose, text: str) -> str:
    """The parts of a text that a dose was read from."""
    return " ".join(text[start:end] for start, end in dose.spans)
