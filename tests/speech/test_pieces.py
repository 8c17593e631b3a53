"""Pieces of a text: short, cut where one would breathe, and together the text."""

from hypothesis import given
from hypothesis import strategies as st

from audioguide.speech.pieces import LONGEST, pieces


def cut(text: str) -> list[tuple[str, str]]:
    return [(piece.text, piece.cut) for piece in pieces(text)]


def test_a_short_text_is_one_piece() -> None:
    assert cut("Sit,  and\nbreathe. Now.") == [("Sit, and breathe. Now.", "sentence")]
    assert cut("x" * LONGEST) == [("x" * LONGEST, "sentence")]


def test_a_sentence_end_comes_before_a_clause_end_and_that_before_a_gap() -> None:
    lie, fall = (
        "Lie on your back, knees bent, feet flat on the floor.",
        "Let both knees fall slowly to the left, as far",
    )
    assert cut(f"{lie} {fall} as it is easy.") == [(lie, "sentence"), (f"{fall} as it is easy.", "sentence")]
    long = "Let both of your knees fall slowly over to the left side, as far as that is easy for you on this very day"
    assert cut(long) == [(long[:57], "clause"), (long[58:], "sentence")]
    plain = "let both of your knees fall slowly over to the left side as far as that is easy for you on this very day"
    assert cut(plain) == [(plain[:100], "word"), (plain[101:], "sentence")]


def test_numbers_times_and_abbreviations_are_no_ends() -> None:
    text = "At 10:30 o'clock you will have run for exactly 1,000.5 metres and more of them e.g. a few than you thought"
    (first, how), _ = cut(text)
    assert (first, how) == (text[: text.rindex(" ", 0, 101)], "word")


def test_an_opening_mark_stays_with_what_it_opens() -> None:
    text = "Deja caer las rodillas despacio hacia la izquierda ¿Sientes cómo se abre tu pecho con cada respiración?"
    assert [piece.text[0] for piece in pieces(text)] == ["D", "¿"]


def test_a_word_longer_than_a_piece_is_cut() -> None:
    assert [len(piece.text) for piece in pieces("a" * 250)] == [100, 100, 50]


def test_what_has_nothing_to_say_is_no_piece() -> None:
    assert pieces("... — !") == ()
    assert pieces("") == ()


@given(st.text(st.sampled_from("ab1 .,:;?!—()¿…。é\n"), max_size=600))
def test_nothing_is_lost_and_nothing_too_long(text: str) -> None:
    found = pieces(text)
    assert all(0 < len(piece.text) <= LONGEST for piece in found)
    said = "".join(sign for piece in found for sign in piece.text if sign.isalnum())
    assert said == "".join(sign for sign in text if sign.isalnum())
