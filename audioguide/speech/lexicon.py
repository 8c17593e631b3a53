"""The pronunciation lexicon: how words are said that voices read wrong.

A word or phrase matches whole, without regard to capitals and accents: `uttanasana` is found in "Uttānāsana." too.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal, NamedTuple

from audioguide.errors import Code, Problem, RoutineError, suggest
from audioguide.schema.document import read_document
from audioguide.speech.languages import base_language
from audioguide.speech.voices import VoiceProfile
from audioguide.system.files import cache_by_file
from audioguide.system.paths import lexicon_files

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")

_SEPARATORS = frozenset({" ", "-"})
"""Between two words of one phrase."""

_MAX_READING = 200
"""Characters."""

# The sounds of English in IPA, and in the alphabet of the embedded voice; ɾ is the soft t of American "water".
_VOWELS = {sign: sign for sign in "iuɑæəɛɜɪɔʊʌᵊᵻ"} | {
    "eɪ": "A",
    "aɪ": "I",
    "oʊ": "O",
    "əʊ": "O",
    "aʊ": "W",
    "ɔɪ": "Y",
    "ɝ": "ɜɹ",
    "ɚ": "əɹ",
    "ɒ": "ɑ",
}
_CONSONANTS = {sign: sign for sign in "bdfhjklmnpstvwzðŋɡɹʃʒʤʧθ"} | {"tʃ": "ʧ", "dʒ": "ʤ", "g": "ɡ", "r": "ɹ", "ɾ": "T"}
_SIGNS: Mapping[str, str] = {**_VOWELS, **_CONSONANTS, "ˈ": "ˈ", "ˌ": "ˌ", ".": "", "ː": "", " ": " "}
_SIGN = re.compile("|".join(sorted(map(re.escape, _SIGNS), key=len, reverse=True)) + "|(?P<unknown>.)")

Key = tuple[str, ...]
LexiconFormat = Literal["ipa", "say"]
"""What an engine takes: phonemes in IPA ("ipa"), or words that are spelled as they sound ("say")."""


class Reading(NamedTuple):
    """How a word is said, in both formats; "" where the lexicon has only the other one."""

    ipa: str
    say: str


@dataclass(frozen=True)
class Lexicon:
    """The readings of words and phrases in one format, by their words without capitals and accents."""

    readings: Mapping[Key, str]

    def find_readings(self, text: str) -> tuple[str, ...]:
        """The readings of the words and phrases of a text that are in the lexicon, in order."""
        return tuple(reading for _, reading in self._split(text) if reading)

    def replace(self, text: str, render: Callable[[str, str], str] | None = None) -> str:
        """The text with each word or phrase of the lexicon replaced by `render(word, reading)`.

        By default that is the reading, with a capital where the word has one.
        """
        render = render or _copy_capital
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
        """How many words from `first` on have one reading, where they end, and that reading (None: there is none).

        The s of a possessive is not part of them unless the lexicon has it: it follows the reading of the word.
        """
        begin = fold(words[first].group())
        for count in self._lengths.get(begin.removesuffix("'s"), ()):
            phrase = words[first : first + count]
            gaps = (text[one.end() : other.start()] for one, other in pairwise(phrase))
            if len(phrase) < count or not all(gap in _SEPARATORS for gap in gaps):
                continue
            key = tuple(fold(word.group()) for word in phrase)
            end = phrase[-1].end()
            if key not in self.readings and key[-1].endswith("'s"):
                key, end = (*key[:-1], key[-1][:-2]), end - 2
            if key in self.readings:
                return count, end, self.readings[key]
        return 1, words[first].end(), None

    @cached_property
    def _lengths(self) -> Mapping[str, tuple[int, ...]]:
        """By a first word: how many words its phrases have, the longest first."""
        lengths: dict[str, set[int]] = {}
        for key in self.readings:
            lengths.setdefault(key[0].removesuffix("'s"), set()).add(len(key))
        return {first: tuple(sorted(counts, reverse=True)) for first, counts in lengths.items()}


def _copy_capital(word: str, reading: str) -> str:
    return reading[0].upper() + reading[1:] if word[0].isupper() else reading


def fold(word: str) -> str:
    """The word without capitals and accents."""
    if word.isascii():
        return word.lower()
    letters = unicodedata.normalize("NFD", word.replace("’", "'"))
    return "".join(letter for letter in letters if unicodedata.category(letter) != "Mn").lower()


def find_lexicon(profile: VoiceProfile, lexicon_format: LexiconFormat) -> Lexicon:
    """The lexicon of a voice: the shipped one of its language, the user's over it, over both the one in its profile.

    Raises RoutineError with every problem of these files.
    """
    if profile.lexicon is False:
        return Lexicon({})
    own = [profile.own_lexicon] if profile.own_lexicon else []
    return _merge(lexicon_format, *lexicon_files(base_language(profile.language)), *own)


@cache_by_file
def _merge(lexicon_format: LexiconFormat, *paths: Path) -> Lexicon:
    """The entries of several files; of two for one word the later one counts."""
    entries: dict[Key, Reading] = {}
    for path in paths:
        entries |= load_lexicon(path)
    readings = {key: entry.ipa if lexicon_format == "ipa" else entry.say for key, entry in entries.items()}
    return Lexicon({key: reading for key, reading in readings.items() if reading})


@cache_by_file
def load_lexicon(path: Path) -> Mapping[Key, Reading]:
    """Read one lexicon: its entries by their words, folded. RoutineError has every problem with its line and column."""
    document = read_document(path)
    entries: dict[Key, Reading] = {}
    problems: list[Problem] = []
    for word, written in document.data.items():
        key, entry = _key(word), {"say": written} if isinstance(written, str) else written
        if not key:
            fix = "Write a word, or words with single spaces between them."
            problems.append(Problem(document.keys[(word,)], "no-words", f"{word!r} is not a word or a phrase.", fix))
        elif key in entries:
            message = f"{word!r} is here twice, in other capitals or accents."
            problems.append(Problem(document.keys[(word,)], "duplicate-key", message, "Keep one of them."))
        faults = list(_find_faults(entry))
        for name, fault in faults:
            keys = word, name
            place = document.keys[keys] if fault[0] == "unknown-key" else document.place(keys)
            problems.append(Problem(place, *fault))
        if not faults:
            entries[key] = Reading(entry.get("ipa", ""), entry.get("say", ""))
    if problems:
        raise RoutineError(problems)
    return entries


def _find_faults(entry: Any) -> Iterator[tuple[str, tuple[Code, str, str]]]:
    """What is wrong with an entry: the key, "" for the entry as a whole; and the code, the message and the fix."""
    whole = "Write {ipa: ˈsoʊ.əs, say: so us}."
    if not entry:
        yield "", ("empty", "This entry has no reading.", whole)
    elif not isinstance(entry, dict):
        yield "", ("not-a-mapping", "A reading is a word, or a mapping with ipa, say or both.", whole)
    else:
        for name, reading in entry.items():
            if name not in Reading._fields:
                yield name, ("unknown-key", f"There is no key {name!r} here.", suggest(name, Reading._fields))
            elif not isinstance(reading, str) or not 0 < len(reading) <= _MAX_READING:
                yield name, ("not-text", f"{name!r} has to be text of 1 to {_MAX_READING} characters.", whole)
            elif name == "say" and not any(map(str.isalpha, reading)):
                fix = "Spell the word as it sounds, as so us for psoas."
                yield name, ("no-words", "There is nothing to say here.", fix)
            elif name == "ipa" and (wrong := _find_bad_sign(reading)):
                fix = "Write it in the phonetic alphabet, as ˈsoʊ.əs for psoas; docs/lexicon.md lists its signs."
                yield name, ("bad-character", wrong, fix)


def _find_bad_sign(ipa: str) -> str:
    try:
        to_hibari_phonemes(ipa)
    except ValueError as error:
        return str(error)
    return ""


def _key(written: str) -> Key:
    """The key of a word or phrase; empty when it is none."""
    written = unicodedata.normalize("NFC", written)
    key = tuple(fold(word.group()) for word in _WORD.finditer(written))
    return key if " ".join(key) == fold(written).replace("-", " ") else ()


def to_hibari_phonemes(ipa: str) -> str:
    """IPA in the alphabet of the embedded voice; ValueError where a sign is not a sound of English.

    That alphabet is misaki's for American English, as in `hibari.g2p`: it has a letter for each diphthong, and the
    stress is right before the vowel, not before the syllable. So ˈsoʊ.əs becomes sˈOəs.
    """
    found: list[str] = []
    stress = ""
    for sign in _SIGN.finditer(ipa):
        if sign["unknown"]:
            raise ValueError(f"{sign.group()!r} is not a sound of English.")
        if sign.group() in "ˈˌ":
            stress = sign.group()
            continue
        if sign.group() in _VOWELS:
            found.append(stress)
            stress = ""
        found.append(_SIGNS[sign.group()])
    if stress:
        raise ValueError(f"No vowel follows the last {stress!r}.")
    return "".join(found)
