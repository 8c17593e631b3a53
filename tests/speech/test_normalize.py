"""What is left of a written text when it is spoken, and where its sentences end."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audioguide.speech.normalize import normalize, split_clauses, split_sentences
from audioguide.speech.numbers import load_spoken_forms


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("Breathe in.", "Breathe in."),
        ("  Lie down,\n  and rest.\n", "Lie down, and rest."),
        ("a\x00b\x1b[0m\tc", "a b [0m c"),
        ("soft\u00adhyphen\u200b and\ufeff mark", "softhyphen and mark"),
        ("cafe\u0301", "caf\u00e9"),
        ("lone \ud800 surrogate", "lone surrogate"),
        ("<break time='1s'/>", "break time 1 second"),
        (" \n\t ", ""),
        ("1" * 18, "1" * 18),
        ("1" * 40, " ".join("1" * 40)),
        ("1" + ",000" * 13, " ".join("1" + "000" * 13)),
    ],
)
def test_a_text_is_cleaned(written: str, said: str) -> None:
    assert normalize(written, load_spoken_forms("en")) == said


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("Breathe in.", ["Breathe in."]),
        ("Breathe in. Breathe out.", ["Breathe in.", "Breathe out."]),
        ("Ready? Go! And rest… Now.", ["Ready?", "Go!", "And rest…", "Now."]),
        ("Wait... Now rest.", ["Wait...", "Now rest."]),
        ("Rest for 2.5 breaths. 30 s more.", ["Rest for 2.5 breaths.", "30 s more."]),
        ("Say “Begin.” Then move.", ["Say “Begin.”", "Then move."]),
        ("(Lie down.) Rest.", ["(Lie down.)", "Rest."]),
        ("Dr. Smith said: hold. Now.", ["Dr. Smith said: hold.", "Now."]),
        ("B. K. S. Iyengar taught it. Rest.", ["B. K. S. Iyengar taught it.", "Rest."]),
        ("A prop, e.g. Mum's cushion, helps.", ["A prop, e.g. Mum's cushion, helps."]),
        ("Ein Hilfsmittel, z. B. Kissen. Ruhe.", ["Ein Hilfsmittel, z. B. Kissen.", "Ruhe."]),
        ("Hold. and breathe", ["Hold. and breathe"]),
        ("¿Listo? ¡Empieza! Respira.", ["¿Listo?", "¡Empieza!", "Respira."]),
        ("Öffne den Mund. Über den Rücken.", ["Öffne den Mund.", "Über den Rücken."]),
        ("Breathe. 🙂 Rest.", ["Breathe.", "🙂 Rest."]),
        ("Breathe. ... 🙂", ["Breathe. ... 🙂"]),
        ("... Rest.", ["... Rest."]),
        ("", [""]),
        ("?!", ["?!"]),
    ],
)
def test_sentences(text: str, parts: list[str]) -> None:
    assert list(split_sentences(text)) == parts


@given(st.text('aB.!,? …1🙂"', min_size=1, max_size=60), st.integers(1, 30))
def test_no_word_is_lost_and_nothing_is_too_long(text: str, times: int) -> None:
    text = " ".join((text * times).split())
    parts = split_sentences(text)
    assert [sign for part in parts for sign in part if sign.isalnum()] == [sign for sign in text if sign.isalnum()]
    assert parts == (text,) or max(map(len, parts)) <= 400


def test_a_long_sentence_is_cut_at_clauses_and_then_between_words() -> None:
    clauses = split_sentences("lie on your back with your knees bent, " * 50)
    assert all(part.endswith("bent,") for part in clauses[:-1])
    words = split_sentences("rest " * 10_000)
    assert all(set(part.split()) == {"rest"} for part in words)
    assert sum(len(part.split()) for part in words) == 10_000


@pytest.mark.parametrize(
    ("sentence", "parts"),
    [
        ("Lie down, and rest.", ["Lie down,", "and rest."]),
        ("At 10:30 rest for 1,000 s", ["At 10:30", "rest for", "1,000 s"]),
        ("x" * 25, ["x" * 10, "x" * 10, "x" * 5]),
        ("深く息を吸い、ゆっくり吐いてください。", ["深く息を吸い、", "ゆっくり吐いてくださ", "い。"]),
    ],
)
def test_a_sentence_is_cut_where_one_would_breathe(sentence: str, parts: list[str]) -> None:
    assert list(split_clauses(sentence, 10)) == parts


def test_only_signs_never_make_a_piece_of_their_own() -> None:
    for part in split_sentences("Rest. !!! ??? Breathe. ... … And rest" + "!" * 1000):
        assert any(map(str.isalnum, part))
