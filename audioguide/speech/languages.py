"""Languages by their codes: names, and the letters that their voices read; others become silence or noise."""

import re
import unicodedata
from collections.abc import Mapping
from functools import lru_cache

from audioguide.errors import RequestError

# The scripts of a language besides Latin, as the Unicode names of their letters begin.
_SCRIPTS: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(("be", "bg", "kk", "mk", "mn", "ru", "sr", "tg", "uk"), ("CYRILLIC",)),
    **dict.fromkeys(("ar", "fa", "ur"), ("ARABIC",)),
    **dict.fromkeys(("hi", "mr", "ne", "sa"), ("DEVANAGARI",)),
    **dict.fromkeys(("yue", "zh"), ("CJK",)),
    "ko": ("HANGUL", "CJK"),
    "ja": ("CJK", "HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA"),
} | {
    language: (script,)
    for language, script in re.findall(
        r"(\w+) (\w+)",
        "bn BENGALI, el GREEK, gu GUJARATI, he HEBREW, hy ARMENIAN, ka GEORGIAN, kn KANNADA, ml MALAYALAM, "
        "pa GURMUKHI, si SINHALA, ta TAMIL, te TELUGU, th THAI",
    )
}

# For messages; a language that is not here is called by its code.
_NAMES: Mapping[str, str] = dict(
    re.findall(
        r"(\w+) (\w+)",
        "ar Arabic, cs Czech, da Danish, de German, en English, es Spanish, fi Finnish, fr French, hi Hindi, "
        "it Italian, ja Japanese, ko Korean, nl Dutch, no Norwegian, pl Polish, pt Portuguese, ru Russian, sv Swedish, "
        "tr Turkish, uk Ukrainian, zh Chinese",
    )
)

_PUNCTUATION = ".,;:!?…()[]{}<>|*_\"'«»„“”‘’।。、，！？（）「」"


def language_name(language: str) -> str:
    """`German` of `de-AT`."""
    return _NAMES.get(base_language(language), language)


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
    scripts = " and ".join(script.capitalize() for script in ("Latin", *_SCRIPTS.get(base, ())))
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
    return unicodedata.name(plain, "").startswith(("LATIN ", *_SCRIPTS.get(language, ())))
