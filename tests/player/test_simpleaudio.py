"""The second output on a real sound server, through ALSA: every word arrives whole, and it can be steered."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import psutil
import pytest
from extras import need_simpleaudio
from player_fakes import Written, noise
from pulse import SoundServer, retry_in_real_time, wait_until

from audioguide.errors import EnvironmentFailure, RequestError
from audioguide.player.commands import Command, SeekTo
from audioguide.player.devices import simpleaudio, simpleaudio_child
from audioguide.player.devices.simpleaudio import SEAM, SimpleaudioDevice, fade_seams, find_quietest_cut
from audioguide.player.player import Player
from audioguide.sound.block import Block, silence
from audioguide.units import to_frames

WORD, GAP = to_frames(0.31), to_frames(0.17)


def words(count: int) -> Block:
    """Words with silence between them, none like another."""
    spoken = [np.concatenate([noise(WORD, seed), silence(GAP)]) for seed in range(count)]
    return np.concatenate(spoken)


def test_cuts_where_it_is_silent() -> None:
    sound = words(2)
    cut = find_quietest_cut(sound[: WORD + GAP + 9_000], to_frames(0.2))
    assert not sound[cut : cut + SEAM].any()


def test_cuts_no_sooner_than_it_may() -> None:
    assert find_quietest_cut(silence(10_000), 4_000) == 10_000 - SEAM
    assert find_quietest_cut(np.concatenate([silence(4_000), noise(6_000)]), 5_000) >= 5_000


def test_what_is_cut_adds_up_to_what_it_was() -> None:
    sound = noise(20_000)
    first, second = fade_seams(sound[: 8_000 + SEAM], begun=False), fade_seams(sound[8_000:], begun=True)
    made = np.concatenate([first, silence(len(sound) - len(first))])
    made[8_000:] += second
    assert np.allclose(made[:-SEAM], sound[:-SEAM], atol=1e-6)


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SoundServer]:
    """A sound server that is ALSA's default device."""
    need_simpleaudio()
    server = SoundServer(tmp_path)
    for name, value in server.as_alsa().items():
        monkeypatch.setenv(name, value)
    yield server
    server.stop()


def played(server: SoundServer, sound: Block) -> tuple[np.ndarray, Player]:
    """What is recorded of a sound, and who played it."""
    with server.recording() as recording, Player(Written(sound), SimpleaudioDevice()) as player:
        assert player.wait(30)
    return recording.sound, player


def places(recorded: np.ndarray, sound: Block) -> list[int]:
    """Where each word that was recorded whole begins, in order; -1 for one that is not there."""
    steps = np.rint(sound * 32_768).astype(np.int32)
    found = []
    for start in range(0, len(sound), WORD + GAP):
        word = steps[start : start + WORD]
        at = np.flatnonzero(np.abs(recorded[: len(recorded) - WORD + 1, 0] - word[0, 0]) <= 1)
        found.append(next((int(n) for n in at if np.abs(recorded[n : n + WORD] - word).max() <= 1), -1))
    return found


@pytest.mark.slow
@pytest.mark.real("pulseaudio")
@retry_in_real_time
def test_every_word_arrives_whole_and_in_time(server: SoundServer) -> None:
    sound = words(6)
    recorded, player = played(server, sound)
    assert player.outcome.end == "finished"
    found = np.array(places(recorded, sound))
    assert found.min() >= 0
    assert np.abs(np.diff(found) - (WORD + GAP)).max() < SEAM  # a server begins a buffer with its own


@pytest.mark.slow
@pytest.mark.real("pulseaudio")
@retry_in_real_time
def test_what_never_pauses_is_heard_without_a_gap(server: SoundServer) -> None:
    level = np.full((to_frames(2), 2), 0.25, np.float32)
    recorded, _ = played(server, level)
    inside = recorded[to_frames(0.1) : -to_frames(0.1), 0]
    assert inside.min() > 0
    assert inside.max() < 2 * 0.25 * 32_768
    assert abs(len(recorded) - len(level)) < to_frames(0.05)


@pytest.mark.slow
@pytest.mark.real("pulseaudio")
@retry_in_real_time
def test_a_pause_loses_no_word(server: SoundServer) -> None:
    sound = words(5)
    with server.recording() as recording, Player(Written(sound), SimpleaudioDevice()) as player:
        wait_until(lambda: player.now().frames_played > to_frames(1), "the session to be heard")
        player.do(Command.PAUSE)
        wait_until(lambda: player.now().transport.paused, "the pause")
        time.sleep(1.5)
        player.do(Command.PAUSE)
        assert player.wait(30)
    recorded = recording.sound
    assert player.outcome.end == "finished"
    assert len(recorded) > len(sound) + to_frames(1)
    assert sum(at < 0 for at in places(recorded, sound)) <= 1  # the one that it was paused in


@pytest.mark.slow
@pytest.mark.real("pulseaudio")
@retry_in_real_time
def test_goes_on_where_it_is_told(server: SoundServer) -> None:
    sound = words(12)
    with server.recording() as recording, Player(Written(sound), SimpleaudioDevice()) as player:
        wait_until(lambda: player.now().frames_played > to_frames(1), "the session to be heard")
        player.do(SeekTo(9 * (WORD + GAP)))
        assert player.wait(30)
    found = places(recording.sound, sound)
    assert found[0] >= 0
    assert set(found[4:9]) == {-1}
    assert min(found[9:]) >= 0


@pytest.mark.slow
@pytest.mark.real("pulseaudio")
def test_stops_when_it_is_told(server: SoundServer) -> None:
    with server.recording() as recording, Player(Written(noise(to_frames(20))), SimpleaudioDevice()) as player:
        wait_until(lambda: player.now().frames_played > to_frames(1), "the session to be heard")
        player.do(Command.STOP)
        assert player.wait(5)
    assert player.outcome.end == "stopped"
    assert to_frames(0.5) < len(recording.sound) < to_frames(4)
    assert np.abs(recording.sound[-20:]).max() < 1_000  # faded


@pytest.mark.slow
@pytest.mark.real("pulseaudio")
def test_a_child_that_dies_is_a_device_that_is_lost(server: SoundServer) -> None:
    device = SimpleaudioDevice()
    device.open()
    device.start(Supply())
    assert not device.lost
    for child in psutil.Process().children():
        if "simpleaudio_child" in " ".join(child.cmdline()):
            child.kill()
    wait_until(lambda: device.lost, "the loss to be noticed")
    device.close()
    device.open()
    assert not device.lost
    device.close()
    device.close()


class Supply:
    """A level that never ends."""

    ahead = to_frames(3600)
    ended = finished = False
    silence = 0

    def take(self, count: int) -> Block:
        return np.full((count, 2), 0.25, np.float32)


@pytest.mark.slow
def test_without_a_device_there_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    need_simpleaudio()
    monkeypatch.setenv("ALSA_CONFIG_PATH", "/dev/null")
    with pytest.raises(EnvironmentFailure, match="no sound device"):
        SimpleaudioDevice().open()


def test_without_the_extra_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    without = tmp_path / "child.py"
    without.write_text(
        Path(simpleaudio_child.__file__).read_text("utf-8").replace("import simpleaudio", "import nothing_")
    )
    monkeypatch.setattr(simpleaudio_child, "__file__", str(without))
    with pytest.raises(RequestError, match=r"Run: pip install simpleaudio"):
        SimpleaudioDevice().open()


def test_on_a_python_that_it_crashes_on_it_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(simpleaudio.sys, "version_info", (3, 12, 0))
    with pytest.raises(RequestError, match="Use the output miniaudio"):
        SimpleaudioDevice().open()
    assert sys.version_info[:2] == (3, 12)
