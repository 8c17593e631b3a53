from __future__ import annotations

import threading

import numpy as np
import pytest
from player_fakes import FakeDevice, Level, Script, Written, noise

from audioguide.errors import EnvironmentFailure
from audioguide.player.device import Pull
from audioguide.player.feed import FADE
from audioguide.player.play import PAUSE, QUIT, TAIL, Progress, play
from audioguide.units import frames

TICK = 4_410
"""Frames that the fake device takes between two looks at the keys."""


@pytest.fixture(autouse=True)
def _no_thread_left_over() -> object:
    yield
    assert [thread.name for thread in threading.enumerate() if thread.name == "pump"] == []


def test_a_session_is_heard_whole() -> None:
    sound, device, seen = noise(frames(5) + 99), FakeDevice(), list[Progress]()
    outcome = play(Written(sound), device, seen.append, keys=Script(device))
    assert np.array_equal(device.heard[: len(sound)], sound)
    assert len(device.heard) - len(sound) >= device.latency + TAIL  # what follows pushes the last words out
    assert (outcome.frames, outcome.underruns, outcome.end) == (len(sound), 0, "finished")
    assert outcome.finished
    assert device.closed

    positions = [progress.position for progress in seen]
    assert positions == sorted(positions)
    assert positions[:2] == [TICK - device.latency, 2 * TICK - device.latency]
    assert positions[-1] == len(sound)


def test_space_pauses_and_goes_on() -> None:
    sound, device, seen = noise(frames(3)), FakeDevice(), list[Progress]()
    keys = Script(device, [None, PAUSE, None, None, PAUSE])
    outcome = play(Written(sound), device, seen.append, keys=keys)
    heard = device.heard
    silent = np.flatnonzero(~heard[: len(sound)].any(axis=1))
    paused_at = 2 * TICK
    resumed_at = 5 * TICK
    assert np.array_equal(heard[:paused_at], sound[:paused_at])
    assert silent[0] == paused_at + FADE - 1
    assert silent[-1] == resumed_at - 1
    gap = resumed_at - paused_at - FADE
    assert np.array_equal(heard[resumed_at + FADE : len(sound) + gap], sound[resumed_at + FADE - gap :])
    assert outcome.finished
    assert outcome.frames == len(sound)
    assert [progress.paused for progress in seen[:6]] == [False, True, True, True, False, False]
    assert seen[2].position == seen[3].position == paused_at + FADE  # all of it has been heard by now


@pytest.mark.parametrize(("key", "end"), [(QUIT, "stopped"), (KeyboardInterrupt(), "interrupted")], ids=["q", "Ctrl-C"])
def test_ends_with_a_fade(key: str | BaseException, end: str) -> None:
    sound, device = noise(frames(9)), FakeDevice()
    outcome = play(Written(sound), device, keys=Script(device, [None, None, key]))
    assert (outcome.end, outcome.finished) == (end, False)
    stopped_at = 3 * TICK
    assert np.array_equal(device.heard[:stopped_at], sound[:stopped_at])
    assert device.heard[stopped_at : stopped_at + FADE - 1].all()
    assert not device.heard[stopped_at + FADE :].any()
    assert len(device.heard) - stopped_at - FADE >= device.latency
    assert outcome.frames == stopped_at + FADE
    assert device.closed


def test_ctrl_c_twice_does_not_wait_for_the_fade() -> None:
    device = FakeDevice()
    with pytest.raises(KeyboardInterrupt):
        play(Written(noise(frames(9))), device, keys=Script(device, [KeyboardInterrupt(), KeyboardInterrupt()], 100))
    assert device.closed


def test_an_unknown_key_does_nothing() -> None:
    sound, device = noise(frames(1)), FakeDevice()
    outcome = play(Written(sound), device, keys=Script(device, ["x", "\x1b[A", "Q"]))
    assert outcome.finished
    assert np.array_equal(device.heard[: len(sound)], sound)


def test_a_failure_of_the_source_is_raised_after_stopping() -> None:
    source, device = Written(noise(frames(9))), FakeDevice()
    failure = EnvironmentFailure("The voice has failed.")

    class FailsLater(Script):
        def read(self, timeout: float) -> str | None:
            if len(device.heard) >= 4 * TICK:
                source.failed, device.patient = failure, False  # nothing more will come
            return super().read(timeout)

    with pytest.raises(EnvironmentFailure, match="The voice has failed"):
        play(source, device, keys=FailsLater(device))
    assert device.closed
    assert not device.heard[-device.latency :].any()


def test_without_a_device_nothing_is_left_running() -> None:
    class Missing(FakeDevice):
        def open(self) -> None:
            raise EnvironmentFailure("There is no sound device.")

    device = Missing()
    with pytest.raises(EnvironmentFailure, match="no sound device"):
        play(Written(noise(frames(2))), device, keys=Script(device))
    assert device.closed


def test_a_device_that_goes_dead_is_noticed() -> None:
    class Dead(FakeDevice):
        def start(self, pull: Pull) -> None:
            pass

        def take(self, count: int) -> None:
            pass

    device = Dead()
    with pytest.raises(EnvironmentFailure, match="stopped taking sound"):
        play(Written(noise(frames(2))), device, keys=Script(device))
    assert device.closed


def test_a_status_that_fails_closes_the_device() -> None:
    device = FakeDevice()

    def fail(progress: Progress) -> None:
        raise BrokenPipeError

    with pytest.raises(BrokenPipeError):
        play(Written(noise(frames(2))), device, fail, keys=Script(device))
    assert device.closed


def test_says_that_it_waits() -> None:
    source, device, seen = Written(noise(frames(2)), 0, known=False), FakeDevice(patient=False), list[Progress]()
    keys = Script(device, [None, None, QUIT])
    outcome = play(source, device, seen.append, keys=keys, waiting=Level())
    assert all(progress.waiting for progress in seen)
    assert not device.heard.any()
    assert (outcome.frames, outcome.underruns) == (0, 0)
