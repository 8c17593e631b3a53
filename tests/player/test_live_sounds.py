"""What is heard besides the session: answers to keys, the start that waits, the warning, the end."""

from __future__ import annotations

import sys
import time

import numpy as np
import pytest
from player_fakes import FakeDevice, Level, Written, ask, fill, hear, noise, until

from audioguide.model.timeline import Chapter, Section
from audioguide.player.buffer import FADE, PlaybackBuffer
from audioguide.player.commands import Adjust, Command, SeekTo
from audioguide.player.live_sounds import LiveSounds, make_answer
from audioguide.player.player import Player
from audioguide.player.renderer import RenderAhead
from audioguide.player.transport import Event, HoldChange, Jump, Message, TransportState
from audioguide.sound.block import Block
from audioguide.sound.chimes import render_answer
from audioguide.timeline.edit_hold import NOTHING_HERE, TOO_LATE
from audioguide.units import db_to_amplitude, to_frames

TICK = render_answer("count")
PLAIN, LOW = TransportState(), TransportState(background=-20.0, volume=0.5)


def answer(
    command: object,
    after: TransportState = PLAIN,
    *events: Event,
    before: TransportState = PLAIN,
    buffer: PlaybackBuffer | None = None,
) -> Block:
    return make_answer(command, (before, after), 1_000, events, buffer or PlaybackBuffer())


@pytest.mark.parametrize(
    ("kind", "command", "after", "events"),
    [
        ("up", Command.LONGER, PLAIN, [HoldChange("longer"), Message("Bird: 30 s")]),
        ("down", Command.SHORTER, PLAIN, [HoldChange("shorter"), Message("Bird ends")]),
        ("double", Command.KEEP, PLAIN, [HoldChange("keep"), Message("Bird goes on until you end it")]),
        ("double", Command.LONGER, PLAIN, [HoldChange("longer"), Message("Bird: 40 s, its longest")]),
        ("double", Command.LONGER, PLAIN, [HoldChange("longer"), Message("Bird already goes on until you end it")]),
        ("double", Command.SHORTER, PLAIN, [HoldChange("shorter"), Message("Bird: 5 s, its shortest")]),
        ("double", Command.SHORTER, PLAIN, [Message(TOO_LATE)]),
        ("double", Command.LONGER, PLAIN, [HoldChange("longer"), Message(NOTHING_HERE)]),
        ("back", Command.PAUSE, TransportState(paused=True), []),
        ("back", Adjust("paused", True), TransportState(paused=True), []),
        ("back", Command.MUTE, TransportState(muted=True), []),
        ("on", Command.NEXT, PLAIN, [Jump(2_000)]),
        ("back", Command.REPEAT, PLAIN, [Jump(500)]),
        ("back", SeekTo(3), PLAIN, [Jump(3)]),
        ("double", Command.NEXT, PLAIN, [Message("This is the last part of the session.")]),
        ("down", Command.VOICE_DOWN, TransportState(voice=-2.0), [Message("Voice -2 dB")]),
        ("double", Command.VOICE_UP, PLAIN, [Message("Voice +0 dB")]),
        (None, Command.STOP, TransportState(stopped=True), []),
        (None, Adjust("volume", 0.5), TransportState(volume=0.5), []),
    ],
)
def test_each_key_is_answered(kind: str | None, command: object, after: TransportState, events: list[Event]) -> None:
    sound = answer(command, after, *events)
    if kind is None:
        assert not len(sound)
    else:
        assert np.array_equal(sound, render_answer(kind) * np.float32(db_to_amplitude(after.voice)))


def test_it_is_as_loud_as_what_was_set_and_silent_where_that_is_heard() -> None:
    buffer = PlaybackBuffer()
    quiet = answer(Command.BACKGROUND_DOWN, LOW, buffer=buffer)
    assert np.allclose(quiet, render_answer("down") * 0.0125)
    buffer.sounds = True
    assert not len(answer(Command.BACKGROUND_DOWN, LOW, buffer=buffer))
    assert len(answer(Command.VOICE_DOWN, TransportState(voice=-2.0), buffer=buffer))
    assert len(answer(Command.BACKGROUND_DOWN, buffer=buffer))  # at its limit
    muted = TransportState(muted=True)
    assert not len(answer(Command.LONGER, muted, Message("Bird: 30 s"), before=muted))
    assert len(answer(Command.PAUSE, TransportState(paused=True, muted=False)))


def test_a_session_that_waits_to_start_loses_nothing_and_starts_at_once() -> None:
    sound, device = noise(to_frames(1)), FakeDevice(patient=False)
    sounds = LiveSounds(keys=True, start_in=3_600, before=((0.0, TICK), (3_590.0, TICK)))
    with Player(Written(sound), device, sounds=sounds) as player:
        until(lambda: player.now().starts_in)
        assert 3_590 < player.now().starts_in <= 3_600
        until(lambda: device.take(1_000) or device.blocks[-1].any())
        device.take(len(TICK))
        assert np.abs(device.heard).max() == np.abs(TICK).max()
        assert player.now().frames_played == 0
        ask(player, Command.PAUSE)
        assert (player.now().starts_in, player.now().transport.paused) == (0, False)
        before, device.patient = len(device.heard), True
        hear(player, device)
    assert np.array_equal(device.heard[before + FADE :][: len(sound) - FADE], sound[FADE:])
    assert player.outcome.end == "finished"


def test_it_starts_when_the_time_has_come_and_can_be_left_before() -> None:
    sound, device = noise(to_frames(1)), FakeDevice()
    with Player(Written(sound), device, sounds=LiveSounds(start_in=0.05, before=((0.0, TICK),))) as player:
        until(lambda: device.take(500) or player.now().frames_played)
    with Player(Written(sound), FakeDevice(), sounds=LiveSounds(start_in=60, before=((0.0, TICK),))) as player:
        until(lambda: player.now().starts_in)
        player.do(Command.STOP)
        assert player.wait(20)
    assert player.outcome.end == "stopped"


def test_after_a_sleep_of_the_machine_it_warns_before_it_goes_on() -> None:
    sound, device = noise(to_frames(3)), FakeDevice()
    with Player(Written(sound), device, sounds=LiveSounds(warning=((0.0, TICK),))) as player:
        device.take(10_000)
        player._looked -= 3_600  # as a clock tells it that went on meanwhile
        until(lambda: player.now().starts_in)
        position = player.now().position
        until(lambda: device.take(1_000) or not device.blocks[-1].any())
        assert player.now().frames_played <= 10_000 + 10 * 1_000
        ask(player, Command.PAUSE, Command.PAUSE)  # goes on at once, and pauses: nothing of it is waited for
        assert player.now().transport.paused
        asleep = player._looked = player._looked - 3_600
        until(lambda: player._looked > asleep)  # in a pause nothing goes on by itself
        ask(player, Command.PAUSE)
        assert not player.now().starts_in
        assert player.now().position >= position
        hear(player, device)


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the clock that is set is the only one that never sleeps")
@pytest.mark.parametrize("seconds", [3_600.0, -3_600.0, 3.2e7])
def test_a_clock_that_is_set_halts_nothing(monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    sound, device, clock = noise(to_frames(1)), FakeDevice(), time.time
    with Player(Written(sound), device, sounds=LiveSounds(warning=((0.0, TICK),))) as player:
        device.take(10_000)
        monkeypatch.setattr(time, "time", lambda: clock() + seconds)
        hear(player, device)
        assert not player.now().starts_in
    assert player.outcome.frames_played == len(sound)


@pytest.mark.parametrize("level", [None, 0.25])
def test_the_end_has_its_bells_and_a_background_that_comes_and_fades(level: float | None) -> None:
    rest, count = to_frames(20), to_frames(0.5)
    device, source = FakeDevice(), Written(noise(count))
    sounds = LiveSounds(rest=rest, bells=((0, TICK), (to_frames(12), TICK)))
    with Player(source, device, waiting=Level(level) if level else None, sounds=sounds) as player:
        until(lambda: device.take(2_000) or player.now().rest is not None)
        assert 0 < player.now().rest <= rest
        hear(player, device, 2_205)
    heard = device.heard[count:]
    assert len(heard) >= rest
    loud = np.abs(heard[: rest // 4410 * 4410].reshape(-1, 8820)).max(axis=1)
    plain = np.abs(loud - loud[80]) < 1e-4
    assert loud[80] == (level or 0)
    assert loud[0] < 0.15
    assert not plain[:10].all()
    assert (np.diff(loud[170:195]) <= 0).all()
    assert loud[195:].max() < 0.02
    assert plain[60:115].all()
    assert not plain[115:130].all()  # the second bell
    assert player.outcome.end == "finished"


def test_who_leaves_in_the_end_has_heard_the_session() -> None:
    device = FakeDevice()
    with Player(Written(noise(9_000)), device, sounds=LiveSounds(rest=to_frames(60))) as player:
        until(lambda: device.take(2_000) or player.now().rest is not None)
        ask(player, SeekTo(0))
        assert player.now().rest is None
        until(lambda: device.take(2_000) or player.now().rest is not None)
        player.do(Command.STOP)
        until(lambda: device.take(2_000) or player.wait(0))
    assert player.outcome.end == "finished"


def test_keys_are_heard_only_where_they_are_wanted() -> None:
    section = Section(Chapter("Bird", 0, to_frames(2)), ())
    for keys in (True, False):
        device = FakeDevice()
        with Player(
            Written(0 * noise(to_frames(2)), sections=[section]), device, sounds=LiveSounds(keys=keys)
        ) as player:
            device.take(1_000)
            ask(player, Command.LONGER)
            device.take(10_000)
        assert device.blocks[1].any() is np.bool_(keys)


def test_the_end_is_rendered_no_further_ahead_than_the_rest() -> None:
    buffer = PlaybackBuffer()
    renderer = RenderAhead(Written(noise(1_000)), buffer, Level(), sounds=LiveSounds(rest=to_frames(600)))
    fill(renderer)
    assert buffer.ahead < to_frames(3.1)
    assert not buffer.ended
