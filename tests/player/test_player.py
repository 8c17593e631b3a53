from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import numpy as np
import pytest
from player_fakes import FakeDevice, Level, Written, ask, hear, noise, until

from audioguide.errors import EnvironmentFailure
from audioguide.model.timeline import Chapter, Section
from audioguide.player import player as playing
from audioguide.player.buffer import FADE
from audioguide.player.commands import Command, SeekTo
from audioguide.player.devices.device import BlockSource
from audioguide.player.player import TAIL, Player
from audioguide.timeline.edit_hold import AT_LIMIT, EditCommand
from audioguide.units import to_frames

TICK = 4_410
"""Frames that the fake device takes at a time."""


@pytest.fixture(autouse=True)
def _no_thread_left_over() -> Iterator[None]:
    yield
    assert [thread.name for thread in threading.enumerate() if thread.name == "player"] == []


def in_chapters(seconds: float, *starts: float) -> tuple[Section, ...]:
    ends = (*starts[1:], seconds)
    return tuple(
        Section(Chapter(f"{first}", to_frames(first), to_frames(last)), ())
        for first, last in zip(starts, ends, strict=True)
    )


def test_a_session_is_heard_whole() -> None:
    sound, device = noise(to_frames(5) + 99), FakeDevice()
    positions = []
    with Player(Written(sound), device) as player:
        while not player.wait(0):
            device.take(TICK)
            positions.append(player.now().position)
    assert np.array_equal(device.heard[: len(sound)], sound)
    assert len(device.heard) - len(sound) >= device.latency + TAIL  # what follows pushes the last words out
    end = player.outcome
    assert (end.frames_played, end.position, end.underruns, end.end) == (len(sound), len(sound), 0, "finished")
    assert player.now().end == "finished"
    assert device.closed
    assert positions == sorted(positions)
    assert positions[:2] == [TICK - device.latency, 2 * TICK - device.latency]
    assert positions[-1] == len(sound)


def test_a_device_without_a_buffer_is_not_given_a_tail() -> None:
    sound, device = noise(to_frames(2)), FakeDevice()
    device.latency = 0
    with Player(Written(sound), device) as player:
        while player.now().position != len(sound):
            device.take(TICK)
        assert player.wait(10)
    assert np.array_equal(device.heard[: len(sound)], sound)


def test_space_pauses_and_goes_on() -> None:
    sound, device = noise(to_frames(3)), FakeDevice()
    with Player(Written(sound), device) as player:
        device.take(2 * TICK)
        ask(player, Command.PAUSE)
        assert player.now().transport.paused
        device.take(TICK)
        still = player.now().position
        device.take(2 * TICK)
        assert player.now().position == 2 * TICK + FADE
        assert still <= 2 * TICK + FADE
        ask(player, Command.PAUSE)
        hear(player, device)
    heard = device.heard
    silent = np.flatnonzero(~heard[: len(sound)].any(axis=1))
    paused_at, resumed_at = 2 * TICK, 5 * TICK
    assert np.array_equal(heard[:paused_at], sound[:paused_at])
    assert silent[0] == paused_at + FADE - 1
    assert silent[-1] == resumed_at - 1
    gap = resumed_at - paused_at - FADE
    assert np.array_equal(heard[resumed_at + FADE : len(sound) + gap], sound[resumed_at + FADE - gap :])
    assert player.outcome.frames_played == len(sound)


def stop(player: Player) -> None:
    player.do(Command.STOP)


def leave(player: Player) -> None:
    player.__exit__(None, None, None)


@pytest.mark.parametrize(("how", "end"), [(stop, "stopped"), (leave, "interrupted")])
def test_ends_with_a_fade(how: object, end: str) -> None:
    sound, device = noise(to_frames(9)), FakeDevice()
    with Player(Written(sound), device) as player:
        device.take(3 * TICK)
        leaving = threading.Thread(target=how, args=[player])  # which waits for the fade to be heard
        leaving.start()
        supply = device.supply
        until(lambda: supply.stopped)
        hear(player, device, 1_000)
        leaving.join()
    stopped_at = 3 * TICK
    assert player.outcome.end == end
    assert np.array_equal(device.heard[:stopped_at], sound[:stopped_at])
    assert device.heard[stopped_at : stopped_at + FADE - 1].all()
    assert not device.heard[stopped_at + FADE :].any()
    assert len(device.heard) - stopped_at - FADE >= device.latency
    assert player.outcome.frames_played == stopped_at + FADE
    assert device.closed


def test_a_second_ctrl_c_does_not_wait_for_the_fade(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(playing, "_FADE_POLLS", 100_000)
    device = FakeDevice()
    with pytest.raises(KeyboardInterrupt), Player(Written(noise(to_frames(9))), device):  # noqa: PT012
        device.take(TICK)
        join, interrupted = threading.Thread.join, iter([KeyboardInterrupt])

        def join_or_be_interrupted(thread: threading.Thread, timeout: float | None = None) -> None:
            for error in interrupted if thread.name == "player" else ():
                raise error
            join(thread, timeout)

        monkeypatch.setattr(threading.Thread, "join", join_or_be_interrupted)
    assert device.closed


def test_a_seek_lands_at_the_exact_frame() -> None:
    sound, device = noise(to_frames(12)), FakeDevice()
    with Player(Written(sound, sections=in_chapters(12, 0)), device) as player:
        device.take(TICK)
        ask(player, Command.FORWARD)
        there = TICK + to_frames(5)
        assert player.now().position == there
        device.take(TICK)
        assert np.array_equal(device.blocks[-1][FADE:], sound[there : there + TICK - FADE])
        ask(player, Command.BACK, Command.BACK)  # the second one from where the first one goes
        assert player.now().position == 0
        device.take(TICK)
        assert np.array_equal(device.blocks[-1][FADE:], sound[: TICK - FADE])
        ask(player, SeekTo(to_frames(12)))
        hear(player, device)
    assert player.outcome.end == "finished"
    assert player.outcome.frames_played == 3 * TICK - 2 * FADE


def test_a_paused_session_is_sought_in_silence() -> None:
    sound, device = noise(to_frames(12)), FakeDevice()
    with Player(Written(sound, sections=in_chapters(12, 0, 6)), device) as player:
        device.take(TICK)
        ask(player, Command.PAUSE)
        device.take(TICK)
        ask(player, Command.NEXT)
        assert player.now().position == to_frames(6)
        device.take(TICK)
        assert not device.blocks[-1].any()
        assert player.now().position == to_frames(6)
        ask(player, Command.PAUSE)
        device.take(TICK)
        assert np.array_equal(device.blocks[-1][FADE:], sound[to_frames(6) : to_frames(6) + TICK - FADE])
        ask(player, Command.STOP)


def test_a_volume_is_heard_at_once() -> None:
    sound, device = noise(to_frames(5)), FakeDevice()
    with Player(Written(sound), device) as player:
        device.take(TICK)
        ask(player, Command.VOICE_DOWN, Command.VOICE_DOWN, Command.VOICE_DOWN)
        assert player.now().transport.voice == -6
        device.take(TICK)
        quieter = sound[TICK + FADE : 2 * TICK] * np.float32(10 ** (-6 / 20))
        assert np.array_equal(device.blocks[-1][FADE:], quieter)
        ask(player, Command.MUTE)
        device.take(TICK)
        assert not device.blocks[-1][FADE:].any()
        ask(player, Command.MUTE, Command.VOICE_UP, Command.VOICE_UP, Command.VOICE_UP)
        hear(player, device)
    assert np.array_equal(device.heard[3 * TICK + FADE : len(sound)], sound[3 * TICK + FADE :])


def test_a_changed_hold_is_heard_without_a_seam() -> None:
    one = noise(to_frames(4))
    other = np.concatenate([one[: to_frames(1)], noise(to_frames(6), seed=8)])
    source, device = Written(one, sections=in_chapters(4, 0), takes=[Written(other)]), FakeDevice()
    with Player(source, device) as player:
        device.take(TICK)
        ask(player, Command.LONGER)
        assert source.wishes == [("longer", TICK)]
        assert player.now().version.frames == len(other)
        hear(player, device)
    assert np.array_equal(device.heard[: len(other)], other)
    assert player.outcome.end == "finished"


class AtLimit(Written):
    """A hold that cannot be made longer."""

    def edit_hold(self, command: EditCommand, position: Callable[[], int], ended: int | None = None) -> str:
        message = super().edit_hold(command, position)
        return f"Cobra: 60 s, {AT_LIMIT}" if command == "longer" else message


def test_a_limit_is_told_once_and_the_session_goes_on() -> None:
    source, device = AtLimit(noise(to_frames(4)), sections=in_chapters(4, 0)), FakeDevice()
    with Player(source, device) as player:
        device.take(TICK)
        ask(player, *[Command.LONGER] * 20)
        assert player.now().message_count == 1 + 1  # and the one by which `ask` sees that all is done
        ask(player, Command.SHORTER, Command.SHORTER)
        assert player.now().message_count == 2 + 2 + 1
        ask(player, Command.LONGER, Command.LONGER)
        assert player.now().message_count == 5 + 1 + 1
        assert len(source.wishes) == 24
        hear(player, device)
    assert np.array_equal(device.heard[: len(source.sound)], source.sound)


def test_tells_what_happened() -> None:
    device = FakeDevice()
    with Player(Written(noise(to_frames(5)), sections=in_chapters(5, 0)), device) as player:
        assert (player.now().message_count, player.now().message) == (0, "")
        for command, message in ((Command.BACKGROUND_UP, "Background +2 dB"), (Command.SHORTER, "It is shorter now.")):
            told = player.now().message_count
            player.do(command)
            until(lambda told=told: player.now().message_count > told)  # type: ignore[misc]
            assert player.now().message == message
        player.do(Command.STOP)


def test_begins_where_it_is_told_to() -> None:
    sound, device = noise(to_frames(5)), FakeDevice()
    with Player(Written(sound), device, start=to_frames(2)) as player:
        assert player.now().position == to_frames(2)
        hear(player, device)
    assert np.array_equal(device.heard[FADE : FADE + to_frames(3)], sound[to_frames(2) :])
    assert player.outcome.frames_played == to_frames(3)


def test_a_failure_of_the_source_is_raised_after_stopping() -> None:
    source, device = Written(noise(to_frames(9))), FakeDevice()
    failure = EnvironmentFailure("The voice has failed.")
    with Player(source, device) as player:
        device.take(4 * TICK)
        source.failed, device.patient = failure, False  # nothing more will come
        supply = device.supply
        until(lambda: supply.stopped)
        hear(player, device)
    with pytest.raises(EnvironmentFailure, match="The voice has failed"):
        _ = player.outcome
    assert device.closed
    assert not device.heard[-device.latency :].any()


def test_without_a_device_nothing_is_left_running() -> None:
    class Missing(FakeDevice):
        def open(self) -> None:
            raise EnvironmentFailure("There is no sound device.")

    device = Missing()
    with Player(Written(noise(to_frames(2))), device) as player:
        assert player.wait(20)
    with pytest.raises(EnvironmentFailure, match="no sound device"):
        _ = player.outcome
    assert device.closed


@pytest.mark.parametrize("leave", [True, False])
def test_does_not_wait_for_a_device_that_hangs_from_the_start(leave: bool) -> None:
    answers = threading.Event()

    class Hanging(FakeDevice):
        def open(self) -> None:
            answers.wait()

    device = Hanging()
    with Player(Written(noise(to_frames(2))), device) as player:
        if not leave:
            player.do(Command.STOP)
            until(lambda: player.wait(0))
    assert player.outcome.end == ("interrupted" if leave else "stopped")
    assert device.closed
    answers.set()


def test_an_error_inside_the_context_closes_the_device() -> None:
    device = FakeDevice(patient=False)
    with pytest.raises(BrokenPipeError), Player(Written(noise(to_frames(2))), device):
        raise BrokenPipeError
    assert device.closed


def test_says_that_it_waits() -> None:
    source, device = Written(noise(to_frames(2)), 0, known=False), FakeDevice(patient=False)
    with Player(source, device, waiting=Level()) as player:
        assert player.now().waiting
        player.do(Command.STOP)
        until(lambda: player.wait(0))
    assert not device.blocks
    assert (player.outcome.frames_played, player.outcome.underruns) == (0, 0)


def test_suspended_it_is_silent_and_loses_nothing() -> None:
    sound, device = noise(to_frames(3)), FakeDevice()
    with Player(Written(sound), device) as player:
        device.take(TICK)
        stopping = threading.Thread(target=player.suspend)
        stopping.start()
        supply = device.supply
        until(lambda: supply.suspended)
        device.take(TICK)
        stopping.join()
        assert not player.now().transport.paused
        device.take(TICK)
        assert not device.blocks[-1].any()
        player.resume()
        hear(player, device)
    resumed_at, gap = 3 * TICK, 2 * TICK - FADE
    assert np.array_equal(device.heard[resumed_at + FADE : len(sound) + gap], sound[TICK + 2 * FADE :])


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Looks for a device all the time."""
    monkeypatch.setattr(playing, "_IDLE", 0.001)
    monkeypatch.setattr(playing, "_RETRY_TURNS", 1)


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("paused", [False, True])
def test_goes_on_where_it_was_heard_when_the_device_is_back(paused: bool) -> None:
    class Comes(FakeDevice):
        away = False
        preroll_frames = 3_000

        def open(self) -> None:
            if self.away:
                raise EnvironmentFailure("There is none.")
            super().open()

    sound, device = noise(to_frames(5)), Comes()
    with Player(Written(sound), device) as player:
        device.take(4 * TICK)
        if paused:
            ask(player, Command.PAUSE)
            device.take(TICK)
        position = player.now().position
        device.away = device.lost = True
        until(lambda: player.now().lost)
        assert player.now().message == "The sound device has gone. Looking for another."
        assert player.now().position == position
        assert device.closed
        before = device.heard
        device.away = False
        until(lambda: not player.now().lost)
        assert player.now().message == "The sound now plays on Fake."
        assert player.now().transport.paused is paused
        if paused:
            device.take(TICK)
            assert not device.blocks[-1].any()
            ask(player, Command.PAUSE)
        hear(player, device)
    after = device.heard[len(before) + paused * TICK :]
    first = int(np.flatnonzero(after.any(axis=1))[0]) + FADE
    assert first >= FADE + (0 if paused else device.preroll_frames)
    assert np.array_equal(after[first : first + len(sound) - position], sound[position:])
    assert player.outcome.end == "finished"
    assert player.outcome.position == len(sound)


@pytest.mark.usefixtures("impatient")
def test_stops_while_there_is_no_device() -> None:
    class Goes(FakeDevice):
        def open(self) -> None:
            if self.opened:
                raise EnvironmentFailure("There is none.")
            super().open()

    device = Goes()
    with Player(Written(noise(to_frames(2))), device) as player:
        device.take(TICK)
        device.lost = True
        until(lambda: player.now().lost)
        player.do(Command.STOP)
        until(lambda: player.wait(0))
    assert player.outcome.end == "stopped"


@pytest.mark.parametrize(
    ("seconds", "busy", "times"), [(0.1, True, 2), (0.3, True, 2), (5.0, True, 2), (5.0, False, 1)]
)
def test_a_device_starts_when_there_is_enough_to_fill_it(
    seconds: float, busy: bool, times: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It asks for all of its buffer at once, and on a busy machine for more soon: less would be a gap at the start."""
    monkeypatch.setattr("audioguide.player.player.is_busy", lambda: times == 2)

    class Deep(FakeDevice):
        latency, ready = to_frames(0.42), 0

        def start(self, supply: BlockSource) -> None:
            self.ready = supply.ahead
            super().start(supply)

    sound, device = noise(to_frames(seconds)), Deep()
    with Player(Written(sound), device) as player:
        until(lambda: device.ready)
        assert device.ready >= min(len(sound), times * device.latency)
        hear(player, device)


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("refusals", [3, 10_000])
def test_a_device_that_goes_before_it_starts_is_looked_for_but_not_for_ever(refusals: int) -> None:
    class Refuses(FakeDevice):
        starts = 0

        def start(self, supply: BlockSource) -> None:
            self.starts += 1
            if self.starts <= refusals:
                raise EnvironmentFailure("It does not start.")
            super().start(supply)

    sound, device = noise(to_frames(1)), Refuses()
    with Player(Written(sound), device) as player:
        if refusals > 3:
            assert player.wait(20)
        else:
            hear(player, device)
    if refusals > 3:
        with pytest.raises(EnvironmentFailure, match="does not start"):
            _ = player.outcome
    else:
        assert player.outcome.frames_played == len(sound)


def test_a_device_that_failed_for_good_is_not_looked_for() -> None:
    device = FakeDevice()
    with Player(Written(noise(to_frames(2))), device) as player:
        device.take(TICK)
        device.failed, device.lost = EnvironmentFailure("The disk is full."), True
        assert player.wait(20)
    with pytest.raises(EnvironmentFailure, match="disk is full"):
        _ = player.outcome
