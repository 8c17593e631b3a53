"""A text to its sentences, which are spoken one by one, so that every voice pauses alike between them."""

from __future__ import annotations

import re
from collections.abc import Iterator

LONGEST = 400
"""Characters that a voice is given at once: models slow down, and forget where they were, with much more."""

_END = re.compile(r"[.!?…]+[\"”’»)\]]*\s+(?=\S)")
_CLAUSE_END = re.compile(r"[,;:—–][\"”’»)\]]*\s+|[、，；：。！？]")
_ABBREVIATIONS = frozenset(
    "approx aprox bzw ca dott dr evtl ggf inkl jr mme mr mrs ms nr prof sig sr sra st ud vgl vs".split()
)


def sentences(text: str) -> tuple[str, ...]:
    """The sentences of a text on one line, in order, with their punctuation; the text itself if it has one or none.

    What holds no letter or digit stays with the sentence before it, and what is longer than `LONGEST` is cut at the
    end of a clause, or else between words.
    """
    found: list[str] = []
    for part in _parts(text):
        if found and not (_is_said(part) and _is_said(found[-1])):
            found[-1] = f"{found[-1]} {part}"
        else:
            found.append(part)
    return tuple(piece for sentence in found for piece in cut(sentence, LONGEST) if _is_said(piece)) or (text,)


def _parts(text: str) -> Iterator[str]:
    start = 0
    for end in _END.finditer(text):
        if _ends(text, end):
            yield text[start : end.end()].strip()
            start = end.end()
    if rest := text[start:].strip():
        yield rest


def _ends(text: str, end: re.Match[str]) -> bool:
    """No sentence ends before a small letter, nor after an initial or an abbreviation."""
    if text[end.end()].islower():
        return False
    if not end.group().startswith(".") or end.group().startswith(".."):
        return True
    word = text[text.rfind(" ", 0, end.start()) + 1 : end.start()].lstrip("(\"“‘«¿¡'").lower()
    return not (word in _ABBREVIATIONS or "." in word or (len(word) == 1 and word.isalpha()))


def cut(sentence: str, longest: int) -> Iterator[str]:
    """A sentence in parts of at most `longest` characters, cut at ends of clauses, or else between words."""
    while len(sentence) > longest:
        clauses = [end.end() for end in _CLAUSE_END.finditer(sentence, 0, longest)]
        end = clauses[-1] if clauses else sentence.rfind(" ", 1, longest)
        end = end if end > 0 else longest
        yield sentence[:end].strip()
        sentence = sentence[end:].strip()
    yield sentence


def _is_said(text: str) -> bool:
    return any(map(str.isalnum, text))
