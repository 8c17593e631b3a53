"""How the embedded voice reads: the pose library's words, the lexicon's, and words with two readings."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from audioguide.schema.document import read_document
from audioguide.speech.engines.hibari import add_phonemes
from audioguide.speech.lexicon import find_lexicon
from audioguide.speech.voices import find_profile

POSES = Path(__file__).resolve().parents[2] / "scripts/poses"
LEXICON = find_lexicon(find_profile("heart"), "ipa")

GUESSED = 2
"""The library's rating of a reading that is none of its dictionaries' but made from the letters."""


@cache
def reader() -> Any:
    from hibari.g2p import G2P

    return G2P()


def reading(text: str) -> str:
    return str(reader()(add_phonemes(text, LEXICON)))


def names() -> list[str]:
    """What the poses are called: ids, names and Sanskrit names."""
    poses = [read_document(path).data for path in sorted(POSES.glob("*.yaml")) if "." not in path.stem]
    return [
        name for pose in poses for name in (pose["id"].replace("-", " "), pose["name"], pose.get("sanskrit")) if name
    ]


def test_no_word_of_a_poses_names_is_guessed() -> None:
    found = [reader().phonemize_tokens(reader().tokenize(add_phonemes(name, LEXICON))) for name in names()]
    assert [token.text for tokens in found for token in tokens if token.rating <= GUESSED] == []


def test_every_asana_is_in_the_lexicon() -> None:
    words = {word for name in names() for word in re.findall(r"\w*asana", name.lower())}
    assert len(words) >= 15
    assert [word for word in sorted(words) if not LEXICON.find_readings(word)] == []


@pytest.mark.parametrize(
    ("text", "heard"),
    [
        ("Your psoas's length.", "sˈOəsᵻz lˈɛŋθ"),
        ("Balasana’s floor.", "bəlˈɑsənəz flˈɔɹ"),
        ("Uttānāsana.", "ˌutɑnˈɑsənə."),
        ("Roll your IT band.", "ˌItˈi bænd"),
        ("Wind down now.", "wˈInd dˈWn"),
        ("The wind blows.", "wˈɪnd blˈOz"),
        ("Bow your head.", "bˈW jʊɹ"),
        ("Bow pose.", "bˈO pˈOz"),
        ("Close your eyes.", "klˈOz jʊɹ"),
        ("Come close to it.", "klˈOs tʊ"),
        ("Live well. A live session.", "lˈɪv wˈɛl. ɐ lˈIv"),
        ("Contract your thigh.", "kəntɹˈækt"),
        ("If it hurts, say no. Then rest.", "sˈA nˈO. ðˈɛn"),
        ("Do no. 4 now.", "nˈʌmbəɹ fˈɔɹ"),
        ("The asana, an asana.", "ði ˈɑsənə, ɐn ˈɑsənə"),
    ],
)
def test_what_is_heard(text: str, heard: str) -> None:
    assert heard in reading(text)


HOMOGRAPHS = read_document(Path(__file__).with_name("homographs.yaml")).data


@pytest.mark.parametrize(("heard", "texts"), HOMOGRAPHS.items())
def test_a_word_with_two_readings_is_told_apart_by_its_sentence(heard: str, texts: list[str]) -> None:
    plain = {text: reading(text).replace("ˈ", "").replace("ˌ", "") for text in texts}
    assert [text for text, read in plain.items() if heard not in read] == []


def test_a_respelling_voice_is_told_which_it_is() -> None:
    lexicon = find_lexicon(find_profile("pico-us"), "say")
    assert lexicon.replace("A tear of joy. A muscle tear.") == "A teer of joy. A muscle tair."
    assert lexicon.replace("Tie a bow. Bow low. We close.") == "Tie a boe. Bough low. We cloze."


@pytest.mark.parametrize("text", ["Lead with your chest.", "One minute.", "Use [this](/here/) now.", "[psoas"])
def test_what_is_not_in_the_lexicon_is_left_to_the_dictionary(text: str) -> None:
    assert "](/" not in add_phonemes("Use [this](/here/) now.", LEXICON)
    assert reading(text)
    assert "hˈɪɹ" in reading("Use [this](/here/) now.")
