"""What the lexicon gains: how the embedded voice reads each of its words alone, and how with it.

    python tests/bench/lexicon.py [--all]

Prints a line a word whose reading differs (with --all of every word): the word, the voice's own sounds (`?` where they
are guessed from the letters), and those of the lexicon, in the voice's alphabet. Then the same of the pose library's
names and texts: how many of their words are guessed without it and with it. Last, the cost: microseconds a text.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Any

from hibari.g2p import G2P

from audioguide.schema.document import read_document
from audioguide.speech.engines.hibari import add_phonemes
from audioguide.speech.lexicon import Lexicon, find_lexicon
from audioguide.speech.normalize import normalize
from audioguide.speech.numbers import load_spoken_forms
from audioguide.speech.voices import find_profile

POSES = Path(__file__).resolve().parents[2] / "scripts/poses"
LEXICON = find_lexicon(find_profile("heart"), "ipa")
NOTHING = Lexicon({})
GUESSED = 2
"""The library's rating of what it reads by letter."""

STRESSES = str.maketrans("", "", "ˈˌ")


def tokens(reader: G2P, text: str, lexicon: Lexicon) -> list[Any]:
    found: list[Any] = reader.phonemize_tokens(reader.tokenize(add_phonemes(text, lexicon)))
    return [token for token in found if any(map(str.isalpha, token.text))]


def sounds(reader: G2P, text: str, lexicon: Lexicon) -> str:
    return " ".join(token.phonemes for token in tokens(reader, text, lexicon))


def is_guessed(reader: G2P, text: str, lexicon: Lexicon) -> bool:
    return any(token.rating <= GUESSED for token in tokens(reader, text, lexicon))


def words(reader: G2P) -> None:
    differ = other_sounds = guessed = 0
    for key in LEXICON.readings:
        word = " ".join(key)
        own, ours = sounds(reader, word, NOTHING), sounds(reader, word, LEXICON)
        guess = is_guessed(reader, word, NOTHING)
        guessed += guess
        differ += own != ours
        other_sounds += own.translate(STRESSES) != ours.translate(STRESSES)
        if own != ours or "--all" in sys.argv:
            print(f"{word:22} {own + ('?' if guess else ''):28} {ours}")
    print(
        f"\n{len(LEXICON.readings)} words: {guessed} guessed, {differ} read otherwise, {other_sounds} in other sounds"
    )


def library(reader: G2P) -> None:
    poses = [read_document(path).data for path in sorted(POSES.glob("*.yaml")) if "." not in path.stem]
    names = [name for pose in poses for name in (pose["name"], pose.get("sanskrit")) if name]
    texts = [text for pose in poses for text in pose["instructions"].values() if "{" not in text]
    for what, those in (("names", names), ("texts", texts)):
        alone = sum(is_guessed(reader, text, NOTHING) for text in those)
        helped = sum(is_guessed(reader, text, LEXICON) for text in those)
        print(f"{len(those)} {what} of the pose library with a guessed word: {alone} without it, {helped} with it")
    begin = time.perf_counter()
    for text in texts:
        LEXICON.find_readings(normalize(text, load_spoken_forms("en")))
    print(f"{(time.perf_counter() - begin) / len(texts) * 1e6:.0f} µs to put a text in words and look it up")


if __name__ == "__main__":
    reader = G2P()
    words(reader)
    library(reader)
