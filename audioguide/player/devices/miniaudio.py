"""The loudspeaker, on miniaudio: which sound devices there are, and playing on the default one or a named one.

This is the only module that uses miniaudio, and what it needs of the library's inside: of a device, whether it is the
default one, its rate, and its context.
"""

from __future__ import annotations

import math
import os
import re
import sys
import time
from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np

from audioguide.errors import EnvironmentFailure, RequestError, suggest
from audioguide.player.devices.device import NO_DEVICE, NOT_ANSWERING, STANDSTILL, BlockSource, Device
from audioguide.sound.block import Block, silence
from audioguide.system.process import run_in_daemon_thread, wait_for
from audioguide.units import RATE, to_frames

BUFFER_MS = 120
"""Sound that the system has in hand after a pull: that long the program may be kept from its processor unheard."""

PATIENCE = 5.0
"""Seconds that a sound system has to answer."""

_PERIOD_MS = 20
_SETTLED = to_frames(0.05)  # a sound card that saves power
_SLEEPY_WAKE = to_frames(1.5)  # a link that has to be made first: Bluetooth, HDMI
_SILENT = 1.0  # seconds without a pull, after which a device has stopped
_AGAIN = 0.2  # seconds to wait for one that is opened again: who plays has other things to do between two tries
_CLOSING = 0.5  # seconds that a device has to let go, before it is left to itself
_LATENCY = "PULSE_LATENCY_MSEC"
_CONVERTING = ("PulseAudio", "WASAPI")
"""Sound systems that take any rate and convert it well. Of the others each device has its own."""

_SLEEPY = re.compile(r"bluez|bluetooth|airpods|\b(buds|earbuds|wireless)\b|a2dp|hdmi|display ?port", re.IGNORECASE)
_DUMMY = re.compile(r"(auto_)?null|dummy output", re.IGNORECASE)
"""PulseAudio's and ALSA's own: the id of the one, or what it is called, is all of it."""

_ALSA = re.compile(r":|(default|pulse|pipewire)$")
"""ALSA's own devices, by card and number, and those that stand for another one. The others are its machinery."""

_NOT_STARTED = "The sound device does not start. Check it in the system's sound settings, then play again."
_NOT_INSTALLED = (
    "The loudspeaker needs miniaudio, which is not installed. Run `pip install miniaudio` (on Linux and Windows on ARM "
    "that takes a C compiler), or use `audioguide export` to make a file instead."
)


@dataclass(frozen=True, slots=True)
class DeviceInfo:
    """A sound device of this computer: its name, and the sound system it belongs to.

    `default`: the one that the system plays on. `wakes_slowly`: after silence it swallows the first second of sound, as
    Bluetooth and screens do. `dummy`: it plays to nobody. `backend` and `id` are miniaudio's.
    """

    name: str
    system: str
    default: bool = False
    wakes_slowly: bool = False
    dummy: bool = False
    backend: Any = None
    id: Any = None


def _miniaudio() -> Any:
    """The library. EnvironmentFailure, with what to do, where it is not installed."""
    try:
        import miniaudio
    except ImportError:
        raise EnvironmentFailure(_NOT_INSTALLED) from None
    return miniaudio


def list_devices() -> tuple[DeviceInfo, ...]:
    """Every device that sound can come out of, the default first; none where there is no sound system.

    Raises EnvironmentFailure for one that does not answer.
    """
    try:
        return wait_for(run_in_daemon_thread(listed), PATIENCE)
    except TimeoutError:
        raise EnvironmentFailure(NOT_ANSWERING) from None


def listed() -> tuple[DeviceInfo, ...]:
    """What `devices` gives, without an end to its patience: those of the first sound system that is there."""
    miniaudio = _miniaudio()

    class Listing(miniaudio.Devices):  # type: ignore[misc,name-defined]
        """The library asks each device for its formats, and leaves out which is the default."""

        def _get_info(self, device_type: Any, device_info: Any) -> dict[str, Any]:
            return {"default": bool(device_info.isDefault)}

    hush_alsa()
    for backend in miniaudio.Backend:
        if backend.name in ("NULL", "CUSTOM", "WEBAUDIO"):
            continue
        with suppress(miniaudio.MiniaudioError):
            listing = Listing([backend])
            found = (_output(device, listing.backend, backend) for device in listing.get_playbacks())
            return tuple(sorted(filter(None, found), key=lambda output: not output.default))
    return ()


def _output(device: dict[str, Any], system: str, backend: Any) -> DeviceInfo | None:
    """A device as the library gives it; None for what is no device."""
    ffi = _miniaudio().ffi
    key = bytes(ffi.buffer(device["id"])).partition(b"\0")[0].decode("ascii", "ignore")
    name = device["name"]
    if system == "ALSA" and not _ALSA.match(key):
        return None
    return DeviceInfo(
        name,
        system,
        default=device["default"],
        wakes_slowly=bool(_SLEEPY.search(f"{key} {name}")),
        dummy=bool(_DUMMY.fullmatch(key) or _DUMMY.fullmatch(name)),
        backend=backend,
        id=device["id"],
    )


def find_device(name: str, outputs: Sequence[DeviceInfo]) -> DeviceInfo:
    """The device of this name, or the only one with that in its name. RequestError, with the names there are."""
    wanted = name.strip().casefold()
    same = [output for output in outputs if output.name.casefold() == wanted]
    alike = same or [output for output in outputs if wanted and wanted in output.name.casefold()]
    if not outputs:
        raise RequestError(f"There is no sound device {name!r}, nor any other.", "Connect it, then try again.")
    if not alike:
        hint = suggest(name, (output.name for output in outputs)) or "Run `audioguide doctor` to see which there are."
        raise RequestError(f"There is no sound device {name!r}.", hint)
    if len(alike) > 1 and not same:
        names = ", ".join(output.name for output in alike)
        raise RequestError(f"{name!r} may be any of these sound devices: {names}.", "Write more of its name.")
    return alike[0]


@cache
def hush_alsa() -> object:
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


class Resampled:
    """A supply at `rate` frames a second; what it takes from the other is a few ms ahead of what it gives.

    miniaudio's own converter leaves images of a tone of 4 kHz at −40 dB, of 8 kHz at −27 dB (44.1 to 48 kHz), where
    people hear an s; soxr's lie below −135 dB. It takes some 50 µs for 20 ms.
    """

    def __init__(self, supply: BlockSource, rate: int) -> None:
        import soxr

        self._supply = supply
        self._rate = rate
        self._stream = soxr.ResampleStream(RATE, rate, 2, dtype="float32")
        self._ready = silence(0)

    def take(self, count: int) -> Block:
        """The next `count` frames at the device's rate."""
        while (lacking := count - len(self._ready)) > 0:
            more = self._supply.take(math.ceil(lacking * RATE / self._rate))
            self._ready = np.concatenate([self._ready, self._stream.resample_chunk(more)])
        block, self._ready = self._ready[:count], self._ready[count:]
        return block


@dataclass(frozen=True, slots=True)
class _Opened:
    device: Any
    name: str
    wakes_slowly: bool
    rate: int


class Loudspeaker(Device):
    """A sound device, stereo float32. The system converts where it must; the rate only where it does so well.

    It asks for a little at a time and has `BUFFER_MS` in hand, both of which matter (tests/bench/playing.py): a key
    should be heard within 150 ms, and a process that shares its cores with busy ones should not stutter. miniaudio has
    one figure for the two on PulseAudio, so there the second is given as the variable that PulseAudio has for it.

    A device that has gone is noticed by its silence: not every system tells. A sound system that hangs keeps a thread
    busy that is left behind; it is the same one at each try.
    """

    def __init__(self, name: str = "") -> None:
        super().__init__()
        self.name = name or "the default sound device"
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
        self._opening = self._opening or run_in_daemon_thread(self._open)

    def open(self) -> None:
        """Get hold of the device. The one that was asked for has to be there at first; later any other will do.

        Raises EnvironmentFailure where there is none, and RequestError for a name that none has.
        """
        self.prepare()
        assert self._opening
        try:
            opened = wait_for(self._opening, _AGAIN if self._found else PATIENCE)
        except TimeoutError:
            raise EnvironmentFailure(NOT_ANSWERING) from None
        except BaseException:
            self._opening = None
            raise
        self._opening = None
        self._found = True
        self._device, self.name, self._rate = opened.device, opened.name, opened.rate
        self.preroll_frames = _SLEEPY_WAKE if opened.wakes_slowly else _SETTLED
        # What is in hand is between a full buffer, after a pull, and two periods less, before the next.
        self.latency = to_frames((_buffer_ms() - _PERIOD_MS) / 1000)

    def start(self, supply: BlockSource) -> None:
        """Ask for sound from now on. Raises EnvironmentFailure."""
        answers = self._answers(supply if self._rate == RATE else Resampled(supply, self._rate))
        next(answers)
        self._asked = self._looked = time.monotonic()
        self._pulled = False
        starting = run_in_daemon_thread(lambda: self._device.start(answers))
        try:
            wait_for(starting, PATIENCE)
        except _miniaudio().MiniaudioError as error:
            raise EnvironmentFailure(_NOT_STARTED) from error
        except TimeoutError:
            raise EnvironmentFailure(NOT_ANSWERING) from None

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
                wait_for(run_in_daemon_thread(lambda: _let_go(device)), _CLOSING)

    def _open(self) -> _Opened:
        """Find the device and open it; for a thread of its own."""
        miniaudio = _miniaudio()
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
        return _Opened(device, output.name, output.wakes_slowly, device._device.sampleRate)

    def _choose(self, outputs: tuple[DeviceInfo, ...]) -> DeviceInfo:
        """The named device, else the default; never one that plays to nobody, unless it is named."""
        if self._wanted:
            try:
                return find_device(self._wanted, outputs)
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

    def _answers(self, supply: BlockSource | Resampled) -> Generator[bytes | Block, int, None]:
        """`supply` as miniaudio wants it: sent counts. It never ends, or the device would go on without it."""
        count = yield b""
        longest = (_buffer_ms() - _PERIOD_MS) / 1000  # measured: from here on the system may have run dry
        audible, before = False, time.monotonic()
        while True:
            block = supply.take(count)
            now = time.monotonic()
            self.underruns += audible and longest < now - before < STANDSTILL  # a gap after silence is not heard
            audible, before = bool(block.any()), now
            self._asked, self._pulled = now, True
            count = yield block


def _let_go(device: Any) -> None:
    """Close a device with its context, which the library leaves open: four file descriptors each time."""
    context = device._context
    device.close()
    _miniaudio().lib.ma_context_uninit(context)


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
