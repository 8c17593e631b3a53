"""Written text to the text that is spoken, and that to its sentences, so that every voice pauses alike between them.

What every voice reads well is left alone: words, punctuation, plain numbers (12, 1,000, 3.5, 2nd). What voices read
wrong, or each in their own way, is put in words, which are data of the language (`voices/spoken/`).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator, Mapping

from audioguide.speech.numbers import Shorthand, load_spoken_forms

_GAP = re.compile(r"\s+")
_REPLACED: Mapping[str, str] = {"Cc": " ", "Cs": " ", "Cf": ""}  # control, lone surrogate, invisible

_PICTURES = frozenset({"So", "Sk", "Me", "Co", "Cn"})
"""Emoji and other pictures, enclosing marks, private and unassigned signs: nobody can say them."""

_MOST_PASSES = 8
"""What stands for one short form may complete the next, in texts made of nothing else; two passes do for the rest."""

_ROW = re.compile(r"\d(?:,?\d){18,}")
"""More digits than anybody has a number's name for: they are said one by one."""

_TAG = re.compile(r"<(/?[A-Za-z][^<>]*)>")
_TAG_SIGNS = re.compile(r"[/='\"]+")
_ADDRESS = re.compile(
    r"(?<![\w.+-])(?:(?:https?://(?:www\.)?|www\.)([\w-]+(?:\.[\w-]+)*)\S*|[\w.+-]+@[\w-]+(?:\.[\w-]+)+)"
)
_ARROW = re.compile(r"\s*(?:[-=]{1,3}>|[→⇒])\s*")
_MARKS = re.compile(r"[*_`^|\\{}]+|--+(?!>)")
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_LOUD = 4
"""Letters: shorter words in capitals are taken for abbreviations, unless one this long stands beside them."""

_SLASH = re.compile(r"(?<=[^\W\d_])\s?/\s?(?=[^\W\d_])")

LONGEST = 400
"""Characters that a voice is given at once: models slow down, and forget where they were, with much more."""

_END = re.compile(r"[.!?…]+[\"”’»)\]]*\s+(?=\S)")
_CLAUSE_END = re.compile(r"[,;:—–][\"”’»)\]]*\s+|[、，；：。！？]")
_ABBREVIATIONS = frozenset(
    "approx aprox bzw ca dott dr evtl ggf inkl jr mme mr mrs ms nr prof sig sr sra st ud vgl vs".split()
)


def spoken(text: str, language: str = "en") -> str:
    """The text as it is said in a language."""
    return normalize(text, load_spoken_forms(language))


def normalize(text: str, words: Shorthand | None) -> str:
    """The text as it is said: on one line, composed (NFC), without what has no sound, its short forms in words.

    Done twice, it changes nothing more. A language that nobody has written data for (None) is only cleaned.
    """
    text = _clean(text)
    if words is None:
        return text
    for _ in range(_MOST_PASSES):
        said = _GAP.sub(" ", _in_words(text, words)).strip()
        if said == text:
            break
        text = said
    return text


def _clean(text: str) -> str:
    if not (text.isascii() and text.isprintable()):
        text = "".join(map(_sign, unicodedata.normalize("NFC", text)))
    text = _ROW.sub(lambda row: " ".join(row.group().replace(",", "")), text)
    return _GAP.sub(" ", text).strip()


def _sign(sign: str) -> str:
    if sign.isascii() and sign.isprintable():
        return sign
    kind = unicodedata.category(sign)
    if (kind in _PICTURES and sign != "°") or "\ufe00" <= sign <= "\ufe0f":
        return " "
    return _REPLACED.get(kind, sign)


def _in_words(text: str, words: Shorthand) -> str:
    text = _TAG.sub(lambda tag: f" {_TAG_SIGNS.sub(' ', tag[1])} ", text)
    text = _ADDRESS.sub(lambda address: _address(address, words), text)
    text = _MARKS.sub(lambda marks: "—" if marks.group().startswith("-") else " ", text)
    text = _ARROW.sub(", ", text)
    text = _lower_loud(text, words.kept)
    text = words.figures.say(text)
    text = words.short_forms.sub(lambda form: _short_form(form, words), text)
    text = words.sign.sub(lambda sign: f" {words.form.signs[sign.group()]} ", text)
    return _SLASH.sub(f" {words.form.slash} ", text)


def _address(address: re.Match[str], words: Shorthand) -> str:
    """The host alone: nobody writes down from hearing what follows it."""
    host = address[1] or address.group()
    end = "." if address[1] and address.group().endswith(".") else ""
    return host.replace(".", f" {words.form.dot} ") + end


def _short_form(form: re.Match[str], words: Shorthand) -> str:
    written = form.group()
    said = words.word_of.get(written) or words.word_of.get(written.lower())
    if said is None:  # of other capitals than its own: rom is not ROM
        return written
    if written[0].isupper() and written not in words.word_of:
        said = said[0].upper() + said[1:]
    rest = form.string[form.end() : form.end() + 2]
    ends = written.endswith(".") and written.lower() in words.form.last_words and (not rest or rest[-1].isupper())
    return said + "." if ends else said


def _lower_loud(text: str, kept: Collection[str]) -> str:
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


def split_sentences(text: str) -> tuple[str, ...]:
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
    return tuple(piece for sentence in found for piece in split_clauses(sentence, LONGEST) if _is_said(piece)) or (
        text,
    )


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


def split_clauses(sentence: str, longest: int) -> Iterator[str]:
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
