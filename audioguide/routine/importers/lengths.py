"""Reads a text as words with a meaning, and finds the lengths in it: `2s`, `1:30`, `half a minute`, `five breaths`."""

import re
from dataclasses import dataclass
from typing import Any

from audioguide.routine.importers.vocabulary import Vocabulary, fold

LONGEST_DIGITS = 6
_TOKEN = re.compile(
    r"""(?P<other>\d+(?:[.,:/]\d+){2,}|\d{7,})|(?P<clock>(?<![\d.,:/])\d{1,2}:[0-5]\d(?![\d:]))"""
    r"""|(?P<number>\d+(?:[.,]\d{1,3})?(?!\d)|\d+)(?P<part>[½¼¾⅓⅔])?(?P<sign>"|″|”|''|'|′|’)?(?!(?<=['’])\w)"""
    r"""|(?P<fraction>[½¼¾⅓⅔])|(?P<word>[^\W\d_]+)|(?P<dots>…|\.{2,})|(?P<mark>[^\w\s])"""
)
_FRACTIONS = {"½": 0.5, "¼": 0.25, "¾": 0.75, "⅓": 1 / 3, "⅔": 2 / 3}
_SIGNS = {**dict.fromkeys("x×✕✖⨯╳хХX*", "x"), **dict.fromkeys("–—−‐‑-", "-"), **dict.fromkeys("＆&", "&"), "；": ";"}
_WORTH = {"A": 1.0, "H": 0.5, "F": 0.5, "/": 0.0}


@dataclass(frozen=True, slots=True)
class Duration:
    """So many seconds, or so many breaths (then `seconds` is 0); `upper` is the far end of a range in the same, else 0.

    `vague`: it says only roughly how long (`a moment`).
    """

    seconds: float = 0.0
    breaths: int = 0
    upper: float = 0.0
    vague: bool = False


@dataclass(frozen=True, slots=True)
class Token:
    """A word, number or sign of a text, from `start` to `end`. `code` is its letter in `CODES`; a sign is its own.

    Besides: `D` a length, `P` a breath pattern, `W` another word.
    """

    code: str
    start: int
    end: int
    value: Any = None


@dataclass(frozen=True)
class Scan:
    """A text as tokens, and their codes as one string, which patterns are matched on."""

    text: str
    tokens: tuple[Token, ...]
    codes: str


def scan(text: str, vocabulary: Vocabulary) -> Scan:
    """The tokens of a text, with lengths and ranges as one each."""
    tokens = _find_lengths(_tokenize(text, vocabulary))
    return Scan(text, tuple(tokens), "".join(token.code for token in tokens))


def find_durations(text: str, vocabulary: Vocabulary) -> list[tuple[Duration, int, int]]:
    """The lengths in a text, each with where it starts and ends."""
    return [(token.value, token.start, token.end) for token in scan(text, vocabulary).tokens if token.code == "D"]


def _tokenize(text: str, vocabulary: Vocabulary) -> list[Token]:
    matches = list(_TOKEN.finditer(text))
    folded = [fold(match[0]) for match in matches]
    tokens: list[Token] = []
    at = 0
    while at < len(matches):
        match, count = matches[at], 1
        start, end = match.span()
        code = "W"
        value: Any = None
        if match["clock"]:
            minutes, seconds = match["clock"].split(":")
            code, value = "D", Duration(int(minutes) * 60.0 + int(seconds))
        elif number := match["number"] or match["fraction"]:
            code, value = "N", _FRACTIONS.get(number) or float(number.replace(",", "."))
            value += _FRACTIONS.get(match["part"] or "", 0.0)
            if sign := match["sign"]:
                closes = sign in '"”' and text.count(sign, 0, start) % 2
                if closes or (sign in "'’" and text[end : end + 1].isalnum()):
                    end -= len(sign)
                else:
                    code, value = "D", Duration(value * (60.0 if sign in "'′’" else 1.0))
        elif match["dots"]:
            code = "…"
        elif match["mark"]:
            code = _SIGNS.get(match[0], match[0])
        elif match[0] in _SIGNS:
            code = "x"
        elif match[0] in vocabulary.letters:
            code, value = "c", vocabulary.letters[match[0]]
        if match["word"] and code in "Wc":
            for words, its_code, its_value in vocabulary.phrases.get(folded[at], ()):
                if tuple(folded[at : at + len(words)]) == words:
                    if code == "W" or len(words) > 1:
                        code, value, count, end = its_code, its_value, len(words), matches[at + len(words) - 1].end()
                    break
        token = Token(code, start, end, value)
        glued = bool(tokens) and tokens[-1].end == start
        if glued and (tokens[-1].code, code) in (("N", "W"), ("W", "N"), ("N", "c")):  # "2nd", "H2O": no number
            tokens[-1], token = Token("W", tokens[-1].start, tokens[-1].end), Token("W", start, end)
        tokens.append(token)
        at += count
    return tokens


_NUM = "(?:N?N/N|[NV]F?|A?HF?|AF?)"
_LENGTH = re.compile(
    rf"(?P<pattern>(?<![-/N.])N-N-N(?:-N)?(?![-/Nu]))"
    rf"|(?:(?P<low>{_NUM})(?P<lowunit>u?)[-~])?(?P<n>{_NUM})-?(?P<u>u)(?P<half>F?)"
    rf"(?:[,&]{{0,2}}(?P<n2>{_NUM})-?(?P<u2>u)|(?P<n3>N)(?![uxrstbW-]))?"
    rf"|(?:(?P<low2>N)[-~])?(?P<breaths>[NVA]F?)[W,]{{0,4}}(?P<b>b)"
    rf"|[Ad]?W?(?P<count>m)f(?P<n4>N)|(?:(?P<low3>N)[-~])?(?P<n5>[NVA]F?)W?(?P<m>m)"
    rf"|(?P<from>N)[-~](?P<to>N)(?=W?[rsxt])"
)


def _find_lengths(tokens: list[Token]) -> list[Token]:
    codes = "".join(token.code for token in tokens)
    found: list[Token] = []
    position = 0
    for match in _LENGTH.finditer(codes):
        value = _read_length(match, tokens)
        if value is None:
            continue
        found += tokens[position : match.start()]
        code = "D" if isinstance(value, Duration) else "P" if isinstance(value, str) else "N"
        found.append(Token(code, tokens[match.start()].start, tokens[match.end() - 1].end, value))
        position = match.end()
    return found + tokens[position:]


def _read_length(match: re.Match[str], tokens: list[Token]) -> Any:
    def of(group: str) -> list[Token]:
        return tokens[slice(*match.span(group))] if match[group] else []

    def number(group: str) -> float:
        return _sum(of(group))

    if match["pattern"]:
        return "-".join(f"{token.value:g}" for token in tokens[match.start() : match.end() : 2])
    if match["from"]:
        return Range(number("from"), number("to"))
    vague = any(token.code == "V" for token in tokens[match.start() : match.end()])
    if match["b"]:
        plural = of("b")[0].value == "breaths"
        if (match["breaths"] == "A" or number("breaths") == 1) == plural:
            return None
        low, high = number("low2"), number("breaths")
        return Duration(breaths=int(low or high), upper=high if low else 0.0, vague=vague)
    if match["u"] is None:
        unit = float((of("m") or of("count"))[0].value)
        low, high = number("low3") * unit, (number("n5") or number("n4")) * unit
        return Duration(low or high, upper=high if low else 0.0, vague=vague or unit != 1)
    written = of("u")[0]
    unit = float(written.value)
    total = (number("n") + number("half")) * unit + number("n2") * (of("u2") or [written])[0].value
    if number("n") > 90 and written.end - written.start == 1 and unit == 60:
        return None  # 400 m are metres
    if match["n3"]:
        total += number("n3") * unit / 60
    if not match["low"]:
        return Duration(total, vague=vague)
    low = number("low") * (of("lowunit") or [written])[0].value
    return Duration(min(low, total), upper=max(low, total), vague=vague)


@dataclass(frozen=True, slots=True)
class Range:
    """Two numbers of which the lower counts: 8-12."""

    low: float
    high: float


def _sum(tokens: list[Token]) -> float:
    """The number that some tokens say: `one` `and a half`, `1` `1/2`."""
    values = [float(_WORTH.get(token.code, token.value)) for token in tokens]
    codes = "".join(token.code for token in tokens)
    if codes.endswith("N/N"):
        return (values[0] if codes.startswith("NN") else 0.0) + values[-3] / (values[-1] or 1.0)
    return sum(values[1:] if codes.startswith("AH") else values)
