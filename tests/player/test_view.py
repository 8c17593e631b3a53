from __future__ import annotations

from itertools import pairwise

import pytest
from player_views import SECTIONS, Part, breaths, hold, now, second, section, speech

from audioguide.model.timeline import Cue
from audioguide.player.transport import TransportState
from audioguide.player.ui.view import Count, ViewBuilder
from audioguide.units import RATE


def look(at: float, *args: object, **more: object):
    return ViewBuilder("Morning").build(now(at, *args, **more))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("at", "stage", "seconds", "counting"),
    [
        (0, "introduction", 30, "start"),
        (35, "instructions", 30, "ahead"),
        (40, "hold", 30, "down"),
        (67.001, "hold", 3, "down"),
        (69.99, "hold", 1, "down"),
        (70, "release", None, None),
        (73, "release", None, None),
        (82, "instructions", 5, "ahead"),
        (91, "release", None, None),
        (93, "instructions", 5, "ahead"),
        (106, "rest", 9, "down"),
        (137, "release", None, None),
        (141, "closing", None, None),
        (150, "closing", None, None),
    ],
)
def test_what_goes_on_and_what_is_counted(at, stage, seconds, counting):
    view = look(at)
    assert view.stage == stage
    assert view.count == (None if seconds is None else Count(seconds, counting))


@pytest.mark.parametrize(
    ("at", "pose", "round", "side", "following"),
    [
        (0, "Introduction", "", "", "Child's pose"),
        (45, "Child's pose", "", "", "Bird dog · round 2 of 3 · left side"),
        (86, "Bird dog", "round 2 of 3", "left side", "right side"),
        (93, "Bird dog", "round 2 of 3", "right side", "Cobra"),
        (106, "Bird dog", "round 2 of 3", "", "Cobra"),
        (130, "Cobra", "", "", ""),
        (150, "", "", "", ""),
    ],
)
def test_where_it_is_and_what_comes(at, pose, round, side, following):
    view = look(at)
    assert (view.pose, view.round, view.side, view.following) == (pose, round, side, following)


def test_the_same_side_may_come_next():
    sides = ("left", "left", "right")
    cues = [
        cue for n, side in enumerate(sides) for cue in (speech(9 * n, "P.", "name", side), hold(9 * n + 2, 5, side))
    ]
    part = Part([section("Pigeon", 0, 30, *cues)])
    assert [look(at, part).following for at in (0, 4, 8, 9, 13, 18)] == [*["left"] * 3, *["right"] * 2, ""]


def test_what_is_said_after_a_side_hides_no_other_side():
    cues = [speech(1, "Left.", "name", "left"), hold(3, 5, "left"), speech(9, "Let go.", "release", "left")]
    cues += [
        Cue("rest", second(11), second(4), side="left"),
        speech(16, "Right.", "name", "right"),
        hold(18, 5, "right"),
    ]
    part = Part([section("Pigeon", 0, 30, *cues)])
    assert [look(at, part).following for at in (0, 2, 5, 10, 12, 17)] == ["left", *["right"] * 4, ""]


def test_a_start_that_waits_and_a_rest_after_the_end_are_counted():
    start = look(0, starts_in=11.2, waiting=True)
    assert (start.stage, start.count, start.obstacle) == ("starts in", Count(12, "start"), "")
    rest = look(150, rest=second(44.5), waiting=True)
    assert (rest.stage, rest.count, rest.obstacle) == ("rest", Count(45, "down"), "")


def test_a_comma_in_a_name_is_no_round():
    part = Part([section("Warrior, modified", 0, 30, hold(5, 20))])
    assert (look(6, part).pose, look(6, part).round) == ("Warrior, modified", "")


@pytest.mark.parametrize(
    ("at", "phase", "fullness"),
    [
        (40, "in", 0.0),
        (42, "in", 0.5),
        (44.5, "hold", 1.0),
        (47, "out", 0.5),
        (49.5, "rest", 0.0),
        (50, "in", 0.0),
    ],
)
def test_the_pacer_follows_the_breath_cues(at, phase, fullness):
    breath = look(at).breath
    assert breath is not None
    assert breath.phase == phase
    assert breath.fullness == pytest.approx(fullness)


def test_the_lungs_never_jump():
    viewer = ViewBuilder("")
    seen = [breath.fullness for n in range(600) if (breath := viewer.build(now(40 + n / 20)).breath)]
    assert len(seen) == 600
    assert max(abs(one - other) for one, other in pairwise(seen)) < 0.03


def test_no_breath_cues_no_pacer():
    assert (look(39.9).breath, look(39.9).paced) == (None, True)
    assert (look(130).breath, look(130).paced) == (None, False)


@pytest.mark.parametrize(("at", "words"), [(0, ""), (1, "Welcome."), (29, "Welcome."), (56, "Halfway."), (80, "")])
def test_the_last_words(at, words):
    assert look(at).words == words


def test_a_session_in_the_making_is_estimated():
    part = Part([], whole=False)
    viewer = ViewBuilder("Morning", second(200))
    view = viewer.build(now(0, part, waiting=True))
    assert (view.stage, view.pose, view.total, view.estimated) == ("getting ready", "", second(200), True)
    part.sections.append(SECTIONS[0])
    view = viewer.build(now(1, part))
    assert (view.pose, view.following, view.total - view.position) == ("Introduction", "", second(199))
    part.sections += SECTIONS[1:]
    part.whole = True
    view = viewer.build(now(1, part))
    assert (view.following, view.total, view.estimated) == ("Child's pose", second(150), False)
    assert view.map.known == second(150)


def test_another_take_is_seen_at_once():
    viewer = ViewBuilder("")
    assert viewer.build(now(41)).count == Count(29, "down")
    longer = section("Child's pose", 30, 85, hold(40, 35))
    assert viewer.build(now(41, Part([SECTIONS[0], longer]))).count == Count(34, "down")


def test_a_hold_that_is_kept_counts_up_and_only_what_has_been_is_the_session():
    part = Part(
        [SECTIONS[0], section("Child's pose", 30, 3650, hold(40, 3600, kept=True), *breaths(40, 9)), SECTIONS[2]]
    )
    part.sections[2] = section("Cobra", 3650, 3700, hold(3660, 30))
    view = look(52.5, part)
    assert (view.count, view.estimated) == (Count(12, "up"), True)
    assert view.total - view.position == second(60)  # if it were let go now
    assert view.map.holds == ((second(40), second(53)), (second(73), second(103)))
    assert view.map.known == second(113)
    assert now(52.5, part).length == view.total
    assert [view.frame(at * RATE / view.total) for at in (0, 52, 60)] == [0, second(52), second(60 + 3587.5)]


def test_a_hold_that_will_be_kept_does_not_count_yet():
    view = look(35, Part([SECTIONS[0], section("Child's pose", 30, 3650, hold(40, 3600, kept=True))]))
    assert (view.count, view.estimated) == (None, True)
    assert view.total - view.position == second(15)
    assert view.map.holds == ((second(40), second(41)),)


def test_that_the_device_has_gone_is_shown_until_it_is_back():
    viewer = ViewBuilder("", patience=1)
    for _ in range(3):
        view = viewer.build(now(1, message="The sound device has gone.", message_count=1, lost=True, waiting=True))
        assert (view.message, view.waiting) == ("The sound device has gone.", False)
    assert viewer.build(now(1, message="The sound device has gone.", message_count=1)).message == ""


def test_a_message_is_shown_for_a_while():
    viewer = ViewBuilder("", patience=3)
    assert viewer.build(now(1)).message == ""
    shown = [viewer.build(now(1, message="Muted.", message_count=1)).message for _ in range(4)]
    assert shown == ["Muted.", "Muted.", "Muted.", ""]
    assert viewer.build(now(1, message="Muted.", message_count=2)).message == "Muted."  # said once more


def test_how_it_is_played():
    state = TransportState(paused=True, muted=True, voice=-4.0, background=2.0)
    view = look(1, transport=state, waiting=True, underruns=2)
    assert (view.transport, view.waiting, view.underruns) == (state, True, 2)


def test_a_look_does_not_go_through_the_session():
    """What was looked at stays outlined, and only the cues beside the position are touched."""
    long = section("Rest", 0, 30_000, hold(0, 30_000), *breaths(0, 3_000))
    viewer, part = ViewBuilder(""), Part([long])
    viewer.build(now(5, part))
    object.__setattr__(part.sections[0], "cues", None)  # whoever went through them again would fail
    assert viewer.build(now(29_995.5, part)).breath.phase == "out"


def test_speech_in_a_hold_is_no_instruction():
    part = Part(
        [section("Cobra", 0, 60, hold(5, 20), speech(24, "One.", "countdown"), speech(27, "Slowly.", "release"))]
    )
    assert look(26, part).stage == "release"
