"""The words of a language that scripts are understood by (`words/*.yaml`), and which language a text is in."""

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import yaml

LANGUAGES = ("en", "de", "es", "fr")
_FOLDER = Path(__file__).parent / "words"
_DIGIT = re.compile(r"\d+|[½¼¾⅓⅔]")
SIGNS = dict.fromkeys("xX×✕✖⨯*", "x") | dict.fromkeys("–—−‐‑", "-")  # signs that are written in several ways
_ACCENTS = re.compile("[\u0300-\u036f]")
_WORD = re.compile(r"[^\W\d_]+|[^\w\s]")

_KEYS = """
    numbers N, more_numbers N, one A, half H, plus_half F, vague V, hours U, minutes u, seconds v, moments m, breath b,
    breaths b, times t, often o, reps r, sets s, holds h, pauses p, waits M, rests R, works w, turned_on j, each e,
    both B, other O, again a, inhale I, exhale E, into g, out q, breathing Y, named_breaths Q, tempo i, between k,
    for f, to ~, and &, at @, by y, period z, not n, left L, right L, determiner d, begins S,
    other_side Z, both_sides K
"""
CODES: Mapping[str, str] = dict(re.findall(r"(\w+) (\S)", _KEYS))
"""The letter of each key of `terms`: what patterns are made of. A limb is `l`."""


@dataclass(frozen=True, slots=True)
class Limb:
    """A part of the body that there is twice: its sides' names, and those where the first is not said."""

    pair: tuple[str, str]
    first: tuple[str, str]


Phrase = tuple[tuple[str, ...], str, Any]


@dataclass(frozen=True, eq=False)
class Vocabulary:
    """The words of a language. `phrases`: by their first word, longest first, what terms mean (a code and a value).

    `labels` and `columns`: the kind of each. `words`: all of them, and the `signs` of the language, which tell it.
    `counting`: those without one of which, or a digit, there is no dose.
    """

    language: str
    phrases: Mapping[str, tuple[Phrase, ...]]
    letters: Mapping[str, str]
    limb: Limb
    labels: Mapping[str, Any]
    columns: Mapping[str, Any]
    bags: Mapping[str, str]
    words: frozenset[str]
    signs: str
    counting: frozenset[str]

    @lru_cache(20_000)  # noqa: B019 (there are four vocabularies, which stay)
    def meaning(self, word: str) -> tuple[str, Any, tuple[Phrase, ...]]:
        """The code and value of a word or sign, and the phrases of several words that begin with it, longest first."""
        phrases = self.phrases.get(fold(word), ())
        several = tuple(phrase for phrase in phrases if len(phrase[0]) > 1)
        if word in SIGNS or word in self.letters:
            return SIGNS.get(word, "c"), self.letters.get(word), several
        code, value = next(((phrase[1], phrase[2]) for phrase in phrases if len(phrase[0]) == 1), ("W", None))
        return (code, value, several) if phrases or word.isalpha() else (word, None, ())

    def counts(self, text: str) -> int:
        """How many words in a text may be part of a dose; 0: it has none for sure."""
        return len(_DIGIT.findall(text)) + sum(map(self.counting.__contains__, _WORD.findall(fold(text))))

    def has(self, bag: str, text: str) -> int:
        """How many words of a list stand in a text."""
        return len(self.bag(bag).findall(fold(text)))

    def starts(self, bag: str, text: str) -> bool:
        """Whether a text begins with words of a list, after `now`, `and then` and the like."""
        rest = fold(text)
        for _ in range(4):
            if lead := self.bag("leads").match(rest):
                rest = rest[lead.end() :].lstrip(" ,")
        return bool(self.bag(bag).match(rest))

    @cache  # noqa: B019 (there are four vocabularies, which stay)
    def bag(self, name: str) -> re.Pattern[str]:
        """A pattern of any of the words of a list, in folded text; `*` is any ending of up to four letters."""
        some = sorted(map(fold, split_words(self.bags[name])), key=len, reverse=True)
        return re.compile(r"\b(?:" + "|".join(map(re.escape, some)).replace(r"\*", r"\w{0,4}") + r")(?!\w)")


def fold(text: str) -> str:
    """Without capitals and accents: `Côté` is `cote`, `Füße` is `fusse`."""
    if text.isascii():
        return text.lower()
    plain = unicodedata.normalize("NFD", text.casefold().replace("’", "'").replace("œ", "oe"))
    return _ACCENTS.sub("", plain)


def split_words(text: str) -> list[str]:
    """The words of a list in the data, which commas separate."""
    return [word.strip() for word in text.split(",")]


@cache
def load_vocabulary(language: str) -> Vocabulary:
    """The words of a language; of one that has none here, the English ones."""
    language = language.partition("-")[0] if language.partition("-")[0] in LANGUAGES else "en"
    text = (_FOLDER / f"{language}.yaml").read_text("utf-8")
    data = yaml.load(text, getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    phrases: dict[str, dict[tuple[str, ...], Phrase]] = {}

    def add(words: str, code: str, value: Any) -> None:
        for phrase in split_words(words):
            for form in dict.fromkeys((phrase, phrase.replace("-", " "))):
                parts = tuple(_WORD.findall(fold(form)))
                phrases.setdefault(parts[0], {}).setdefault(parts, (parts, code, value))

    limbs = [
        (row["words"], Limb((row["pair"][0], row["pair"][1]), (row["first"][0], row["first"][1])))
        for row in data["limbs"]
    ]
    for key, words in data["terms"].items():
        if isinstance(words, dict):
            for value, some in words.items():
                add(some, CODES[key], value)
        elif key == "numbers":
            for number, word in enumerate(split_words(words)):
                add(word, "N", number)
        else:
            add(words, CODES[key], split_words(words)[0] if CODES[key] == "L" else key)
    for words, limb in limbs:
        add(words, "l", limb)
    longest = {first: tuple(sorted(some.values(), key=lambda one: -len(one[0]))) for first, some in phrases.items()}
    labels, columns = (
        {fold(word): kind for kind, words in data[key].items() for word in reversed(split_words(words))}
        for key in ("labels", "columns")
    )
    words = frozenset(_WORD.findall(fold(text)))
    parts = (one for some in phrases.values() for one in some.values() if one[1] in "NVHUuvmbtorsaeBKQZO")
    counting = frozenset(word for words, *_ in parts if len(word := max(words, key=len)) > 1)
    return Vocabulary(
        language, longest, data["letters"], limbs[0][1], labels, columns, data["bags"], words, data["signs"], counting
    )


def find_language(text: str) -> str:
    """The language that a text is in, of those with words here; "" where it is too short to tell, or another one."""
    words = Counter(_WORD.findall(fold(text[:20_000])))
    known = {language: _count_known(words, load_vocabulary(language), text[:20_000]) for language in LANGUAGES}
    second, best = sorted(LANGUAGES, key=lambda language: known[language])[-2:]
    clear = known[best] >= max(3, 1.4 * known[second], 0.35 * words.total())
    return best if clear else ""


def _count_known(words: Counter[str], vocabulary: Vocabulary, text: str) -> int:
    known = vocabulary.words
    own = sum(
        count
        for word, count in words.items()
        if any(word[:end] in known for end in range(len(word), 3, -1)) or word in known
    )
    return own + min(own, sum(text.count(sign) for sign in vocabulary.signs))
