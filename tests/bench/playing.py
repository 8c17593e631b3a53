"""Live play on a real sound server: `PYTHONPATH=tests:tests/player python tests/bench/playing.py [SECONDS [HOURS]]`.

Prints how long the device takes to open, the processor time that playing takes, how long a key takes to be heard, what
is left of the sound when two other processes keep the cores busy for so many seconds, and what drifts or grows when
nobody listens: over 100 pauses, and over so many hours.
"""

from __future__ import annotations

import os
import resource
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from busy import busy
from player_fakes import Written, noise
from pulse import Recording, SoundServer

from audioguide.player.buffer import FADE
from audioguide.player.commands import Command
from audioguide.player.devices.device import NullDevice
from audioguide.player.devices.miniaudio import Loudspeaker
from audioguide.player.player import Player
from audioguide.sound.mixer import Stems
from audioguide.units import RATE, to_frames

LOOP = to_frames(10)


class Long(Written):
    """Ten seconds of noise over and over, for as long as one likes."""

    def __init__(self, seconds: float) -> None:
        super().__init__(noise(2 * LOOP))
        self.available = self.frames = to_frames(seconds)

    def stems(self, start: int, count: int) -> Stems:
        offset = start % LOOP
        block = self.sound[offset : offset + count]
        return Stems(block, block * 0, block * 0)


def opening() -> float:
    """Seconds from nothing to an open device."""
    device = Loudspeaker()
    begin = time.perf_counter()
    device.open()
    took = time.perf_counter() - begin
    device.close()
    return took


def playing(server: SoundServer, seconds: float) -> str:
    """Plays for a while: processor time, gaps counted by the player, gaps in the recording."""
    begin = time.process_time()
    with server.recording() as recording:
        with Player(Long(seconds), Loudspeaker()) as player:
            while not player.wait(0.1):
                player.now()
        share = (time.process_time() - begin) / seconds
    sound = recording.sound
    silent = np.diff(np.flatnonzero(sound.any(axis=1)))
    gaps, added = int((silent > 1).sum()), len(sound) - to_frames(seconds)
    noticed = player.outcome.underruns
    return f"{share:.1%} of a core, {noticed} gaps noticed, {gaps} recorded, {1000 * added / RATE:+.0f} ms in length"


def keys(server: SoundServer, presses: int = 40) -> list[float]:
    """Milliseconds from a key to its whole effect in the recording, the recorder's own delay included."""
    waits = np.random.default_rng(1).uniform(0.5, 0.7, presses)
    pressed = []
    with server.recording() as recording, Player(Long(3600), Loudspeaker()) as player:
        time.sleep(1)
        for wait in waits:
            pressed.append(_recorded(recording))
            player.do(Command.PAUSE)
            time.sleep(wait)
        player.do(Command.STOP)
        player.wait(5)
    sounding = np.flatnonzero(recording.frames.any(axis=1))
    edges = np.flatnonzero(np.diff(sounding) > RATE // 10)
    falls, rises = sounding[edges] + 1, sounding[edges + 1] + FADE
    effects = np.sort(np.concatenate([falls, rises, sounding[-1:] + 1]))
    return [1000 * (effects[effects > at][0] - at) / RATE for at in pressed]


def _recorded(recording: Recording) -> int:
    return len(recording.frames)


def drift(seconds: float) -> str:
    """How far the position is from the clock, at the beginning, at most, and at the end."""
    begin = None
    errors = []
    with Player(Long(seconds), NullDevice()) as player:
        while not player.wait(0.05):
            position, now = player.now().position, time.monotonic()
            if position and begin is None:
                begin = now - position / RATE
            if begin is not None:
                errors.append(1000 * (position / RATE - (now - begin)))
    count = max(1, len(errors) // 10)
    first, last = np.mean(errors[:count]), np.mean(errors[-count:])
    return f"{first:+.1f} ms in the first tenth, {last:+.1f} ms in the last, {np.abs(errors).max():.1f} ms at most"


def growth(server: SoundServer, pauses: int) -> str:
    """File descriptors and memory before and after pauses."""
    with Player(Long(3600), Loudspeaker()) as player:
        time.sleep(2)
        before = _held()
        for _ in range(2 * pauses):
            player.do(Command.PAUSE)
            time.sleep(0.06)
        after = _held()
    return f"{before[0]} → {after[0]} files, {before[1]:.1f} → {after[1]:.1f} MB"


def hours(many: float) -> str:
    """File descriptors, memory and processor time over hours that nobody hears."""
    begin = time.process_time()
    with Player(Long(3600 * many), NullDevice()) as player:
        player.wait(10)
        before = _held()
        player.wait(3600 * many - 12)
        after = _held()
    share = (time.process_time() - begin) / (3600 * many)
    return f"{before[0]} → {after[0]} files, {before[1]:.1f} → {after[1]:.1f} MB, {share:.1%} of a core"


def _held() -> tuple[int, float]:
    """Open file descriptors, and resident memory in MB."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return len(list(Path("/proc/self/fd").iterdir())), pages * resource.getpagesize() / 1e6


def spread(values: list[float]) -> str:
    low, middle, high = np.percentile(values, [0, 50, 90])
    return f"{low:.0f} ms at least, {middle:.0f} median, {high:.0f} in 9 of 10, {max(values):.0f} at most"


def main(seconds: float, many: float) -> None:
    with tempfile.TemporaryDirectory() as folder:
        server = SoundServer(Path(folder))
        os.environ.update(server.environment)
        try:
            print(f"open     {1000 * opening():.0f} ms, the library's import included")
            print(f"alone    {playing(server, min(seconds, 20))}")
            print(f"key      {spread(keys(server))} (recorder's delay included)")
            print(f"pauses   {growth(server, 100)}")
            with busy():
                print(f"busy     {playing(server, seconds)}")
                print(f"key      {spread(keys(server))}, with both cores busy")
        finally:
            server.stop()
    print(f"drift    {drift(seconds)}")
    if many:
        print(f"hours    {hours(many)}")


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 20.0, float(sys.argv[2]) if len(sys.argv) > 2 else 0.0)
