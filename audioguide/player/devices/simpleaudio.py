"""The second output, by simpleaudio: a child process plays buffer after buffer."""

import subprocess
import sys
import time
from contextlib import suppress
from threading import Event

import numpy as np

from audioguide.errors import EnvironmentFailure, RequestError, install_hint
from audioguide.player.devices import simpleaudio_child
from audioguide.player.devices.device import NO_DEVICE, NOT_ANSWERING, PERIOD, BlockSource, Device, pace
from audioguide.sound.block import Block, silence
from audioguide.system.process import NEW_PROCESS_GROUP, run_in_daemon_thread, wait_for
from audioguide.units import RATE, to_frames

# Consecutive buffers share this and are crossfaded: a sound server may begin one 20 ms too late or early (measured).
SEAM = to_frames(0.06)
_FADE_OUT = np.linspace(1, 0, SEAM, endpoint=False, dtype=np.float32)[:, np.newaxis]
# Length of a buffer: the longer it may be, the likelier it has a silence to cut at, and the later a key is heard.
_LEAST, _MOST = to_frames(0.2), to_frames(0.6)
_DELAY = _MOST + to_frames(0.1)  # frames between being taken and being played; so long it takes to hand over a buffer
_PATIENCE = 5.0
_RING_OUT = 0.1  # seconds that simpleaudio lets ALSA buffer


class SimpleaudioDevice(Device):
    """The system's default output, in buffers of 0.2 to 0.6 s, cut where it is quiet. Silence is not played at all.

    simpleaudio opens the device for each buffer, which takes up to 20 ms. So each buffer has a time at which it starts,
    and overlaps the one before by 60 ms, in which they are crossfaded. Sound is taken in real time, 20 ms at a time, so
    the position is always known; but a key is heard 0.8 s late.
    """

    name = "simpleaudio"
    latency = _DELAY + to_frames(0.04)  # measured on PulseAudio: it starts that late
    preroll_frames = to_frames(0.1)

    def __init__(self, text: str = "") -> None:
        super().__init__(text)
        self._child: subprocess.Popen[bytes] | None = None

    def open(self) -> None:
        """Start the child. EnvironmentFailure without a sound device, RequestError where simpleaudio cannot be used."""
        if sys.version_info >= (3, 12):
            raise RequestError(
                "simpleaudio crashes on Python 3.12 and later.", "Use the output miniaudio, or an older Python."
            )
        child = self._child = subprocess.Popen(
            [sys.executable, "-P", simpleaudio_child.__file__, str(RATE)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # ALSA writes its own errors there
            **NEW_PROCESS_GROUP,
        )
        assert child.stdout
        try:
            answer = wait_for(run_in_daemon_thread(child.stdout.readline), _PATIENCE)
        except TimeoutError:
            self.close()
            raise EnvironmentFailure(NOT_ANSWERING) from None
        if answer != simpleaudio_child.READY:
            self.close()
            if answer == simpleaudio_child.MISSING:
                hint = f"{install_hint('simpleaudio')}, or use the output miniaudio."
                raise RequestError("simpleaudio is not installed.", hint)
            raise EnvironmentFailure(NO_DEVICE)

    @property
    def lost(self) -> bool:
        """Whether the child has ended, as it does when the device is lost."""
        return self._child is not None and self._child.poll() is not None

    def close(self) -> None:
        """End the child, which stops the sound."""
        self._halt.set()
        child, self._child = self._child, None
        if child is not None:
            with suppress(subprocess.TimeoutExpired):
                child.wait(_RING_OUT)
            child.kill()
        super().close()
        if child is not None:
            with suppress(OSError), child:  # unsent data cannot be sent any more
                pass

    def run(self, supply: BlockSource, halt: Event) -> None:
        """Take sound in real time, and hand it over buffer by buffer, until the child has ended."""
        assert self._child
        pipe = self._child.stdin
        assert pipe
        sound, sent = silence(0), 0
        for begin in pace(halt):
            sound = np.concatenate([sound, supply.take(PERIOD)])
            if len(sound) + PERIOD <= _MOST:
                continue
            cut = find_quietest_cut(sound, _LEAST)
            buffer, due = fade_seams(sound[: cut + SEAM], begun=sent > 0), begin + (sent + _DELAY) / RATE
            sound, sent = sound[cut:], sent + cut
            if buffer.any():
                self.underruns += time.monotonic() > due
                data = np.rint(buffer * 32_768).clip(-32_768, 32_767).astype("<i2").tobytes()
                try:
                    pipe.write(simpleaudio_child.HEADER.pack(due, len(data)) + data)
                    pipe.flush()
                except OSError:  # the child has ended
                    return


def find_quietest_cut(sound: Block, least: int) -> int:
    """Where to cut a buffer off `sound`: at frame `least` or later, where the next `SEAM` frames, which both buffers
    get, are the quietest; the latest such place.
    """
    power = np.square(sound, dtype=np.float64).sum(axis=1)
    sums = np.concatenate([[0.0], np.cumsum(power)])
    seams = sums[least + SEAM :] - sums[least : len(sums) - SEAM]
    quiet = np.flatnonzero(seams <= seams.min() + 1e-9)
    return least + int(quiet[-1])


def fade_seams(sound: Block, *, begun: bool) -> Block:
    """A buffer that fades out over `SEAM` frames and, if `begun`, fades in. Overlapping buffers sum to the original."""
    faded = sound.copy()
    if begun:
        faded[:SEAM] *= 1 - _FADE_OUT
    faded[-SEAM:] *= _FADE_OUT
    return faded
