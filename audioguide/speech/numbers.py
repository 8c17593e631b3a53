"""What a language says for numbers, signs and short forms: words from `voices/spoken/`. Plain numbers stay figures."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Annotated, TypeAlias

from annotated_types import Len
from pydantic import AfterValidator

from audioguide.schema.document import Record, read_document
from audioguide.schema.form import problem
from audioguide.schema.validate import validate
from audioguide.speech.languages import base_language
from audioguide.system.files import cache_by_file
from audioguide.system.paths import spoken_forms_file

_NUMBER = r"\d+(?:[.,]\d+)*"
_ALONE = r"(?<![\w.,:/–-])"  # not in the middle of a word or of a number
_LENGTH_UNITS = ("hour", "minute", "second")

Match: TypeAlias = "re.Match[str]"
Words = Annotated[str, Len(1)]
Table = dict[Words, Words]


@dataclass(frozen=True, slots=True)
class Plural(Record):
    """What is said for one and for several; `{n}` is the number."""

    one: Words
    many: Words


@dataclass(frozen=True, slots=True)
class Unit(Plural):
    """A unit: also how it is written after a number, and what half of one is called ("" for the regular words)."""

    written: Annotated[tuple[Words, ...], Len(1)]
    half: str = ""


@dataclass(frozen=True, slots=True)
class Fraction(Record):
    """What is said for a fraction alone, and after the whole number `{n}`."""

    alone: Words
    after: Words


@dataclass(frozen=True, slots=True)
class Clock(Record):
    """What tells a time of day from a length: words before it, and words after it, each with the ways to write it."""

    before: tuple[Words, ...]
    after: dict[str, tuple[Words, ...]]


@dataclass(frozen=True, slots=True)
class Neighbours(Record):
    """Words before, or after, some numbers that tell what kind of numbers these are."""

    before: tuple[Words, ...]
    after: tuple[Words, ...]


def _check_units(units: dict[str, Unit]) -> dict[str, Unit]:
    for name in _LENGTH_UNITS:
        if name not in units:
            raise problem("missing-key", f"{name!r} is missing among the units.", f"Add {name}: to them.")
    return units


@dataclass(frozen=True, slots=True)
class SpokenFormsFile(Record):
    """A file of `voices/spoken/`. Its units include `hour`, `minute` and `second`."""

    range: Words
    breath: Neighbours
    times: Plural
    product: Words
    joint: Words
    units: Annotated[dict[str, Unit], AfterValidator(_check_units)]
    fractions: dict[str, Fraction]
    clock: Clock
    before_number: Table
    signs: Table
    slash: Words
    dot: Words
    words: Table
    last_words: Table
    kept: tuple[Words, ...]


class SpokenForms:
    """A language's words for what is written short (numbers that voices read differently, too), and its patterns."""

    def __init__(self, form: SpokenFormsFile) -> None:
        self.form = form
        # What is said for each short form; one in small letters is found in any capitals.
        self.word_of: Mapping[str, str] = form.words | form.last_words
        # Words that are written in capitals and stay so.
        self.kept = frozenset(form.kept) | {word for word in self.word_of if word.isupper()}
        self.short_forms = re.compile(rf"(?<![\w.])(?:{_any_of(self.word_of)})(?!\w)", re.IGNORECASE)
        self.sign = re.compile(_any_of(form.signs))
        self._unit_of = {written: unit for unit in form.units.values() for written in unit.written}
        self._clock_of = {written: said for said, ways in form.clock.after.items() for written in ways}

    def normalize_numbers(self, text: str) -> str:
        """The text with such numbers in words."""
        if any(map(str.isnumeric, text)):
            for pattern, replace in self._steps:
                text = pattern.sub(replace, text)
        return text

    @cached_property
    def _steps(self) -> tuple[tuple[re.Pattern[str], Callable[[Match], str]], ...]:
        """Patterns in the order in which they are replaced, and what each match becomes."""
        form = self.form
        units, clocks = _any_of(self._unit_of), _any_of(self._clock_of)
        fractions, before = _any_of(form.fractions), _any_of(form.before_number)
        unit = rf"(?:\s?({units}))?"
        return (
            (re.compile("[¼½¾⅐-⅞]"), _expand_vulgar_fraction),
            # 7:30 and 7, with the words after a time of day: number, words, dot.
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
            (
                re.compile(rf"{_ALONE}({_NUMBER})\s?[x×]\s?(?=\d)"),
                lambda match: form.product.replace("{a}", match[1]).replace("{b}", ""),
            ),
            (
                re.compile(
                    rf"{_ALONE}({_NUMBER})\s?[x×](?!\w)|(?<![\w×])[x×](\d+)(?!\w)|(?<=\w )[x×] (\d+)(?= ?(?:[^\w ]|$))"
                ),
                lambda match: _say_count(form.times, next(filter(None, match.groups()))),
            ),
            (re.compile(r"(?<=\w) x (?=\d)"), lambda match: f" {form.signs['×']} "),
            # 1/2, 2 1/2, 1/2 min: whole, fraction, unit.
            (re.compile(rf"{_ALONE}(?:(\d+) )?({fractions})(?![\w/])(?:\s?({units})(?!\w))?"), self._fraction),
            # A number, its unit, and the dot after it where a small letter follows that.
            (re.compile(rf"{_ALONE}({_NUMBER})\s?({units})(?!\w)((?:\.(?= [^\W\d_A-Z]))?)"), self._with_unit),
            (re.compile(rf"(?<!\w)({before})\s?(?=\d)", re.IGNORECASE), self._before_number),
        )

    def _time_of_day(self, match: Match) -> str:
        said = self._clock_of[match[2]]
        return f"{match[1]} {said}{'' if said.endswith('.') else match[3]}"

    def _clock_length(self, match: Match) -> str:
        return match.group() if _has_neighbour(self.form.clock, match) else self._length(match)

    def _letter_length(self, match: Match) -> str:
        return match.group() if match[1] is None and match[3] is None else self._length(match)  # 400m may be metres

    def _length(self, match: Match) -> str:
        units = [self.form.units[name] for name in _LENGTH_UNITS]
        counts = [int(count or 0) for count in match.groups()]
        parts = [_say_count(unit, str(count)) for unit, count in zip(units, counts, strict=True) if count]
        return self.form.joint.join(parts) or _say_count(units[-1], "0")

    def _range(self, match: Match) -> str:
        first, unit, last, last_unit = match.groups()
        if unit and self._unit_of[unit] is not self._unit_of.get(last_unit or ""):
            return match.group()
        if not unit and (_to_float(first) >= _to_float(last) or _has_neighbour(self.form.breath, match)):
            return f"{first}, {last}"
        return self.form.range.replace("{a}", first).replace("{b}", last)

    def _fraction(self, match: Match) -> str:
        whole, fraction, unit = match.groups()
        form = self.form.fractions[fraction]
        said = form.after.replace("{n}", whole) if whole else form.alone
        if not unit:
            return said
        counted = self._unit_of[unit]
        is_half = not whole and fraction == "1/2"
        return counted.half if counted.half and is_half else counted.many.replace("{n}", said)

    def _with_unit(self, match: Match) -> str:
        number, written, dot = match.groups()
        said = _say_count(self._unit_of[written], number)
        # After a short form, a dot before a small letter is part of it and ends no sentence: "2 min. of rest".
        return said if written not in said.split() and written.isalpha() and dot else said + dot

    def _before_number(self, match: Match) -> str:
        written, table = match[1], self.form.before_number
        said = table[written.lower() if written.lower() in table else written]
        return (said[0].upper() + said[1:] if written[0].isupper() and written not in table else said) + " "


def load_spoken_forms(language: str) -> SpokenForms | None:
    """The forms of a language (for `en-gb` those of `en`), None if there are none. RoutineError for a wrong file."""
    path = spoken_forms_file(base_language(language))
    return _load(path) if path else None


@cache_by_file
def _load(path: Path) -> SpokenForms:
    return SpokenForms(validate(read_document(path), SpokenFormsFile))


def _any_of(texts: Iterable[str]) -> str:
    return "|".join(re.escape(text) for text in sorted(texts, key=len, reverse=True)) or r"(?!)"


def _expand_vulgar_fraction(match: Match) -> str:
    """2½ as 2 1/2."""
    plain = unicodedata.normalize("NFKC", match.group()).replace("\u2044", "/")
    before = match.string[max(0, match.start() - 1) : match.start()]
    after = match.string[match.end() : match.end() + 1]
    return f"{' ' if before.isalnum() else ''}{plain}{' ' if after.isalnum() else ''}"


def _say_count(words: Plural, number: str) -> str:
    return words.one if number == "1" else words.many.replace("{n}", number)


def _to_float(number: str) -> float:
    digits = number.replace(",", ".")
    return float(digits) if digits.count(".") < 2 else float(digits.replace(".", ""))


def _has_neighbour(words: Clock | Neighbours, match: Match) -> bool:
    """Whether such a word stands beside a number: 7:30 is then no length, and 4-6 no range."""
    near = match.string[max(0, match.start() - 30) : match.start()]  # so that the time does not grow with the text
    after = re.compile(rf" ?(?:{_any_of(words.after)})(?!\w)", re.IGNORECASE)
    before = re.search(rf"(?<!\w)(?:{_any_of(words.before)}) $", near, re.IGNORECASE)
    return bool(before or after.match(match.string, match.end()))
