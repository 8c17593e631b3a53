"""The loudspeaker and the microphone, by miniaudio: lists sound devices; the default one, or a named one.

Only this module uses miniaudio, including private parts of it: a device's default flag, sample rate and context.
"""

import math
import os
import re
import sys
import time
from collections import deque
from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from functools import cache, partial
from types import SimpleNamespace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from audioguide.errors import EnvironmentFailure, RequestError, install_hint, suggest
from audioguide.player.devices.device import NO_DEVICE, NOT_ANSWERING, STANDSTILL, BlockSource, Device
from audioguide.sound.block import Block, raised_cosine, silence
from audioguide.system.process import is_busy, run_in_daemon_thread, wait_for
from audioguide.units import RATE, to_frames

NO_MICROPHONE = "There is no microphone. Plug one in, or allow it in the system's sound settings."
_PATIENCE = 5.0  # seconds that a sound system may take to answer
_BUFFER_MS = 120  # the process may get no processor for so long without an audible gap
_MOST_MS = 440  # miniaudio gives PulseAudio 371 ms at first, and with more than this that waits for the rest
_PERIOD_MS = 20
_PREROLL = to_frames(0.05)  # a sound card that saves power
_SLOW_PREROLL = to_frames(1.5)  # the link is made first: Bluetooth, HDMI
_STOPPED = 1.0  # seconds without a request after which a device counts as lost
_REOPENING = 0.2  # seconds to wait for a device that is opened again: the player has other work between attempts
_CLOSING = 0.5  # seconds to wait for a device to close
_LATENCY = "PULSE_LATENCY_MSEC"
_UNHEARD = 60  # calls of `Microphone.read` in a row that bring nothing, after which it is gone: three seconds
_CONVERTING = ("PulseAudio", "WASAPI")  # these convert sample rates well; with others, sound is resampled here

# By the ids and names of devices. ALSA's devices have a card and a number or stand for a server; the rest are plugins.
_SLOW = re.compile(r"bluez|bluetooth|airpods|\b(buds|earbuds|wireless)\b|a2dp|hdmi|display ?port", re.IGNORECASE)
_DUMMY = re.compile(r"(auto_)?null|dummy output", re.IGNORECASE)
_ALSA = re.compile(r":|(default|pulse|pipewire)$")


@dataclass(frozen=True, slots=True)
class DeviceInfo:
    """A sound device, and the sound system it belongs to. `wakes_slowly`: after silence it swallows the first second of
    sound, as Bluetooth and screens do. `dummy`: it plays to nobody. `backend` and `id` are miniaudio's.
    """

    name: str
    system: str
    default: bool = False
    wakes_slowly: bool = False
    dummy: bool = False
    backend: Any = None
    id: Any = None


def _miniaudio() -> Any:
    try:
        import miniaudio
    except ImportError:
        raise EnvironmentFailure(
            f"The loudspeaker needs miniaudio, which is not installed. {install_hint('miniaudio')} (on Linux and "
            "Windows on ARM that takes a C compiler), or use `audioguide export` to make a file instead."
        ) from None
    return miniaudio


def list_devices(capture: bool = False) -> tuple[DeviceInfo, ...]:
    """Every device that plays, or that hears, the default first. EnvironmentFailure where no sound system answers."""
    try:
        return wait_for(run_in_daemon_thread(partial(_list_devices, capture)), _PATIENCE)
    except TimeoutError:
        raise EnvironmentFailure(NOT_ANSWERING) from None


def _list_devices(capture: bool = False) -> tuple[DeviceInfo, ...]:
    """The devices that play, or those that hear, of the first sound system that works; without a time limit.

    What hears only what a loudspeaker plays is a dummy.
    """
    miniaudio = _miniaudio()

    class Listing(miniaudio.Devices):  # type: ignore[misc,name-defined]
        """Tells which device is the default; the library asks each for its formats instead, which is slow."""

        def _get_info(self, device_type: Any, device_info: Any) -> dict[str, Any]:
            return {"default": bool(device_info.isDefault)}

    if sys.platform == "linux":
        _silence_alsa()
    found = []
    for backend in miniaudio.Backend:
        if backend.name in ("NULL", "CUSTOM", "WEBAUDIO"):
            continue
        with suppress(miniaudio.MiniaudioError):
            listing = Listing([backend])
            for device in listing.get_captures() if capture else listing.get_playbacks():
                id, name = device["id"], device["name"]
                key = bytes(miniaudio.ffi.buffer(id)).partition(b"\0")[0].decode("ascii", "ignore")
                slow = bool(_SLOW.search(f"{key} {name}"))
                dummy = key.endswith(".monitor") or bool(_DUMMY.fullmatch(key) or _DUMMY.fullmatch(name))
                if listing.backend != "ALSA" or _ALSA.match(key):
                    found.append(DeviceInfo(name, listing.backend, device["default"], slow, dummy, backend, id))
            break
    return tuple(sorted(found, key=lambda output: not output.default))


def find_device(name: str, outputs: Sequence[DeviceInfo]) -> DeviceInfo:
    """The device of this name, or the only one whose name contains it. RequestError otherwise, with the names."""
    wanted = name.strip().casefold()
    same = [output for output in outputs if output.name.casefold() == wanted]
    alike = same or [output for output in outputs if wanted and wanted in output.name.casefold()]
    if not alike:
        hint = suggest(name, (output.name for output in outputs)) or "Run `audioguide doctor` to see which there are."
        raise RequestError(f"There is no sound device {name!r}.", hint)
    if len(alike) > 1 and not same:
        names = ", ".join(output.name for output in alike)
        raise RequestError(f"{name!r} may be any of these sound devices: {names}.", "Write more of its name.")
    return alike[0]


@cache
def _silence_alsa() -> object:
    """Keep ALSA from writing errors to stderr. The result has to stay alive, which the cache sees to."""
    import ctypes

    handler = ctypes.CFUNCTYPE(None)(lambda: None)
    with suppress(OSError):  # no ALSA, no noise
        ctypes.CDLL("libasound.so.2").snd_lib_error_set_handler(handler)
    return handler


class Resampled:
    """Sound resampled to `rate` frames a second, a few ms behind its source.

    By soxr: from 44.1 to 48 kHz, miniaudio's own converter leaves images of a 4 kHz tone at −40 dB and of 8 kHz at
    −27 dB, where an "s" is heard; soxr's are below −135 dB. 20 ms of sound take 50 µs.
    """

    def __init__(self, supply: BlockSource, rate: int) -> None:
        import soxr

        self._supply, self._rate = supply, rate
        self._stream = soxr.ResampleStream(RATE, rate, 2, dtype="float32")
        self._ready = silence(0)

    def take(self, count: int) -> Block:
        """The next `count` frames at the device's rate."""
        while (lacking := count - len(self._ready)) > 0:
            more = self._supply.take(math.ceil(lacking * RATE / self._rate))
            self._ready = np.concatenate([self._ready, self._stream.resample_chunk(more)])
        block, self._ready = self._ready[:count], self._ready[count:]
        return block


class Loudspeaker(Device):
    """A sound device, stereo float32. It asks for 20 ms at a time and buffers 120 ms: a key should be heard within
    150 ms. When it asks so late that this is nearly used up, a longer buffer is opened, of up to a second, for the
    player to change over to (measured by tests/bench/playing.py).

    A device that stops asking is lost: not every system reports that. When a sound system hangs, the thread that opens
    the device is left behind, and the next attempt waits for the same one.
    """

    def __init__(self, name: str = "") -> None:
        super().__init__()
        self.name = name or "the default sound device"
        self._wanted, self._found = name, False
        self._opening: Future[tuple[Any, DeviceInfo]] | None = None
        self._longer: Future[tuple[Any, DeviceInfo]] | None = None  # the same device with a longer buffer
        self._device: Any = None
        self._rate, self._buffer = RATE, _buffer_ms()
        self._most = self._buffer if os.environ.get(_LATENCY) else _MOST_MS
        # When the device asked for sound last, when somebody checked that last, and how long it may not ask.
        self._asked: float | None = None
        self._checked, self._limit = 0.0, _PATIENCE

    def prepare(self) -> None:
        """Begin to open the device in a thread of its own."""
        self._opening = self._opening or run_in_daemon_thread(self._open)

    def open(self) -> None:
        """Open the device, at first the one asked for (or RequestError), later any. EnvironmentFailure without one."""
        self.prepare()
        assert self._opening
        try:
            self._device, info = wait_for(self._opening, _REOPENING if self._found else _PATIENCE)
        except TimeoutError:
            raise EnvironmentFailure(NOT_ANSWERING) from None
        except BaseException:
            self._opening = None
            raise
        self._opening = None
        self._found = True
        self.name, self._rate = info.name, self._device._device.sampleRate
        self.preroll_frames = _SLOW_PREROLL if info.wakes_slowly else _PREROLL
        # The buffer is full after a request, and has two periods less before the next one.
        self.latency = to_frames((self._buffer - _PERIOD_MS) / 1000)

    @property
    def outgrown(self) -> bool:
        """Whether a longer buffer has been opened."""
        return self._longer is not None and self._longer.done() and not self._longer.exception()

    def change_over(self, supply: BlockSource) -> None:
        """Play from the longer buffer. The other one gives silence from now on."""
        old, self._device.callback_generator = self._device, None
        self._opening, self._longer = self._longer, None
        self.open()
        self.start(supply)
        run_in_daemon_thread(lambda: _close(old))

    def start(self, supply: BlockSource) -> None:
        """Take sound from now on. Raises EnvironmentFailure."""
        blocks = self._blocks(supply if self._rate == RATE else Resampled(supply, self._rate))
        next(blocks)
        self._asked = self._checked = time.monotonic()
        self._limit = _PATIENCE
        try:
            wait_for(run_in_daemon_thread(lambda: self._device.start(blocks)), _PATIENCE)
        except _miniaudio().MiniaudioError as error:
            what = "The sound device does not start. Check it in the system's sound settings, then play again."
            raise EnvironmentFailure(what) from error
        except TimeoutError:
            raise EnvironmentFailure(NOT_ANSWERING) from None

    @property
    def lost(self) -> bool:
        """Whether it has stopped asking, or never began."""
        if self._asked is None:
            return False
        now = time.monotonic()
        if now - self._checked > _STOPPED / 2:  # nobody has checked for a while: the process itself was stopped
            self._asked = max(self._asked, now - _STOPPED / 2)
        self._checked = now
        return now - self._asked > self._limit

    def close(self) -> None:
        """Stop and close, dropping what was not heard yet."""
        device, self._device, self._asked = self._device, None, None
        if (longer := self._longer) is not None:
            longer.add_done_callback(lambda opened: None if opened.exception() else _close(opened.result()[0]))
            self._longer = None
        if device is not None:
            with suppress(TimeoutError):
                wait_for(run_in_daemon_thread(lambda: _close(device)), _CLOSING)

    def _open(self) -> tuple[Any, DeviceInfo]:
        miniaudio = _miniaudio()
        output = self._choose(_list_devices())
        try:
            with _buffered(self._buffer):
                device = miniaudio.PlaybackDevice(
                    output_format=miniaudio.SampleFormat.FLOAT32,
                    nchannels=2,
                    sample_rate=RATE if output.system in _CONVERTING else 0,  # 0: as the device has it
                    buffersize_msec=_PERIOD_MS,
                    callback_periods=self._buffer // _PERIOD_MS,
                    device_id=output.id,
                    backends=[output.backend],
                    app_name="audioguide",
                )
        except miniaudio.MiniaudioError as error:
            what = f"The sound device {output.name} cannot be opened. It may be in use, or refuse stereo."
            advice = "Name another one with --device."
            raise EnvironmentFailure(NO_DEVICE if output.id is None else f"{what} {advice}") from error
        return device, output

    def _choose(self, outputs: tuple[DeviceInfo, ...]) -> DeviceInfo:
        """The named device, else the default; a dummy only if it is named."""
        if self._wanted and outputs:
            try:
                return find_device(self._wanted, outputs)
            except RequestError:
                if not self._found:
                    raise
        audible = [output for output in outputs if not output.dummy]
        if not audible:
            raise EnvironmentFailure(NO_DEVICE)
        if outputs[0].default and outputs[0].dummy:
            return audible[0]
        # Without an id it follows the default: the system can move the sound to another device while it plays.
        return replace(audible[0], id=None)

    def _blocks(self, supply: BlockSource | Resampled) -> Generator[bytes | Block, int, None]:
        """The generator that miniaudio wants; it is sent frame counts. It never ends: the device would not stop."""
        count = yield b""
        longest = (self._buffer - _PERIOD_MS) / 1000  # measured: later than this, the system may have run dry
        audible, before = False, time.monotonic()
        while True:
            block, now = supply.take(count), time.monotonic()
            if (late := now - before) > longest:
                block = block * raised_cosine(count)[:, np.newaxis]  # after the gap
            self.underruns += audible and longest < late < STANDSTILL  # a gap after silence is not heard
            if self._longer is None and longest / 2 < late < STANDSTILL and self._buffer < self._most:
                self._buffer = min(self._most, max(2 * self._buffer, _PERIOD_MS * int(200 * late)))
                self._longer = run_in_daemon_thread(self._open)
            audible, before = bool(block.max(initial=0) > 0.001), now
            self._asked, self._limit = now, _STOPPED + 2 * self._buffer / 1000
            count = yield block


class Microphone:
    """A microphone in one channel. It hears all the time, and keeps the last seconds until they are read."""

    def __init__(self, name: str = "") -> None:
        """Open it. RequestError for an unknown name, EnvironmentFailure where there is no microphone."""
        inputs = [device for device in list_devices(capture=True) if name or not device.dummy]
        if not inputs:
            raise EnvironmentFailure(NO_MICROPHONE)
        found, miniaudio = find_device(name, inputs) if name else inputs[0], _miniaudio()
        form = miniaudio.SampleFormat.FLOAT32, 1, RATE if found.system in _CONVERTING else 0, _PERIOD_MS
        self.name, self._heard, self._unheard = found.name, deque[bytes](maxlen=500), 0
        try:
            self._device = miniaudio.CaptureDevice(*form, found.id, backends=[found.backend])
            self._device.start(SimpleNamespace(send=self._heard.append))  # all that is used of a generator
        except miniaudio.MiniaudioError:
            what = f"The microphone {self.name} cannot be opened: it may be in use, or not allowed."
            raise EnvironmentFailure(f"{what} Look at the sound settings, or name another with --device.") from None
        self.rate = int(self._device._device.sampleRate)  # frames a second

    def read(self) -> NDArray[np.float32]:
        """What was heard since the last call, 50 ms ago. EnvironmentFailure once it is gone."""
        fresh = b"".join(self._heard.popleft() for _ in range(len(self._heard)))
        self._unheard = 0 if fresh else self._unheard + 1
        if self._unheard > _UNHEARD:
            raise EnvironmentFailure(f"The microphone {self.name} has gone. Plug it in again, and go on.")
        return np.frombuffer(fresh, np.float32)

    def close(self) -> None:
        """Stop hearing."""
        with suppress(TimeoutError):
            wait_for(run_in_daemon_thread(lambda: _close(self._device)), _CLOSING)


def _close(device: Any) -> None:
    """Close a device and its context, which the library would leave open, with four file descriptors."""
    context = device._context
    device.close()
    _miniaudio().lib.ma_context_uninit(context)


def _buffer_ms() -> int:
    """How much PulseAudio is asked to buffer: what the user has set for every program, or as the machine is busy."""
    wanted, usual = os.environ.get(_LATENCY, ""), _MOST_MS if is_busy() else _BUFFER_MS
    return int(wanted) if wanted.isdecimal() and int(wanted) else usual


@contextmanager
def _buffered(milliseconds: int) -> Iterator[None]:
    """Let PulseAudio and PipeWire buffer so much of a stream that is opened here: for them, miniaudio has one value for
    that and for the period.
    """
    before = os.environ.get(_LATENCY)
    os.environ[_LATENCY] = str(milliseconds)
    try:
        yield
    finally:
        del os.environ[_LATENCY]
        if before is not None:
            os.environ[_LATENCY] = before
