"""How sounds are written: respelled (`sah-VAH-suh-nuh`: hyphens part syllables, CAPITALS are stressed), or in IPA."""

import re
from collections.abc import Mapping
from functools import cache, partial
from pathlib import Path

from audioguide.schema.document import read_document

RESPELL = "Give each syllable one vowel, as in sah-VAH-suh-nuh; docs/lexicon.md lists them."
# The sounds of English in IPA, and in the alphabet of the embedded voice; ɾ is the soft t of American "water".
_DIPHTHONGS = {"eɪ": "A", "aɪ": "I", "oʊ": "O", "əʊ": "O", "aʊ": "W", "ɔɪ": "Y"}
_VOWELS = {sign: sign for sign in "iuɑæəɛɜɪɔʊʌᵊᵻ"} | _DIPHTHONGS | {"ɝ": "ɜɹ", "ɚ": "əɹ", "ɒ": "ɑ"}
_CONSONANTS = {sign: sign for sign in "bdfhjklmnpstvwzðŋɡɹʃʒʤʧθ"} | {"tʃ": "ʧ", "dʒ": "ʤ", "g": "ɡ", "r": "ɹ", "ɾ": "T"}
_SIGNS: Mapping[str, str] = {**_VOWELS, **_CONSONANTS, "ˈ": "ˈ", "ˌ": "ˌ", ".": "", "ː": "", " ": " "}
_SIGN = re.compile("|".join(sorted(map(re.escape, _SIGNS), key=len, reverse=True)) + "|(?P<unknown>.)")


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
