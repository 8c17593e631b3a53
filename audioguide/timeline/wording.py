"""How a language speaks of sides and of lengths of time: what a text is searched for, not what is said."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from audioguide.files import cached_by_file
from audioguide.resources import prompts_file
from audioguide.timeline.words import load_words


@dataclass(frozen=True)
class Wording:
    """The patterns of one language; `sides` are its words for them, in small letters, each in its first form."""

    sides: tuple[str, ...]
    release: str
    _forms: dict[str, str]
    _side: re.Pattern[str]
    _own_side: re.Pattern[str]
    _length: re.Pattern[str]

    def sides_in(self, text: str) -> list[str]:
        """The sides that a text names, in order."""
        return [self._forms[form.lower()] for form in self._side.findall(text)]

    def without_sides(self, name: str) -> str:
        """A name without the sides in it, and without the punctuation around them: `Pigeon, left` is `Pigeon`."""
        return " ".join(re.sub(r"[^\w'’]+", " ", self._side.sub(" ", name)).split()) or name

    def names_own_side(self, text: str) -> bool:
        """Whether a text means a side of the listener's body: `your left knee`, not `what is left`."""
        return self._own_side.search(text) is not None

    def tells_length(self, text: str) -> bool:
        """Whether a text says how long something is: a number and a unit, as in `one long minute`."""
        return self._length.search(text) is not None


def wording(language: str) -> Wording:
    """The patterns of a language; RequestError when there is none."""
    return _load(prompts_file(language))


@cached_by_file
def _load(path: Path) -> Wording:
    known = load_words(path)
    data, duration = known.data, known.data.duration
    forms = {form.lower(): side[0].lower() for side in data.sides for form in side}
    # `{n} seconds` is how the language says a length; what stands beside the number is the unit.
    numbers = {*data.numbers, *data.articles}
    amounts = (duration.second, duration.seconds, duration.minute, duration.minutes, duration.breath, duration.breaths)
    units = {" ".join(word for word in text.split() if word not in {"{n}", *numbers}) for text in amounts}
    return Wording(
        tuple(side[0].lower() for side in data.sides),
        known.release,
        forms,
        _pattern(_any(forms)),
        _pattern("|".join(_phrase(phrase, _any(forms)) for phrase in data.own_side) or _NEVER),
        _pattern(_any(units), rf"(?:\d|\b(?:{_any(numbers)})\b)(?:[\s-]+\w+)?[\s-]*"),
    )


_NEVER = "(?!)"
"""The pattern that no text matches."""


def _pattern(words: str, before: str = "") -> re.Pattern[str]:
    return re.compile(rf"{before}\b({words})\b", re.IGNORECASE)


def _phrase(phrase: str, sides: str) -> str:
    """`your {side}` as a pattern; `{word}` is any single word."""
    parts = {"{side}": f"(?:{sides})", "{word}": r"\w+"}
    return r"\s+".join(parts.get(word) or re.escape(word) for word in phrase.split())


def _any(known: Iterable[str]) -> str:
    return "|".join(map(re.escape, sorted(known, key=len, reverse=True))) or _NEVER
