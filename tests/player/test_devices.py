"""Loudspeakers on a real sound server: which there are, which is taken, and what happens when one goes."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from player_fakes import Endless
from pulse import SoundServer, wait_until

from audioguide.errors import EnvironmentFailure, RequestError
from audioguide.player.devices.miniaudio import (
    DeviceInfo,
    Loudspeaker,
    Microphone,
    Resampled,
    find_device,
    list_devices,
)
from audioguide.sound.block import Block
from audioguide.system.process import is_busy
from audioguide.units import RATE, to_frames

pytestmark = pytest.mark.real("pulseaudio")


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SoundServer]:
    """A sound server of this test alone, which may be broken."""
    server = SoundServer(tmp_path)
    for name, value in server.as_alsa().items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("PULSE_SINK")
    yield server
    server.stop()


def playing(supply: Endless) -> None:
    """Wait until sound is taken."""
    before = supply.taken
    wait_until(lambda: supply.taken > before + to_frames(0.2), "the device to take sound")


def started(device: Loudspeaker) -> Endless:
    supply = Endless()
    device.open()
    device.start(supply)
    playing(supply)
    return supply


def errands() -> int:
    """Threads that have been sent to a sound system."""
    return sum(thread.name == "daemon-work" for thread in threading.enumerate())


def open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def test_lists_the_default_first(server: SoundServer) -> None:
    server.plug("headset", "Headset")
    assert [(output.name, output.system, output.default) for output in list_devices()] == [
        ("Null Output", "PulseAudio", True),
        ("Headset", "PulseAudio", False),
    ]


@pytest.mark.parametrize(
    ("name", "description", "wakes_slowly"),
    [
        ("bluez_output.AC_12_2F.1", "WH-1000XM4", True),
        ("alsa_output.pci-0000_00_1f.3.hdmi-stereo", "Built-in", True),
        ("other", "AirPods", True),
        ("alsa_output.pci-0000_00_1f.3.analog-stereo", "Built-in", False),
    ],
)
def test_knows_those_that_wake_slowly(server: SoundServer, name: str, description: str, wakes_slowly: bool) -> None:
    server.unplug()
    server.plug(name, description)
    assert [output.wakes_slowly for output in list_devices()] == [wakes_slowly]
    device = Loudspeaker()
    device.open()
    device.close()
    assert (device.preroll_frames >= to_frames(1)) is wakes_slowly


def test_plays_on_the_one_that_is_named(server: SoundServer) -> None:
    server.plug("headset", "Headset")
    device = Loudspeaker("heads")
    started(device)
    assert device.name == "Headset"
    assert server.pactl("list", "short", "sink-inputs").stdout.split()[1] == b"1"  # of two: 0 and 1
    device.close()


def test_an_unknown_name_names_the_nearest(server: SoundServer) -> None:
    server.plug("headset", "Headset")
    with pytest.raises(RequestError, match=r"no sound device 'Hedset'\. Did you mean Headset\?"):
        Loudspeaker("Hedset").open()


USB = tuple(DeviceInfo(name, "ALSA") for name in ("USB Audio", "USB Audio Pro", "Speakers"))


@pytest.mark.parametrize(
    ("name", "found"), [("usb audio", "USB Audio"), ("pro", "USB Audio Pro"), (" SPEAK", "Speakers")]
)
def test_a_part_of_a_name_is_enough(name: str, found: str) -> None:
    assert find_device(name, USB).name == found


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("usb", "any of these sound devices: USB Audio, USB Audio Pro. Write more"),
        ("kitchen", "Known: Speakers, USB Audio, USB Audio Pro"),
        ("", "Known: "),
    ],
)
def test_says_which_there_are(name: str, message: str) -> None:
    with pytest.raises(RequestError, match=message):
        find_device(name, USB)


@pytest.mark.parametrize("name", ["", "Headset"])
def test_goes_on_when_the_device_is_back(server: SoundServer, name: str) -> None:
    server.unplug()
    server.plug("headset", "Headset")
    device = Loudspeaker(name)
    supply = started(device)
    assert not device.lost
    server.unplug()
    wait_until(lambda: device.lost, "the loss to be noticed")
    device.close()
    with pytest.raises(EnvironmentFailure, match="no sound device"):
        device.open()
    server.plug("headset", "Headset")
    device.open()
    device.start(supply)
    playing(supply)
    assert not device.lost
    device.close()


def test_goes_on_with_another(server: SoundServer) -> None:
    server.unplug()
    server.plug("headset", "Headset")
    device = Loudspeaker("Headset")
    started(device)
    server.unplug()
    server.plug("speakers", "Speakers")
    wait_until(lambda: device.lost, "the loss to be noticed")
    device.close()
    device.open()
    assert device.name == "Speakers"
    device.close()


def test_goes_on_when_the_server_is_back(server: SoundServer) -> None:
    device = Loudspeaker()
    supply = started(device)
    server.stop()
    wait_until(lambda: device.lost, "the loss to be noticed")
    device.close()
    with pytest.raises(EnvironmentFailure):  # and not: one of ALSA's that plays to nobody
        device.open()
    server.restart()
    device.open()
    device.start(supply)
    playing(supply)
    device.close()


def test_a_server_that_hangs_is_left_behind(server: SoundServer) -> None:
    device = Loudspeaker()
    supply = started(device)
    with server.frozen():
        wait_until(lambda: device.lost, "the loss to be noticed")
        device.close()
        for _ in range(3):
            with pytest.raises(EnvironmentFailure, match="does not answer"):
                device.open()
        assert errands() == 2  # one hangs in closing, one in opening
    wait_until(lambda: not errands(), "those that hung to end")
    device.open()
    device.start(supply)
    playing(supply)
    device.close()


def test_a_dummy_is_no_device(server: SoundServer) -> None:
    server.unplug()
    server.plug("auto_null", "Dummy")
    with pytest.raises(EnvironmentFailure, match="no sound device"):
        Loudspeaker().open()
    named = Loudspeaker("Dummy")
    named.open()
    named.close()


def test_another_is_better_than_a_dummy_by_default(server: SoundServer) -> None:
    server.unplug()
    server.plug("auto_null", "Dummy")
    server.plug("headset", "Headset")
    device = Loudspeaker()
    started(device)
    assert device.name == "Headset"
    sink, *_ = (line for line in server.pactl("list", "short", "sinks").stdout.splitlines() if b"headset" in line)
    assert server.pactl("list", "short", "sink-inputs").stdout.split()[1] == sink.split()[0]
    device.close()


def test_opening_often_keeps_nothing_open(server: SoundServer) -> None:
    def often(times: int) -> None:
        for _ in range(times):
            device = Loudspeaker()
            device.open()
            device.close()

    often(1)
    before = open_files()
    often(5)
    assert open_files() == before


@pytest.mark.parametrize("told", [None, "60"])
def test_leaves_the_environment_as_it_was(
    server: SoundServer, monkeypatch: pytest.MonkeyPatch, told: str | None
) -> None:
    if told:
        monkeypatch.setenv("PULSE_LATENCY_MSEC", told)
    device = Loudspeaker()
    device.open()
    device.close()
    assert os.environ.get("PULSE_LATENCY_MSEC") == told


def test_converts_to_the_rate_of_the_device_where_the_system_does_not(
    server: SoundServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("audioguide.player.devices.miniaudio._CONVERTING", ())
    monkeypatch.setattr("audioguide.player.devices.miniaudio.is_busy", lambda: False)  # 440 ms are for 44.1 kHz
    server.unplug()
    server.plug("fast", "Fast", rate=48_000)
    device = Loudspeaker()
    started(device)
    assert b"s16le 2ch 48000Hz" in server.pactl("list", "short", "sinks").stdout
    assert b"2ch 48000Hz" in server.pactl("list", "short", "sink-inputs").stdout
    device.close()


def test_converts_well() -> None:
    class Tone(Endless):
        def take(self, count: int) -> Block:
            at = np.arange(self.taken, self.taken + count)
            self.taken += count
            return np.repeat(np.sin(2 * np.pi * 8_000 * at / RATE), 2).reshape(-1, 2).astype(np.float32)

    tone = Tone()
    resampled = Resampled(tone, 48_000)
    heard = np.concatenate([resampled.take(960) for _ in range(60)])[4_800:, 0]
    assert abs(tone.taken - 60 * 882) < to_frames(0.05)
    power = np.abs(np.fft.rfft(heard[:48_000] * np.blackman(48_000))) ** 2
    assert power[7_950:8_050].sum() > 1e10 * (power[:7_950].sum() + power[8_050:].sum())


def test_counts_the_gaps_that_are_heard(server: SoundServer) -> None:
    class Stalling(Endless):
        stalled = threading.Event()

        def take(self, count: int) -> Block:
            if self.taken > to_frames(0.5) and not self.stalled.is_set():
                self.stalled.set()
                threading.Event().wait(0.5)
            return super().take(count)

    device, supply = Loudspeaker(), Stalling()
    device.open()
    device.start(supply)
    wait_until(lambda: supply.taken > to_frames(1), "sound to be taken")
    device.close()
    assert device.underruns == 1


@pytest.mark.slow
@pytest.mark.real("pulseaudio")
def test_who_asks_late_gets_a_longer_buffer_and_goes_on_without_a_gap(
    server: SoundServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("audioguide.player.devices.miniaudio.is_busy", lambda: False)  # or it is long from the start

    class Late(Endless):
        def take(self, count: int) -> Block:
            if to_frames(0.5) < self.taken < to_frames(0.55):
                threading.Event().wait(0.7 * device.latency / RATE)
            return super().take(count)

    device = Loudspeaker()
    device.open()
    before, supply = device.latency, Late()
    with server.recording() as recording:
        device.start(supply)
        wait_until(lambda: device.outgrown, "the longer buffer to be opened")
        device.change_over(supply)
        assert device.latency >= 1.9 * before
        taken = supply.taken
        wait_until(lambda: supply.taken > taken + RATE, "sound to be taken")
        assert not device.lost
        device.close()
    silent = np.diff(np.flatnonzero(recording.sound.any(axis=1)))
    assert silent.max() < to_frames(0.15 + 0.5 * is_busy())


@pytest.mark.skipif(sys.platform != "linux", reason="only here can the sound devices be taken away")
def test_without_a_device_there_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PULSE_SERVER", "unix:/nonexistent")
    monkeypatch.setenv("ALSA_CONFIG_PATH", "/dev/null")
    with pytest.raises(EnvironmentFailure, match=r"no sound device .* `audioguide export`"):
        Loudspeaker().open()
    assert list_devices() == ()
    assert capfd.readouterr() == ("", "")  # the sound systems have an account of their own to give


@pytest.mark.real("pulseaudio", "paplay")
def test_a_microphone_hears_until_it_is_gone(sound_server):
    sound_server.plug_microphone("desk")
    try:
        heard_by = {device.name: device.dummy for device in list_devices(capture=True)}
        assert sorted(heard_by.values()) == [False, True]  # the other one hears what the loudspeaker plays
        with closing(Microphone("desk")) as microphone:
            tone = 8000 * np.sin(2 * np.pi * 500 * np.arange(RATE) / RATE)
            play = ["paplay", "--raw", "--format=s16le", f"--rate={RATE}", "--channels=1"]
            subprocess.run(play, input=np.rint(tone).astype("<i2").tobytes(), check=True)
            heard = microphone.read()
            assert microphone.rate == RATE
            assert np.abs(heard).max() == pytest.approx(8000 / 32768, rel=0.02)
            assert np.argmax(np.abs(np.fft.rfft(heard))) * RATE / len(heard) == pytest.approx(500, abs=2)
            sound_server.unplug_microphone()
            with pytest.raises(EnvironmentFailure, match=r"has gone\. Plug it in again"):
                [microphone.read() for _ in range(200)]
    finally:
        sound_server.pactl("unload-module", "module-remap-source")
