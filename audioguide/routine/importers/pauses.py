"""The marks of pauses: `[pause 2s]`, `(pause)`, `/5s`, `<break time="2s"/>`, `…`, and numbers that are counted."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from audioguide.routine.importers.amounts import _TENS, DIGITS, NUMBERS, WORDED, Amount, find_amount, number_of
from audioguide.routine.importers.text_pieces import Kind, Source

NUMBERS |= {word: ten * 10 for ten, word in enumerate(_TENS, start=2)}


PAUSE, SHORT, LONG, DOTS = 3.0, 1.5, 8.0, 1.0
"""Seconds of a pause that does not say how long it is: bare, short, long, and three dots."""

HOLD = 30.0
"""Seconds of a hold that does not say so."""

COUNT = 0.6
"""Seconds between two counted numbers: with the number itself, about one a second."""

_KINDS: dict[str, Kind] = dict.fromkeys(
    "pause pauses pausing gap silence silent silently break wait quiet stillness beat breathe".split(), "pause"
)
_KINDS |= {"hold": "hold", "holding": "hold", "stay": "hold", "rest": "rest"}
_DIRECTIONS = {"pause", "pauses", "gap", "silence", "break", "beat"}
"""Words for the one who reads aloud; the other kinds may be meant for the one who listens."""

_FILLERS = set(
    "for of a an the in here long short brief medium little time about around approx approximately at least and then "
    "more moment mark strength weak strong x-weak x-strong none small large size seconds second sec s".split()
)
_STRENGTHS = {"none": 0.0, "x-weak": 0.25, "weak": 0.5, "medium": 0.75, "strong": 1.0, "x-strong": 1.25}
"""Seconds of SSML's `<break strength=…>`, as speech services render them."""

_MARK = re.compile(
    r"\[{1,2}[^\[\]\n]{0,80}\]{1,2}|\({1,2}[^()\n]{0,80}\){1,2}|\{{1,2}[^{}\n]{0,80}\}{1,2}|<[^<>\n]{0,80}>"
    r"|\*{1,3}[^*\n]{1,60}\*{1,3}|(?<!\w)_{1,2}[^_\n]{1,60}_{1,2}(?!\w)"
    rf"|(?<!\S)/\s?{DIGITS}\s?(?:ms|s|secs?|seconds?|m|mins?|minutes?)(?![\w/])"
    r"|(?<!\S)(?:-+|[—–])\s?(?:long |short )?(?:pause|silence)[^\n—–-]{0,30}(?:-+|[—–])(?!\w)"
    r"|…+|\.{3,}|(?:\. ){2,}\.",
    re.IGNORECASE,
)
_NUMBER = rf"(?:\d{{1,2}}|{WORDED})(?!\w)"
_COUNTED = re.compile(rf"(?<![\w.:/]){_NUMBER}(?:[\s,;.…–—-]{{1,8}}(?:and )?{_NUMBER}){{2,}}(?![\w:/%])", re.IGNORECASE)
_ONE = re.compile(_NUMBER, re.IGNORECASE)
_OPEN = re.compile(r"[\[(<{]\s?(?:pause|gap|silence|break|hold)\b[^\])>}\n]{0,60}$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Mark:
    """A pause in a text, from `start` to `end`. `defaulted`: its length is ours; `odd`: words in it were not read."""

    start: int
    end: int
    kind: Kind
    amount: Amount
    source: Source = "written"
    defaulted: bool = False
    odd: bool = False


def marks(text: str) -> Iterator[Mark]:
    """The marks in a text, in order."""
    counted = _counts(text)
    run = next(counted, None)
    position = 0
    while match := _MARK.search(text, position):
        while run and run[0].start < match.end():
            # What lies between counted numbers belongs to the count, whichever way it looks.
            yield from run
            position = run[-1].end
            run = next(counted, None)
        if match.start() < position:
            continue
        if mark := _read(match):
            yield mark
            position = match.end()
        else:
            position = match.start() + 1
    while run:
        yield from run
        run = next(counted, None)


def whole(line: str) -> Mark | None:
    """A line that is nothing but a direction to pause, without brackets: `Pause for a few seconds.`, `30s`."""
    if len(line) > 60:
        return None
    bare = line.strip(" -–—*_.:;")
    mark = _parsed(bare, 0, len(line))
    words = set(re.findall(r"[a-z]+", bare.lower()))
    if mark is None or mark.odd or (words & _KINDS.keys()) - _DIRECTIONS:
        return None
    return mark


def unclosed(text: str) -> bool:
    """Whether a line ends within a mark, as a file does that was cut off."""
    return bool(_OPEN.search(text))


def _read(match: re.Match[str]) -> Mark | None:
    text, start, end = match[0], match.start(), match.end()
    if text[0] in "….":
        return Mark(start, end, "pause", Amount(DOTS), "dots", defaulted=True)
    mark = _parsed(text.strip("[](){}<>*_/—–- \t"), start, end)
    if mark is None:
        return None
    firm = text[0] in "[{<"
    if mark.odd and not firm:
        return None
    plain_words = text[0] in "*_" or (text[0] == "(" and not re.search(r"\d", text))
    # "(rest)" and "*hold*" may be emphasis; "(pause)" and "(silence for a moment)" can't.
    if plain_words and not set(re.findall(r"[a-z]+", text.lower())) & (_DIRECTIONS | {"silent", "silently"}):
        return None
    return mark


def _parsed(inner: str, start: int, end: int) -> Mark | None:
    text = re.sub(r'["\'=]|:(?!\d\d)|#', " ", inner)
    text = " ".join(text.split())
    amount, rest = Amount(), text
    if found := find_amount(text):
        amount, rest = found[0], f"{text[: found[1]]} {text[found[2] :]}"
    words = re.findall(r"[^\W\d_]+(?:-[^\W\d_]+)?", rest.lower())
    numbers = re.findall(DIGITS, rest)
    kind = next((_KINDS[word] for word in words if word in _KINDS), None)
    if kind is None and (not found or (words and not set(words) <= _FILLERS)):
        # A number in hashes is a pause of so many seconds in some speech services: <#0.5#>.
        if re.fullmatch(rf"#\s?{DIGITS}\s?#", inner.strip()):
            return Mark(start, end, "pause", Amount(number_of(numbers[0]) or 0.0))
        return None
    counted = [word for word in words if word in NUMBERS]
    strange = [word for word in words if word not in _KINDS and word not in _FILLERS and word not in counted]
    strange += counted[0 if found or numbers else 1 :]
    if strange and words[0] not in _DIRECTIONS and words[-1] not in _DIRECTIONS:
        return None
    odd = bool(strange) or len(numbers) > (0 if found else 1)
    if found:
        return Mark(start, end, kind or "pause", amount, odd=odd)
    spelled = next((number_of(word) for word in words if word in NUMBERS), None)
    if numbers and not odd:
        return Mark(start, end, kind or "pause", Amount(number_of(numbers[0]) or 0.0))
    if spelled is not None and not odd:
        return Mark(start, end, kind or "pause", Amount(spelled))
    strength = next((_STRENGTHS[word] for word in words if word in _STRENGTHS), None)
    if strength is not None:
        return Mark(start, end, "pause", Amount(strength))
    seconds = HOLD if kind == "hold" else LONG if "long" in words else SHORT if {"short", "brief"} & {*words} else PAUSE
    return Mark(start, end, kind or "pause", Amount(seconds), defaulted=True, odd=odd)


def _counts(text: str) -> Iterator[list[Mark]]:
    """Runs of three numbers and more, each one up or down from the one before: the gaps between them as marks."""
    for match in _COUNTED.finditer(text):
        numbers = [
            (one.start(), one.end(), number_of(one[0])) for one in _ONE.finditer(text, match.start(), match.end())
        ]
        run = numbers[:1]
        for number in (*numbers[1:], (0, 0, None)):
            step = None if number[2] is None or run[-1][2] is None else number[2] - run[-1][2]
            before = (run[-1][2] or 0) - (run[-2][2] or 0) if len(run) > 1 else step
            if step in (1, -1) and step == before:
                run.append(number)
                continue
            if len(run) > 2:
                gaps = pairwise(run)
                yield [Mark(left[1], right[0], "pause", Amount(COUNT), "count") for left, right in gaps]
            run = [number]
