"""A text to the pieces that the online voice is sent: short ones, cut where one would breathe."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import re

LONGEST = 100
"""Characters that the service takes at a time: `gtts.gTTS.GOOGLE_TTS_MAX_CHARS`."""

Cut = Literal["sentence", "clause", "word"]

_OPENING = "([¡¿"
_SENTENCE_ENDS = ".?!…‥。？！"


@dataclass(frozen=True, slots=True)
class Piece:
    """At most `LONGEST` characters with at least one letter or digit, and what the text was cut at after it."""

    text: str
    cut: Cut


def pieces(text: str) -> tuple[Piece, ...]:
    """The text in as few pieces as its sentences allow: cut at the last sentence end that fits, or else at the end of
    a clause, between words, and in a word only where that is longer than a piece.
    """
    found: list[Piece] = []
    rest = " ".join(text.split())
    while rest:
        end, cut = _cut(rest[: LONGEST + 1])
        piece = Piece(rest[:end].strip(), cut)
        if any(map(str.isalnum, piece.text)):
            found.append(piece)
        rest = rest[end:].strip()
    return tuple(found)


def _cut(window: str) -> tuple[int, Cut]:
    if len(window) <= LONGEST:
        return len(window), "sentence"
    ends = [end for end in map(_end, _clauses().finditer(window)) if 0 < end <= LONGEST]
    if sentences := [end for end in ends if window[:end].rstrip()[-1] in _SENTENCE_ENDS]:
        return sentences[-1], "sentence"
    if ends:
        return ends[-1], "clause"
    space = window.rfind(" ")
    return (space, "word") if space > 0 else (LONGEST, "word")


def _end(mark: re.Match[str]) -> int:
    return mark.start() if mark.group() in _OPENING else mark.end()


@cache
def _clauses() -> re.Pattern[str]:
    """Where gTTS ends a clause: it knows dotted abbreviations, decimals and clock times."""
    from gtts.tokenizer import Tokenizer, tokenizer_cases  # type: ignore[import-untyped,unused-ignore]

    cases = ("tone_marks", "period_comma", "colon", "other_punctuation")
    marks: re.Pattern[str] = Tokenizer([getattr(tokenizer_cases, case) for case in cases]).total_regex
    return marks
