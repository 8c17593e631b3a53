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

_FOLDER = Path(__file__).parent / "words"
LANGUAGES = ("en", *sorted({path.stem for path in _FOLDER.glob("??.yaml")} - {"en"}))
_WORD = re.compile(r"[^\W\d_]+|[^\w\s]")
_DIGITS = re.compile(r"[\d½¼¾⅓⅔]")
_ACCENTS = re.compile("[\u0300-\u036f]")
_SIGNS = dict.fromkeys("xX×✕✖⨯*", "x") | dict.fromkeys("–—−‐‑", "-")  # that are written in several ways

Sides = tuple[str, str]
Phrase = tuple[tuple[str, ...], str, Any]


@dataclass(frozen=True, eq=False)
class Vocabulary:
    """The words of a language. `phrases`: by their first word, longest first, what terms mean (a code and a value).

    `labels` and `columns`: the kind of each. `sides`: the names of both sides, with and without left and right.
    `words`: all of them, and the `signs` of the language, which tell it. `codes`: what a
    word that stands for itself or a phrase may mean, and `counting` which of them ask for a dose together.
    """

    phrases: Mapping[str, tuple[Phrase, ...]]
    letters: Mapping[str, str]
    sides: tuple[Sides, Sides]
    labels: Mapping[str, Any]
    columns: Mapping[str, Any]
    bags: Mapping[str, str]
    words: frozenset[str]
    signs: str
    codes: Mapping[str, str]
    counting: tuple[tuple[str, str], ...]

    @lru_cache(20_000)  # noqa: B019 (there are four vocabularies, which stay)
    def meaning(self, word: str) -> tuple[str, Any, tuple[Phrase, ...]]:
        """The code and value of a word or sign, and the phrases of several words that begin with it, longest first."""
        phrases = self.phrases.get(fold(word), ())
        several = tuple(phrase for phrase in phrases if len(phrase[0]) > 1)
        if word in _SIGNS or word in self.letters:
            return _SIGNS.get(word, "c"), self.letters.get(word), several
        code, value = next(((code, value) for words, code, value in phrases if len(words) == 1), ("W", None))
        return (code, value, several) if phrases or word[:1].isalnum() else (word, None, ())

    @lru_cache(1000)  # noqa: B019
    def counts(self, text: str) -> bool:
        """Whether a text may ask for a dose; where not, there is no need to read it closely."""
        if _DIGITS.search(text):
            return True
        found = {code for word in _WORD.findall(fold(text)) for code in self.codes.get(word, "")}
        return any(not found.isdisjoint(one) and not found.isdisjoint(other) for one, other in self.counting)

    def has(self, bag: str, text: str) -> int:
        """How many words of a list stand in a text."""
        return len(self.bag(bag).findall(fold(text)))

    @lru_cache(1000)  # noqa: B019
    def starts(self, bag: str, text: str) -> bool:
        """Whether a text begins with words of a list, after `now`, `and then` and the like."""
        rest = fold(text)
        for _ in range(4):
            if lead := self.bag("leads").match(rest):
                rest = rest[lead.end() :].lstrip(" ,")
        return bool(self.bag(bag).match(rest))

    @cache  # noqa: B019
    def bag(self, name: str) -> re.Pattern[str]:
        """A pattern of any of the words of a list, in folded text; `*` is any ending of up to four letters."""
        some = sorted(map(fold, _split_words(self.bags[name])), key=len, reverse=True)
        return re.compile(r"\b(?:" + "|".join(map(re.escape, some)).replace(r"\*", r"\w{0,4}") + r")(?!\w)")


def fold(text: str) -> str:
    """Without capitals and accents: `Côté` is `cote`, `Füße` is `fusse`."""
    if text.isascii():
        return text.lower()
    return _ACCENTS.sub("", unicodedata.normalize("NFD", text.casefold().replace("’", "'").replace("œ", "oe")))


def _split_words(text: str) -> list[str]:
    return [word.strip() for word in text.split(",")]


@cache
def load_words(name: str) -> tuple[Any, str]:
    """A file of `words`, as data and as text."""
    text = (_FOLDER / f"{name}.yaml").read_text("utf-8")
    return yaml.load(text, getattr(yaml, "CSafeLoader", yaml.SafeLoader)), text


@cache
def load_vocabulary(language: str) -> Vocabulary:
    """The words of a language; of one that has none here, the English ones."""
    language = language.partition("-")[0]
    (data, text), (grammar, _) = load_words(language if language in LANGUAGES else "en"), load_words("grammar")
    phrases: dict[str, dict[tuple[str, ...], Phrase]] = {}

    def add(words: str, code: str, value: Any) -> None:
        for phrase in _split_words(words):
            for form in dict.fromkeys((phrase, phrase.replace("-", " "))):
                parts = tuple(_WORD.findall(fold(form)))
                phrases.setdefault(parts[0], {}).setdefault(parts, (parts, code, value))

    for key, words in data["terms"].items():
        code = grammar["codes"][key]
        values = words if isinstance(words, dict) else {_split_words(words)[0] if code == "L" else key: words}
        if key == "numbers":
            values = dict(enumerate(_split_words(words)))
        for value, some in values.items():
            add(some, code, value)
    sides = [((*row["pair"],), (*row["first"],)) for row in data["limbs"]]
    for row, names in zip(data["limbs"], sides, strict=True):
        add(row["words"], "l", names)
    longest = {first: tuple(sorted(some.values(), key=lambda one: -len(one[0]))) for first, some in phrases.items()}
    labels, columns = (
        {fold(word): kind for kind, words in data[key].items() for word in reversed(_split_words(words))}
        for key in ("labels", "columns")
    )
    codes: dict[str, str] = {}
    for words, code, _ in (one for some in longest.values() for one in some):
        word = max(words, key=len)
        codes[word] = codes.get(word, "") + (code if len(words[0]) > 1 or code not in "Uuv" else "")
    known = frozenset(_WORD.findall(fold(text)))
    return Vocabulary(
        longest,
        data["letters"],
        sides[0],
        labels,
        columns,
        data["bags"] | {"numbers": data["terms"]["numbers"]},
        known,
        data["signs"],
        codes,
        grammar["counting"],
    )


def find_language(text: str) -> str:
    """The language that a text is in, of those with words here; "" where it is too short to tell, or another one."""
    words = Counter(_WORD.findall(fold(text[:20_000])))
    known = {language: _count_known(words, load_vocabulary(language), text[:20_000]) for language in LANGUAGES}
    second, best = sorted(LANGUAGES, key=lambda language: known[language])[-2:]
    return best if known[best] >= max(3, 1.4 * known[second], 0.35 * words.total()) else ""


def _count_known(words: Counter[str], vocabulary: Vocabulary, text: str) -> int:
    known = vocabulary.words
    stems = ((count, (word, *(word[:end] for end in range(4, min(len(word), 40))))) for word, count in words.items())
    own = sum(count for count, forms in stems if not known.isdisjoint(forms))
    return own + min(own, sum(text.count(sign) for sign in vocabulary.signs))
