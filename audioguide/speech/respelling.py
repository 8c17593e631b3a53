"""Respelling: how a word is said in plain letters, `sah-VAH-suh-nuh`. Hyphens part syllables, CAPITALS are stressed."""

import re
from functools import cache, partial
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
    sounds, consonant, vowel = _load()
    found = re.fullmatch(f"((?:{consonant})*)({vowel})((?:{consonant})*)", written.lower())
    start, middle, end = found.groups() if found else ("", "", "")
    vowels = sounds["vowels"] | sounds["closed" if end else "open"]
    if middle not in vowels:
        raise ValueError(f"The syllable {written!r} cannot be read.")
    read = partial(re.sub, consonant, lambda sign: sounds["consonants"][sign[0]])
    return read(start) + vowels[middle].split()[-1 if loud else 0] + read(end)


@cache
def _load() -> tuple[dict[str, dict[str, str]], str, str]:
    """The sounds, and the patterns of a consonant and of a vowel."""
    sounds = read_document(Path(__file__).with_suffix(".yaml")).data
    vowels = {*sounds["vowels"], *sounds["open"], *sounds["closed"]}
    consonant, vowel = ("|".join(sorted(signs, key=len, reverse=True)) for signs in (sounds["consonants"], vowels))
    return sounds, consonant, vowel
