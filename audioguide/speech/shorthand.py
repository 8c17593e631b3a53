"""How figures, signs and short forms are said in a language: data of `voices/spoken/`, ready to be looked up."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Annotated

from annotated_types import Len

from audioguide.errors import Place, Problem, RoutineError
from audioguide.files import cached_by_file
from audioguide.resources import shown, spoken_file
from audioguide.routine.document import Record, read
from audioguide.routine.validate import validate
from audioguide.speech.figures import Figures, any_of
from audioguide.speech.script import base

Said = Annotated[str, Len(1)]
Table = dict[Said, Said]


@dataclass(frozen=True, slots=True)
class Count(Record):
    """What is said of one and of several; `{n}` is the number."""

    one: Said
    many: Said


@dataclass(frozen=True, slots=True)
class Unit(Count):
    """A unit: also how it is written after a number, and what half of one is called."""

    written: Annotated[tuple[Said, ...], Len(1)]
    half: str = ""


@dataclass(frozen=True, slots=True)
class Fraction(Record):
    """What is said of a fraction alone, and after the whole number `{n}`."""

    alone: Said
    after: Said


@dataclass(frozen=True, slots=True)
class Clock(Record):
    """What tells a time of day from a length: words before it, and words after it, each with how it is written."""

    before: tuple[Said, ...]
    after: dict[str, tuple[Said, ...]]


@dataclass(frozen=True, slots=True)
class Beside(Record):
    """Words that stand before, or after, what they tell the kind of."""

    before: tuple[Said, ...]
    after: tuple[Said, ...]


@dataclass(frozen=True, slots=True)
class Written(Record):
    """What a file of `voices/spoken/` says. Among its units are an hour, a minute and a second."""

    range: Said
    breath: Beside
    times: Count
    product: Said
    joint: Said
    units: dict[str, Unit]
    fractions: dict[str, Fraction]
    clock: Clock
    before_number: Table
    signs: Table
    slash: Said
    dot: Said
    words: Table
    last_words: Table
    kept: tuple[Said, ...]


class Shorthand:
    """A language's data, ready to be looked up."""

    def __init__(self, form: Written) -> None:
        self.form = form
        self.word_of: Mapping[str, str] = form.words | form.last_words
        """What is said for each short form; one in small letters is found in any capitals."""

        self.kept = frozenset(form.kept) | {word for word in self.word_of if word.isupper()}
        """Words that are written in capitals and stay so."""

    @cached_property
    def figures(self) -> Figures:
        """What says figures."""
        return Figures(self.form)

    @cached_property
    def short_forms(self) -> re.Pattern[str]:
        """Any short form, whole."""
        return re.compile(rf"(?<![\w.])(?:{any_of(self.word_of)})(?!\w)", re.IGNORECASE)

    @cached_property
    def sign(self) -> re.Pattern[str]:
        """Any sign that is said as a word."""
        return re.compile(any_of(self.form.signs))


def shorthand(language: str) -> Shorthand | None:
    """The data of a language, `en-gb` having that of `en`; None when there is none. RoutineError when it is wrong."""
    path = spoken_file(base(language))
    return _load(path) if path else None


@cached_by_file
def _load(path: Path) -> Shorthand:
    form = validate(read(path), Written)
    if missing := [unit for unit in ("hour", "minute", "second") if unit not in form.units]:
        message = f"{missing[0]!r} is missing among the units."
        raise RoutineError([Problem(Place(shown(path), 1, 1), "missing-key", message, f"Add {missing[0]}: to them.")])
    return Shorthand(form)
