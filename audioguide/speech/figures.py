"""Figures in words: lengths, ranges, breath patterns, times, fractions and units. Plain numbers stay figures."""

from __future__ import annotations

import re
import unicodedata
from functools import partial
from typing import Protocol, TypeAlias

from audioguide.speech.shorthand import ALONE, NUMBER, Count, Shorthand, Unit

_VULGAR = re.compile("[¼½¾⅐-⅞]")
_CLOCK_LENGTH = re.compile(rf"{ALONE}(?:(\d{{1,2}}):)?(\d{{1,3}}):([0-5]\d)(?![\w:])")
_LETTER_LENGTH = re.compile(rf"{ALONE}(?:(\d+)h ?)?(\d+)m(?:in)?(?: ?(\d+)s)?(?!\w)")
_PATTERN = re.compile(rf"{ALONE}\d{{1,2}}(?:\.\d+)?(?:[-–]\d{{1,2}}(?:\.\d+)?){{2,3}}(?!\w|[-–]\d)")
_SPACED_DASH = re.compile(r"(?<=\w) [-–] (?=\d)")
_PRODUCT = re.compile(rf"{ALONE}({NUMBER})\s?[x×]\s?(?=\d)")
_TIMES = re.compile(rf"{ALONE}({NUMBER})\s?[x×](?!\w)|(?<![\w×])[x×](\d+)(?!\w)|(?<=\w )[x×] (\d+)(?= ?(?:[^\w ]|$))")
_BY = re.compile(r"(?<=\w) x (?=\d)")

Match: TypeAlias = "re.Match[str]"


class _Say(Protocol):
    def __call__(self, match: Match, words: Shorthand) -> str: ...


def figures_in_words(text: str, words: Shorthand) -> str:
    """The text with figures as they are said in the language, as far as voices do not agree on them."""
    if not any(map(str.isnumeric, text)):
        return text
    steps: tuple[tuple[re.Pattern[str], _Say], ...] = (
        (_VULGAR, _vulgar),
        (words.time_of_day, _time_of_day),
        (_CLOCK_LENGTH, _clock_length),
        (_LETTER_LENGTH, _letter_length),
        (_SPACED_DASH, lambda match, words: " — "),
        (_PATTERN, _pattern),
        (words.range, _range),
        (_PRODUCT, _product),
        (_TIMES, _times),
        (_BY, lambda match, words: f" {words.form.signs['×']} "),
        (words.fraction, _fraction),
        (words.counted, _counted),
        (words.before_number, _before_number),
    )
    for pattern, say in steps:
        text = pattern.sub(partial(say, words=words), text)
    return text


def _say(count: Count | Unit, number: str) -> str:
    return count.one if number == "1" else count.many.replace("{n}", number)


def _vulgar(match: Match, words: Shorthand) -> str:
    """2½ as 2 1/2."""
    plain = unicodedata.normalize("NFKC", match.group()).replace("\u2044", "/")
    before = match.string[max(0, match.start() - 1) : match.start()]
    after = match.string[match.end() : match.end() + 1]
    return f"{' ' if before.isalnum() else ''}{plain}{' ' if after.isalnum() else ''}"


def _time_of_day(match: Match, words: Shorthand) -> str:
    said = words.clock_of[match[2]]
    return f"{match[1]} {said}{'' if said.endswith('.') else match[3]}"


def _clock_length(match: Match, words: Shorthand) -> str:
    if words.is_time_of_day(match):
        return match.group()
    return _length(match.groups(), words)


def _letter_length(match: Match, words: Shorthand) -> str:
    if match[1] is None and match[3] is None:  # 400m may be metres
        return match.group()
    return _length(match.groups(), words)


def _length(counts: tuple[str | None, ...], words: Shorthand) -> str:
    """Hours, minutes and seconds, as far as there are any."""
    units = words.form.units
    counted = zip((units[name] for name in ("hour", "minute", "second")), counts, strict=True)
    parts = [_say(unit, str(int(count))) for unit, count in counted if count and int(count)]
    return words.form.joint.join(parts) or _say(units["second"], "0")


def _pattern(match: Match, words: Shorthand) -> str:
    return re.sub("[-–]", ", ", match.group())


def _range(match: Match, words: Shorthand) -> str:
    first, unit, last, last_unit = match.groups()
    if unit and words.unit_of[unit] is not words.unit_of.get(last_unit or ""):
        return match.group()
    if not unit and (_value(first) >= _value(last) or words.is_breath_pattern(match)):
        return f"{first}, {last}"
    return words.form.range.replace("{a}", first).replace("{b}", last)


def _value(number: str) -> float:
    digits = number.replace(",", ".")
    return float(digits) if digits.count(".") < 2 else float(digits.replace(".", ""))


def _product(match: Match, words: Shorthand) -> str:
    return words.form.product.replace("{a}", match[1]).replace("{b}", "")


def _times(match: Match, words: Shorthand) -> str:
    return _say(words.form.times, next(filter(None, match.groups())))


def _fraction(match: Match, words: Shorthand) -> str:
    whole, fraction, unit = match.groups()
    form = words.form.fractions[fraction]
    said = form.after.replace("{n}", whole) if whole else form.alone
    if not unit:
        return said
    counted = words.unit_of[unit]
    return counted.half if counted.half and said == words.half else counted.many.replace("{n}", said)


def _counted(match: Match, words: Shorthand) -> str:
    number, written, dot = match.groups()
    said = _say(words.unit_of[written], number)
    # After a short form, a dot before a small letter is part of it and ends no sentence: "2 min. of rest".
    return said if written not in said.split() and written.isalpha() and dot else said + dot


def _before_number(match: Match, words: Shorthand) -> str:
    said = words.form.before_number[match[1].lower() if match[1].lower() in words.form.before_number else match[1]]
    return (
        said[0].upper() + said[1:] if match[1][0].isupper() and match[1] not in words.form.before_number else said
    ) + " "
