"""The second output, on simpleaudio: buffer after buffer, played by a child process."""

from __future__ import annotations

import subprocess
import sys
import time
from contextlib import suppress
from threading import Event, Thread
from typing import IO

import numpy as np

from audioguide.errors import EnvironmentFailure, RequestError
from audioguide.machine import APART
from audioguide.machine import run_in_daemon_thread as errand
from audioguide.player.devices import simple_child
from audioguide.player.devices.protocol import MUTE_SYSTEM, NO_DEVICE, STANDSTILL, Supply
from audioguide.player.devices.seams import SEAM, as_s16, faded, quietest
from audioguide.sound.block import Block, silence
from audioguide.units import RATE, frames

_PERIOD = frames(0.02)
_LEAST, _MOST = frames(0.2), frames(0.6)
"""Frames of a buffer: the longer they may be, the likelier is a silence to cut at, and the later is a key heard."""

_DELAY = _MOST + frames(0.1)
"""Frames from being taken to being due: the longest buffer, and time to hand it over."""

_PATIENCE = 5.0
_RING_OUT = 0.1  # seconds for what sounds: simpleaudio asks ALSA for a buffer of so much
_NOT_HERE = "simpleaudio crashes on Python 3.12 and later."
_NOT_INSTALLED = "simpleaudio is not installed."


class Simple:
    """The system's default output in buffers of 0.2 to 0.6 s, cut where it is quiet. Silence is not played at all.

    simpleaudio opens the device anew for each buffer, which takes up to 20 ms. So a buffer is not begun when the one
    before has ended, but when it is due, and the two share 60 ms in which one goes over into the other. Sound is taken
    as it is heard, a little at a time, so that the position is always known; only a key is heard 0.8 s late.
    """

    name = "simpleaudio"
    latency = _DELAY + frames(0.04)  # measured on PulseAudio: so much later than due
    wake = frames(0.1)
    failed = None

    def __init__(self) -> None:
        self.late = 0
        self._child: subprocess.Popen[bytes] | None = None
        self._halt = Event()
        self._thread: Thread | None = None

    def prepare(self) -> None:
        """There is nothing to be done: a child starts quickly."""

    def open(self) -> None:
        """Start the child. EnvironmentFailure where there is no device, RequestError where there is no simpleaudio."""
        if sys.version_info >= (3, 12):
            raise RequestError(_NOT_HERE, "Use the output miniaudio, or an older Python.")
        child = self._child = subprocess.Popen(
            [sys.executable, "-P", simple_child.__file__, str(RATE)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # ALSA has an account of its own to give
            **APART,
        )
        assert child.stdout
        try:
            answer = errand(child.stdout.readline).result(_PATIENCE)
        except TimeoutError:
            self.close()
            raise EnvironmentFailure(MUTE_SYSTEM) from None
        if answer != simple_child.READY:
            self.close()
            if answer == simple_child.MISSING:
                raise RequestError(_NOT_INSTALLED, "Install audioguide[simpleaudio], or use the output miniaudio.")
            raise EnvironmentFailure(NO_DEVICE)

    def start(self, supply: Supply) -> None:
        """Ask for sound from now on."""
        assert self._child
        assert self._child.stdin
        self._halt = Event()
        self._thread = Thread(target=self._run, args=(supply, self._child.stdin), name="simpleaudio", daemon=True)
        self._thread.start()

    @property
    def lost(self) -> bool:
        """Whether the child has gone, as it does when the device has."""
        return self._child is not None and self._child.poll() is not None

    def close(self) -> None:
        """End the child, and with it what it plays."""
        self._halt.set()
        child, self._child = self._child, None
        if child is None:
            return
        with suppress(subprocess.TimeoutExpired):
            child.wait(_RING_OUT)
        child.kill()
        child.wait()
        thread, self._thread = self._thread, None
        if thread is not None:
            thread.join()
        for pipe in (child.stdin, child.stdout):
            assert pipe
            with suppress(OSError):  # what was still in it has nobody to go to
                pipe.close()

    def _run(self, supply: Supply, pipe: IO[bytes]) -> None:
        begin, sent, begun = time.monotonic(), 0, False
        sound = silence(0)
        while not self._halt.wait(max(0.0, begin + (sent + len(sound)) / RATE - time.monotonic())):
            sound = np.concatenate([sound, supply.take(_PERIOD)])
            if (behind := time.monotonic() - begin - (sent + len(sound)) / RATE) > STANDSTILL:
                begin += behind
            if len(sound) + _PERIOD <= _MOST:
                continue
            cut = quietest(sound, _LEAST)
            try:
                self._send(faded(sound[: cut + SEAM], begun=begun), begin + (sent + _DELAY) / RATE, pipe)
            except OSError:  # the child has gone
                return
            sound, sent, begun = sound[cut:], sent + cut, True

    def _send(self, sound: Block, due: float, pipe: IO[bytes]) -> None:
        if sound.any():
            self.late += time.monotonic() > due
            data = as_s16(sound).tobytes()
            pipe.write(simple_child.HEADER.pack(due, len(data)) + data)
            pipe.flush()
