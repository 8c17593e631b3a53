from __future__ import annotations

import pytest

from audioguide.player.status import status_line
from audioguide.timeline.model import Chapter, Cue, Section
from audioguide.units import RATE


def second(at: float) -> int:
    return round(at * RATE)


def section(title: str, start: float, end: float, *cues: Cue) -> Section:
    return Section(Chapter(title, second(start), second(end)), cues)


SECTIONS = (
    section("Introduction", 0, 30, Cue("speech", second(0.5), second(10), text="Welcome.", role="say")),
    section("Child's pose", 30, 80, Cue("hold", second(40), second(30), pose="childs-pose", asked=30.0)),
    section(
        "Bird dog, round 2 of 3",
        80,
        120,
        Cue("speech", second(81), second(1), text="Left side.", role="name", side="left side"),
        Cue("hold", second(85), second(5), side="left side", asked=5.0),
        Cue("speech", second(92), second(1), text="Right side.", role="name", side="right side"),
        Cue("hold", second(95), second(5), side="right side", asked=5.0),
        Cue("rest", second(105), second(10)),
    ),
)
END = second(120)


@pytest.mark.parametrize(
    ("at", "line"),
    [
        (0, "Introduction · 2:00 left"),
        (39, "Child's pose · 1:21 left"),
        (40, "Child's pose · hold 0:30 · 1:20 left"),
        (47, "Child's pose · hold 0:23 · 1:13 left"),
        (67.001, "Child's pose · hold 0:03 · 0:53 left"),
        (69.9, "Child's pose · hold 0:01 · 0:51 left"),
        (70, "Child's pose · 0:50 left"),
        (86, "Bird dog, round 2 of 3 · left side · hold 0:04 · 0:34 left"),
        (93, "Bird dog, round 2 of 3 · right side · 0:27 left"),
        (106, "Bird dog, round 2 of 3 · right side · rest 0:09 · 0:14 left"),
        (120, "0:00 left"),
        (130, "0:00 left"),
    ],
)
def test_says_where_it_is(at: float, line: str) -> None:
    assert status_line(SECTIONS, second(at), END) == line


def test_marks_an_estimate() -> None:
    assert status_line(SECTIONS[:1], 0, END, estimated=True) == "Introduction · ~2:00 left"


def test_before_anything_is_known() -> None:
    assert status_line((), 0, 0, estimated=True, note="preparing") == "preparing · ~0:00 left"


def test_a_note_comes_before_the_times() -> None:
    line = status_line(SECTIONS, second(47), END, note="paused")
    assert line == "Child's pose · paused · hold 0:23 · 1:13 left"


@pytest.mark.parametrize(
    ("width", "line"),
    [
        (53, "Bird dog, round… · left side · hold 0:04 · 0:34 left"),
        (34, "Bird dog,… · hold 0:04 · 0:34 left"),
        (24, "hold 0:04 · 0:34 left"),
        (12, "0:34 left"),
        (5, "0:34…"),
    ],
)
def test_fits_the_terminal(width: int, line: str) -> None:
    assert status_line(SECTIONS, second(86), END, width=width) == line


@pytest.mark.parametrize("width", range(81))
def test_never_wider_than_asked(width: int) -> None:
    for at in (0, 47, 86, 106, 130):
        assert len(status_line(SECTIONS, second(at), END, note="paused", width=width)) <= width


def test_wide_letters_count_twice() -> None:
    line = status_line([section("猫と牛のポーズ", 0, 60)], 0, second(60), width=20)
    assert line == "猫と牛… · 1:00 left"
