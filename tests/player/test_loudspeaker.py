"""The player on the loudspeaker and a real sound server: what was asked for is what was recorded."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from busy import busy
from player_fakes import Written, noise, until
from pulse import SoundServer, retry_in_real_time

from audioguide.errors import EnvironmentFailure
from audioguide.player.buffer import FADE, Fade, raised_cosine_gains
from audioguide.player.commands import Command, SeekTo
from audioguide.player.devices.device import BlockSource
from audioguide.player.devices.miniaudio import Loudspeaker
from audioguide.player.player import Player
from audioguide.player.renderer import PATIENCE
from audioguide.player.transport import PlayerState
from audioguide.sound.block import Block
from audioguide.units import to_frames

RISING = raised_cosine_gains(FADE)[:, np.newaxis]


class Watched(Loudspeaker):
    """A loudspeaker whose buffer can be looked at."""

    buffer: Any

    def start(self, supply: BlockSource) -> None:
        self.buffer = supply
        super().start(supply)


def recorded(
    server: SoundServer,
    source: Written,
    steer: Callable[[Player], None] = lambda player: None,
    device: Loudspeaker | None = None,
) -> tuple[np.ndarray, PlayerState]:
    with server.recording() as recording, Player(source, device or Loudspeaker()) as player:
        steer(player)
        until(lambda: player.wait(0.01), seconds=200)
    return recording.sound, player.outcome


def reach(player: Player, seconds: float) -> None:
    """Wait until the session is so far."""
    until(lambda: player.now().position >= to_frames(seconds) or player.wait(0))


def steps(sound: Block) -> np.ndarray:
    """Sound in the steps of s16, as the server rounds it."""
    return np.rint(sound * 32_768).astype(np.int32)


def equal(recording: np.ndarray, sound: Block) -> bool:
    return len(recording) == len(sound) and bool(np.abs(recording - steps(sound)).max(initial=0) <= 1)


def whole(recording: np.ndarray) -> np.ndarray:
    """A recording without the gaps that a machine may make that is busy with other things: `noise` has none."""
    return recording[recording.any(axis=1)]


def intact(recording: np.ndarray, sound: Block, outcome: PlayerState) -> bool:
    """Whether all of it is there; after a gap it fades in, so that only the end is the same."""
    heard, last = whole(recording), to_frames(0.1)
    return equal(heard, sound) or (bool(outcome.underruns) and equal(heard[-last:], sound[-last:]))


@pytest.fixture(autouse=True)
def one_buffer(monkeypatch: pytest.MonkeyPatch) -> None:
    """The device does not change to a longer buffer, which fades out and in."""
    monkeypatch.setenv("PULSE_LATENCY_MSEC", "120")


def parting(recording: np.ndarray, sound: Block) -> list[int]:
    """The frames at which a fade may have begun: at or a little before the first one that differs. It begins gently."""
    count = min(len(recording), len(sound))
    differs = int(np.flatnonzero(np.abs(recording[:count] - steps(sound[:count])).max(axis=1) > 1)[0])
    return list(range(differs, max(differs - 40, 0), -1))


@pytest.mark.slow
@pytest.mark.real("pulseaudio")
@pytest.mark.parametrize("load", [nullcontext, busy])
@retry_in_real_time
def test_every_sample_arrives(sound_server: SoundServer, load: Callable[[], AbstractContextManager[None]]) -> None:
    """How seldom there is a gap is for the bench to say; here it is that nothing else is wrong, and that it is told."""
    sound = noise(to_frames(4) + 321)
    with load():
        recording, outcome = recorded(sound_server, Written(sound))
    assert intact(recording, sound, outcome)
    assert len(recording) == len(sound) or outcome.underruns
    assert (outcome.frames_played, outcome.position, outcome.end) == (len(sound), len(sound), "finished")


@pytest.mark.slow
@pytest.mark.real("pulseaudio")
def test_a_pause_loses_nothing(sound_server: SoundServer) -> None:
    sound, device = noise(to_frames(2)), Watched()

    def pause(player: Player) -> None:
        reach(player, 0.5)
        player.do(Command.PAUSE)
        until(lambda: device.buffer.silence > to_frames(0.5))
        player.do(Command.PAUSE)

    recording, outcome = recorded(sound_server, Written(sound), pause, device)
    assert outcome.end == "finished"
    assert len(recording) - len(sound) > to_frames(0.4)
    assert broken_off(recording, sound)


def broken_off(recording: np.ndarray, sound: Block) -> bool:
    """Whether it is heard whole, but for a fade out and in again; where that is all but silent is left out."""
    heard, quiet = whole(recording), 60

    def at(frame: int) -> bool:
        faded, fade = sound.copy(), Fade(FADE, level=FADE)
        fade.apply(faded[frame : frame + FADE], rising=False)
        fade.apply(faded[frame + FADE : frame + 2 * FADE], rising=True)
        first, last = frame + FADE - quiet, len(sound) - frame - FADE - quiet
        return equal(heard[:first], faded[:first]) and equal(heard[-last:], faded[-last:])

    return any(at(frame) for frame in parting(heard, sound))


@pytest.mark.real("pulseaudio")
@retry_in_real_time
def test_a_seek_is_heard_from_the_exact_frame(sound_server: SoundServer) -> None:
    sound, target = noise(to_frames(9)), to_frames(8) + 123

    def seek(player: Player) -> None:
        reach(player, 0.5)
        player.do(SeekTo(target))

    recording, outcome = recorded(sound_server, Written(sound), seek)
    assert outcome.end == "finished"
    heard = whole(recording)
    assert any(equal(heard, sought(sound, at, target)) for at in parting(heard, sound))


def sought(sound: Block, at: int, target: int) -> Block:
    crossed = sound[target - FADE : target] * RISING + sound[at : at + FADE] * (1 - RISING)
    return np.concatenate([sound[:at], crossed, sound[target:]])


@pytest.mark.real("pulseaudio")
@retry_in_real_time
def test_a_volume_changes_and_nothing_else(sound_server: SoundServer) -> None:
    sound = noise(to_frames(2))

    def quieten(player: Player) -> None:
        reach(player, 0.5)
        player.do(Command.VOICE_DOWN)

    recording, outcome = recorded(sound_server, Written(sound), quieten)
    heard = whole(recording)
    assert outcome.frames_played == len(sound)
    quieter = sound * np.float32(10 ** (-2 / 20))

    def changed(at: int) -> Block:
        crossing = sound[at : at + FADE] + RISING * (quieter[at : at + FADE] - sound[at : at + FADE])
        return np.concatenate([sound[:at], crossing, quieter[at + FADE :]])

    assert any(equal(heard, changed(at)) for at in parting(heard, sound))


@pytest.mark.slow
@pytest.mark.real("pulseaudio")
def test_another_take_is_heard_without_a_seam(sound_server: SoundServer) -> None:
    one = noise(to_frames(3))
    other = np.concatenate([one[: to_frames(1.5)], noise(to_frames(1), seed=8)])
    source = Written(one)

    def change(player: Player) -> None:
        reach(player, 0.5)
        source.version = Written(other)

    recording, outcome = recorded(sound_server, source, change)
    assert equal(whole(recording), other)
    assert outcome.frames_played == len(other)


@pytest.mark.slow
@pytest.mark.real("pulseaudio")
def test_a_wait_loses_nothing(sound_server: SoundServer) -> None:
    sound, cut = noise(to_frames(2.5)), to_frames(1.5) + 55
    source, device = Written(sound, available=cut, known=False), Watched()

    def come_late(player: Player) -> None:
        """The rest of the session comes when the first part has been over for a while."""
        reach(player, 0.5)
        until(lambda: player.now().waiting and device.buffer.playhead.beyond > to_frames(0.6))
        source.available = source.frames = len(sound)

    recording, outcome = recorded(sound_server, source, come_late, device)
    gap = len(recording) - len(sound)
    assert gap >= PATIENCE
    assert intact(recording, sound, outcome)
    assert not recording[cut : cut + PATIENCE].any() or outcome.underruns
    assert outcome.frames_played == len(sound)


@pytest.mark.real("pulseaudio")
def test_stopping_fades_out(sound_server: SoundServer) -> None:
    def stop(player: Player) -> None:
        reach(player, 1)
        player.do(Command.STOP)

    sound = noise(to_frames(6))
    recording, outcome = recorded(sound_server, Written(sound), stop)
    assert outcome.end == "stopped"
    assert outcome.frames_played - 10 - 50 * outcome.underruns <= len(whole(recording)) <= outcome.frames_played
    full = outcome.frames_played - FADE
    assert equal(whole(recording)[:full], sound[:full]) or outcome.underruns
    assert np.abs(recording[-20:]).max() < 100


@pytest.mark.slow
@pytest.mark.real("pulseaudio")
def test_suspended_it_loses_nothing(sound_server: SoundServer) -> None:
    sound, device = noise(to_frames(2)), Watched()

    def suspend(player: Player) -> None:
        reach(player, 0.5)
        player.suspend()
        assert device.buffer.silence >= device.latency
        player.resume()

    recording, outcome = recorded(sound_server, Written(sound), suspend, device)
    assert broken_off(recording, sound)
    assert outcome.end == "finished"


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SoundServer]:
    """A sound server of this test alone, which may be broken."""
    server = SoundServer(tmp_path)
    for name, value in server.environment.items():
        monkeypatch.setenv(name, value)
    yield server
    server.stop()


@pytest.mark.slow
@pytest.mark.real("pulseaudio")
def test_goes_on_where_it_was_when_the_device_is_back(server: SoundServer) -> None:
    class Kept(Loudspeaker):
        """One that is not found again before all is ready to record it."""

        away = False

        def open(self) -> None:
            if self.away:
                raise EnvironmentFailure("There is none.")
            super().open()

    sound, device = noise(to_frames(4)), Kept()
    with Player(Written(sound), device) as player:
        reach(player, 1)
        device.away = True
        server.unplug()
        until(lambda: player.now().lost)
        position = player.now().position
        server.plug()
        with server.recording() as recording:
            device.away = False
            until(lambda: player.wait(0.01))
    assert player.outcome.end == "finished"
    assert to_frames(0.9) < position < to_frames(3)
    heard = whole(recording.sound)
    assert equal(heard[-(len(sound) - position) :], sound[position:])
    assert len(heard) <= len(sound) - position + FADE
