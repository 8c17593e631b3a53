"""Where sound comes out: the protocol, and the loudspeaker on miniaudio."""

from __future__ import annotations

import sys
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


class Device(Protocol):
    """Takes sound by asking for it. It is opened once for a session: for a pause it is given silence."""

    latency: int
    """Frames between being taken and being heard, at most."""

    def open(self) -> None:
        """Get hold of the device. Raises EnvironmentFailure where there is none."""

    def start(self, pull: Pull) -> None:
        """Ask for sound from now on. Raises EnvironmentFailure."""

    def close(self) -> None:
        """Stop asking and let go, dropping what was not heard yet; in any state, and as often as one likes."""


class Loudspeaker:
    """The system's default output, 44.1 kHz stereo float32; the system converts where it must.

    PulseAudio and PipeWire take one period as the whole latency, asking for a quarter of it at a time; the others
    hold `_PERIODS` of them. A callback that comes late by half a period is not heard; a key is heard within 150 ms.
    """

    latency = frames(_PERIOD_MS / 1000)

    def __init__(self) -> None:
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

        answers = _answers(pull)
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


def _answers(pull: Pull) -> Generator[bytes | Block, int, None]:
    """`pull` as miniaudio wants it: a generator that is sent counts. It never ends, or the device would go on alone."""
    count = yield b""
    while True:
        count = yield pull(count)


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
