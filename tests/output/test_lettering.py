from audioguide.output.lettering import Place, set_text

PLACE = Place(width=840, height=440, largest=190, smallest=104, lines=4)


def lines(text: str) -> list[str]:
    found = set_text(text, PLACE)
    assert found
    font, lines = found
    assert all(font.getlength(line) <= PLACE.width for line in lines)
    assert len(lines) <= PLACE.lines
    return lines


def test_a_short_title_is_set_in_the_largest_letters():
    font, _ = set_text("Taster", PLACE)
    assert font.size == 190


def test_words_stay_whole():
    assert lines("Lower-back cool-down") == ["Lower-back", "cool-down"]


def test_a_long_title_is_cut_between_words():
    title = "A long and very slow evening session for the whole body with a bolster, two blocks and a strap"
    *whole, last = lines(title)
    assert last.endswith("…")
    assert title.startswith(" ".join([*whole, last[:-1]]) + " ")


def test_a_word_wider_than_the_place_is_broken():
    assert "".join(lines("Rückenmuskulaturentspannung")).startswith("R")
    assert len(lines("a" * 500)) == 4


def test_no_title_has_no_lines():
    assert set_text("", PLACE)[1] in ([], [""])


def test_letters_that_no_font_has_are_not_drawn_as_boxes():
    assert set_text("\U00050000", PLACE) is None
