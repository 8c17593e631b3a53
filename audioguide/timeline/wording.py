"""How a language speaks of sides and of lengths of time: what a text is searched for, not what is said."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Any

from audioguide.timeline.words import words


@dataclass(frozen=True)
class Wording:
    """The patterns of one language; `sides` are its words for them, in small letters."""

    sides: tuple[str, ...]
    release: str
    _side: re.Pattern[str]
    _own_side: re.Pattern[str]
    _length: re.Pattern[str]

    def sides_in(self, text: str) -> list[str]:
        """The sides that a text names, in order."""
        return [side.lower() for side in self._side.findall(text)]

    def without_sides(self, name: str) -> str:
        """A name without the sides in it, and without the punctuation around them: `Pigeon, left` is `Pigeon`."""
        return " ".join(re.sub(r"[^\w'’]+", " ", self._side.sub(" ", name)).split()) or name

    def names_own_side(self, text: str) -> bool:
        """Whether a text means a side of the listener's body: `your left knee`, not `what is left`."""
        return self._own_side.search(text) is not None

    def tells_length(self, text: str) -> bool:
        """Whether a text says how long something is: a number and a unit, as in `one long minute`."""
        return self._length.search(text) is not None


@cache
def wording(language: str) -> Wording:
    """The patterns of a language; RequestError when there is none."""
    known = words(language)
    data = known.data
    sides = tuple(data.get("sides", ()))
    # `{n} seconds` is how the language says a length; what stands beside the number is the unit.
    duration = {key: text for key, text in data["duration"].items() if key != "and"}
    units = {re.sub(r"\{n\}", "", text).strip() for text in duration.values()}
    numbers = [*data["numbers"], *data.get("articles", ())]
    return Wording(
        sides,
        known.release,
        _words(sides),
        _words(sides, f"(?:{_any(data.get('your', ()))})\\s+"),
        _words(units, rf"(?:\d|\b(?:{_any(numbers)})\b)(?:[\s-]+\w+)?[\s-]*"),
    )


def _words(known: Any, before: str = "") -> re.Pattern[str]:
    return re.compile(rf"{before}\b({_any(known)})\b", re.IGNORECASE)


def _any(known: Any) -> str:
    # No word at all is no match: "(?!)" is the pattern that never matches.
    return "|".join(map(re.escape, sorted(known, key=len, reverse=True))) or "(?!)"
