"""Respelling: how a word is said in plain letters, `sah-VAH-suh-nuh`. Hyphens part syllables, CAPITALS are stressed."""

import re
from functools import cache
from pathlib import Path

from audioguide.schema.document import read_document

RESPELL = "Give each syllable one vowel, as in sah-VAH-suh-nuh; docs/lexicon.md lists them."


def is_respelling(written: str) -> bool:
    """Whether a spelling can only be meant as one: it has a hyphen, or a syllable in capitals."""
    return "-" in written or any(len(word) > 1 and word.isupper() for word in written.split())


def to_letters(written: str) -> str:
    """A respelling for a voice that takes letters and spells capitals: `sah vahsuhnuh`. Another text stays as it is."""
    if not is_respelling(written):
        return written
    return re.sub(r"-(?=[^\W\d_a-zß-ÿ]+\b)|(?<=[hH])-(?=[aeiouAEIOU])", " ", written).replace("-", "").lower()


def to_ipa(written: str) -> str:
    """A respelling in IPA, `sɑ.ˈvɑ.sə.nə`. ValueError for a syllable that cannot be read."""
    return " ".join(map(_read_word, written.split()))


def _read_word(word: str) -> str:
    syllables = word.split("-")
    loud = [index for index, syllable in enumerate(syllables) if syllable.isupper()] or [0]
    marks = {**dict.fromkeys(loud, "ˌ"), loud[-1]: "ˈ"}  # of several stresses of a word, the last is the strongest
    return ".".join(f"{marks.get(at, '')}{_read_syllable(part, at in loud)}" for at, part in enumerate(syllables))


def _read_syllable(written: str, loud: bool) -> str:
    sounds, found = _sounds(), _pattern().fullmatch(written)
    before, vowel, after = map(str.lower, found.groups()) if found else ("", "", "")
    vowels = sounds["vowels"] | sounds["closed" if after else "open"]
    if vowel not in vowels:
        raise ValueError(f"The syllable {written!r} cannot be read.")

    def read(consonants: str) -> str:
        return re.sub(_any_of("consonants"), lambda sign: sounds["consonants"][sign[0]], consonants)

    return read(before) + vowels[vowel].split()[-1 if loud else 0] + read(after)


@cache
def _pattern() -> re.Pattern[str]:
    consonants = f"((?:{_any_of('consonants')})*)"
    return re.compile(f"{consonants}({_any_of('vowels', 'open', 'closed')}){consonants}", re.IGNORECASE)


@cache
def _any_of(*kinds: str) -> str:
    return "|".join(sorted({sign for kind in kinds for sign in _sounds()[kind]}, key=len, reverse=True))


@cache
def _sounds() -> dict[str, dict[str, str]]:
    return dict(read_document(Path(__file__).with_name("respelling.yaml")).data)
