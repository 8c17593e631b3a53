"""The loudspeaker on a real sound server: what was played is what was recorded."""

from __future__ import annotations

import sys
import threading

import numpy as np
import pytest
from player_fakes import Written, noise
from pulse import SoundServer

from audioguide.errors import EnvironmentFailure
from audioguide.player.device import Loudspeaker, Pull, devices
from audioguide.player.fade import Fade
from audioguide.player.feed import FADE
from audioguide.player.play import PAUSE, QUIT, Outcome, Progress, play
from audioguide.player.pump import PATIENCE
from audioguide.sound.block import Block, silence
from audioguide.units import frames


class Cues:
    """Keys that come when the session has reached a frame; otherwise the time passes."""

    def __init__(self) -> None:
        self.position = 0
        self._waited = threading.Event()

    def see(self, progress: Progress) -> None:
        self.position = progress.position

    def read(self, timeout: float) -> str | None:
        self._waited.wait(timeout)
        return self.next()

    def next(self) -> str | None:
        return None


def recorded(server: SoundServer, source: Written, cues: Cues) -> tuple[np.ndarray, Outcome]:
    with server.recording() as recording:
        outcome = play(source, Loudspeaker(), cues.see, keys=cues)
    return recording.sound, outcome


def steps(sound: Block) -> np.ndarray:
    """Sound in the steps of s16, as the server rounds it."""
    return np.rint(sound * 32_768).astype(np.int32)


def equal(recording: np.ndarray, sound: Block) -> bool:
    return len(recording) == len(sound) and bool(np.abs(recording - steps(sound)).max() <= 1)


@pytest.mark.real("pulseaudio")
def test_every_sample_arrives(sound_server: SoundServer) -> None:
    sound = noise(frames(10) + 321)
    recording, outcome = recorded(sound_server, Written(sound), Cues())
    assert equal(recording, sound)
    assert (outcome.frames, outcome.underruns, outcome.end) == (len(sound), 0, "finished")


@pytest.mark.real("pulseaudio")
def test_a_pause_loses_nothing(sound_server: SoundServer) -> None:
    class Twice(Cues):
        """Pauses after one second, and goes on when that has been still for a while."""

        still = 0

        def next(self) -> str | None:
            self.still = self.still + 1 if self.position > frames(1) else 0
            return PAUSE if self.still in (1, 8) else None

    sound = noise(frames(4))
    recording, outcome = recorded(sound_server, Written(sound), Twice())
    assert outcome.finished
    gap = len(recording) - len(sound)
    assert frames(0.4) < gap < frames(1.5)
    differs = int(np.flatnonzero(np.abs(recording[: len(sound)] - steps(sound)).max(axis=1) > 1)[0])
    assert any(
        equal(recording, paused(sound, at, gap))
        for at in range(differs, differs - 30, -1)  # a fade begins gently
    )


def paused(sound: Block, at: int, gap: int) -> Block:
    """What is heard of `sound` when it is paused at a frame, for `gap` frames."""
    fade, heard = Fade(FADE, level=FADE), sound.copy()
    fade.apply(heard[at : at + FADE], rising=False)
    fade.apply(heard[at + FADE : at + 2 * FADE], rising=True)
    return np.concatenate([heard[: at + FADE], silence(gap), heard[at + FADE :]])


@pytest.mark.real("pulseaudio")
def test_a_wait_loses_nothing(sound_server: SoundServer) -> None:
    sound, cut = noise(frames(4)), frames(2) + 55
    source = Written(sound, available=cut, known=False)

    class Late(Cues):
        """The rest of the session comes when the first part has been over for a while."""

        ticks = 0

        def next(self) -> str | None:
            self.ticks += self.position >= frames(2)
            if self.ticks == 8:
                source.available = source.frames = len(sound)
            return None

    recording, outcome = recorded(sound_server, source, Late())
    gap = len(recording) - len(sound)
    assert gap >= PATIENCE
    assert equal(recording, np.concatenate([sound[:cut], silence(gap), sound[cut:]]))
    assert (outcome.frames, outcome.underruns) == (len(sound), 0)


@pytest.mark.real("pulseaudio")
def test_stopping_fades_out(sound_server: SoundServer) -> None:
    class Quits(Cues):
        def next(self) -> str | None:
            return QUIT if self.position > frames(1) else None

    sound = noise(frames(6))
    recording, outcome = recorded(sound_server, Written(sound), Quits())
    assert outcome.end == "stopped"
    assert outcome.frames - 10 <= len(recording) <= outcome.frames
    whole = outcome.frames - FADE
    assert equal(recording[:whole], sound[:whole])
    assert np.abs(recording[-20:]).max() < 100


@pytest.mark.real("pulseaudio")
def test_lists_the_devices(sound_server: SoundServer) -> None:
    assert [(device.name, device.system) for device in devices()] == [("Null Output", "PulseAudio")]


@pytest.fixture
def no_sound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PULSE_SERVER", "unix:/nonexistent")
    monkeypatch.setenv("ALSA_CONFIG_PATH", "/dev/null")


@pytest.mark.skipif(sys.platform != "linux", reason="only here can the sound devices be taken away")
def test_without_a_device_there_is_one_sentence(no_sound: None, capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(EnvironmentFailure, match=r"no sound device .* `audioguide export`"):
        Loudspeaker().open()
    assert devices() == ()
    assert capfd.readouterr() == ("", "")  # the sound systems have an account of their own to give


@pytest.mark.parametrize(("pull", "late"), [(noise, 1), (silence, 0)])
def test_counts_the_times_that_it_came_too_late_for_sound(
    monkeypatch: pytest.MonkeyPatch, pull: Pull, late: int
) -> None:
    times = iter([0.0, 0.1, 0.2, 0.5, 0.55, 0.65])
    monkeypatch.setattr("audioguide.player.device.time.monotonic", lambda: next(times))
    loudspeaker = Loudspeaker()
    answers = loudspeaker._answers(pull)
    next(answers)
    for _ in range(6):
        assert len(answers.send(100)) == 100
    assert loudspeaker.late == late
