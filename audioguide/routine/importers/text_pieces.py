"""What a script consists of, in its order: headings, words, pauses, ends of paragraphs; and what was assumed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from audioguide.errors import SourceLocation
from audioguide.units import format_duration

Kind = Literal["pause", "hold", "rest"]
Source = Literal["written", "wording", "dots", "count"]
"""Who says that there is a pause: a mark in the text, words that are spoken, three dots, numbers being counted."""
BREATH = 10.0  # seconds of one breath: the pattern 4-6, slow and easy


@dataclass(frozen=True, slots=True)
class Line:
    """A line of text without its bullet or margin, and where it begins."""

    text: str
    place: SourceLocation


@dataclass(frozen=True, slots=True)
class Heading:
    """A title over what follows. `amount` is a time in it that may be the hold of the exercise under it, done so many
    `times` and on these `sides`; `guessed`: only its looks say that it is one.
    """

    text: str
    place: SourceLocation
    level: int = 1
    guessed: bool = False
    amount: Amount | None = None
    times: int = 1
    sides: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Lines that belong together. `item`: they are one of a list. `lead`: bold words at the start that name it."""

    lines: tuple[Line, ...]
    item: bool = False
    lead: str = ""


Block = Heading | Paragraph


@dataclass(frozen=True, slots=True)
class Words:
    """A sentence, or the part of one between two pauses. `lead`: it names an exercise, in bold or in a list."""

    text: str
    place: SourceLocation
    lead: Literal["", "bold", "listed"] = ""


@dataclass(frozen=True, slots=True)
class Pause:
    """Silence, or a hold; `times` and `sides`: how often, and on which sides, where its line says so."""

    amount: Amount
    place: SourceLocation
    kind: Kind = "pause"
    source: Source = "written"
    times: int = 1
    sides: tuple[str, str] | None = None

    @property
    def seconds(self) -> float:
        """Its length; breaths are counted as slow ones."""
        return self.amount.seconds or self.amount.breaths * BREATH

    def __str__(self) -> str:
        breaths = self.amount.breaths
        return f"{breaths} breath{'' if breaths == 1 else 's'}" if breaths else format_duration(self.amount.seconds)


@dataclass(frozen=True, slots=True)
class Break:
    """The end of a paragraph. `item`: the next one is an item of the same list."""

    item: bool = False


Piece = Heading | Words | Pause | Break


@dataclass(frozen=True, slots=True)
class Assumption:
    """Something that the text does not say, and how it was understood."""

    place: SourceLocation
    message: str

    def __str__(self) -> str:
        return f"{self.place.file}:{self.place.line}: {self.message}"


@dataclass
class Assumptions:
    """Collects assumptions; of one sort only the first is kept, with the number of the others."""

    found: list[Assumption] = field(default_factory=list)
    sorts: dict[str, tuple[int, int]] = field(default_factory=dict)

    def add(self, place: SourceLocation, message: str) -> None:
        """Add an assumption."""
        self.found.append(Assumption(place, message))

    def once(self, sort: str, place: SourceLocation, message: str) -> None:
        """Add an assumption of a sort, unless there is one already."""
        index, count = self.sorts.get(sort, (len(self.found), 0))
        if not count:
            self.add(place, message)
        self.sorts[sort] = index, count + 1

    def all(self) -> tuple[Assumption, ...]:
        """All of them, by line."""
        listed = list(self.found)
        for index, count in self.sorts.values():
            if count > 1:
                more = f" The same in {count - 1} more place{'' if count == 2 else 's'}."
                listed[index] = Assumption(listed[index].place, listed[index].message + more)
        return tuple(sorted(listed, key=lambda assumption: assumption.place))


@dataclass(frozen=True, slots=True)
class Amount:
    """So many seconds, or so many breaths (then `seconds` is 0); `upper` is the far end of a range, else 0."""

    seconds: float = 0.0
    breaths: int = 0
    upper: float = 0.0
