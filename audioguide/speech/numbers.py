"""What a language says for numbers, signs and short forms: words from `voices/spoken/`. Plain numbers stay figures."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Annotated

from annotated_types import Len
from pydantic import AfterValidator

from audioguide.schema.document import Record
from audioguide.schema.form import problem
from audioguide.schema.validate import read_as
from audioguide.speech.languages import base_language
from audioguide.speech.rewriting import ALONE, NUMBER, Match, Rewriter, Rule, Table, Words, any_of, begin_sentence
from audioguide.system.files import cache_by_file
from audioguide.system.paths import spoken_forms_file

_LENGTH_UNITS = ("hour", "minute", "second")


@dataclass(frozen=True, slots=True)
class Unit(Record):
    """A unit: how it is written after a number, what is said of one with its number, and of several without."""

    written: Annotated[tuple[Words, ...], Len(1)]
    one: Words
    many: Words


@dataclass(frozen=True, slots=True)
class Neighbours(Record):
    """Words before, or after, some numbers that tell what kind of numbers these are."""

    before: tuple[Words, ...]
    after: tuple[Words, ...]


@dataclass(frozen=True, slots=True)
class Clock(Record):
    """What tells a time of day from a length: words before it, and words after it, each with the ways to write it.

    Those of `length` before it in its sentence, or after it, make it a length. `early` is said for 7:05, where a voice
    would leave the zero out: `{h}` and `{m}`.
    """

    before: tuple[Words, ...]
    after: dict[str, tuple[Words, ...]]
    length: Neighbours
    early: str = ""


def _check_units(units: dict[str, Unit]) -> dict[str, Unit]:
    for name in _LENGTH_UNITS:
        if name not in units:
            raise problem("missing-key", f"{name!r} is missing among the units.", f"Add {name}: to them.")
    return units


def _check_tables(tables: dict[str, Table]) -> dict[str, Table]:
    for name, words in ((name, words) for name, table in tables.items() for words in table.values()):
        if "{" in words:  # it might look itself up for ever
            raise problem(
                "invalid", f"{words!r} in the table {name!r} looks up another word.", "Write that word there."
            )
    return tables


@dataclass(frozen=True, slots=True)
class SpokenFormsFile(Record):
    """A file of `voices/spoken/`. Its units include `hour`, `minute` and `second`."""

    range: Words
    breath: Neighbours
    joint: Words
    units: Annotated[dict[str, Unit], AfterValidator(_check_units)]
    clock: Clock
    signs: Table
    slash: Words
    dot: Words
    words: Table
    last_words: Table
    kept: tuple[Words, ...]
    sets: dict[str, tuple[Words, ...]]
    tables: Annotated[dict[str, Table], AfterValidator(_check_tables)]
    rules: tuple[Rule, ...]


class SpokenForms:
    """A language's words for what is written short (numbers that voices read differently, too), and its patterns."""

    def __init__(self, form: SpokenFormsFile, language: str) -> None:
        self.form = form
        self._unit_of = {written: unit for unit in form.units.values() for written in unit.written}
        sets = {**form.sets, **{name: unit.written for name, unit in form.units.items()}, "unit": tuple(self._unit_of)}
        one, many = ({way: getattr(unit, count) for way, unit in self._unit_of.items()} for count in ("one", "many"))
        # Says what is written short in ways that are the language's own.
        self.rewrite = Rewriter(form.rules, sets, {**form.tables, "one": one, "many": many}, language).rewrite
        # What is said for each short form; one in small letters is found in any capitals.
        self.word_of: Mapping[str, str] = form.words | form.last_words
        # Words that are written in capitals and stay so.
        self.kept = frozenset(form.kept) | {word for word in self.word_of if word.isupper()}
        self.short_forms = re.compile(rf"(?<![\w.])(?:{any_of(self.word_of)})(?!\w)", re.IGNORECASE)
        self.sign = re.compile(any_of(form.signs))
        self._clock_of = {written: said for said, ways in form.clock.after.items() for written in ways}

    def normalize_numbers(self, text: str) -> str:
        """The text with such numbers in words."""
        if any(map(str.isnumeric, text)):
            for pattern, replace in self._steps:
                text = pattern.sub(lambda match, say=replace: begin_sentence(say(match), match), text)  # type: ignore[misc]
        return text

    @cached_property
    def _steps(self) -> tuple[tuple[re.Pattern[str], Callable[[Match], str]], ...]:
        """Patterns in the order in which they are replaced, and what each match becomes."""
        units, clocks = any_of(self._unit_of), any_of(self._clock_of)
        unit = rf"(?:\s?({units}))?"
        return (
            (re.compile("[¼½¾⅐-⅞]"), _expand_vulgar_fraction),
            # 7:30 and 7, with the words after a time of day: number, words, dot.
            (re.compile(rf"{ALONE}(\d{{1,2}}(?:[:.]\d\d)?)\s?({clocks})(?!\w)(\.?)"), self._time_of_day),
            (re.compile(rf"{ALONE}(?:(\d{{1,2}}):)?(\d{{1,3}}):([0-5]\d)(?![\w:])"), self._clock_length),
            (re.compile(rf"{ALONE}({NUMBER}) [-–] ({NUMBER})(?![\w:/–-]|[.,]\d| [-–] ?\d)"), self._spaced_range),
            (re.compile(r"(?<=\w) [-–] (?=\d)"), lambda match: " — "),
            # 10-20, 30s-45s, 60–70%: first, its unit, last, the last's unit (which is not consumed).
            (
                re.compile(rf"{ALONE}({NUMBER}){unit}[-–]({NUMBER})(?=(?:\s?[xX×]|{unit})(?![\w:/–-]))(?![\d.,]*\d)"),
                self._range,
            ),
        )

    def _time_of_day(self, match: Match) -> str:
        said = self._clock_of[match[2]]
        return f"{match[1].replace('.', ':')} {said}{'' if said.endswith('.') else match[3]}"

    def _clock_length(self, match: Match) -> str:
        if not _has_neighbour(self.form.clock, match) and self._is_length(match):
            return self._length(match)
        early = self.form.clock.early and match[1] is None and re.fullmatch("0[1-9]", match[3])
        return self.form.clock.early.replace("{h}", match[2]).replace("{m}", match[3][1]) if early else match.group()

    def _is_length(self, match: Match) -> bool:
        """Whether 1:30 is a length: no hour of a day, or beside a word for lengths. In doubt it is a time of day."""
        if match[1] or not 0 < int(match[2]) <= 24:
            return True
        sentence = re.split(r"[.!?…;]\s", match.string[max(0, match.start() - 80) : match.start()])[-1]
        after = match.string[match.end() : match.end() + 30]
        before = self._length_word.search(sentence)
        return bool(before or re.match(rf"\s?(?:{any_of(self.form.clock.length.after)})(?!\w)", after, re.IGNORECASE))

    @cached_property
    def _length_word(self) -> re.Pattern[str]:
        units = [written for name in _LENGTH_UNITS for written in self.form.units[name].written]
        words = (*self.form.clock.length.before, *(unit for unit in units if len(unit) > 2))
        return re.compile(rf"(?<!\w)(?:{any_of(words)}|\d+ ?(?:{any_of(units)}))(?!\w)", re.IGNORECASE)

    def _length(self, match: Match) -> str:
        units = [self.form.units[name] for name in _LENGTH_UNITS]
        counts = [int(count or 0) for count in match.groups()]
        parts = [_say_count(unit, str(count)) for unit, count in zip(units, counts, strict=True) if count]
        return self.form.joint.join(parts) or _say_count(units[-1], "0")

    def _spaced_range(self, match: Match) -> str:
        first, last = map(_to_float, match.groups())  # a step and its length, as "Round 3 - 45 s", are further apart
        return self._say_range(*match.groups()) if first < last <= 5 * first else f"{match[1]} — {match[2]}"

    def _say_range(self, first: str, last: str) -> str:
        return self.form.range.replace("{a}", first).replace("{b}", last)

    def _range(self, match: Match) -> str:
        first, unit, last, last_unit = match.groups()
        if unit and self._unit_of[unit] is not self._unit_of.get(last_unit or ""):
            return match.group()
        if not unit and (_to_float(first) >= _to_float(last) or _has_neighbour(self.form.breath, match)):
            return f"{first}, {last}"
        return self._say_range(first, last)


def load_spoken_forms(language: str) -> SpokenForms | None:
    """The forms of a language (for `en-gb` those of `en`), None if there are none. RoutineError for a wrong file."""
    path = spoken_forms_file(base_language(language))
    return _load(path) if path else None


@cache_by_file
def _load(path: Path) -> SpokenForms:
    return SpokenForms(read_as(path, SpokenFormsFile), path.stem)


def _expand_vulgar_fraction(match: Match) -> str:
    """2½ as 2 1/2."""
    plain = unicodedata.normalize("NFKC", match.group()).replace("\u2044", "/")
    before = match.string[max(0, match.start() - 1) : match.start()]
    after = match.string[match.end() : match.end() + 1]
    return f"{' ' if before.isalnum() else ''}{plain}{' ' if after.isalnum() else ''}"


def _say_count(unit: Unit, number: str) -> str:
    return unit.one if number == "1" else f"{number} {unit.many}"


def _to_float(number: str) -> float:
    digits = number.replace(",", ".")
    return float(digits) if digits.count(".") < 2 else float(digits.replace(".", ""))


def _has_neighbour(words: Clock | Neighbours, match: Match) -> bool:
    """Whether such a word stands beside a number: 7:30 is then no length, and 4-6 no range."""
    near = match.string[max(0, match.start() - 30) : match.start()]  # so that the time does not grow with the text
    after = re.compile(rf" ?(?:{any_of(words.after)})(?!\w)", re.IGNORECASE)
    before = re.search(rf"(?<!\w)(?:{any_of(words.before)}) $", near, re.IGNORECASE)
    return bool(before or after.match(match.string, match.end()))
