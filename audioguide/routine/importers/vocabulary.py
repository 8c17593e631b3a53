"""The words of a language that scripts are understood by (`words/*.yaml`), and which language a text is in."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

LANGUAGES = ("en", "de", "es", "fr")
_FOLDER = Path(__file__).parent / "words"
_WORD = re.compile(r"[^\W\d_]+|[^\w\s]")

CODES = {
    "numbers": "N", "more_numbers": "N", "one": "A", "half": "H", "plus_half": "F", "vague": "V", "units": "u",
    "moments": "m", "breath": "b", "breaths": "b", "times": "t", "often": "o", "reps": "r", "sets": "s", "holds": "h",
    "waits": "p", "rests": "R", "works": "w", "turned_on": "j", "each": "e", "both": "B", "other": "O", "again": "a",
    "inhale": "I", "exhale": "E", "breathing": "Y", "named_breaths": "P", "tempo": "i", "between": "k", "for": "f",
    "to": "~", "and": "&", "at": "@", "by": "y", "period": "z", "not": "n", "left": "L", "right": "L",
    "determiner": "d", "limbs": "l",
}  # fmt: skip
"""The letter of each key of `terms`: what doses are matched by."""

Phrase = tuple[tuple[str, ...], str, Any]


@dataclass(frozen=True)
class Limb:
    """What a dose is done on twice: its words, and the names of both sides, with and without left and right."""

    pair: tuple[str, str]
    first: tuple[str, str]


@dataclass(frozen=True)
class Vocabulary:
    """The words of a language. `phrases`: by their first word, longest first, what terms mean (a code and a value)."""

    language: str
    phrases: Mapping[str, tuple[Phrase, ...]]
    letters: Mapping[str, str]
    data: Mapping[str, Any]


def fold(text: str) -> str:
    """Without capitals and accents: `Côté` is `cote`, `Füße` is `fusse`."""
    if text.isascii():
        return text.lower()
    plain = unicodedata.normalize("NFD", text.casefold().replace("’", "'").replace("œ", "oe"))
    return "".join(sign for sign in plain if not unicodedata.combining(sign))


def split_words(text: str) -> list[str]:
    """The words of a list in the data, which commas separate."""
    return [word.strip() for word in text.split(",")]


@cache
def load_vocabulary(language: str) -> Vocabulary:
    """The words of a language; of one that has none here, the English ones."""
    name = language if language in LANGUAGES else "en"
    text = (_FOLDER / f"{name}.yaml").read_text("utf-8")
    data = yaml.load(text, getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    phrases: dict[str, dict[tuple[str, ...], Phrase]] = {}

    def add(words: str, code: str, value: Any) -> None:
        for phrase in split_words(words):
            for form in {phrase, phrase.replace("-", " ")}:
                parts = tuple(_WORD.findall(fold(form)))
                phrases.setdefault(parts[0], {}).setdefault(parts, (parts, code, value))

    for key, words in data["terms"].items():
        if isinstance(words, dict):
            for value, some in words.items():
                add(some, CODES[key], value)
        elif key == "numbers":
            for number, word in enumerate(split_words(words)):
                add(word, "N", float(number))
        else:
            add(words, CODES[key], key)
    for row in data["limbs"]:
        add(row["words"], "l", Limb(tuple(row["pair"]), tuple(row["first"])))
    longest = {
        first: tuple(sorted(some.values(), key=lambda phrase: -len(phrase[0]))) for first, some in phrases.items()
    }
    return Vocabulary(name, longest, data["letters"], data)


def find_language(text: str) -> str:
    """The language that a text is in, of those with words here; "" where it is too short to tell, or another one."""
    return ""
