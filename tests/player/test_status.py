from __future__ import annotations

import pytest
from player_views import Part, hold, now, second, section

from audioguide.player.plain import status_line
from audioguide.player.transport import State
from audioguide.player.view import Viewer


def line(at: float, part: Part | None = None, *, width: int = 80, unicode: bool = True, **more: object) -> str:
    view = Viewer("Morning").view(now(at, *([part] if part else []), **more))
    return status_line(view, width, unicode=unicode)


@pytest.mark.parametrize(
    ("at", "shown"),
    [
        (0, "Introduction · 2:30 left"),
        (39, "Child's pose · 1:51 left"),
        (40, "Child's pose · hold 0:30 · 1:50 left"),
        (67.001, "Child's pose · hold 0:03 · 1:23 left"),
        (69.9, "Child's pose · hold 0:01 · 1:21 left"),
        (70, "Child's pose · 1:20 left"),
        (86, "Bird dog, round 2 of 3 · left side · hold 0:04 · 1:04 left"),
        (93, "Bird dog, round 2 of 3 · right side · 0:57 left"),
        (106, "Bird dog, round 2 of 3 · rest 0:09 · 0:44 left"),
        (150, "0:00 left"),
    ],
)
def test_says_where_it_is(at: float, shown: str) -> None:
    assert line(at) == shown


def test_marks_an_estimate() -> None:
    view = Viewer("", second(100)).view(now(0, Part([], whole=False), waiting=True))
    assert status_line(view) == "getting ready · ~1:40 left"


def test_a_hold_that_is_kept_counts_up() -> None:
    part = Part([section("Cobra", 0, 3700, hold(10, 3600, kept=True))])
    assert line(22, part) == "Cobra · hold 0:12 until = · ~1:30 left"


def test_what_there_is_to_tell_comes_before_the_times() -> None:
    assert line(47, state=State(paused=True)) == "Child's pose · paused · hold 0:23 · 1:43 left"
    assert line(47, state=State(muted=True)) == "Child's pose · muted · hold 0:23 · 1:43 left"
    told = line(47, state=State(paused=True), message="Voice -2 dB", told=1)
    assert told == "Child's pose · Voice -2 dB · hold 0:23 · 1:43 left"


@pytest.mark.parametrize(
    ("width", "shown"),
    [
        (53, "Bird dog, round… · left side · hold 0:04 · 1:04 left"),
        (34, "Bird dog,… · hold 0:04 · 1:04 left"),
        (24, "hold 0:04 · 1:04 left"),
        (12, "1:04 left"),
        (5, "1:04…"),
    ],
)
def test_fits_the_terminal(width: int, shown: str) -> None:
    assert line(86, width=width) == shown


@pytest.mark.parametrize("width", range(81))
@pytest.mark.parametrize("unicode", [True, False])
def test_never_wider_than_asked(width: int, unicode: bool) -> None:
    for at in (0, 47, 86, 106, 150):
        assert len(line(at, width=width, unicode=unicode, state=State(paused=True))) <= width


def test_wide_letters_count_twice() -> None:
    assert line(0, Part([section("猫と牛のポーズ", 0, 60)]), width=20) == "猫と牛… · 1:00 left"


def test_in_ascii_alone() -> None:
    assert line(0, Part([section("Étirement du chat", 0, 60)]), unicode=False) == "Etirement du chat - 1:00 left"
