"""A session whose holds are changed while it is heard: what was heard stays, to the sample, and the rest follows."""

import threading
import time

import numpy as np
import pytest
from fakes import FakeSpeaker
from player.player_fakes import FakeDevice, ask, hear

from audioguide.errors import EnvironmentFailure
from audioguide.model.routine import Length
from audioguide.player.commands import Command, SeekTo
from audioguide.player.player import Player
from audioguide.routine.load import load
from audioguide.session.stream import MARGIN, SessionStream
from audioguide.sound import limiter
from audioguide.timeline.compiler import Compiler
from audioguide.timeline.edits import to_options
from audioguide.timeline.phrases import find_phrases
from audioguide.units import to_frames

TEXT = """
title: t
defaults: {background: %s, breath: 4-6}
steps:
  - pose: {name: Bird, hold: 25s, sides: [left, right], limits: 5s..40s}
  - {pose: {name: Squat, reps: 4}, rounds: 2, rest: 10s}
  - breathe: {pattern: 4-4, rounds: 3}
  - pose: {name: Bird, hold: 20s}
"""


class Speaker(FakeSpeaker):
    """A voice that is ready at once, but for a clip that is waited for until it is `spoken`, and what is `refused`."""

    AWAITED = "Squat. Last round."

    def __init__(self):
        super().__init__()
        object.__setattr__(self, "refused", set())
        object.__setattr__(self, "spoken", threading.Event())
        self.spoken.set()

    def measure(self, utterance):
        if utterance.text == self.AWAITED:
            self.spoken.wait()
        if utterance.text in self.refused:
            raise EnvironmentFailure("The voice has gone.")
        return super().measure(utterance)

    def close(self):
        self.spoken.set()


@pytest.fixture
def speaker():
    return Speaker()


@pytest.fixture(params=["warm-drone", "{name: ocean, during: always}"])
def background(request):
    return request.param


@pytest.fixture
def told():
    return []


@pytest.fixture
def live(write, speaker, told, background):
    with playing(write, speaker, told, background) as live:
        yield live


def playing(write, speaker, told, background="warm-drone"):
    routine = load(write(TEXT % background))
    return SessionStream(speaker, (), Compiler(routine, speaker.measure, find_phrases("en")), tell=told.append)


def until(settled):
    """Wait until a session has come to something."""
    deadline = time.monotonic() + 30
    while not settled():
        assert time.monotonic() < deadline
        time.sleep(0.002)


def made(live):
    until(lambda: live.version.frames is not None and live.is_settled())
    return live.version


def hold(take, number=0, kind="hold"):
    return [cue for section in take.sections for cue in section.cues if cue.kind == kind][number]


def lengths(take):
    return [cue.frames / 44100 for section in take.sections for cue in section.cues if cue.kind == "hold"]


def same_until(one, other, frame):
    """Whether two takes are the same samples up to a frame, on every stem."""
    first, second = one.stems(0, frame), other.stems(0, frame)
    pairs = zip(
        (first.voice, first.background, first.chimes), (second.voice, second.background, second.chimes), strict=True
    )
    return all(a.tobytes() == b.tobytes() for a, b in pairs)


@pytest.mark.parametrize("command", ["longer", "shorter", "keep"])
@pytest.mark.parametrize("seconds", [-1, 11.9, 22.3, 24.2])
def test_what_was_heard_is_the_same_to_the_sample(live, command, seconds):
    before = made(live)
    position = hold(before).start + to_frames(seconds)
    live.edit_hold(command, lambda: position)
    after = made(live)
    assert after is not before
    assert same_until(before, after, position + MARGIN - limiter.CONTEXT)
    assert after.frames != before.frames


def test_presses_add_up_and_both_sides_get_the_same(live):
    take = made(live)
    position = hold(take).start + to_frames(5)
    messages = [live.edit_hold("longer", lambda: position) for _ in range(4)]
    assert messages == [
        "Bird, left: 30 s",
        "Bird, left: 35 s",
        "Bird, left: 40 s, its longest",
        "Bird, left: 40 s, its longest",
    ]
    assert lengths(made(live)) == [40, 40, 20, 20, 24, 20]
    assert live.version.frames - take.frames == pytest.approx(2 * to_frames(15), abs=1152)


def test_one_that_is_kept_going_ends_when_it_is_let_go(live):
    start = hold(made(live)).start
    assert live.edit_hold("keep", lambda: start + to_frames(20)) == "Bird, left goes on until you end it"
    kept = hold(made(live))
    assert kept.asked is None
    assert kept.frames > to_frames(3600)
    assert live.edit_hold("keep", lambda: start + to_frames(51)) == "Bird, left ends"
    assert to_frames(51) + MARGIN <= hold(made(live)).frames <= to_frames(53)
    assert lengths(live.version)[1] == 25
    (changed,) = live.list_edited_holds()
    assert (changed.before, changed.after) == (Length(25), Length(52))


@pytest.mark.parametrize(("command", "seconds"), [("longer", 30), ("keep", None)])
def test_a_hold_that_is_over_goes_on_where_it_ended_without_its_words(live, command, seconds):
    before = made(live)
    end = hold(before).end
    message = live.edit_hold(command, lambda: end + to_frames(1), end)
    after = live.version
    assert message == ("Bird, left: 30 s" if seconds else "Bird, left goes on until you end it")
    assert hold(after).end >= to_frames(seconds or 3600) + hold(before).start
    assert same_until(before, after, end - 1 - limiter.CONTEXT)
    cues = [cue for cue in after.sections[1].cues if end - 1 <= cue.start and cue.kind in ("speech", "chime")]
    assert cues[0].role == "countdown" if seconds else cues[0].role == "breath"
    assert (
        np.abs(after.stems(end + to_frames(1), 4410).background).max()
        > 0.5 * np.abs(before.stems(end - to_frames(10), 4410).background).max()
    )


def test_a_background_that_was_going_out_comes_back(live):
    before = made(live)
    end = hold(before).end
    live.edit_hold("longer", lambda: end - to_frames(1))
    after = made(live)
    was, now = (np.abs(take.stems(end - to_frames(0.6), to_frames(0.6)).background) for take in (before, after))
    assert now[-4410:].mean() > 1.5 * was[-4410:].mean()
    across, later = (clicks(after, start) for start in (end - to_frames(1), end + to_frames(1)))
    assert across < 1.5 * later


def clicks(take, start):
    """The highest fourth difference of a second of background: it lets a step through 16 times, the tones hardly."""
    return np.abs(np.diff(take.stems(start, to_frames(1)).background.astype(np.float64), n=4, axis=0)).max()


def test_a_change_while_the_session_is_still_being_spoken(write, speaker):
    """The making waits for a clip of a later section; the change does not."""
    speaker.spoken.clear()
    with playing(write, speaker, []) as live:
        until(lambda: len(live.version.sections) == 3)
        before = live.version
        position = hold(before).start + to_frames(5)
        live.edit_hold("longer", lambda: position)
        until(lambda: live.version is not before)
        assert hold(live.version).frames == to_frames(30)
        assert live.version.frames is None
        speaker.spoken.set()
        assert lengths(made(live)) == [30, 30, 20, 20, 24, 20]


def test_a_position_that_has_gone_by_is_tried_again_further_on(live, told):
    start = hold(made(live)).start
    later = iter([start + to_frames(10), start + to_frames(10)])
    live.edit_hold("longer", lambda: next(later, start + to_frames(10.9)))
    after = made(live)
    assert hold(after).frames == to_frames(30)
    assert told == []


@pytest.mark.parametrize("number", [0, 1], ids=["the other side comes next", "another pose comes next"])
def test_what_was_told_and_came_too_late_is_told(live, told, number):
    """The time that it takes was not enough: by then the hold is over. What follows is another hold."""
    before = made(live)
    end = hold(before, number).end
    later = iter([end - to_frames(0.4)] * 2)
    message = live.edit_hold("longer", lambda: next(later, end + to_frames(1)))
    assert message.endswith("30 s")
    until(lambda: live.is_settled())
    assert live.version is before
    until(lambda: told)
    assert told == ["Too late: that hold is over, and stays as it was."]


def test_of_two_the_one_that_came_too_late_is_told(live, told):
    end, pressed = hold(made(live)).end, threading.Event()
    positions = iter([end - to_frames(0.4)])

    def position():
        """It is long until the change is begun."""
        return next(positions, None) or (pressed.wait(30) and end + to_frames(2))

    assert live.edit_hold("longer", position) == "Bird, left: 30 s"
    assert live.edit_hold("longer", lambda: end + to_frames(2)) == "Bird, right: 30 s"
    pressed.set()
    until(lambda: told)
    assert lengths(made(live)) == [25, 30, 20, 20, 24, 20]
    assert told == ["Too late: that hold is over, and stays as it was."]


def test_a_change_that_a_jump_overtook_is_no_change_of_what_is_heard_there(live, told):
    start = hold(before := made(live), 3).start
    later = iter([start + to_frames(3)] * 2)
    live.edit_hold("keep", lambda: next(later, 0))
    until(lambda: told)
    assert live.version is before


def test_a_hold_that_is_left_is_let_go(live):
    """So that its hour in reserve does not stay in the session; before it has begun, it is what it was."""
    before = made(live)
    start = hold(before).start
    live.end_open_hold(lambda: start)
    assert live.version is before
    live.edit_hold("keep", lambda: start + to_frames(20))
    live.end_open_hold(lambda: start + to_frames(51))
    assert hold(made(live)).frames <= to_frames(53)
    coming = hold(made(live), 1).start
    live.edit_hold("keep", lambda: coming - to_frames(2))
    assert hold(made(live), 1).asked is None
    live.end_open_hold(lambda: coming - to_frames(1))
    assert lengths(made(live))[1:] == [25, 20, 20, 24, 20]


def test_what_cannot_be_spoken_leaves_the_session_as_it_is(live, speaker, told):
    before = made(live)
    speaker.refused.add("Ten seconds.")
    position = hold(before).start + to_frames(5)
    assert live.edit_hold("longer", lambda: position) == "Bird, left: 30 s"
    until(lambda: live.is_settled())
    assert told == ["The hold stays as it was. The voice has gone."]
    assert live.version is before
    assert live.failed is None
    assert live.list_edited_holds() == ()


def test_where_nothing_is_held_nothing_changes(live):
    before = made(live)
    assert live.edit_hold("longer", lambda: 0) == "There is no hold here to change."
    assert made(live) is before


def test_what_was_changed_can_be_kept(live, write):
    for kind, number, command in (
        ("hold", 0, "longer"),
        ("hold", 2, "longer"),
        ("rest", 0, "longer"),
        ("hold", 4, "shorter"),
    ):
        cue = hold(made(live), number, kind)
        live.edit_hold(command, lambda start=cue.start: start)
    made(live)
    routine = load(write(TEXT % "ocean"))
    options, notes = to_options(live.list_edited_holds(), routine)
    assert (dict(options.holds), dict(options.reps)) == ({"1": Length(30)}, {"Squat": 5})
    assert len(notes) == 2


def test_what_a_callback_raises_is_raised_where_the_session_is_waited_for(speaker, write):
    def tell(message):
        raise KeyError(message)

    routine = load(write(TEXT % "none"))
    with SessionStream(speaker, (), Compiler(routine, speaker.measure, find_phrases("en")), tell=tell) as live:
        take = made(live)
        speaker.refused.add("Ten seconds.")
        live.edit_hold("longer", lambda: hold(take).start + to_frames(5))
        until(lambda: live.failed)
        with pytest.raises(KeyError, match="The voice has gone"):
            live.reach(1)


@pytest.mark.parametrize("command", [Command.NEXT, Command.SKIP, SeekTo(0)])
def test_a_session_whose_kept_hold_is_left_has_no_hour_in_it(live, command):
    """On the screen and in the log: it is as long as it will be heard to be. What comes next is where it was."""
    whole, device = made(live), FakeDevice()
    following = whole.sections[2].chapter.start
    with Player(live, device, start=hold(whole).start + to_frames(4)) as player:
        device.take(4_410)
        ask(player, Command.KEEP)
        kept = made(live)
        assert kept.frames > whole.frames + to_frames(3500)
        assert abs(player.now().length - whole.frames + to_frames(20)) < to_frames(1)
        ask(player, command)
        assert abs(made(live).frames - whole.frames + to_frames(20)) < to_frames(2)
        other_side = hold(made(live), 1)
        position = player.now().position
        if command == Command.NEXT:  # to the other side, which is named first
            assert hold(made(live)).end < position < other_side.start
        else:
            assert position == (live.sections[2].chapter.start if command == Command.SKIP else 0)
        assert abs(live.sections[2].chapter.start - following + to_frames(20)) < to_frames(2)
        device.take(4_410)
        ask(player, Command.STOP)
        hear(player, device)
