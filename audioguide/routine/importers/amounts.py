"""Amounts of time as people write them: `2s`, `1:30`, `half a minute`, `20–30 seconds`, `five slow breaths`."""

from __future__ import annotations

import re
from dataclasses import dataclass

_ONES = "one two three four five six seven eight nine".split()


_TEENS = "ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split()


_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()


NUMBERS = {word: number for number, word in enumerate((*_ONES, *_TEENS), start=1)}


_VAGUE = {"few": 3.0, "couple": 2.0, "several": 5.0}


MOMENT = 3.0
"""Seconds of "a moment"; a count or a beat is one."""


_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "moment": MOMENT, "count": 1.0, "beat": 1.0}


DIGITS = r"\d{1,6}(?:[.,]\d{1,3})?"
"""A number in digits. Of bounded length, as is everything here: no text can make these patterns slow."""


WORDED = rf"(?:{'|'.join(_TENS)})(?:[ -](?:{'|'.join(_ONES)}))?|{'|'.join(_TEENS)}|{'|'.join(_ONES)}"


_NUMBER = (
    rf"(?:{DIGITS}|(?:{WORDED})(?: and a half)?|half an?|an?(?: few(?: more)?| couple(?: of)?(?: more)?)?"
    r"|few|several|another)"
)


_CLOCKED = r"milliseconds?|msecs?|ms|seconds?|secs?|s|minutes?|mins?|m|hours?|hrs?|h"


_TO = rf"(?:\s?(?:{_CLOCKED}))?(?:\s?[–—]\s?|\s?-\s?(?=\d)| to | or )"


_PART = rf"{_NUMBER}(?:\s?-\s?|\s{{1,2}}|(?<=\d))(?:{_CLOCKED})(?![^\W\d_])(?: and a half)?"


_ADJECTIVE = r"(?!your|the|of|in|out|to|my|and the)[a-z]{1,12},?"


AMOUNT = (
    r"(?<![^\W_])(?<!\d[.:,])(?:"
    r"\d{1,2}:[0-5]\d(?!\d)"
    rf"|(?:a |the )?(?:slow )?count of {_NUMBER}(?![^\W_])"
    rf"|(?:{_NUMBER}{_TO})?(?:"
    rf"{_PART}(?:\s?(?:,|and)?\s?{_PART})?"
    rf"|{_NUMBER}\s(?:{_ADJECTIVE}\s){{0,3}}(?:breaths|breath cycles?)(?![^\W_])"
    rf"|(?:1|one|an?|another)\s(?:{_ADJECTIVE}\s){{0,2}}breath(?![^\W_])"
    rf"|{_NUMBER}\s(?:[a-z]{{1,12}}\s)?(?:moments?|counts?|beats?)(?![^\W_])"
    r"))"
)
"""A pattern without groups, to be used with IGNORECASE, on text with single spaces."""


_AMOUNT = re.compile(AMOUNT, re.IGNORECASE)


_RANGE = re.compile(rf"({_NUMBER}){_TO}(?={_NUMBER})", re.IGNORECASE)


_UNIT = re.compile(
    rf"({_NUMBER})(?:\s?-\s?|\s{{1,2}}|(?<=\d))(?:[a-z]{{1,12}},?\s){{0,3}}?"
    rf"({_CLOCKED}|breath|moment|count|beat)s?(?![^\W\d_])(?: cycles?)?( and a half)?",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Amount:
    """So many seconds, or so many breaths (then `seconds` is 0); `upper` is the far end of a range, else 0."""

    seconds: float = 0.0
    breaths: int = 0
    upper: float = 0.0


def number_of(text: str) -> float | None:
    """A number in digits or words, `half a` and `a few` among them; None when it is none."""
    words = text.lower().replace(",", ".").split()
    try:
        return float("".join(words))
    except ValueError:
        pass
    text = " ".join(words).replace("-", " ")
    half = 0.5 if text.endswith(" and a half") else 0.0
    found = text.removesuffix(" and a half").split()
    for word, value in _VAGUE.items():
        if word in found:
            return value
    if found[:1] == ["half"]:
        return 0.5
    if found and all(word in NUMBERS for word in found):
        return sum(NUMBERS[word] for word in found) + half
    return 1.0 if found and found[0] in ("a", "an", "another") else None


def is_vague(text: str) -> bool:
    """Whether an amount says only roughly how long: `a moment`, `a few breaths`."""
    return not {"moment", "moments", *_VAGUE}.isdisjoint(re.findall(r"[a-z]+", text.lower()))


def find_amount(text: str, start: int = 0) -> tuple[Amount, int, int] | None:
    """The first amount in a text, with where it starts and ends."""
    match = _AMOUNT.search(text, start)
    return (read_amount(match[0]), match.start(), match.end()) if match else None


def read_amount(text: str) -> Amount:
    """What a text that `AMOUNT` matched says. Of a range, the shorter end: it is the safer one to begin with."""
    if clock := re.fullmatch(r"(\d{1,2}):(\d{2})", text):
        return Amount(int(clock[1]) * 60.0 + int(clock[2]))
    if count := re.search(rf"count of ({_NUMBER})", text, re.IGNORECASE):
        return Amount(number_of(count[1]) or 0.0)
    lower = _RANGE.match(text)
    parts = list(_UNIT.finditer(text, lower.end() if lower else 0))
    values = [((number_of(part[1]) or 0.0) + (0.5 if part[3] else 0.0), _unit(part[2])) for part in parts]
    if not values:
        return Amount()
    number, unit = values[0]
    first = number_of(lower[1]) if lower else None
    if unit == "breath":
        return Amount(breaths=int(first if first is not None else number))
    total = sum(value * _UNITS[name] for value, name in values)
    if first is None:
        return Amount(total)
    # The unit of a range stands at its end: "1 to 2 minutes".
    return Amount(min(first * _UNITS[unit], total), upper=max(first * _UNITS[unit], total))


def _unit(word: str) -> str:
    word = word.lower()
    if word.startswith(("ms", "milli")):
        return "ms"
    return word if word in ("breath", "moment", "count", "beat") else word[0]
