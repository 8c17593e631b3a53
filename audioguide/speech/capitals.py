"""Words in capitals: what is merely loud is put in small letters, so that no voice spells it; abbreviations stay."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_LOUD = 4
"""Letters: shorter words in capitals are taken for abbreviations, unless one this long stands beside them."""


def lower_loud(text: str, kept: Collection[str]) -> str:
    """The text with loud words in small letters, one that begins a sentence with a capital.

    Loud are words of four letters or more, vowels among them, and what stands beside them; `kept` never are.
    """
    if not re.search(r"[^\W\d_a-z]{2}", text):
        return text
    return "".join(_runs(text, kept))


def _runs(text: str, kept: Collection[str]) -> Iterator[str]:
    """The text in pieces: runs of words in capitals with single spaces between them, and what lies between those."""
    start = 0
    run: list[re.Match[str]] = []
    for word in [*_WORD.finditer(text), None]:
        if run and not (word and word.group().isupper() and text[run[-1].end() : word.start()] == " "):
            yield text[start : run[0].start()]
            yield _lowered(run, text, kept)
            start, run = run[-1].end(), []
        if word and word.group().isupper():
            run.append(word)
    yield text[start:]


def _lowered(run: list[re.Match[str]], text: str, kept: Collection[str]) -> str:
    words = [word.group() for word in run]
    if not any(len(word) >= _LOUD and _can_be_said(word) and word not in kept for word in words):
        return " ".join(words)
    low = [word if word in kept or word == "I" or not _can_be_said(word) else word.lower() for word in words]
    if _begins_sentence(text, run[0].start()):
        low[0] = low[0][0].upper() + low[0][1:]
    return " ".join(low)


def _begins_sentence(text: str, at: int) -> bool:
    before = text[max(0, at - 2) : at].rstrip()
    return not before or before[-1] in ".!?…:¡¿"


def _can_be_said(word: str) -> bool:
    return any(unicodedata.normalize("NFD", letter)[0] in "AEIOUY" for letter in word)
