"""The lexicon: how words are said that voices read wrong. They match whole, regardless of capitals and accents."""

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Literal

from annotated_types import Len
from pydantic import AfterValidator, ValidationError

from audioguide.errors import Problem, RoutineError
from audioguide.schema.document import Document, Record
from audioguide.schema.form import problem
from audioguide.schema.form_cache import remember_file
from audioguide.schema.validate import problem_of, type_adapter
from audioguide.speech.languages import base_language
from audioguide.speech.respelling import RESPELL, is_respelling, to_hibari_phonemes, to_ipa, to_letters
from audioguide.speech.voices import VoiceProfile
from audioguide.system.files import cache_by_file
from audioguide.system.paths import lexicon_files

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_NEAR = 10  # words of its sentence on either side that tell how a word is said
_STOP = re.compile("[.!?…:;]")  # lies between two words of different sentences

Key = tuple[str, ...]
LexiconFormat = Literal["ipa", "say"]  # what an engine takes: phonemes, or words that are spelled as they sound


def _check_ipa(ipa: str) -> str:
    try:
        to_hibari_phonemes(ipa)
    except ValueError as error:
        fix = "Write it in the phonetic alphabet, as ˈsoʊ.əs for psoas; docs/lexicon.md lists its signs."
        raise problem("bad-character", str(error), fix) from None
    return ipa


def _check_spelling(say: str) -> str:
    if not any(map(str.isalpha, say)):
        fix = "Spell the word as it sounds, as so us for psoas."
        raise problem("no-words", "There is nothing to say here.", fix)
    return say


@dataclass(frozen=True, slots=True)
class Sounds(Record):
    """How a word is said, in both formats; "" where the lexicon has only the other one."""

    ipa: Annotated[str, Len(1, 200), AfterValidator(_check_ipa)] = ""
    say: Annotated[str, Len(1, 200), AfterValidator(_check_spelling)] = ""

    def in_format(self, lexicon_format: LexiconFormat) -> str:
        """The reading in a format; "" where there is none. ValueError for a respelling that cannot be read."""
        if lexicon_format == "say":
            return to_letters(self.say)
        if self.ipa or not self.say:
            return self.ipa
        try:
            return to_ipa(self.say)
        except ValueError:
            if is_respelling(self.say):
                raise
            return ""  # a spelling for other voices alone


def _fold_all(words: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(map(fold, words))


_Words = Annotated[tuple[str, ...], AfterValidator(_fold_all)]


@dataclass(frozen=True, slots=True)
class OtherReading(Sounds):
    """How a word is said right before or after one of some words, or with one of `near` in its sentence."""

    before: _Words = ()
    after: _Words = ()
    near: _Words = ()

    def holds(self, words: Sequence[str], place: int) -> bool:
        """Whether the word at a place of a sentence is said so."""
        return (
            any(word in self.before for word in words[place + 1 : place + 2])
            or any(word in self.after for word in words[max(0, place - 1) : place])
            or not set(self.near).isdisjoint(words)
        )


@dataclass(frozen=True, slots=True)
class Reading(Sounds):
    """How a word is said, or as a voice says it by itself (both ""), and other readings in their places."""

    but: tuple[OtherReading, ...] = ()


def fold(word: str) -> str:
    """The word without capitals and accents."""
    if word.isascii():
        return word.lower()
    letters = unicodedata.normalize("NFD", word.replace("’", "'"))
    return "".join(letter for letter in letters if unicodedata.category(letter) != "Mn").lower()


def _copy_capital(word: str, reading: str) -> str:
    return reading[0].upper() + reading[1:] if word[0].isupper() else reading


@dataclass(frozen=True)
class Lexicon:
    """The readings of words and phrases in one format ("": the voice's own), by words without capitals and accents.

    `others` has further readings of a word, in the order in which they are tried, and where each holds.
    """

    readings: Mapping[Key, str]
    others: Mapping[Key, tuple[tuple[str, OtherReading], ...]] = field(default_factory=dict)
    files: Mapping[Key, Path] = field(default_factory=dict)

    def find_readings(self, text: str) -> tuple[str, ...]:
        """The readings of the words and phrases of a text that are in the lexicon, in order."""
        return tuple(reading for _, reading in self._split(text) if reading)

    def list_readings(self, text: str) -> list[tuple[str, str, Path]]:
        """As `find_readings`, each after what is written, and with the file that it comes from."""
        return [(written, reading, self.files[_key(written)]) for written, reading in self._split(text) if reading]

    def replace(self, text: str, render: Callable[[str, str], str] = _copy_capital) -> str:
        """Replace words and phrases of the lexicon by `render(word, reading)`: by default the reading, capital kept."""
        return "".join(render(word, reading) if reading else word for word, reading in self._split(text))

    def _split(self, text: str) -> Iterator[tuple[str, str | None]]:
        """The text in parts, in order: those in the lexicon with their readings. Longer phrases are preferred."""
        words = list(_WORD.finditer(text))
        start = first = 0
        while first < len(words):
            count, end, reading = self._match(text, words, first)
            if reading:
                yield text[start : words[first].start()], None
                yield text[words[first].start() : end], reading
                start = end
            first += count
        yield text[start:], None

    def _match(self, text: str, words: list[re.Match[str]], first: int) -> tuple[int, int, str | None]:
        """How many words from `first` on have one reading, where they end, and that reading (None: there is none)."""
        for count in self._lengths.get(fold(words[first].group()).removesuffix("'s"), ()):
            phrase = words[first : first + count]
            gaps = (text[one.end() : other.start()] for one, other in pairwise(phrase))
            if len(phrase) < count or not all(gap in (" ", "-") for gap in gaps):
                continue
            key = tuple(fold(word.group()) for word in phrase)
            end = phrase[-1].end()
            if key not in self.readings and key[-1].endswith("'s"):  # a possessive s follows the reading of its word
                key, end = (*key[:-1], key[-1][:-2]), end - 2
            if key in self.readings:
                return count, end, self._find_other(text, words, first, key) or self.readings[key]
        return 1, words[first].end(), None

    def _find_other(self, text: str, words: list[re.Match[str]], first: int, key: Key) -> str | None:
        """What a word is called in this sentence, where that is not as usual."""
        if not (others := self.others.get(key)):
            return None
        start, end = first, first + 1
        while start > max(0, first - _NEAR) and not _STOP.search(text, words[start - 1].end(), words[start].start()):
            start -= 1
        while end < min(len(words), first + _NEAR) and not _STOP.search(text, words[end - 1].end(), words[end].start()):
            end += 1
        sentence = [fold(word.group()) for word in words[start:end]]
        return next((said for said, other in others if said and other.holds(sentence, first - start)), None)

    @cached_property
    def _lengths(self) -> Mapping[str, list[int]]:
        # By a first word: how many words its phrases have, the longest first.
        lengths: dict[str, list[int]] = {}
        for key in sorted(self.readings, key=len, reverse=True):
            lengths.setdefault(key[0].removesuffix("'s"), []).append(len(key))
        return lengths


def find_lexicon(profile: VoiceProfile, lexicon_format: LexiconFormat) -> Lexicon:
    """The shipped lexicon of a voice's language, the user's over it, then its own. RoutineError has all problems."""
    if profile.lexicon is False:
        return Lexicon({})
    paths = (*lexicon_files(base_language(profile.language)), profile.own_lexicon)
    return _merge(lexicon_format, *filter(None, paths))


@cache_by_file
def _merge(lexicon_format: LexiconFormat, *paths: Path) -> Lexicon:
    merged = Lexicon({})
    for path in paths:
        over = load_lexicon(path, lexicon_format)
        kept = {key: others for key, others in merged.others.items() if key not in over.readings}
        files = {**merged.files, **dict.fromkeys(over.readings, path)}
        merged = Lexicon({**merged.readings, **over.readings}, {**kept, **over.others}, files)
    return merged


@cache_by_file
def load_lexicon(path: Path, lexicon_format: LexiconFormat) -> Lexicon:
    """Read one lexicon in a format. RoutineError has every problem."""
    return remember_file(lexicon_format, path, lambda document: _parse(document, lexicon_format))


def _parse(document: Document, lexicon_format: LexiconFormat) -> Lexicon:
    entries: dict[Key, str] = {}
    others: dict[Key, tuple[tuple[str, OtherReading], ...]] = {}
    problems: list[Problem] = []
    reader = type_adapter(Reading)
    for word, written in document.data.items():
        key = _key(word)
        if not key:
            fix = "Write a word, or words with single spaces between them."
            problems.append(Problem(document.keys[(word,)], "no-words", f"{word!r} is not a word or a phrase.", fix))
        elif key in entries:
            message = f"{word!r} is here twice, in other capitals or accents."
            problems.append(Problem(document.keys[(word,)], "duplicate-key", message, "Keep one of them."))
        if not written:
            fix = "Write {ipa: ˈsoʊ.əs, say: so us}."
            problems.append(Problem(document.place((word,)), "empty", "This entry has no reading.", fix))
            continue
        try:
            entry = reader.validate_python({"say": written} if isinstance(written, str) else written)
            entries[key] = entry.in_format(lexicon_format)
            if entry.but:
                others[key] = tuple((other.in_format(lexicon_format), other) for other in entry.but)
        except ValidationError as error:
            for detail in error.errors(include_url=False):
                problems.append(problem_of(document, {**detail, "loc": (word, *detail["loc"])}, Reading))
        except ValueError as unreadable:
            problems.append(Problem(document.place((word, "say")), "bad-character", str(unreadable), RESPELL))
    if problems:
        raise RoutineError(problems)
    return Lexicon(entries, others)


def _key(written: str) -> Key:
    written = unicodedata.normalize("NFC", written)
    key = tuple(fold(word.group()) for word in _WORD.finditer(written))
    return key if " ".join(key) == fold(written).replace("-", " ") else ()
