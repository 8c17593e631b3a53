"""The loudspeaker, on miniaudio: the system's default output, or a named one."""

from __future__ import annotations

import os
import time
from collections.abc import Generator, Iterator
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from typing import Any

from audioguide.errors import EnvironmentFailure, RequestError
from audioguide.machine import run_in_daemon_thread as errand
from audioguide.player.devices.listing import PATIENCE, Output, find, listed
from audioguide.player.devices.protocol import MUTE_SYSTEM, NO_DEVICE, STANDSTILL, Supply
from audioguide.player.devices.resampled import Resampled
from audioguide.sound.block import Block
from audioguide.units import RATE, frames

BUFFER_MS = 120
"""Sound that the system has in hand after a pull: that long the program may be kept from its processor unheard."""

_PERIOD_MS = 20
_SETTLED = frames(0.05)  # a sound card that saves power
_SLEEPY = frames(1.5)  # a link that has to be made first: Bluetooth, HDMI
_SILENT = 1.0  # seconds without a pull, after which a device has stopped
_AGAIN = 0.2  # seconds to wait for one that is opened again: who plays has other things to do between two tries
_CLOSING = 0.5  # seconds that a device has to let go, before it is left to itself
_LATENCY = "PULSE_LATENCY_MSEC"
_CONVERTING = ("PulseAudio", "WASAPI")
"""Sound systems that take any rate and convert it well. Of the others each device has its own."""

_NOT_STARTED = "The sound device does not start. Check it in the system's sound settings, then play again."


@dataclass(frozen=True, slots=True)
class _Opened:
    device: Any
    name: str
    sleepy: bool
    rate: int


class Loudspeaker:
    """A sound device, stereo float32. The system converts where it must; the rate only where it does so well.

    It asks for a little at a time and has `BUFFER_MS` in hand, both of which matter (tests/bench/playing.py): a key
    should be heard within 150 ms, and a process that shares its cores with busy ones should not stutter. miniaudio has
    one figure for the two on PulseAudio, so there the second is given as the variable that PulseAudio has for it.

    A device that has gone is noticed by its silence: not every system tells. A sound system that hangs keeps a thread
    busy that is left behind; it is the same one at each try.
    """

    failed: Exception | None = None

    def __init__(self, name: str | None = None) -> None:
        self.name = name or "the default sound device"
        self.late = 0
        self.latency = self.wake = 0
        self._wanted = name
        self._found = False
        self._opening: Future[_Opened] | None = None
        self._device: Any = None
        self._rate = RATE
        self._asked: float | None = None
        self._looked = 0.0
        self._pulled = False

    def prepare(self) -> None:
        """Begin to get hold of the device, which takes a while that others can use."""
        self._opening = self._opening or errand(self._open)

    def open(self) -> None:
        """Get hold of the device. The one that was asked for has to be there at first; later any other will do.

        Raises EnvironmentFailure where there is none, and RequestError for a name that none has.
        """
        self.prepare()
        assert self._opening
        try:
            opened = self._opening.result(_AGAIN if self._found else PATIENCE)
        except TimeoutError:
            raise EnvironmentFailure(MUTE_SYSTEM) from None
        except BaseException:
            self._opening = None
            raise
        self._opening = None
        self._found = True
        self._device, self.name, self._rate = opened.device, opened.name, opened.rate
        self.wake = _SLEEPY if opened.sleepy else _SETTLED
        # What is in hand is between a full buffer, after a pull, and two periods less, before the next.
        self.latency = frames((_buffer_ms() - _PERIOD_MS) / 1000)

    def start(self, supply: Supply) -> None:
        """Ask for sound from now on. Raises EnvironmentFailure."""
        import miniaudio

        answers = self._answers(supply if self._rate == RATE else Resampled(supply, self._rate))
        next(answers)
        self._asked = self._looked = time.monotonic()
        self._pulled = False
        starting = errand(lambda: self._device.start(answers))
        try:
            starting.result(PATIENCE)
        except miniaudio.MiniaudioError as error:
            raise EnvironmentFailure(_NOT_STARTED) from error
        except TimeoutError:
            raise EnvironmentFailure(MUTE_SYSTEM) from None

    @property
    def lost(self) -> bool:
        """Whether it has stopped to ask, or never began. It is given its time anew when nobody has looked for a while:
        then it was this process that stood still.
        """
        if self._asked is None:
            return False
        now = time.monotonic()
        if now - self._looked > _SILENT / 2:
            self._asked = max(self._asked, now - _SILENT / 2)
        self._looked = now
        return now - self._asked > (_SILENT if self._pulled else PATIENCE)

    def close(self) -> None:
        """Stop asking and let go, dropping what was not heard yet; of a device that hangs, without waiting for it."""
        device, self._device, self._asked = self._device, None, None
        if device is not None:
            with suppress(TimeoutError):
                errand(lambda: _let_go(device)).result(_CLOSING)

    def _open(self) -> _Opened:
        """Find the device and open it; for a thread of its own."""
        import miniaudio

        output = self._choose(listed())
        try:
            with _buffered():
                device = miniaudio.PlaybackDevice(
                    output_format=miniaudio.SampleFormat.FLOAT32,
                    nchannels=2,
                    sample_rate=RATE if output.system in _CONVERTING else 0,  # 0: as the device has it
                    buffersize_msec=_PERIOD_MS,
                    callback_periods=BUFFER_MS // _PERIOD_MS,
                    device_id=output.id,
                    backends=[output.backend],
                    app_name="audioguide",
                )
        except miniaudio.MiniaudioError as error:
            if output.id is None:
                raise EnvironmentFailure(NO_DEVICE) from error
            raise EnvironmentFailure(
                f"The sound device {output.name} cannot be opened. It may be in use, or refuse stereo. "
                "Name another one with --device."
            ) from error
        return _Opened(device, output.name, output.sleepy, device._device.sampleRate)

    def _choose(self, outputs: tuple[Output, ...]) -> Output:
        """The named device, else the default; never one that plays to nobody, unless it is named."""
        if self._wanted is not None:
            try:
                return find(self._wanted, outputs)
            except RequestError:
                if not self._found and outputs:
                    raise
        audible = [output for output in outputs if not output.dummy]
        if not audible:
            raise EnvironmentFailure(NO_DEVICE)
        if outputs[0].default and outputs[0].dummy:
            return audible[0]
        # Without an id it is the default whatever that is: the system can move the sound elsewhere while it plays.
        return replace(audible[0], id=None)

    def _answers(self, supply: Supply | Resampled) -> Generator[bytes | Block, int, None]:
        """`supply` as miniaudio wants it: sent counts. It never ends, or the device would go on without it."""
        count = yield b""
        longest = (_buffer_ms() - _PERIOD_MS) / 1000  # measured: from here on the system may have run dry
        audible, before = False, time.monotonic()
        while True:
            block = supply.take(count)
            now = time.monotonic()
            self.late += audible and longest < now - before < STANDSTILL  # a gap after silence is not heard
            audible, before = bool(block.any()), now
            self._asked, self._pulled = now, True
            count = yield block


def _let_go(device: Any) -> None:
    """Close a device with its context, which the library leaves open: four file descriptors each time."""
    import miniaudio

    context = device._context
    device.close()
    miniaudio.lib.ma_context_uninit(context)


def _buffer_ms() -> int:
    """What PulseAudio is asked to have in hand: what a person has told it for every program, or `BUFFER_MS`."""
    told = os.environ.get(_LATENCY, "")
    return int(told) if told.isdecimal() and int(told) else BUFFER_MS


@contextmanager
def _buffered() -> Iterator[None]:
    """Have PulseAudio and PipeWire keep so much in hand of a stream that is opened meanwhile."""
    before = os.environ.get(_LATENCY)
    os.environ[_LATENCY] = str(_buffer_ms())
    try:
        yield
    finally:
        if before is None:
            del os.environ[_LATENCY]
        else:
            os.environ[_LATENCY] = before
