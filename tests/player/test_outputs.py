"""Outputs that nobody hears, and how an output is named."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event

import pytest
from player_fakes import Endless, Written, noise
from pulse import wait_until

from audioguide.errors import EnvironmentFailure, RequestError
from audioguide.export.encoder import Encoder
from audioguide.export.formats import format_of
from audioguide.player import devices as choice
from audioguide.player.commands import Command
from audioguide.player.devices import create_device
from audioguide.player.devices.device import BlockSource, Device, NullDevice
from audioguide.player.devices.miniaudio import Loudspeaker
from audioguide.player.devices.wav_file import WavFileDevice, Writer
from audioguide.player.player import Player
from audioguide.session.preview import Preview
from audioguide.sound.block import Block
from audioguide.system.files import atomic_write
from audioguide.system.plugins import Plugins
from audioguide.timeline.compiler import LEAD_IN
from audioguide.units import RATE, to_frames


@contextmanager
def recorder(path: Path) -> Iterator[Writer]:
    """As a session is exported."""
    with atomic_write(path) as (part,), Encoder(part, format_of(path)) as encoder:
        yield encoder


def play(source: Written, device: WavFileDevice) -> Player:
    with Player(source, device) as player:
        assert player.wait(30)
    return player


@pytest.fixture
def exported(tmp_path: Path) -> tuple[Block, Path]:
    """A session's sound, and what an export makes of it."""
    sound, path = noise(to_frames(12.3)), tmp_path / "exported.wav"
    sound[:LEAD_IN] = 0
    Preview(len(sound), lambda start, count: sound[start : start + count]).write(path)
    return sound, path


def test_a_file_is_what_an_export_is(exported: tuple[Block, Path], tmp_path: Path) -> None:
    (sound, path), played = exported, tmp_path / "played.wav"
    assert play(Written(sound, lead_in=LEAD_IN), WavFileDevice(played, recorder)).outcome.end == "finished"
    assert played.read_bytes() == path.read_bytes()
    assert sorted(tmp_path.iterdir()) == [path, played]


def test_a_session_that_is_made_slowly_leaves_no_gap(exported: tuple[Block, Path], tmp_path: Path) -> None:
    (sound, path), played = exported, tmp_path / "played.wav"
    source = Written(sound, available=0, known=False, lead_in=LEAD_IN)
    with Player(source, WavFileDevice(played, recorder)) as player:
        for available in range(0, len(sound), to_frames(0.4)):
            before, source.available = source.available, available
            wait_until(
                lambda at=before: player.now().frames_played >= at - to_frames(2), "what was there to be written"
            )
        source.available = source.frames = len(sound)
        assert player.wait(30)
    assert played.read_bytes() == path.read_bytes()


def test_what_is_stopped_leaves_no_file(tmp_path: Path) -> None:
    source = Written(noise(to_frames(4)), available=to_frames(3), known=False)
    with Player(source, WavFileDevice(tmp_path / "played.wav", recorder)) as player:
        wait_until(lambda: player.now().frames_played > to_frames(1), "some of it to be written")
        player.do(Command.STOP)
        assert player.wait(10)
    assert player.outcome.end == "stopped"
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    device = WavFileDevice(tmp_path / "none" / "played.wav", recorder)
    with pytest.raises(RequestError, match="no folder"):
        device.open()


def test_a_full_disk_is_said(tmp_path: Path) -> None:
    @contextmanager
    def full(path: Path) -> Iterator[Writer]:
        class Full:
            def write(self, block: Block) -> None:
                raise EnvironmentFailure("The disk is full.")

        yield Full()

    with Player(Written(noise(to_frames(9))), WavFileDevice(tmp_path / "played.wav", full)) as player:
        assert player.wait(10)
    with pytest.raises(EnvironmentFailure, match="disk is full"):
        assert player.outcome


def test_nothing_is_played_no_sooner_than_it_would_be_heard() -> None:
    device, supply = NullDevice(), Endless()
    device.open()
    begin = time.monotonic()
    device.start(supply)
    wait_until(lambda: supply.taken >= to_frames(0.3), "sound to be taken")
    taken, passed = supply.taken, time.monotonic() - begin
    device.close()
    assert taken <= to_frames(passed) + device.latency
    after = supply.taken
    device.close()
    assert supply.taken == after


def test_makes_up_for_what_it_missed() -> None:
    class Stalling(Endless):
        def take(self, count: int) -> Block:
            if not self.taken:
                time.sleep(0.3)
            return super().take(count)

    device, supply = NullDevice(), Stalling()
    begin = time.monotonic()
    device.start(supply)

    def made_up() -> bool:
        return supply.taken > max(RATE // 2, to_frames(time.monotonic() - begin - 0.2))

    wait_until(made_up, "what was missed to be taken, too")
    device.close()
    assert device.underruns == 0


@pytest.mark.parametrize(
    ("spec", "kind"), [("miniaudio", Loudspeaker), ("null", NullDevice), ("wav:a.wav", WavFileDevice)]
)
def test_is_named(spec: str, kind: type) -> None:
    assert isinstance(create_device(spec, None, recorder), kind)


def test_a_device_goes_with_the_loudspeaker() -> None:
    assert create_device("miniaudio", "Headset", recorder).name == "Headset"
    with pytest.raises(RequestError, match="null has no devices"):
        create_device("null", "Headset", recorder)


@pytest.mark.parametrize("spec", ["", "wav", "wav:", "simple", "alsa", "wave:x"])
def test_an_unknown_output_names_those_there_are(spec: str) -> None:
    with pytest.raises(RequestError, match="no output"):
        create_device(spec, None, recorder)


def test_an_output_of_another_package_takes_what_stands_after_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    """As the docstring of `Device` says."""

    class Tape(Device):
        name = "tape"

        def __init__(self, text: str) -> None:
            super().__init__()
            self.taken, self.text = 0, text

        def run(self, supply: BlockSource, halt: Event) -> None:
            while not halt.wait(0):
                self.taken += len(supply.take(to_frames(0.1)))

    devices = Plugins[Callable[[str], Device]](
        "audioguide.devices", {"null": "audioguide.player.devices.device:NullDevice"}
    )
    devices.register("tape", Tape)
    monkeypatch.setattr(choice, "DEVICES", devices)
    tape = create_device("tape:blue", None, recorder)
    with Player(Written(noise(to_frames(9))), tape) as player:
        assert player.wait(10)
    assert isinstance(tape, Tape)
    assert (tape.text, player.outcome.end) == ("blue", "finished")
    assert tape.taken >= to_frames(9)
    with pytest.raises(RequestError, match=r"no output 'tapes'\. Did you mean tape\?"):
        create_device("tapes", None, recorder)
    with pytest.raises(RequestError, match="null takes nothing after its name"):
        create_device("null:blue", None, recorder)


def test_without_miniaudio_only_the_loudspeaker_is_missing(write: Callable[[str], Path], tmp_path: Path) -> None:
    """As on a machine for which there is no wheel; nor one of loudness."""
    for name in ("miniaudio", "loudness"):
        (tmp_path / f"{name}.py").write_text(f"raise ImportError({name!r})")
    env = os.environ | {"PYTHONPATH": os.pathsep.join([str(tmp_path), *sys.path])}
    routine = write("title: t\nsteps: [say: Hello.]")

    def run(*arguments: object) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "audioguide", *map(str, arguments)]
        return subprocess.run(command, env=env, cwd=tmp_path, capture_output=True, text=True)

    played = run("play", routine)
    assert (played.returncode, played.stdout) == (1, "")
    assert played.stderr.startswith(
        "The loudspeaker needs miniaudio, which is not installed. Run: pip install miniaudio"
    )
    assert played.stderr.count("\n") == 1
    assert "miniaudio, which is not installed" in run("doctor").stdout
    for arguments in (["play", routine, "--output", "wav:played.wav"], ["export", routine, "-o", "made.wav"]):
        made = run(*arguments)
        assert (made.returncode, made.stderr) == (0, "")
    assert (tmp_path / "played.wav").read_bytes() == (tmp_path / "made.wav").read_bytes()


def test_a_file_is_called_what_it_is() -> None:
    assert isinstance(create_device("wav:A.WAV", None, recorder), WavFileDevice)
    with pytest.raises(RequestError, match=r"a\.mp3 would be a WAV file\. Let its name end in \.wav"):
        create_device("wav:a.mp3", None, recorder)
