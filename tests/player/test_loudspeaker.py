"""The loudspeaker on a real sound server: what was played is what was recorded."""

from __future__ import annotations

import re
import subprocess
import sys
import threading
from collections.abc import Callable

import numpy as np
import pytest
from player_fakes import Written, noise
from pulse import SoundServer

from audioguide.errors import EnvironmentFailure
from audioguide.player.device import Loudspeaker, devices
from audioguide.player.feed import FADE
from audioguide.player.play import PAUSE, QUIT, Outcome, Progress, play
from audioguide.player.pump import PATIENCE
from audioguide.sound.block import Block
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
    silent = np.flatnonzero(~recording.any(axis=1))
    assert np.array_equal(silent, np.arange(silent[0], silent[-1] + 1))
    before, after = recording[: silent[0]], recording[silent[-1] + 1 :]
    assert frames(0.4) < len(silent) < frames(1.5)
    assert equal(before[:-FADE], sound[: len(before) - FADE])
    assert equal(after[FADE:], sound[len(sound) - len(after) + FADE :])
    assert abs(len(before) + len(after) - len(sound)) <= 10  # the ends of the fades round to silence


@pytest.mark.real("pulseaudio")
def test_a_wait_loses_nothing(sound_server: SoundServer) -> None:
    sound = noise(frames(4))
    source = Written(sound, available=frames(2) + 55, known=False)

    class Late(Cues):
        """The rest of the session comes when the first part has been over for a while."""

        ticks = 0

        def next(self) -> str | None:
            self.ticks += self.position >= frames(2)
            if self.ticks == 8:
                source.available = source.frames = len(sound)
            return None

    recording, outcome = recorded(sound_server, source, Late())
    silent = np.flatnonzero(~recording.any(axis=1))
    assert len(silent) >= PATIENCE
    assert np.array_equal(silent, np.arange(source_cut := frames(2) + 55, source_cut + len(silent)))
    assert equal(np.delete(recording, silent, axis=0), sound)
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


def in_a_process(code: Callable[[], object] | str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)


@pytest.mark.skipif(sys.platform != "linux", reason="only here can the sound devices be taken away")
def test_without_a_device_it_says_so(no_sound: None) -> None:
    with pytest.raises(EnvironmentFailure, match=re.escape("There is no sound device")):
        Loudspeaker().open()
    assert devices() == ()
