"""Normalises written text to spoken text, and splits that into sentences, so that every voice pauses alike.

What voices read wrong, or each in its own way, is put into words, which are data of the language (`voices/spoken/`).
"""

import re
import unicodedata
from collections.abc import Collection, Iterator, Mapping
from functools import lru_cache
from itertools import pairwise

from audioguide.speech.numbers import SpokenForms
from audioguide.speech.rewriting import begin_sentence

_GAP = re.compile(r"\s+")
_REPLACED: Mapping[str, str] = {"Cc": " ", "Cs": " ", "Cf": ""}  # control, lone surrogate, invisible
_PICTURES = frozenset({"So", "Sk", "Me", "Co", "Cn"})  # emoji, enclosing marks, private and unassigned signs: no sound
_ROW = re.compile(r"\d(?:,?\d){18,}")  # too many digits for a number's name: they are said one by one
_STRETCHED = re.compile(r"([^\W\d_])\1{3,}", re.IGNORECASE)  # Shhhhhh is in the lexicon as shhh
_TAG = re.compile(r"<(/?[A-Za-z][^<>]*)>")
_TAG_SIGNS = re.compile(r"[/='\"]+")
_ADDRESS = re.compile(
    r"(?<![\w.+-])(?:(?:https?://(?:www\.)?|www\.)([\w-]+(?:\.[\w-]+)*)\S*|[\w.+-]+@[\w-]+(?:\.[\w-]+)+)"
)
_ALIKE = str.maketrans("✕✖⨯⟶➔➜▪●◦‣№₀₁₂₃₄₅₆₇₈₉", "×××→→→••••#0123456789")
_ARROW = re.compile(r"\s*(?:[-=]{1,3}>|[→⇒•]|(?<=\s)·(?=\s))\s*")  # also a bullet: what follows is another item
_MARKS = re.compile(r"[*_`^|\\{}]+|--+(?!>)")
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_LONG_WORD = 4  # letters: shorter words in capitals are taken for abbreviations, unless one this long is beside them
_SLASH = re.compile(r"(?<=[^\W\d_])\s?/\s?(?=[^\W\d_])")
_LONGEST = 400  # characters that a voice is given at once: models slow down, and forget where they were, with much more
_END = re.compile(r"(?<![.!?…])[.!?…]+[\"”’»)\]]*\s+(?=\S)")
_CLAUSE_END = re.compile(r"[,;:—–][\"”’»)\]]*\s+|[、，；：。！？]")
_ABBREVIATIONS = frozenset(
    "abb approx aprox bzw ca cap ch dott dr evtl fig figs ggf inkl jr kap mme mr mrs ms nr pp prof rev sec sig sr sra "
    "st ud vgl vol vs".split()
)


@lru_cache(1024)  # a text is asked for by its length and by its key, and poses say the same in many routines
def normalize(text: str, forms: SpokenForms | None) -> str:
    """The text as it is said: on one line, composed (NFC), without signs that have no sound, short forms in words.

    Normalised text stays as it is. Without spoken forms for its language (None), a text is only cleaned.
    """
    text = _clean(text)
    if forms is None:
        return text
    most = 20 * len(text) + 1000  # own words that stand for more of themselves would grow with each pass
    for _ in range(8):  # the words for one short form may complete another one; mostly two passes are enough
        said = _GAP.sub(" ", _expand(text, forms)).strip()
        if said == text or len(said) > most:
            break
        text = said
    return text


def _clean(text: str) -> str:
    if not (text.isascii() and text.isprintable()):
        text = "".join(map(_replace_sign, unicodedata.normalize("NFC", text.translate(_ALIKE))))
    text = _ROW.sub(lambda row: " ".join(row.group().replace(",", "")), text)
    text = _STRETCHED.sub(lambda run: run.group()[:3], text)
    return _GAP.sub(" ", text).strip()


def _replace_sign(sign: str) -> str:
    if sign.isascii() and sign.isprintable():
        return sign
    kind = unicodedata.category(sign)
    if (kind in _PICTURES and sign != "°") or "\ufe00" <= sign <= "\ufe0f":
        return " "
    return _REPLACED.get(kind, sign)


def _expand(text: str, forms: SpokenForms) -> str:
    text = _TAG.sub(lambda tag: f" {_TAG_SIGNS.sub(' ', tag[1])} ", text)
    text = _ADDRESS.sub(lambda address: _say_address(address, forms), text)
    text = _MARKS.sub(lambda marks: "—" if marks.group().startswith("-") else " ", text)
    text = _ARROW.sub(_say_arrow, text)
    text = forms.rewrite(text)
    if re.search(r"[^\W\d_a-z]{2}", text):
        text = "".join(_lower_capitals(text, forms.kept))
    if (said := forms.normalize_numbers(text)) != text:
        return said  # its units are for the next pass
    text = forms.short_forms.sub(lambda form: _say_short_form(form, forms), text)
    text = forms.sign.sub(lambda sign: f" {begin_sentence(forms.form.signs[sign.group()], sign)} ", text)
    return _SLASH.sub(f" {forms.form.slash} ", text)


def _say_arrow(arrow: re.Match[str]) -> str:
    before = arrow.string[max(0, arrow.start() - 1) : arrow.start()]
    return ", " if before.isalnum() or (before in '"”’)%°' and before) else " "


def _say_address(address: re.Match[str], forms: SpokenForms) -> str:
    """The host alone: nobody can write down the rest of an address that is read out."""
    host = address[1] or address.group()
    end = "." if address[1] and address.group().endswith(".") else ""
    return host.replace(".", f" {forms.form.dot} ") + end


def _say_short_form(form: re.Match[str], forms: SpokenForms) -> str:
    written = form.group()
    said = forms.word_of.get(written) or forms.word_of.get(written.lower())
    if said is None:  # written in other capitals: rom is not ROM
        return written
    if written[0].isupper() and written not in forms.word_of:
        said = said[0].upper() + said[1:]
    rest = form.string[form.end() : form.end() + 2]
    may_end = written[-1] == "." and {written, written.lower()} & forms.form.last_words.keys()
    ends = may_end and (not rest or rest[-1].isupper())
    return said + "." if ends else said


def _lower_capitals(text: str, kept: Collection[str]) -> Iterator[str]:
    """The text in parts: runs of words in capitals, which get small letters, and what lies between those.

    A run has single spaces and a word of `_LONG_WORD` letters or more with a vowel. Words of `kept` stay as they are.
    """
    start = 0
    run: list[re.Match[str]] = []
    for word in [*_WORD.finditer(text), None]:
        if run and not (word and word.group().isupper() and text[run[-1].end() : word.start()] == " "):
            yield text[start : run[0].start()]
            yield _lower_run(run, text, kept)
            start, run = run[-1].end(), []
        if word and word.group().isupper():
            run.append(word)
    yield text[start:]


def _lower_run(run: list[re.Match[str]], text: str, kept: Collection[str]) -> str:
    words = [word.group() for word in run]
    if not any(len(word) >= _LONG_WORD and _has_vowel(word) and word not in kept for word in words):
        return " ".join(words)
    low = [word if word in kept or word == "I" or not _has_vowel(word) else word.lower() for word in words]
    if not (before := text[: run[0].start()].rstrip()) or before[-1] in ".!?…:¡¿":
        low[0] = low[0][0].upper() + low[0][1:]
    return " ".join(low)


def _has_vowel(word: str) -> bool:
    return any(unicodedata.normalize("NFD", letter)[0] in "AEIOUY" for letter in word)


@lru_cache(1024)
def split_sentences(text: str) -> tuple[str, ...]:
    """The sentences of a text on one line, in order, with their punctuation, of at most 400 characters each."""
    ends = [end.end() for end in _END.finditer(text) if _is_end(text, end)]
    sentences: list[str] = []
    for start, end in pairwise([0, *ends, len(text)]):
        part = text[start:end].strip()
        if sentences and not (_has_words(part) and _has_words(sentences[-1])):  # "…" stays with what it follows
            sentences[-1] = f"{sentences[-1]} {part}"
        else:
            sentences.append(part)
    clauses = (clause for sentence in sentences for clause in split_clauses(sentence, _LONGEST))
    return tuple(filter(_has_words, clauses)) or (text,)


def _is_end(text: str, end: re.Match[str]) -> bool:
    """Whether a sentence ends here: not before a small letter, nor after an initial or an abbreviation."""
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


def _has_words(text: str) -> bool:
    return any(map(str.isalnum, text))
