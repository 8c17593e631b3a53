"""Languages by their codes: names, and the letters that their voices read; others become silence or noise."""

import unicodedata
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from audioguide.errors import RequestError
from audioguide.schema.document import read_document

_PUNCTUATION = ".,;:!?…()[]{}<>|*_\"'«»„“”‘’।。、，！？（）「」"


def language_name(language: str) -> str:
    """`German` of `de-AT`."""
    return str(_table()["names"].get(base_language(language), language))


def base_language(language: str) -> str:
    """`de` of `de-AT`."""
    return language.replace("_", "-").partition("-")[0].lower()


def same_language(one: str, other: str) -> bool:
    """Whether both are one language, regardless of the region."""
    return base_language(one) == base_language(other)


def check_letters(text: str, language: str) -> RequestError | None:
    """Why a voice of that language cannot say the text, as far as its letters show; else None."""
    if not (words := foreign_words(text, language)):
        return None
    base = base_language(language)
    scripts = " and ".join(script.capitalize() for script in ("Latin", *_table()["scripts"].get(base, ())))
    letters = "".join(sign for sign in dict.fromkeys("".join(words)) if sign.isalpha() and not _can_read(sign, base))
    return RequestError(
        f"The voice cannot say {shorten(' '.join(words))!r}: it reads {scripts} letters only, not {letters[:12]!r}.",
        "Write the words as they sound in the voice's language, or choose another voice: `audioguide voices`.",
    )


def foreign_words(text: str, language: str) -> tuple[str, ...]:
    """The words of a text with letters that a voice of that language cannot read, each once."""
    base = base_language(language)
    foreign = {sign for sign in set(text) if not sign.isascii() and sign.isalpha() and not _can_read(sign, base)}
    words = (word.strip(_PUNCTUATION) for word in text.split()) if foreign else ()
    return tuple(dict.fromkeys(word for word in words if foreign & {*word}))


def check_has_words(text: str) -> RequestError | None:
    """Why no voice can say the text: it has no letter and no digit; else None."""
    if any(map(str.isalnum, text)):
        return None
    return RequestError(f"There is nothing to say in {shorten(text)!r}.", "Write at least one word.")


def shorten(text: str) -> str:
    """The text for a message: at most 80 characters."""
    return text if len(text) <= 80 else f"{text[:79]}…"


@lru_cache(4096)
def _can_read(letter: str, language: str) -> bool:
    if unicodedata.category(letter) == "Lm":
        return True
    plain = unicodedata.normalize("NFKC", letter)[0]
    return unicodedata.name(plain, "").startswith(("LATIN ", *_table()["scripts"].get(language, ())))


@cache
def _table() -> dict[str, Any]:
    return dict(read_document(Path(__file__).with_suffix(".yaml")).data)
