"""Finds what stands in a text and is not said: pauses in brackets, stage directions, three dots, counted numbers."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import Literal

from audioguide.routine.importers.lengths import Duration, scan, tokenize
from audioguide.routine.importers.vocabulary import Vocabulary, fold

MarkKind = Literal["pause", "hold", "rest", "dots", "count", "count-in", "direction", "section", "spoken"]
PAUSE, SHORT, LONG, DOTS = 3.0, 1.5, 8.0, 1.0  # seconds of a pause that does not say so: bare, short, long, three dots
DEFAULT_HOLD = 30.0  # seconds of a hold that does not say so
COUNT_GAP = 0.6  # seconds between two counted numbers: with the number itself, about one a second
_MILLISECONDS = 500.0  # from here on, a pause without a unit is in milliseconds


@dataclass(frozen=True, slots=True)
class Mark:
    """A part of a text, from `start` to `end`, that is not said as it stands.

    `pause`, `hold`, `rest`: silence of `duration`; the words of the mark are not said. `dots`: three dots. `count`: the
    gap between two counted numbers, which are said. `count-in`: a start that is counted down (`Start in 3… 2… 1…`),
    which the program does itself: not said. `direction`: for who reads aloud (`(softly)`). `section`: a part's name
    (`[Opening – 2 min]`: `words` is `Opening`, `duration` for information). `spoken`: a square bracket that is none of
    these. `defaulted`: the length is not said; `certain`: not a guess.
    """

    start: int
    end: int
    kind: MarkKind
    duration: Duration = Duration()  # noqa: RUF009
    words: str = ""
    defaulted: bool = False
    certain: bool = True


_BRACKETS = re.compile(
    r"\[{1,2}[^\[\]]{0,300}\]{1,2}|\({1,2}[^()]{0,300}\){1,2}|\{{1,2}[^{}\n]{0,80}\}{1,2}|<[^<>\n]{0,80}>"
    r"|\*{1,3}[^*\n]{1,200}\*{1,3}|(?<!\w)_{1,2}[^_\n]{1,200}_{1,2}(?!\w)"
    r"|(?<!\S)/\s?\d{1,6}(?:[.,]\d{1,3})?\s?\w{1,9}(?![\w/])"
    r"|(?<!\S)(?:-+|[—–])\s?[^\W\d_][^\n—–-]{2,40}(?:-+|[—–])(?!\w)"
    r"|…+|\.{3,}|(?:\. ){2,}\."
)
_COUNTED = re.compile(r"N(?:[,;.…-]{0,3}[&f]?N){2,}")
_STARTS = re.compile(r"(?:S[^.!?NS]{0,3}|(?:^|(?<=[.!?]))g)[.,:;…-]{0,2}$")
_GOES = re.compile(r"[.,!…-]{0,3}&?S[.!…]?|[.!…]")
_SECTION = re.compile(r"(.{2,60}?)\s?[-–—:,(]\s?[^-–—:,(]{1,30}\)?$")
_KNOWN = set("pMhRmDGNfAV&d~b")  # codes of words that a pause may consist of


def find_marks(text: str, vocabulary: Vocabulary) -> list[Mark]:
    """The marks in a text, in order; none within another. Counted numbers swallow the marks between them."""
    found = list(_find_counts(text, vocabulary))
    taken = [(mark.start, mark.end) for mark in found]
    position, run = 0, 0
    while match := _BRACKETS.search(text, position):
        while run < len(taken) and taken[run][1] <= match.start():
            run += 1
        position = match.start() + 1
        if run < len(taken) and taken[run][0] < match.end():
            position = max(position, taken[run][1])
        elif mark := _read_mark(match, vocabulary):
            found.append(mark)
            position = match.end()
    return sorted(found, key=lambda mark: mark.start)


def parse_pause(line: str, vocabulary: Vocabulary) -> Mark | None:
    """The pause of a line that only asks for one, without brackets: `Pause for a few seconds.`, `30s`; else None."""
    if len(line) > 60:
        return None
    mark = _read_words(line.strip(" -–—*_.:;"), (0, len(line)), "", True, vocabulary)
    return mark if mark and mark.certain and mark.kind == "pause" else None


def _read_mark(match: re.Match[str], vocabulary: Vocabulary) -> Mark | None:
    text, span = match[0], match.span()
    if text[0] in "….":
        return Mark(*span, "dots", Duration(DOTS), defaulted=True)
    opening = text[0] if text[0] in "[({<*_" else ""
    before = match.string[: span[0]].rstrip(" \t")
    # Within a sentence, round brackets are mostly for the listener: "Bend (gently)", but "(gently) Bend".
    free = opening == "[" or not before or before[-1] in ".!?…:\n)]"
    mark = _read_words(text.strip("[](){}<>*_/—–- \t"), span, opening, free, vocabulary)
    return mark or (Mark(*span, "spoken", words=text.strip("[]"), certain=False) if opening == "[" else None)


def _read_words(inner: str, span: tuple[int, int], opening: str, free: bool, vocabulary: Vocabulary) -> Mark | None:
    """What the words between brackets are, as a mark of this span; None where they are for the listener.

    `opening` is the bracket; "" where there is none, or only a sign: then only a pause is meant. `free`: not within
    a sentence.
    """
    inner = " ".join(re.sub(r"[\"'=#]", " ", inner).split())
    tokens, codes = scan(inner, vocabulary)
    length = next((token.value for token in tokens if token.code in "DG"), None)
    asks = next((code for code in codes if code in "pmR"), "h" if "h" in codes else "M" if "M" in codes else "")
    numbers = [token.value for token in tokens if token.code == "N" and not isinstance(token.value, tuple)]
    words = [inner[token.start : token.end] for token in tokens if token.code.isalpha() and token.code not in _KNOWN]
    strange = sum(not vocabulary.has("fillers", word) for word in words)
    sounds = opening and vocabulary.has("sounds", inner) > 0
    directed = sounds or (opening and free and vocabulary.has("directions", inner) > 0)
    kind: MarkKind = "hold" if asks == "h" else "rest" if asks == "R" else "pause"
    only_pauses = asks in ("p", "m", "") and not strange
    if (not opening and not only_pauses) or (asks == "m" and numbers):  # "count to 3"
        return None
    if not free and (codes[:1] == "~" or (codes[:1] == "d" and asks)):  # "or the silence"
        return None
    if length is None and len(numbers) == 1 and asks and not strange:
        length = Duration(numbers[0] / (1000 if numbers[0] >= _MILLISECONDS else 1))
    if length and (asks or not (sounds if directed else strange)):
        known = directed or not strange or asks == "p" or (asks == "M" and free)
        return Mark(*span, kind, length, certain=not strange) if known else None
    if directed and asks != "p":
        return Mark(*span, "direction", words=inner)
    if not asks:
        if length and (part := _SECTION.match(inner)) and (opening == "[" or vocabulary.starts("sections", inner)):
            return Mark(*span, "section", length, part[1])
        manner = opening and free and vocabulary.has("manners", inner) >= strange > 0
        return Mark(*span, "direction", words=inner, certain=opening == "[") if manner else None
    weak = opening in ("(", "*", "_") and (
        (asks != "p" and codes != "m") or (strange and not directed and codes[:2] not in ("p,", "p-", "p."))
    )
    if numbers or weak or (strange and asks not in (codes[0], codes.rstrip(".")[-1])):
        return None
    seconds = LONG if vocabulary.has("long", inner) else SHORT if vocabulary.has("short", inner) else PAUSE
    seconds = DEFAULT_HOLD if kind == "hold" else seconds
    return Mark(*span, kind, Duration(seconds), defaulted=True, certain=not strange)


def _find_counts(text: str, vocabulary: Vocabulary) -> Iterator[Mark]:
    """Runs of three numbers and more, each one up or down from the one before: the gaps between them, or a count-in."""
    if not _run_pattern(vocabulary).search(fold(text)):
        return
    tokens = tokenize(text, vocabulary)
    codes = "".join(token.code for token in tokens)
    for match in _COUNTED.finditer(codes):
        runs: list[list[int]] = [[]]
        for at in (at for at in range(*match.span()) if codes[at] == "N"):
            steps = {tokens[b].value - tokens[a].value for a, b in pairwise((*runs[-1][-2:], at))}
            runs += [[]] if len(steps) > 1 or not steps <= {1, -1} else []
            runs[-1].append(at)
        for run in runs:
            before, after = _STARTS.search(codes, max(0, run[0] - 9), run[0]), _GOES.match(codes, run[-1] + 1)
            if len(run) < 3 or tokens[run[0]].value > 99 or codes[run[-1] + 1 :][:1] in ("/", "%", "°", *"xrstuvb"):
                continue
            if tokens[run[-1]].value == 1 and (before or (after and "S" in after[0])):
                first, last = before.start() if before else run[0], after.end() - 1 if after else run[-1]
                yield Mark(tokens[first].start, tokens[last].end, "count-in")
            else:
                yield from (
                    Mark(tokens[a].end, tokens[b].start, "count", Duration(COUNT_GAP)) for a, b in pairwise(run)
                )


@cache
def _run_pattern(vocabulary: Vocabulary) -> re.Pattern[str]:
    number = rf"(?:\b\d{{1,2}}(?!\w)|{vocabulary.bag('numbers').pattern})"
    return re.compile(rf"{number}(?:[\s,;.…–-]{{1,8}}(?:[^\W\d_]{{1,3}} )?{number}){{2}}")
