"""Live play on a real sound server: `PYTHONPATH=tests:tests/player python tests/bench/playing.py [SECONDS]`.

Prints how long the device takes to open, the processor time that playing takes, how long a key takes to be heard, and
what is left of the sound when two other processes keep the cores busy.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from player_fakes import Written, noise
from pulse import Recording, SoundServer

from audioguide.player.device import Loudspeaker
from audioguide.player.feed import FADE
from audioguide.player.play import PAUSE, QUIT, play
from audioguide.units import RATE, frames


def opening() -> float:
    """Seconds from nothing to an open device."""
    device = Loudspeaker()
    begin = time.perf_counter()
    device.open()
    took = time.perf_counter() - begin
    device.close()
    return took


def playing(server: SoundServer, seconds: float) -> str:
    """Plays for a while: processor time, gaps counted by the player, frames missing or added in the recording."""
    sound = noise(frames(seconds))
    begin = time.process_time()
    with server.recording() as recording:
        outcome = play(Written(sound), Loudspeaker())
    share = (time.process_time() - begin) / seconds
    added = len(recording.sound) - len(sound)
    return f"{share:.1%} of a core, {outcome.underruns} gaps noticed, {1000 * added / RATE:.0f} ms of silence added"


class Presser:
    """Presses space every 0.6 to 0.8 s, and notes how much had been recorded by then."""

    def __init__(self, recording: Recording, presses: int) -> None:
        self._recording = recording
        self._left = presses
        self._pauses = np.random.default_rng(1).uniform(0.6, 0.8, presses + 1)
        self.pressed: list[int] = []

    def read(self, timeout: float) -> str | None:
        time.sleep(self._pauses[self._left])
        if not self._left:
            return QUIT
        self._left -= 1
        self.pressed.append(len(self._recording.frames))
        return PAUSE


def keys(server: SoundServer, presses: int = 20) -> list[float]:
    """Milliseconds from a key to its whole effect in the recording, the recorder's own delay included."""
    with server.recording() as recording:
        presser = Presser(recording, presses)
        play(Written(noise(frames(60))), Loudspeaker(), keys=presser)
    loud = recording.frames.any(axis=1)
    edges = np.flatnonzero(np.diff(np.flatnonzero(loud)) > RATE // 5)
    sounding = np.flatnonzero(loud)
    falls, rises = sounding[edges] + 1, sounding[edges + 1] + FADE
    effects = np.sort(np.concatenate([falls, rises]))
    return [1000 * (effects[effects > at][0] - at) / RATE for at in presser.pressed]


def main(seconds: float) -> None:
    with tempfile.TemporaryDirectory() as folder:
        server = SoundServer(Path(folder))
        os.environ.update(server.environment)
        try:
            print(f"open     {1000 * opening():.0f} ms, the library's import included")
            print(f"alone    {playing(server, seconds)}")
            effects = keys(server)
            print(f"key      {np.median(effects):.0f} ms, at most {max(effects):.0f} ms (recorder's delay included)")
            busy = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(2)]
            try:
                print(f"busy     {playing(server, seconds)}")
            finally:
                for process in busy:
                    process.kill()
        finally:
            server.stop()


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 20.0)
