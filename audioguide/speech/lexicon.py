"""The lexicon: how words are said that voices read wrong. They match whole, regardless of capitals and accents."""

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Literal

from annotated_types import Len
from pydantic import AfterValidator, ValidationError

from audioguide.errors import Problem, RoutineError
from audioguide.schema.document import Record, read_document
from audioguide.schema.form import problem
from audioguide.schema.validate import problem_of, type_adapter
from audioguide.speech.languages import base_language
from audioguide.speech.respelling import RESPELL, is_respelling, to_ipa, to_letters
from audioguide.speech.voices import VoiceProfile
from audioguide.system.files import cache_by_file
from audioguide.system.paths import lexicon_files

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
# The sounds of English in IPA, and in the alphabet of the embedded voice; ɾ is the soft t of American "water".
_DIPHTHONGS = {"eɪ": "A", "aɪ": "I", "oʊ": "O", "əʊ": "O", "aʊ": "W", "ɔɪ": "Y"}
_VOWELS = {sign: sign for sign in "iuɑæəɛɜɪɔʊʌᵊᵻ"} | _DIPHTHONGS | {"ɝ": "ɜɹ", "ɚ": "əɹ", "ɒ": "ɑ"}
_CONSONANTS = {sign: sign for sign in "bdfhjklmnpstvwzðŋɡɹʃʒʤʧθ"} | {"tʃ": "ʧ", "dʒ": "ʤ", "g": "ɡ", "r": "ɹ", "ɾ": "T"}
_SIGNS: Mapping[str, str] = {**_VOWELS, **_CONSONANTS, "ˈ": "ˈ", "ˌ": "ˌ", ".": "", "ː": "", " ": " "}
_SIGN = re.compile("|".join(sorted(map(re.escape, _SIGNS), key=len, reverse=True)) + "|(?P<unknown>.)")

Key = tuple[str, ...]
LexiconFormat = Literal["ipa", "say"]  # what an engine takes: phonemes, or words that are spelled as they sound


def to_hibari_phonemes(ipa: str) -> str:
    """IPA in the alphabet of `hibari.g2p`; ValueError where a sign is not a sound of English.

    It has a letter for each diphthong, and the stress right before the vowel: ˈsoʊ.əs becomes sˈOəs.
    """
    phonemes = stress = ""
    for sign in _SIGN.finditer(ipa):
        if sign["unknown"]:
            raise ValueError(f"{sign.group()!r} is not a sound of English.")
        if sign.group() in "ˈˌ":
            stress = sign.group()
            continue
        if sign.group() in _VOWELS:
            phonemes += stress
            stress = ""
        phonemes += _SIGNS[sign.group()]
    if stress:
        raise ValueError(f"No vowel follows the last {stress!r}.")
    return phonemes


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
class Reading(Record):
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


def _copy_capital(word: str, reading: str) -> str:
    return reading[0].upper() + reading[1:] if word[0].isupper() else reading


@dataclass(frozen=True)
class Lexicon:
    """The readings of words and phrases in one format, by their words without capitals and accents."""

    readings: Mapping[Key, str]

    def find_readings(self, text: str) -> tuple[str, ...]:
        """The readings of the words and phrases of a text that are in the lexicon, in order."""
        return tuple(reading for _, reading in self._split(text) if reading)

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
                return count, end, self.readings[key]
        return 1, words[first].end(), None

    @cached_property
    def _lengths(self) -> Mapping[str, list[int]]:
        # By a first word: how many words its phrases have, the longest first.
        lengths: dict[str, list[int]] = {}
        for key in sorted(self.readings, key=len, reverse=True):
            lengths.setdefault(key[0].removesuffix("'s"), []).append(len(key))
        return lengths


def fold(word: str) -> str:
    """The word without capitals and accents."""
    if word.isascii():
        return word.lower()
    letters = unicodedata.normalize("NFD", word.replace("’", "'"))
    return "".join(letter for letter in letters if unicodedata.category(letter) != "Mn").lower()


def find_lexicon(profile: VoiceProfile, lexicon_format: LexiconFormat) -> Lexicon:
    """The shipped lexicon of a voice's language, the user's over it, then its own. RoutineError has all problems."""
    return _merge(lexicon_format, *_files_of(profile))


def list_readings(profile: VoiceProfile, lexicon_format: LexiconFormat, text: str) -> Iterator[tuple[str, str, Path]]:
    """The words and phrases of a text that are in the lexicon of a voice, each with its reading and its file."""
    for written, reading in find_lexicon(profile, lexicon_format)._split(text):
        if reading:
            files = reversed(_files_of(profile))
            yield written, reading, next(file for file in files if _key(written) in load_lexicon(file, lexicon_format))


def _files_of(profile: VoiceProfile) -> tuple[Path, ...]:
    found = () if profile.lexicon is False else (*lexicon_files(base_language(profile.language)), profile.own_lexicon)
    return tuple(filter(None, found))


@cache_by_file
def _merge(lexicon_format: LexiconFormat, *paths: Path) -> Lexicon:
    readings: dict[Key, str] = {}
    for path in paths:
        readings |= load_lexicon(path, lexicon_format)
    return Lexicon({key: reading for key, reading in readings.items() if reading})


@cache_by_file
def load_lexicon(path: Path, lexicon_format: LexiconFormat) -> Mapping[Key, str]:
    """One lexicon: the readings in a format by their words, folded, or "". RoutineError has every problem."""
    document = read_document(path)
    entries: dict[Key, str] = {}
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
        except ValidationError as error:
            for detail in error.errors(include_url=False):
                problems.append(problem_of(document, {**detail, "loc": (word, *detail["loc"])}, Reading))
        except ValueError as unreadable:
            problems.append(Problem(document.place((word, "say")), "bad-character", str(unreadable), RESPELL))
    if problems:
        raise RoutineError(problems)
    return entries


def _key(written: str) -> Key:
    written = unicodedata.normalize("NFC", written)
    key = tuple(fold(word.group()) for word in _WORD.finditer(written))
    return key if " ".join(key) == fold(written).replace("-", " ") else ()
