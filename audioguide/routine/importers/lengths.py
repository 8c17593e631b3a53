"""Reads a text as words with a meaning, and finds the lengths in it: `2s`, `1:30`, `half a minute`, `five breaths`."""

import re
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from itertools import count
from typing import Any, NamedTuple

from audioguide.routine.importers.vocabulary import Vocabulary, fold

_TOKEN = re.compile(
    r"(?P<other>\d+(?:[.,:/]\d+){2,}|\d{7,})"
    r"|(?P<clock>\d{1,2}(?::[0-5]\d(?!\d)(?! ?(?:[ap]\.?m\b|uhr))|['′][0-5]\d[\"″”]?))"
    r"|(?P<number>(?:\d{1,2} )?[1-7]/[2-8](?= ?-?[^\W\d_])|\d+(?:[.,]\d{1,3}(?!\d))?|(?=[½¼¾⅓⅔]))"
    r"(?P<part>[½¼¾⅓⅔]?)(?P<sign>[\"″”]|''|['′’](?!\w))?"
    r"|(?P<word>[^\W\d_]+)|(?P<dots>…|\.{2,})|(?P<mark>[^\w\s])",
    re.IGNORECASE,
)
_PARTS = {"": 0.0, "½": 0.5, "¼": 0.25, "¾": 0.75, "⅓": 1 / 3, "⅔": 2 / 3}
_WORTH = {"A": 1.0, "H": 0.5, "F": 0.5}  # of a word for a number
_GLUED = ("NW", "WN", "Nc", "cN")


@dataclass(frozen=True, slots=True)
class Duration:
    """So many seconds, or so many breaths (then `seconds` is 0); `upper` is the far end of a range, else 0.

    `vague`: it says only roughly how long (`a moment`).
    """

    seconds: float = 0.0
    breaths: int = 0
    upper: float = 0.0
    vague: bool = False


@dataclass(frozen=True, slots=True)
class NumberRange:
    """Two numbers, as in `8-12 reps`."""

    low: float
    high: float


class Token(NamedTuple):
    """A word, number or sign of a text, from `start` to `end`. `code` is its letter in `CODES`; a sign is its own.

    Besides: `D` a length, `G` one before a noun (`30-second`), `P` a breath pattern, `c` a side's letter, `W` others.
    """

    code: str
    start: int
    end: int
    value: Any = None


class Scan(NamedTuple):
    """A text as tokens, and their codes as one string, on which patterns are matched."""

    tokens: list[Token]
    codes: str


def compile_rules(first: str, *rules: str) -> re.Pattern[str]:
    """One pattern of all rules, each of which begins at one of the codes `first`, or at the beginning of a text.

    A group may stand in it several times: each is numbered (see `read_groups`).
    """
    number = count()
    numbered = re.sub(r"\(\?P<(\w+)>", lambda group: f"(?P<{group[1]}_{next(number)}>", "|".join(rules))
    return re.compile(f"(?={first}|(?<!.))(?:{numbered})", re.DOTALL)


def read_groups(match: re.Match[str], tokens: list[Token]) -> dict[str, list[Token]]:
    """The tokens in each group of a rule that matched, by its name."""
    found = (name for name, part in match.groupdict().items() if part)
    return {name.rpartition("_")[0]: tokens[slice(*match.span(name))] for name in found}


@lru_cache(1024)
def scan(text: str, vocabulary: Vocabulary, column: str = "") -> Scan:
    """The tokens of a text, with each length and each range as one. `column`: a code that stands before them."""
    tokens = [*(Token(code, 0, 0) for code in (column and f"{column}:")), *tokenize(text, vocabulary)]
    found: list[Token] = []
    position = 0
    for match in _LENGTHS.finditer("".join([token[0] for token in tokens])):
        if token := _read_length(match, tokens):
            found += [*tokens[position : match.start()], token]
            position = match.end()
    found += tokens[position:]
    return Scan(found, "".join([token[0] for token in found]).replace("—", "-"))


def tokenize(text: str, vocabulary: Vocabulary) -> list[Token]:
    """The words, numbers and signs of a text."""
    tokens: list[Token] = []
    matches = list(_TOKEN.finditer(text))
    after = last_end = 0
    last_code = ""
    for at, match in enumerate(matches):
        if at < after:
            continue
        start, end = match.span()
        if match.lastgroup in ("word", "mark"):
            code, value, phrases = vocabulary.meaning(match[0])
            if code == "-" and text[start - 1 : start] == text[end : end + 1] == " ":
                code = "—"  # between two parts, rather than in a range
            for words, its_code, its_value in phrases:
                if tuple(fold(one[0]) for one in matches[at : at + len(words)]) == words:
                    code, value, after, end = its_code, its_value, at + len(words), matches[at + len(words) - 1].end()
                    break
        elif match.lastgroup in ("dots", "other"):
            code, value = "…" if match.lastgroup == "dots" else "W", None
        else:
            code, end, value = _read_number(match, text)
        if last_end == start and code + last_code in _GLUED:  # "2nd", "H2O", "L4"
            tokens[-1], code = tokens[-1]._replace(code="W"), "W"
        tokens.append(Token(code, start, end, value))
        last_code, last_end = code, end
    return tokens


def _read_number(match: re.Match[str], text: str) -> tuple[str, int, Any]:
    """The code, end and value of a number, a clock time, or a length in seconds or minutes (`30"`, `2'`)."""
    start, end = match.span()
    if match["clock"]:
        minutes, seconds = re.findall(r"\d+", match["clock"])
        return "D", end, Duration(int(minutes) * 60.0 + int(seconds))
    whole, sign = match["number"].replace(",", ".") or "0", match["sign"] or ""
    number = float(sum(map(Fraction, whole.split())) if "/" in whole else whole) + _PARTS[match["part"]]
    if not sign or (sign in '"”' and text.count(sign, max(0, start - 200), start) % 2):
        return "N", end - len(sign), number
    return "D", end, Duration(number * (60.0 if sign in "'′’" else 1.0))


_N = "(?:[NV]F?|A?HF?|AF?)"
_LOW = rf"(?:(?P<low>{_N})(?:(?P<low_unit>[Uuv]?)[-~]|(?<!xN)—)|k(?P<low>{_N})(?P<low_unit>[Uuv]?)&)?"
_LENGTHS = compile_rules(
    "[NVAHkdDUuvm]",
    r"(?P<pattern>(?<![-/N.])N-N-N(?:-N)?(?!-(?!Y)|[/NUuv])|N-N(?=Y)|(?<=[YQ])N-N(?![-xtrsbNUuv]))",
    rf"{_LOW}(?P<n>{_N})-?(?P<unit>U)(?:[,&]{{0,2}}(?P<more>{_N})-?(?P<more_unit>[uv]))?",
    rf"{_LOW}(?P<n>{_N})-?(?P<unit>u)(?P<half>F)?(?:[,&]{{0,2}}(?P<more>{_N})-?(?P<more_unit>v)|(?P<more>N)(?![uvxrstbW-]))?",
    rf"{_LOW}(?P<n>{_N})-?(?P<unit>v)(?P<half>F)?|(?P<unit>[Uuv])(?P<half>F)",
    rf"{_LOW}(?P<n>[NVA]F?)[W,]{{0,4}}(?P<breath>b)",
    rf"[Ad]?W?(?P<unit>m)f(?P<n>{_N})|{_LOW}(?P<n>{_N})W?(?P<unit>m)",
    r"(?P<clock>D)[uv]|(?P<low>N)(?:[-~]|(?<!xN)—)(?P<high>N)(?=W?[rsxt])|k(?P<low>N)&(?P<high>N)(?=W?[rsxt])",
    r"(?<=[xsf:])(?P<low>N)[-~](?P<high>N)(?![-a-zA-Z])",
)


def _read_length(match: re.Match[str], tokens: list[Token]) -> Token | None:
    found = read_groups(match, tokens)
    parts = tokens[match.start() : match.end()]
    code, value, low = "D", Duration(), _sum(found.get("low", []))
    number = _sum(found["n"]) if "n" in found else 1.0
    vague = any(token.code == "V" or (token.code == "m" and token.value > 1) for token in parts)
    if "clock" in found:  # "1:30 min"
        return parts[0]._replace(end=parts[1].end)
    if "pattern" in found:
        pattern = "-".join(f"{token.value:g}" for token in parts[::2])
        return Token("P", parts[0].start, parts[-1].end, pattern)
    if "high" in found:
        return Token("N", parts[0].start, parts[-1].end, NumberRange(low, _sum(found["high"])))
    if "breath" in found:
        if (number == 1) == (found["breath"][0].value == "breaths") or (
            parts[0].code == "A" and match.string[match.start() - 1 : match.start()] not in tuple("fhpMR")
        ):
            return None  # "take a deep breath" is no length
        value = Duration(breaths=int(low or number), upper=number if low else 0.0, vague=vague)
    else:
        word = found["unit"][0]
        unit = float(word.value)
        if number > {60: 90.0, 3600: 12.0}.get(int(unit), number) and word.end - word.start == 1:
            return None  # 400 m are metres, 18 h is a time of day
        more = found.get("more_unit")
        total = (number + _sum(found.get("half", []))) * unit
        total += _sum(found.get("more", [])) * (float(more[0].value) if more else unit / 60)
        low *= float((found.get("low_unit") or [word])[0].value)
        value = Duration(min(low, total) if low else total, upper=max(low, total) if low else 0.0, vague=vague)
        code = "G" if match[0][-2:-1] == "-" and found["n"][-1].code == "N" else "D"
    return Token(code, parts[0].start, parts[-1].end, value)


def _sum(tokens: list[Token]) -> float:
    """The number that some words say: `one` `and a half`, `1` `1/2`."""
    values = [float(_WORTH.get(token.code, token.value)) for token in tokens]
    return sum(values[1:] if len(tokens) > 1 and tokens[1].code == "H" else values)
