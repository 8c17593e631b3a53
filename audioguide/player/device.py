"""Where sound comes out: the protocol, and the loudspeaker on miniaudio."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Generator
from dataclasses import dataclass
from functools import cache
from typing import Any, Protocol

from audioguide.errors import EnvironmentFailure
from audioguide.sound.block import Block
from audioguide.units import RATE, frames

Pull = Callable[[int], Block]
"""Gives the next `count` frames at once: a device calls it from a thread of its own."""

NO_DEVICE = "There is no sound device to play on. Use `audioguide export` to make a file instead."

_PERIOD_MS = 100
_PERIODS = 2
_LATE = 1.5 * _PERIOD_MS / 1000  # seconds between two pulls; measured: from here on a sound server has run dry


class Device(Protocol):
    """Takes sound by asking for it. It is opened once for a session: for a pause it is given silence."""

    latency: int
    """Frames between being taken and being heard, more or less."""

    late: int
    """How often it came too late to ask, so that a gap was heard."""

    def open(self) -> None:
        """Get hold of the device. Raises EnvironmentFailure where there is none."""

    def start(self, pull: Pull) -> None:
        """Ask for sound from now on. Raises EnvironmentFailure."""

    def close(self) -> None:
        """Stop asking and let go, dropping what was not heard yet; in any state, and as often as one likes."""


class Loudspeaker:
    """The system's default output, 44.1 kHz stereo float32; the system converts where it must.

    It asks for a period at a time. PulseAudio and PipeWire keep about one period in hand, the others `_PERIODS` of
    them. The period is a compromise (tests/bench/playing.py): a key should be heard within 150 ms, and a process that
    shares its cores with busy ones should not stutter.
    """

    latency = frames(_PERIOD_MS / 1000)

    def __init__(self) -> None:
        self.late = 0
        self._device: Any = None

    def open(self) -> None:
        """Get hold of the device. Raises EnvironmentFailure where there is none."""
        import miniaudio

        _hush_alsa()
        try:
            self._device = miniaudio.PlaybackDevice(
                output_format=miniaudio.SampleFormat.FLOAT32,
                nchannels=2,
                sample_rate=RATE,
                buffersize_msec=_PERIOD_MS,
                callback_periods=_PERIODS,
                backends=_backends(),
                app_name="audioguide",
            )
        except miniaudio.MiniaudioError as error:
            raise EnvironmentFailure(NO_DEVICE) from error
        if self._device.backend != "PulseAudio":
            self.latency = _PERIODS * Loudspeaker.latency

    def start(self, pull: Pull) -> None:
        """Ask for sound from now on. Raises EnvironmentFailure."""
        import miniaudio

        answers = self._answers(pull)
        next(answers)
        try:
            self._device.start(answers)
        except miniaudio.MiniaudioError as error:
            raise EnvironmentFailure(
                "The sound device does not start. Check it in the system's sound settings, then play again."
            ) from error

    def close(self) -> None:
        """Stop asking and let go, dropping what was not heard yet."""
        device, self._device = self._device, None
        if device is not None:
            device.close()

    def _answers(self, pull: Pull) -> Generator[bytes | Block, int, None]:
        """`pull` as miniaudio wants it: sent counts. It never ends, or the device would go on without it."""
        count = yield b""
        asked = time.monotonic()
        while True:
            block = pull(count)
            audible = bool(block.any())
            count = yield block
            before, asked = asked, time.monotonic()
            self.late += audible and asked - before > _LATE  # a gap in silence is not heard


@dataclass(frozen=True, slots=True)
class Output:
    """A sound device that is there: its name, and the sound system it belongs to."""

    name: str
    system: str


def devices() -> tuple[Output, ...]:
    """Every device that sound can come out of; none where there is no sound system."""
    import miniaudio

    _hush_alsa()
    try:
        found = miniaudio.Devices(_backends())
        return tuple(Output(device["name"], found.backend) for device in found.get_playbacks())
    except miniaudio.MiniaudioError:
        return ()


def _backends() -> list[Any]:
    """Every real sound system. Without a list miniaudio falls back to one that plays to nobody."""
    from miniaudio import Backend

    return [backend for backend in Backend if backend not in (Backend.NULL, Backend.CUSTOM, Backend.WEBAUDIO)]


@cache
def _hush_alsa() -> object:
    """Keep ALSA from writing its own account of a missing device to stderr. What is returned has to stay alive."""
    if sys.platform != "linux":
        return None
    import ctypes

    handler = ctypes.CFUNCTYPE(None)(_ignore)
    try:
        ctypes.CDLL("libasound.so.2").snd_lib_error_set_handler(handler)
    except OSError:  # no ALSA, no noise
        return None
    return handler


def _ignore() -> None:
    """An error handler that does nothing."""
