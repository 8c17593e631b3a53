"""How words are said: the readings of the lexicon, checked, and their sounds in the alphabet of the embedded voice."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Literal

from annotated_types import Len
from pydantic import AfterValidator

from audioguide.schema.document import Record
from audioguide.schema.form import problem
from audioguide.speech.respelling import is_respelling, to_ipa, to_letters

# The sounds of English in IPA, and in the alphabet of the embedded voice; ɾ is the soft t of American "water".
_DIPHTHONGS = {"eɪ": "A", "aɪ": "I", "oʊ": "O", "əʊ": "O", "aʊ": "W", "ɔɪ": "Y"}
_VOWELS = {sign: sign for sign in "iuɑæəɛɜɪɔʊʌᵊᵻ"} | _DIPHTHONGS | {"ɝ": "ɜɹ", "ɚ": "əɹ", "ɒ": "ɑ"}
_CONSONANTS = {sign: sign for sign in "bdfhjklmnpstvwzðŋɡɹʃʒʤʧθ"} | {"tʃ": "ʧ", "dʒ": "ʤ", "g": "ɡ", "r": "ɹ", "ɾ": "T"}
_SIGNS: Mapping[str, str] = {**_VOWELS, **_CONSONANTS, "ˈ": "ˈ", "ˌ": "ˌ", ".": "", "ː": "", " ": " "}
_SIGN = re.compile("|".join(sorted(map(re.escape, _SIGNS), key=len, reverse=True)) + "|(?P<unknown>.)")

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
