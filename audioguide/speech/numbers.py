"""Figures in words: lengths, ranges, breath patterns, times, fractions and units. Plain numbers stay figures."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Annotated, TypeAlias

from annotated_types import Len

from audioguide.errors import Problem, RoutineError, SourceLocation
from audioguide.schema.document import Record, read_document
from audioguide.schema.validate import validate
from audioguide.speech.languages import base_language
from audioguide.system.files import cache_by_file
from audioguide.system.paths import display_path, spoken_forms_file

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


def load_spoken_forms(language: str) -> Shorthand | None:
    """The data of a language, `en-gb` having that of `en`; None when there is none. RoutineError when it is wrong."""
    path = spoken_forms_file(base_language(language))
    return _load(path) if path else None


@cache_by_file
def _load(path: Path) -> Shorthand:
    form = validate(read_document(path), Written)
    if missing := [unit for unit in ("hour", "minute", "second") if unit not in form.units]:
        message = f"{missing[0]!r} is missing among the units."
        raise RoutineError(
            [Problem(SourceLocation(display_path(path), 1, 1), "missing-key", message, f"Add {missing[0]}: to them.")]
        )
    return Shorthand(form)


_NUMBER = r"\d+(?:[.,]\d+)*"
_ALONE = r"(?<![\w.,:/–-])"
"""Not in the middle of a word or of a number."""

_LONGEST_WORD = 30
"""Characters that are looked at before figures, so that the time taken does not grow with the text."""

Match: TypeAlias = "re.Match[str]"


class Figures:
    """Says figures as they are said in one language, as far as voices do not agree on them."""

    def __init__(self, form: Written) -> None:
        self._form = form
        self._unit_of = {written: unit for unit in form.units.values() for written in unit.written}
        self._clock_of = {written: said for said, ways in form.clock.after.items() for written in ways}
        self._is_time_of_day, self._is_breath_pattern = _beside(form.clock), _beside(form.breath)
        units, clocks = any_of(self._unit_of), any_of(self._clock_of)
        fractions, before = any_of(form.fractions), any_of(form.before_number)
        unit = rf"(?:\s?({units}))?"
        self._steps: tuple[tuple[re.Pattern[str], Callable[[Match], str]], ...] = (
            (re.compile("[¼½¾⅐-⅞]"), _vulgar),
            # 7:30 and 7 with what is written after a time of day: figures, word, dot.
            (re.compile(rf"{_ALONE}(\d{{1,2}}(?::\d\d)?)\s?({clocks})(?!\w)(\.?)"), self._time_of_day),
            (re.compile(rf"{_ALONE}(?:(\d{{1,2}}):)?(\d{{1,3}}):([0-5]\d)(?![\w:])"), self._clock_length),
            (re.compile(rf"{_ALONE}(?:(\d+)h ?)?(\d+)m(?:in)?(?: ?(\d+)s)?(?!\w)"), self._letter_length),
            (re.compile(r"(?<=\w) [-–] (?=\d)"), lambda match: " — "),
            # A breath pattern.
            (
                re.compile(rf"{_ALONE}\d{{1,2}}(?:\.\d+)?(?:[-–]\d{{1,2}}(?:\.\d+)?){{2,3}}(?!\w|[-–]\d)"),
                lambda match: re.sub("[-–]", ", ", match.group()),
            ),
            # 10-20, 30s-45s, 60–70%: first, its unit, last, the last's unit (which is not consumed).
            (
                re.compile(rf"{_ALONE}({_NUMBER}){unit}[-–]({_NUMBER})(?={unit}(?![\w:/–-]))(?![\d.,]*\d)"),
                self._range,
            ),
            (re.compile(rf"{_ALONE}({_NUMBER})\s?[x×]\s?(?=\d)"), self._product),
            (
                re.compile(
                    rf"{_ALONE}({_NUMBER})\s?[x×](?!\w)|(?<![\w×])[x×](\d+)(?!\w)|(?<=\w )[x×] (\d+)(?= ?(?:[^\w ]|$))"
                ),
                lambda match: _count(form.times, next(filter(None, match.groups()))),
            ),
            (re.compile(r"(?<=\w) x (?=\d)"), lambda match: f" {form.signs['×']} "),
            # 1/2, 2 1/2, 1/2 min: whole, fraction, unit.
            (re.compile(rf"{_ALONE}(?:(\d+) )?({fractions})(?![\w/])(?:\s?({units})(?!\w))?"), self._fraction),
            # A number, its unit, and the dot after it where a small letter follows that.
            (re.compile(rf"{_ALONE}({_NUMBER})\s?({units})(?!\w)((?:\.(?= [^\W\d_A-Z]))?)"), self._counted),
            (re.compile(rf"(?<!\w)({before})\s?(?=\d)", re.IGNORECASE), self._before_number),
        )

    def say(self, text: str) -> str:
        """The text with its figures in words."""
        if any(map(str.isnumeric, text)):
            for pattern, say in self._steps:
                text = pattern.sub(say, text)
        return text

    def _time_of_day(self, match: Match) -> str:
        said = self._clock_of[match[2]]
        return f"{match[1]} {said}{'' if said.endswith('.') else match[3]}"

    def _clock_length(self, match: Match) -> str:
        return match.group() if self._is_time_of_day(match) else self._length(match)

    def _letter_length(self, match: Match) -> str:
        return match.group() if match[1] is None and match[3] is None else self._length(match)  # 400m may be metres

    def _length(self, match: Match) -> str:
        """Hours, minutes and seconds, as far as there are any."""
        units = [self._form.units[name] for name in ("hour", "minute", "second")]
        parts = [
            _count(unit, str(int(count)))
            for unit, count in zip(units, match.groups(), strict=True)
            if count and int(count)
        ]
        return self._form.joint.join(parts) or _count(units[-1], "0")

    def _range(self, match: Match) -> str:
        first, unit, last, last_unit = match.groups()
        if unit and self._unit_of[unit] is not self._unit_of.get(last_unit or ""):
            return match.group()
        if not unit and (_value(first) >= _value(last) or self._is_breath_pattern(match)):
            return f"{first}, {last}"
        return self._form.range.replace("{a}", first).replace("{b}", last)

    def _product(self, match: Match) -> str:
        return self._form.product.replace("{a}", match[1]).replace("{b}", "")

    def _fraction(self, match: Match) -> str:
        whole, fraction, unit = match.groups()
        form = self._form.fractions[fraction]
        said = form.after.replace("{n}", whole) if whole else form.alone
        if not unit:
            return said
        counted = self._unit_of[unit]
        is_half = not whole and fraction == "1/2"
        return counted.half if counted.half and is_half else counted.many.replace("{n}", said)

    def _counted(self, match: Match) -> str:
        number, written, dot = match.groups()
        said = _count(self._unit_of[written], number)
        # After a short form, a dot before a small letter is part of it and ends no sentence: "2 min. of rest".
        return said if written not in said.split() and written.isalpha() and dot else said + dot

    def _before_number(self, match: Match) -> str:
        written, table = match[1], self._form.before_number
        said = table[written.lower() if written.lower() in table else written]
        return (said[0].upper() + said[1:] if written[0].isupper() and written not in table else said) + " "


def any_of(written: Iterable[str]) -> str:
    """A pattern of any of these texts, the longest first."""
    return "|".join(re.escape(one) for one in sorted(written, key=len, reverse=True)) or r"(?!)"


def _vulgar(match: Match) -> str:
    """2½ as 2 1/2."""
    plain = unicodedata.normalize("NFKC", match.group()).replace("\u2044", "/")
    before = match.string[max(0, match.start() - 1) : match.start()]
    after = match.string[match.end() : match.end() + 1]
    return f"{' ' if before.isalnum() else ''}{plain}{' ' if after.isalnum() else ''}"


def _count(count: Count, number: str) -> str:
    return count.one if number == "1" else count.many.replace("{n}", number)


def _value(number: str) -> float:
    digits = number.replace(",", ".")
    return float(digits) if digits.count(".") < 2 else float(digits.replace(".", ""))


def _beside(words: Clock | Beside) -> Callable[[Match], bool]:
    """Whether such words stand around figures: those of 7:30 say that it is no length, of 4-6 that it is no range."""
    before = re.compile(rf"(?<!\w)(?:{any_of(words.before)}) $", re.IGNORECASE)
    after = re.compile(rf" ?(?:{any_of(words.after)})(?!\w)", re.IGNORECASE)

    def is_beside(match: Match) -> bool:
        near = match.string[max(0, match.start() - _LONGEST_WORD) : match.start()]
        return bool(before.search(near) or after.match(match.string, match.end()))

    return is_beside
