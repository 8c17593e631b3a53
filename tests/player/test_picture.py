"""What is on the screen, as text: the picture is pure, so it needs no terminal."""

from __future__ import annotations

import pytest
from player_views import Part, hold, now, section, speech

from audioguide.player.command import BINDINGS
from audioguide.player.screen.blocks import digits, disc, steps
from audioguide.player.screen.glyphs import lettering
from audioguide.player.screen.picture import Picture, picture
from audioguide.player.screen.strip import strip
from audioguide.player.status import columns
from audioguide.player.steered import help_lines
from audioguide.player.transport import State
from audioguide.player.view import Course, Viewer


def drawn(at: float, width: int, height: int, part: Part | None = None, *, unicode: bool = True, **more) -> Picture:
    view = Viewer("Morning").view(now(at, *([part] if part else []), **more))
    return picture(view, width, height, unicode=unicode)


def test_eighty_by_twenty_four_shows_all():
    assert (
        str(drawn(42, 80, 24))
        == """\
  Morning                                                     0:42 · 1:48 left

  ▄▀▀ █ █ █ █   █▀▄ █ ▄▀▀     █▀▄ ▄▀▀▄ ▄▀▀ █▀▀
  █   █▀█ █ █   █ █    ▀▄     █▀  █  █  ▀▄ █▀
   ▀▀ ▀ ▀ ▀ ▀▀▀ ▀▀    ▀▀      ▀    ▀▀  ▀▀  ▀▀▀

  █ █ ▄▀▀▄ █   █▀▄
  █▀█ █  █ █   █ █
  ▀ ▀  ▀▀  ▀▀▀ ▀▀

  ████████      ████████  ████████                               ▄█▀▀▀▀█▄
  ██    ██            ██  ██    ██                             ▄▀ ▄▄▄▄▄▄ ▀▄
  ██    ██  ██        ██  ██    ██                            █▀ ████████ ▀█
  ██    ██      ████████  ████████                            █  ████████  █
  ██    ██  ██  ██        ██    ██                            █▄ ████████ ▄█
  ██    ██      ██        ██    ██                             ▀▄ ▀▀▀▀▀▀ ▄▀
  ████████      ████████  ████████                               ▀█▄▄▄▄█▀
  hold                                                          breathe in

  “Child's pose.”
  ▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁ ▁▁▁▁▄█▄▄▄▄▄▄▄▄▄▄▄▄▄▁▁▁▁▁ ▁▁▄▄▄▁▁▄▄▄▁▁▁▁▁▁▁▁▁ ▁▁▄▄▄▄▄▁▁▁▁▁▁▁▁
  next  Bird dog · round 2 of 3 · left side

  space pause  ←→ 5 s  <> chapter  +- hold  = keep  90 voice  ? keys  q stop"""
    )


def test_twenty_by_five_shows_the_pose_and_the_count():
    assert (
        str(drawn(86, 20, 5))
        == """\
Bird dog
0:04
left side · round 2…
▁▁▁▁ ▄▄▄▄▁ █▁▁▁▁ ▄▁▁
1:26 · 1:04 left"""
    )


def test_what_is_dropped_in_a_small_terminal():
    shown = str(drawn(86, 40, 12))
    assert [
        text for text in ("Bird dog", "left side · round 2 of 3 · hold", "next  right side", "q stop") if text in shown
    ]
    assert "Morning" in shown


def test_a_large_terminal_is_used():
    def rows_of_digits(picture: Picture) -> int:
        return max(len(text) for text in str(picture).split("\n") if "█" in text)

    small, large = drawn(42, 80, 24), drawn(42, 200, 60)
    assert rows_of_digits(large) > 2 * rows_of_digits(small)


@pytest.mark.parametrize("unicode", [True, False])
def test_any_size_is_filled_exactly_and_never_overflows(unicode):
    part = Part([section("Étirement du chat et de la vache très lentement", 0, 9_000, hold(10, 4_000, "côté gauche"))])
    for at in (0, 86, 5_000):
        for width in (1, 5, 20, 39, 40, 61, 80, 200):
            for height in (1, 2, 3, 5, 8, 12, 17, 24, 33, 60):
                shown = drawn(at, width, height, part, unicode=unicode)
                assert len(shown.rows) == height
                assert max(columns("".join(text for text, _ in row)) for row in shown.rows) <= width


def test_ascii_alone():
    for at in (0, 42, 86, 106, 140):
        shown = str(drawn(at, 80, 24, unicode=False, state=State(voice=-2.0)))
        assert shown.isascii()
    assert "breathe in" in str(drawn(42, 80, 24, unicode=False))
    assert "====" in str(drawn(42, 80, 24, unicode=False))


def test_what_is_special_is_told():
    for width, height in ((80, 24), (40, 12), (20, 5)):
        paused = str(drawn(130, width, height, Part([section("Ö", 0, 200, hold(100, 50))]), state=State(paused=True)))
        assert "paused" in paused or "█▀  █▀█ █ █  ▀▄ █▀  █ █" in paused
        assert "Voice -2 dB"[:width] in str(drawn(42, width, height, message="Voice -2 dB", told=1))
    shown = str(drawn(42, 80, 24, state=State(voice=-4.0, bed=2.0), underruns=2))
    assert "voice -4 dB · background +2 dB" in shown
    assert "2 gaps · 0:42" in shown
    assert "~" in str(drawn(42, 80, 24, Part(whole=False)))


def test_long_words_are_wrapped_where_there_is_room():
    text = " ".join(["reach"] * 40)
    part = Part([section("Cobra", 0, 60, speech(1, text, "say"))])
    assert str(drawn(2, 80, 30, part)).count("reach") > str(drawn(2, 80, 12, part)).count("reach") > 5


def test_only_what_moves_is_drawn_anew():
    before, after = drawn(44.01, 80, 24), drawn(44.06, 80, 24)  # the breath is held, no second begins
    assert before == after
    changed = [
        y
        for y, rows in enumerate(zip(drawn(42, 80, 24).rows, drawn(42.4, 80, 24).rows, strict=True))
        if rows[0] != rows[1]
    ]
    assert changed
    assert set(changed) <= set(range(10, 17))


def test_the_strip_is_in_proportion():
    course = Course((0, 500), ((100, 300), (600, 1000)), 1000)
    assert strip(course, 0, 1000, 10) == ("█", "▄▄▁▁ ▄▄▄▄")
    assert strip(course, 999, 1000, 10) == ("▁▄▄▁▁ ▄▄▄█", "")
    assert strip(course, 450, 2000, 10, unicode=False) == ("=-O", "==.....")


def test_a_click_on_the_strip_is_a_place():
    shown = drawn(42, 80, 24)
    assert shown.strip_row is not None
    assert shown.fraction(2, shown.strip_row) == 0
    assert shown.fraction(40, shown.strip_row) == 0.5
    assert shown.fraction(1, shown.strip_row) is shown.fraction(78, shown.strip_row) is None
    assert shown.fraction(40, shown.strip_row - 1) is None


@pytest.mark.parametrize("rows", [5, 7, 10, 20])
def test_the_disc_grows_step_by_step(rows):
    sizes = [sum(parts.count("d") for _, parts in disc(rows, step)) for step in range(steps(rows) + 1)]
    assert sizes == sorted(sizes)
    assert sizes[0] * 3 < sizes[-1]


def test_every_digit_is_unlike_the_others():
    for rows in (5, 7, 8):
        assert len({digits(sign, rows) for sign in "0123456789"}) == 10
    assert all(sign.isascii() for row in digits("12:34", 5, unicode=False) for sign in row)


def test_letters_are_there_for_what_poses_are_called():
    assert lettering("Étirement, côté gauche (2 of 3): Rücken!") is not None
    assert lettering("猫") is None
    assert lettering("") is None


def test_the_help_names_every_key():
    text = "\n".join(help_lines())
    assert all(binding.help in text and binding.shown in text for binding in BINDINGS)
    assert "\n".join(help_lines(unicode=False)).isascii()
