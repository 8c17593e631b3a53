"""Finds times and pauses in a text.

Amounts: `2s`, `1:30`, `half a minute`, `20–30 seconds`, `five slow breaths`. Marks: `[pause 2s]`, `(pause)`, `/5s`,
`<break time="2s"/>`, `…`, and numbers that are counted.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from audioguide.routine.importers.text_pieces import Amount, Kind, Source

_ONES = "one two three four five six seven eight nine".split()
_TEENS = "ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split()
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
NUMBERS = {word: number for number, word in enumerate((*_ONES, *_TEENS), start=1)}
NUMBERS |= {word: ten * 10 for ten, word in enumerate(_TENS, start=2)}
_VAGUE = {"few": 3.0, "couple": 2.0, "several": 5.0}
MOMENT = 3.0  # seconds of "a moment"; a count or a beat is one
_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "moment": MOMENT, "count": 1.0, "beat": 1.0}
DIGITS = r"\d{1,6}(?:[.,]\d{1,3})?"  # of bounded length, as is everything here: no text can make these patterns slow
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

PAUSE, SHORT, LONG, DOTS = 3.0, 1.5, 8.0, 1.0  # seconds of a pause that does not say so: bare, short, long, three dots
DEFAULT_HOLD = 30.0  # seconds of a hold that does not say so
COUNT_GAP = 0.6  # seconds between two counted numbers: with the number itself, about one a second

_KINDS: dict[str, Kind] = dict.fromkeys(
    "pause pauses pausing gap silence silent silently break wait quiet stillness beat breathe".split(), "pause"
)
_KINDS |= {"hold": "hold", "holding": "hold", "stay": "hold", "rest": "rest"}
_DIRECTIONS = {"pause", "pauses", "gap", "silence", "break", "beat"}  # the other kinds may be meant for the listener
_FILLERS = set(
    "for of a an the in here long short brief medium little time about around approx approximately at least and then "
    "more moment mark strength weak strong x-weak x-strong none small large size seconds second sec s".split()
)
# Seconds of SSML's `<break strength=…>`, as speech services render them.
_STRENGTHS = {"none": 0.0, "x-weak": 0.25, "weak": 0.5, "medium": 0.75, "strong": 1.0, "x-strong": 1.25}
_MARK = re.compile(
    r"\[{1,2}[^\[\]\n]{0,80}\]{1,2}|\({1,2}[^()\n]{0,80}\){1,2}|\{{1,2}[^{}\n]{0,80}\}{1,2}|<[^<>\n]{0,80}>"
    r"|\*{1,3}[^*\n]{1,60}\*{1,3}|(?<!\w)_{1,2}[^_\n]{1,60}_{1,2}(?!\w)"
    rf"|(?<!\S)/\s?{DIGITS}\s?(?:ms|s|secs?|seconds?|m|mins?|minutes?)(?![\w/])"
    r"|(?<!\S)(?:-+|[—–])\s?(?:long |short )?(?:pause|silence)[^\n—–-]{0,30}(?:-+|[—–])(?!\w)"
    r"|…+|\.{3,}|(?:\. ){2,}\.",
    re.IGNORECASE,
)
_COUNTED_NUMBER = rf"(?:\d{{1,2}}|{WORDED})(?!\w)"
_COUNTED = re.compile(
    rf"(?<![\w.:/]){_COUNTED_NUMBER}(?:[\s,;.…–—-]{{1,8}}(?:and )?{_COUNTED_NUMBER}){{2,}}(?![\w:/%])", re.IGNORECASE
)
_ONE = re.compile(_COUNTED_NUMBER, re.IGNORECASE)
_OPEN = re.compile(r"[\[(<{]\s?(?:pause|gap|silence|break|hold)\b[^\])>}\n]{0,60}$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class PauseMark:
    """A pause in a text, from `start` to `end`. `defaulted`: its length is not said; `uncertain`: it has odd words."""

    start: int
    end: int
    kind: Kind
    amount: Amount
    source: Source = "written"
    defaulted: bool = False
    uncertain: bool = False


def find_pause_marks(text: str) -> Iterator[PauseMark]:
    """The marks in a text, in order."""
    counted = _find_counts(text)
    run = next(counted, None)
    position = 0
    while match := _MARK.search(text, position):
        while run and run[0].start < match.end():
            # Marks between counted numbers are part of the count.
            yield from run
            position = run[-1].end
            run = next(counted, None)
        if match.start() < position:
            continue
        if mark := _read_mark(match):
            yield mark
            position = match.end()
        else:
            position = match.start() + 1
    while run:
        yield from run
        run = next(counted, None)


def parse_pause_line(line: str) -> PauseMark | None:
    """The pause of a line that only asks for one, without brackets: `Pause for a few seconds.`, `30s`; else None."""
    if len(line) > 60:
        return None
    bare = line.strip(" -–—*_.:;")
    mark = _parse_direction(bare, 0, len(line))
    words = set(re.findall(r"[a-z]+", bare.lower()))
    if mark is None or mark.uncertain or (words & _KINDS.keys()) - _DIRECTIONS:
        return None
    return mark


def has_open_bracket(text: str) -> bool:
    """Whether a line ends within a mark, as where a file was cut off."""
    return bool(_OPEN.search(text))


def _read_mark(match: re.Match[str]) -> PauseMark | None:
    text, start, end = match[0], match.start(), match.end()
    if text[0] in "….":
        return PauseMark(start, end, "pause", Amount(DOTS), "dots", defaulted=True)
    mark = _parse_direction(text.strip("[](){}<>*_/—–- \t"), start, end)
    if mark is None:
        return None
    if mark.uncertain and text[0] not in "[{<":
        return None
    plain_words = text[0] in "*_" or (text[0] == "(" and not re.search(r"\d", text))
    # "(rest)" and "*hold*" may be emphasis; "(pause)" and "(silence for a moment)" can't.
    if plain_words and not set(re.findall(r"[a-z]+", text.lower())) & (_DIRECTIONS | {"silent", "silently"}):
        return None
    return mark


def _parse_direction(inner: str, start: int, end: int) -> PauseMark | None:
    text = " ".join(re.sub(r'["\'=]|:(?!\d\d)|#', " ", inner).split())
    amount, rest = Amount(), text
    if found := find_amount(text):
        amount, rest = found[0], f"{text[: found[1]]} {text[found[2] :]}"
    words = re.findall(r"[^\W\d_]+(?:-[^\W\d_]+)?", rest.lower())
    numbers = re.findall(DIGITS, rest)
    kind = next((_KINDS[word] for word in words if word in _KINDS), None)
    if kind is None and (not found or (words and not set(words) <= _FILLERS)):
        # A number in hashes is a pause of so many seconds in some speech services: <#0.5#>.
        if re.fullmatch(rf"#\s?{DIGITS}\s?#", inner.strip()):
            return PauseMark(start, end, "pause", Amount(parse_number(numbers[0]) or 0.0))
        return None
    counted = [word for word in words if word in NUMBERS]
    strange = [word for word in words if word not in _KINDS and word not in _FILLERS and word not in counted]
    strange += counted[0 if found or numbers else 1 :]
    if strange and words[0] not in _DIRECTIONS and words[-1] not in _DIRECTIONS:
        return None
    odd = bool(strange) or len(numbers) > (0 if found else 1)
    if found:
        return PauseMark(start, end, kind or "pause", amount, uncertain=odd)
    if (numbers or counted) and not odd:
        return PauseMark(start, end, kind or "pause", Amount(parse_number((numbers or counted)[0]) or 0.0))
    if strengths := [_STRENGTHS[word] for word in words if word in _STRENGTHS]:
        return PauseMark(start, end, "pause", Amount(strengths[0]))
    seconds = LONG if "long" in words else SHORT if {"short", "brief"} & {*words} else PAUSE
    seconds = DEFAULT_HOLD if kind == "hold" else seconds
    return PauseMark(start, end, kind or "pause", Amount(seconds), defaulted=True, uncertain=odd)


def _find_counts(text: str) -> Iterator[list[PauseMark]]:
    """Runs of three numbers and more, each one up or down from the one before: the gaps between them as marks."""
    for match in _COUNTED.finditer(text):
        found = _ONE.finditer(text, match.start(), match.end())
        numbers = [(one.start(), one.end(), parse_number(one[0])) for one in found]
        run = numbers[:1]
        for number in (*numbers[1:], (0, 0, None)):
            step = None if number[2] is None or run[-1][2] is None else number[2] - run[-1][2]
            before = (run[-1][2] or 0) - (run[-2][2] or 0) if len(run) > 1 else step
            if step in (1, -1) and step == before:
                run.append(number)
                continue
            if len(run) > 2:
                gaps = pairwise(run)
                yield [PauseMark(left[1], right[0], "pause", Amount(COUNT_GAP), "count") for left, right in gaps]
            run = [number]


def parse_number(text: str) -> float | None:
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
    return (parse_amount(match[0]), match.start(), match.end()) if match else None


def parse_amount(text: str) -> Amount:
    """What a text that `AMOUNT` matched says. Of a range, the shorter end: it is the safer one to begin with."""
    if clock := re.fullmatch(r"(\d{1,2}):(\d{2})", text):
        return Amount(int(clock[1]) * 60.0 + int(clock[2]))
    if count := re.search(rf"count of ({_NUMBER})", text, re.IGNORECASE):
        return Amount(parse_number(count[1]) or 0.0)
    lower = _RANGE.match(text)
    parts = list(_UNIT.finditer(text, lower.end() if lower else 0))
    values = [((parse_number(part[1]) or 0.0) + (0.5 if part[3] else 0.0), _normalize_unit(part[2])) for part in parts]
    if not values:
        return Amount()
    number, unit = values[0]
    first = parse_number(lower[1]) if lower else None
    if unit == "breath":
        return Amount(breaths=int(first if first is not None else number))
    total = sum(value * _UNITS[name] for value, name in values)
    if first is None:
        return Amount(total)
    # The unit of a range stands at its end: "1 to 2 minutes".
    return Amount(min(first * _UNITS[unit], total), upper=max(first * _UNITS[unit], total))


def _normalize_unit(word: str) -> str:
    word = word.lower()
    if word.startswith(("ms", "milli")):
        return "ms"
    return word if word in ("breath", "moment", "count", "beat") else word[0]
