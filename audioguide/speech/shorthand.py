"""How figures, signs and short forms are said in a language: data of `voices/spoken/`, ready to be looked up."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Annotated

from annotated_types import Len

from audioguide.errors import Place, Problem, RoutineError
from audioguide.files import cached_by_file
from audioguide.resources import shown, spoken_file
from audioguide.routine.checked import checked
from audioguide.routine.document import Record
from audioguide.shape import built
from audioguide.speech.script import base

_FORM = "audioguide.speech.shorthand:Written"

NUMBER = r"\d+(?:[.,]\d+)*"
ALONE = r"(?<![\w.,:/–-])"
"""Not in the middle of a word or of a number."""

LONGEST_WORD = 30
"""Characters that are looked at before figures, so that the time taken does not grow with the text."""


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


@dataclass(frozen=True)
class Shorthand:
    """A language's data with the patterns that are made from it."""

    form: Written

    @cached_property
    def unit_of(self) -> Mapping[str, Unit]:
        """Units by how they are written."""
        return {written: unit for unit in self.form.units.values() for written in unit.written}

    @cached_property
    def clock_of(self) -> Mapping[str, str]:
        """What is said for each way to write what follows a time of day."""
        return {written: said for said, ways in self.form.clock.after.items() for written in ways}

    @cached_property
    def word_of(self) -> Mapping[str, str]:
        """What is said for each short form; one in small letters is found in any capitals."""
        return self.form.words | self.form.last_words

    @cached_property
    def half(self) -> str:
        """What is said of 1/2."""
        return self.form.fractions["1/2"].alone if "1/2" in self.form.fractions else ""

    @cached_property
    def kept(self) -> frozenset[str]:
        """Words that are written in capitals and stay so."""
        return frozenset(self.form.kept) | {word for word in self.word_of if word.isupper()}

    @cached_property
    def short_forms(self) -> re.Pattern[str]:
        """Any short form, whole."""
        return re.compile(rf"(?<![\w.])(?:{any_of(self.word_of)})(?!\w)", re.IGNORECASE)

    @cached_property
    def sign(self) -> re.Pattern[str]:
        """Any sign that is said as a word."""
        return re.compile(any_of(self.form.signs))

    @cached_property
    def time_of_day(self) -> re.Pattern[str]:
        """7:30 and 7 with what is written after a time of day; groups: figures, word, dot."""
        return re.compile(rf"{ALONE}(\d{{1,2}}(?::\d\d)?)\s?({any_of(self.clock_of)})(?!\w)(\.?)")

    def is_time_of_day(self, match: re.Match[str]) -> bool:
        """Whether what stands around figures such as 7:30 says that they are no length."""
        return _is_beside(match, self._clock)

    def is_breath_pattern(self, match: re.Match[str]) -> bool:
        """Whether what stands around figures such as 4-6 says that they are no range."""
        return _is_beside(match, self._breath)

    @cached_property
    def _clock(self) -> tuple[re.Pattern[str], re.Pattern[str]]:
        return _beside(self.form.clock.before, self.form.clock.after)

    @cached_property
    def _breath(self) -> tuple[re.Pattern[str], re.Pattern[str]]:
        return _beside(self.form.breath.before, self.form.breath.after)

    @cached_property
    def range(self) -> re.Pattern[str]:
        """10-20, 30s-45s, 60–70%; groups: first, its unit, last, the last's unit (which is not consumed)."""
        units = any_of(self.unit_of)
        return re.compile(
            rf"{ALONE}({NUMBER})(?:\s?({units}))?[-–]({NUMBER})(?=(?:\s?({units}))?(?![\w:/–-]))(?![\d.,]*\d)"
        )

    @cached_property
    def fraction(self) -> re.Pattern[str]:
        """1/2, 2 1/2, 1/2 min; groups: whole, fraction, unit."""
        fractions, units = any_of(self.form.fractions), any_of(self.unit_of)
        return re.compile(rf"{ALONE}(?:(\d+) )?({fractions})(?![\w/])(?:\s?({units})(?!\w))?")

    @cached_property
    def counted(self) -> re.Pattern[str]:
        """A number and its unit; groups: number, unit, the dot after it where a small letter follows that."""
        return re.compile(rf"{ALONE}({NUMBER})\s?({any_of(self.unit_of)})(?!\w)((?:\.(?= [^\W\d_A-Z]))?)")

    @cached_property
    def before_number(self) -> re.Pattern[str]:
        """What is written before a number; group: that."""
        return re.compile(rf"(?<!\w)({any_of(self.form.before_number)})\s?(?=\d)", re.IGNORECASE)


def _beside(before: Iterable[str], after: Iterable[str]) -> tuple[re.Pattern[str], re.Pattern[str]]:
    return (
        re.compile(rf"(?<!\w)(?:{any_of(before)}) $", re.IGNORECASE),
        re.compile(rf" ?(?:{any_of(after)})(?!\w)", re.IGNORECASE),
    )


def _is_beside(match: re.Match[str], words: tuple[re.Pattern[str], re.Pattern[str]]) -> bool:
    before, after = words
    near = match.string[max(0, match.start() - LONGEST_WORD) : match.start()]
    return bool(before.search(near) or after.match(match.string, match.end()))


def any_of(written: Iterable[str]) -> str:
    """A pattern of any of these texts, the longest first."""
    return "|".join(re.escape(one) for one in sorted(written, key=len, reverse=True)) or r"(?!)"


def shorthand(language: str) -> Shorthand | None:
    """The data of a language, `en-gb` having that of `en`; None when there is none. RoutineError when it is wrong."""
    path = spoken_file(base(language))
    return _load(path) if path else None


@cached_by_file
def _load(path: Path) -> Shorthand:
    form = built(Written, checked(path, _FORM).made)
    if missing := [unit for unit in ("hour", "minute", "second") if unit not in form.units]:
        message = f"{missing[0]!r} is missing among the units."
        raise RoutineError([Problem(Place(shown(path), 1, 1), "missing-key", message, f"Add {missing[0]}: to them.")])
    return Shorthand(form)
