"""What the parts of the screen show, as text: they are pure, so they need no terminal."""

from __future__ import annotations

import pytest
from player_views import SECTIONS, Part, breaths, hold, now, section, speech
from rich.cells import cell_len as columns

from audioguide.player.commands import Command, KeyMap
from audioguide.player.transport import TransportState
from audioguide.player.ui.big_text import count_disc_sizes, draw_disc, draw_letters
from audioguide.player.ui.view import SessionMap, ViewBuilder
from audioguide.player.ui.widgets import Painter, StyledRow, choose_layout, draw_strip


def drawn(
    at: float, width: int, height: int, part: Part | None = None, *, unicode: bool = True, **more
) -> list[StyledRow]:
    """The rows of all parts, `width` columns wide, in a terminal of so many rows."""
    view = ViewBuilder("Morning").build(now(at, *([part] if part else []), **more))
    plan = choose_layout(view, width, height)
    painter = Painter(view, plan, width, unicode, max(0, min(2, height - plan.height)))
    return [row for rows in painter.parts().values() for row in rows]


def shown(*arguments, **more) -> str:
    return "\n".join("".join(text for text, _ in row) for row in drawn(*arguments, **more))


def rows_of_digits(height: int, width: int) -> int:
    return sum("███" in row for row in shown(120, width, height).split("\n"))


def test_a_large_terminal_is_used():
    sizes = [rows_of_digits(*size) for size in ((12, 40), (24, 80), (40, 120), (60, 200))]
    assert sizes == sorted(set(sizes))


@pytest.mark.parametrize("unicode", [True, False])
def test_any_size_is_enough_and_never_overflows(unicode):
    part = Part([section("Étirement du chat et de la vache très lentement", 0, 9_000, hold(10, 4_000, "côté gauche"))])
    for at in (0, 86, 5_000):
        for width in (1, 5, 20, 39, 40, 61, 80, 200):
            for height in (1, 2, 3, 5, 8, 12, 17, 24, 33, 60):
                rows = drawn(at, width, height, part, unicode=unicode)
                assert len(rows) <= max(height, 2)
                if width >= 39:  # a narrower terminal cuts off what does not fit
                    assert max(columns("".join(text for text, _ in row)) for row in rows) <= width


def test_what_is_special_is_told():
    for width, height in ((76, 24), (36, 12), (20, 5)):
        paused = shown(
            130, width, height, Part([section("Ö", 0, 200, hold(100, 50))]), transport=TransportState(paused=True)
        )
        assert "paused" in paused or "█▀  █▀█ █ █  ▀▄ █▀  █ █" in paused
    assert "Voice -2 dB" in shown(42, 20, 5, message="Voice -2 dB", message_count=1)
    special = shown(42, 76, 24, transport=TransportState(voice=-4.0, background=2.0), underruns=2)
    assert "voice -4 dB · background +2 dB" in special
    assert "2 gaps · 0:42" in special
    assert "~" in shown(42, 76, 24, Part(whole=False))


KEPT = Part([SECTIONS[0], section("Child's pose", 30, 3650, hold(40, 3600, kept=True), *breaths(40, 9))])
PAUSED = "█▀  █▀█ █ █  ▀▄ █▀  █ █"


@pytest.mark.parametrize("part", [None, KEPT], ids=["down", "up"])
def test_the_breath_is_large_at_every_size_that_has_room(part):
    view = ViewBuilder("Morning").build(now(42, *([part] if part else [])))
    for width in range(61, 240, 4):
        for height in range(20, 62, 3):
            layout = choose_layout(view, width, height)
            parts = Painter(view, layout, width).parts()
            assert len(parts["body"]) > 4
            cyan = {name: any("ansi_cyan" in style for row in parts[name] for _, style in row) for name in parts}
            assert cyan["body"], (width, height)
            assert cyan["side"] or not layout.side or width < 76, (width, height)


def test_what_is_read_from_three_metres():
    answer = shown(86, 76, 24, message="Bird dog, right arm and left leg: 35 s, its limit", message_count=1)
    assert "▀▀█ █▀▀     ▄▀▀" in answer  # 35 s
    assert "Bird dog, ri…: 35 s" in shown(86, 19, 5, message="Bird dog, right arm: 35 s", message_count=1)
    paused = shown(86, 76, 24, transport=TransportState(paused=True))
    assert f"{PAUSED}     ▀     █   █▀  █▀   █" in paused  # paused · left side
    first = shown(11, 76, 24)
    assert "█   █▀█ █ █   █ █    ▀▄     █▀  █  █  ▀▄ █▀" in first  # Child's pose, in 19 s
    assert "introduction" not in first


def test_counting_up_is_unlike_counting_down():
    up, down = shown(52, 76, 24, KEPT), shown(52, 76, 24)
    assert "▀▀▀███▀▀▀" in up  # the plus
    assert "▀▀▀███▀▀▀" not in down
    assert up.count("┄") >= 76 > down.count("┄")
    assert (up + shown(52, 36, 12, KEPT)).count("ends it") == 2
    (closed, _), (open_ring, _) = (draw_disc(9, 0, closed=closed)[0] for closed in (True, False))
    assert len(closed.split()) == 1
    assert len(open_ring.strip()) == 0 or len(open_ring.split()) == 2


def test_long_words_are_wrapped_where_there_is_room():
    text = " ".join(["reach"] * 40)
    part = Part([section("Cobra", 0, 60, speech(1, text, "say"))])
    assert shown(2, 76, 30, part).count("reach") > shown(2, 76, 12, part).count("reach") > 5


def test_only_what_moves_is_drawn_anew():
    before, after = drawn(44.01, 76, 24), drawn(44.06, 76, 24)  # the breath is held, no second begins
    assert before == after
    changed = [row for row, other in zip(drawn(42, 76, 24), drawn(42.4, 76, 24), strict=True) if row != other]
    assert changed
    assert all("ansi_cyan" in [style for _, style in row] for row in changed)


def test_the_strip_is_in_proportion():
    course = SessionMap((0, 500), ((100, 300), (600, 1000)), 1000)
    assert draw_strip(course, 0, 1000, 10) == ("█", "▄▄▁▁ ▄▄▄▄")
    assert draw_strip(course, 999, 1000, 10) == ("▁▄▄▁▁ ▄▄▄█", "")
    assert draw_strip(course, 450, 2000, 10, unicode=False) == ("=-O", "==.....")


@pytest.mark.parametrize("rows", [5, 7, 10, 20])
def test_the_disc_grows_step_by_step(rows):
    sizes = [sum(parts.count("d") for _, parts in draw_disc(rows, step)) for step in range(count_disc_sizes(rows) + 1)]
    assert sizes == sorted(sizes)
    assert sizes[0] * 3 < sizes[-1]


def test_every_digit_is_unlike_the_others():
    for dots in (1, 2, 5):
        assert len({draw_letters(sign, dots) for sign in "0123456789"}) == 10
    assert all(row.isascii() for row in draw_letters("12:34", 2, unicode=False))


def test_letters_are_there_for_what_poses_are_called():
    assert draw_letters("Étirement, côté gauche (2 of 3): Rücken!") is not None
    assert draw_letters("猫") is None
    assert draw_letters("") is None


def test_the_help_names_every_key():
    lines = dict(line.split(maxsplit=1) for line in KeyMap().format_help())
    assert [help.strip() for help in lines.values()] == [command.help for command in Command]
    assert [*lines][:6] == ["space", "q", "←", "→", "↓", "↑"]
    assert "\n".join(KeyMap().format_help(unicode=False)).isascii()
