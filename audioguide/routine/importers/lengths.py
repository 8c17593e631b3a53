"""Reads a text as words with a meaning, and finds the lengths in it: `2s`, `1:30`, `half a minute`, `five breaths`."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache, lru_cache
from itertools import count
from typing import Any, NamedTuple

from audioguide.routine.importers.vocabulary import Vocabulary, fold, load_words

_TOKEN = re.compile(
    r"(?P<other>\d+(?:[.,:/]\d+){2,}|\d{7,})"
    r"|(?P<clock>\d{1,2}(?::[0-5]\d(?!\d)(?! ?(?:[ap]\.?m\b|uhr))|['′][0-5]\d[\"″”]?))"
    r"|(?P<number>(?:\d{1,2} )?[1-7]/[2-8](?= ?-?[^\W\d_])|\d+(?:[.,]\d{1,3}(?!\d))?|(?=[½¼¾⅓⅔]))"
    r"(?P<part>[½¼¾⅓⅔]?)(?P<sign>[\"″”]|''|['′’](?!\w))?"
    r"|(?P<word>[^\W\d_]+)|(?P<dots>…|\.{2,})|(?P<mark>[^\w\s])",
    re.IGNORECASE,
)
_QUOTE = re.compile(r"(?<!\d)[\"“”]")
_PARTS = {"": 0.0, "½": 0.5, "¼": 0.25, "¾": 0.75, "⅓": 1 / 3, "⅔": 2 / 3}
_WORTH = {"A": 1.0, "H": 0.5, "F": 0.5}  # of a word for a number
_GLUED = ("NW", "WN", "Nc", "cN")  # "2nd", "H2O", "L4" are words


@dataclass(frozen=True, slots=True)
class Duration:
    """So many seconds, or so many breaths (then `seconds` is 0); `upper` is the far end of a range, else 0.

    `vague`: it says only roughly how long (`a moment`).
    """

    seconds: float = 0.0
    breaths: int = 0
    upper: float = 0.0
    vague: bool = False


class Token(NamedTuple):
    """A word, number or sign of a text, from `start` to `end`. `code` is its letter (see `words/grammar.yaml`).

    The value of a length is a Duration, that of a number a number, of a range of numbers (`8-12 reps`) both ends.
    """

    code: str
    start: int
    end: int
    value: Any = None


Groups = dict[str, list[Token]]


@cache
def load_rules(*names: str) -> re.Pattern[str]:
    """The rules of these names in `words/grammar.yaml` as one pattern. A group may stand in it several times."""
    grammar, number = load_words("grammar")[0], count()
    text = "|".join(rule for name in names for rule in grammar[name]["rules"])
    while parts := set(re.findall(r"<([A-Z]+)>", text)):
        for part in parts:
            text = text.replace(f"<{part}>", grammar["parts"][part])
    text = re.sub(r"<(\w+):([^<>]*)>", lambda group: f"(?P<{group[1]}_{next(number)}>{group[2]})", text)
    return re.compile(f"(?={grammar[names[-1]]['first']}|(?<!.))(?:{text})", re.DOTALL)


def read_groups(match: re.Match[str], tokens: list[Token]) -> Groups:
    """The tokens in each group of a rule that matched, by its name."""
    found = {
        name.rpartition("_")[0]: match.span(at) for name, at in match.re.groupindex.items() if match.start(at) >= 0
    }
    return {name: tokens[start:end] for name, (start, end) in found.items() if end > start}


@lru_cache(1024)
def scan(text: str, vocabulary: Vocabulary, column: str = "") -> tuple[list[Token], str]:
    """The tokens of a text, with each length and each range as one, and their codes as a string.

    `column`: a code that stands before them.
    """
    tokens = [*(Token(code, 0, 0) for code in (column and f"{column}:")), *tokenize(text, vocabulary)]
    found: list[Token] = []
    position = 0
    for match in load_rules("lengths").finditer("".join([token[0] for token in tokens])):
        parts = tokens[match.start() : match.end()]
        if length := _read_length(read_groups(match, tokens), parts, match.string[: match.start()]):
            found += [*tokens[position : match.start()], Token(length[0], parts[0].start, parts[-1].end, length[1])]
            position = match.end()
    found += tokens[position:]
    return found, "".join([token[0] for token in found]).replace("—", "-")


def tokenize(text: str, vocabulary: Vocabulary) -> list[Token]:
    """The words, numbers and signs of a text."""
    tokens: list[Token] = []
    matches = list(_TOKEN.finditer(text))
    after, last = 0, Token("", -1, -1)
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
        if last.end == start and last.code + code in _GLUED:
            tokens[-1], code = last._replace(code="W"), "W"
        tokens.append(last := Token(code, start, end, value))
    return tokens


def _read_number(match: re.Match[str], text: str) -> tuple[str, int, Any]:
    """The code, end and value of a number, a clock time, or a length in seconds or minutes (`30"`, `2'`)."""
    start, end = match.span()
    if match["clock"]:
        minutes, seconds = map(float, re.findall(r"\d+", match["clock"]))
        return "D", end, Duration(minutes * 60 + seconds)
    whole, sign = match["number"].replace(",", ".") or "0", match["sign"] or ""
    number = float(sum(map(Fraction, whole.split())) if "/" in whole else whole) + _PARTS[match["part"]]
    if not sign or (sign in '"”' and len(_QUOTE.findall(text, max(0, start - 200), start)) % 2):  # it ends a quotation
        return "N", end - len(sign), number
    return "D", end, Duration(number * (60.0 if sign in "'′’" else 1.0))


def _read_length(groups: Groups, parts: list[Token], before: str) -> tuple[str, Any] | None:
    """The code and value of what a rule found; None where it is no length."""
    number, low = _sum(groups.get("n", ())) or 1.0, _sum(groups.get("low", ()))
    if "clock" in groups:
        return "D", parts[0].value
    if "pattern" in groups:
        return "P", "-".join(f"{token.value:g}" for token in parts[::2])
    if "high" in groups:
        return "N", (low, _sum(groups["high"]))
    vague = any(token.code == "V" or (token.code == "m" and token.value > 1) for token in parts)
    if "breath" in groups:
        single, taken = (
            groups["breath"][0].value == "breath",
            parts[0].code == "A" and before[-1:] not in tuple("fhpMR"),
        )
        length = Duration(breaths=int(low or number), upper=number if low else 0.0, vague=vague)
        return None if single != (number == 1) or taken else ("D", length)  # "take a deep breath" is none
    word = groups["unit"][0]
    unit = float(word.value)
    if number > {60: 90.0, 3600: 12.0}.get(int(unit), number) and word.end - word.start == 1:
        return None  # 400 m are metres, 18 h is a time of day
    more_unit = groups["more_unit"][0].value if "more_unit" in groups else unit / 60
    total = (number + _sum(groups.get("half", ()))) * unit + _sum(groups.get("more", ())) * more_unit
    low *= groups.get("low_unit", [word])[0].value
    length = Duration(min(low, total) if low else total, upper=max(low, total) if low else 0.0, vague=vague)
    return "G" if [part.code for part in parts[-3:-1]] == ["N", "-"] else "D", length


def _sum(tokens: Sequence[Token]) -> float:
    """The number that some words say: `one` `and a half`."""
    values = [float(_WORTH.get(token.code, token.value)) for token in tokens]
    return sum(values[1:] if len(tokens) > 1 and tokens[1].code == "H" else values)
