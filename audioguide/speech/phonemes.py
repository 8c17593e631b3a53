"""Pronunciations in the International Phonetic Alphabet, and the same in the embedded voice's own alphabet."""

from __future__ import annotations

import re
from collections.abc import Mapping

_DIPHTHONGS = {"eɪ": "A", "aɪ": "I", "oʊ": "O", "əʊ": "O", "aʊ": "W", "ɔɪ": "Y"}
_VOWELS: Mapping[str, str] = {sign: sign for sign in "iuɑæəɛɜɪɔʊʌᵊᵻ"} | _DIPHTHONGS | {"ɝ": "ɜɹ", "ɚ": "əɹ", "ɒ": "ɑ"}
_AFFRICATES = {"tʃ": "ʧ", "dʒ": "ʤ"}
_CONSONANTS: Mapping[str, str] = (
    {sign: sign for sign in "bdfhjklmnpstvwzðŋɡɹʃʒʤʧθ"}
    | _AFFRICATES
    | {
        "g": "ɡ",
        "r": "ɹ",
        "ɾ": "T",  # the soft t of American "water"
    }
)
_SIGNS: Mapping[str, str] = {**_VOWELS, **_CONSONANTS, "ˈ": "ˈ", "ˌ": "ˌ", ".": "", "ː": "", " ": " "}
_SIGN = re.compile("|".join(sorted(map(re.escape, _SIGNS), key=len, reverse=True)) + "|(?P<unknown>.)")


def embedded(ipa: str) -> str:
    """IPA of English in the alphabet of the embedded voice; ValueError where a sign stands for no sound of English.

    That alphabet is misaki's for American English, as `hibari.g2p` has it: a letter for each diphthong, and the stress
    right before its vowel, not before its syllable. So ˈsoʊ.əs is sˈOəs.
    """
    found: list[str] = []
    stress = ""
    for sign in _SIGN.finditer(ipa):
        if sign["unknown"]:
            raise ValueError(f"{sign.group()!r} stands for no sound of English.")
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
