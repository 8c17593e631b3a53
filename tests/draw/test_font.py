import xml.etree.ElementTree as ET

import pytest

from audioguide.draw import font
from audioguide.draw.svg import blend, box, clean_text, document, number, text


def test_svg_is_xml_whatever_is_written():
    picture = document(
        10, 20, box(0, 0, 1 / 3, 2, "#fff"), text('A <b> & "c"\x00\ud800\ufffe\n e\u0301', 1, 2, 8, "#000")
    )
    _, words = ET.fromstring(picture)
    assert words.text == 'A <b> & "c" é'
    assert clean_text(" \t ") == ""


def test_numbers_are_short():
    assert [number(value) for value in (12, 100.0, 0.5, 1 / 3, -0.25, 0.001)] == [
        "12",
        "100",
        "0.5",
        "0.33",
        "-0.25",
        "0",
    ]
    assert blend("#000000", "#ff8000", 0.5) == "#804000"


def test_accents_greek_and_cyrillic_are_there_and_bold_is_wider():
    assert not font.needs_other_font("Ärger, Œufs, Señor, Żółć, Đặng, Ένα, Поза ребёнка – “½×” …")
    assert all(map(font.needs_other_font, ("日", "🧘", "שלום")))
    assert font.text_width("Rücken", 10, bold=True) > font.text_width("Rücken", 10) > 0
    assert font.text_width("日", 10) == 10
    assert (
        font.left_bearing("L", 100, bold=True)
        > font.left_bearing("A", 100, bold=True)
        > 0
        == font.left_bearing("日", 100)
    )


@pytest.mark.parametrize(
    "words", ["Lower-back cool-down", "Rückenmuskulaturentspannung für alle", "w" * 300, "日本語" * 20, ""]
)
def test_lines_fit_and_nothing_is_lost(words):
    lines = font.wrap(words, 100, 840, bold=True)
    assert all(font.text_width(line, 100, bold=True) <= 840 for line in lines)
    assert "".join(lines).replace("-", "").replace(" ", "") == words.replace("-", "").replace(" ", "")


def test_words_are_shortened_to_their_room():
    whole = "Reclined twist, with a block"
    for room in range(0, 200, 7):
        shorter = font.shorten(whole, 10, room)
        assert font.text_width(shorter, 10) <= room
        assert shorter in ("", whole) or whole.startswith(shorter.removesuffix("…"))
    assert font.shorten(whole, 10, 85) == "Reclined twist…"
