"""Devices that play sound: their base class, and what they are given to play."""

from __future__ import annotations

import time
from collections.abc import Iterator
from threading import Event, Thread
from typing import Protocol

from audioguide.errors import RequestError
from audioguide.sound.block import Block
from audioguide.units import RATE, to_frames

NO_DEVICE = "There is no sound device to play on. Use `audioguide export` to make a file instead."
NOT_ANSWERING = "The sound system does not answer. Restart it, or log out and in again, then try once more."

# Seconds. When a device asks this late, the process or the machine was stopped (Ctrl-Z, sleep), which is no underrun.
STANDSTILL = 1.0
PERIOD = to_frames(0.02)  # frames that `pace` lets a device take at a time


class BlockSource(Protocol):
    """Where a device takes its sound from, in a thread of its own: the playback buffer."""

    silence: int  # frames of silence given since the last frame of sound, because there was none

    @property
    def ahead(self) -> int:
        """Frames that are ready and not yet taken."""

    @property
    def ended(self) -> bool:
        """Whether no more will come."""

    @property
    def finished(self) -> bool:
        """Whether everything was taken."""

    def take(self, count: int) -> Block:
        """The next `count` frames (float32, stereo); silence where there is nothing. Never waits, never raises."""


class Device:
    """Plays sound, which it asks for. It stays open during a pause, for which it is given silence.

    To add a device:

    1. Derive a class from this one, with a `name`. It is made with the text after the colon in `--output NAME:TEXT`.
    2. In `open`, open what plays and set `latency` and `preroll_frames`, or raise EnvironmentFailure with one sentence.
    3. In `run`, take sound as fast as it is played until `halt` is set. In `close`, call `super().close()` first.
    4. Register it: `DEVICES.register("name", YourDevice)`, or in the package's pyproject.toml

           [project.entry-points."audioguide.devices"]
           name = "package.module:YourDevice"

    A device that plays in real time takes sound whether or not there is any; a file takes only what is there.
    """

    name = ""  # for the user; of a default device, the name that `open` found
    audible = True  # whether somebody hears it; only then the session is recorded in the log
    latency = 0  # approximate frames between being taken and being heard; known after `open`
    preroll_frames = 0  # frames of silence that it needs before the first sound, or it would swallow the beginning
    underruns = 0  # how often it asked too late, so that a gap was heard; not reset by `open`
    # Why opening it again is no use: a file cannot be written. Check it after `close` too, which finishes a file.
    failed: Exception | None = None

    def __init__(self, text: str = "") -> None:
        if text:
            raise RequestError(f"The output {self.name} takes nothing after its name.", f"Leave out {text!r}.")
        self._halt = Event()
        self._thread: Thread | None = None

    @property
    def lost(self) -> bool:
        """Whether it disappeared or stopped by itself since `start`. The player then closes it and opens it again."""
        return False

    @property
    def outgrown(self) -> bool:
        """Whether it has a longer buffer ready, since this machine is too busy for its own; see `change_over`."""
        return False

    def change_over(self, supply: BlockSource) -> None:
        """Go on with the longer buffer; until it begins, nothing is taken. The player has faded out before."""

    def prepare(self) -> None:
        """Begin to open it in a thread of its own, if that takes long; `open` reports the result."""

    def open(self) -> None:
        """Open the device, or a replacement. EnvironmentFailure where there is none, RequestError for a wrong name."""

    def start(self, supply: BlockSource) -> None:
        """Take sound from now on. Raises EnvironmentFailure."""
        self._halt = Event()
        self._thread = Thread(target=self.run, args=(supply, self._halt), name=self.name, daemon=True)
        self._thread.start()

    def run(self, supply: BlockSource, halt: Event) -> None:
        """Take sound until `halt` is set; runs in a thread of its own."""

    def close(self) -> None:
        """Stop at once, in any state. It raises nothing (see `failed`), and waits for no device that hangs."""
        self._halt.set()
        thread, self._thread = self._thread, None
        if thread is not None:
            thread.join()


def pace(halt: Event) -> Iterator[float]:
    """Yield once for each `PERIOD` of real time until `halt` is set: when the first was due, by the monotonic clock."""
    begin, taken = time.monotonic(), 0
    while not halt.wait(max(0.0, begin + taken / RATE - time.monotonic())):
        taken += PERIOD
        if (behind := time.monotonic() - begin - taken / RATE) > STANDSTILL:
            begin += behind
        yield begin


class NullDevice(Device):
    """A device that plays to nobody, in real time: for scripts, and to measure the player."""

    name = "null"
    audible = False
    latency = PERIOD

    def run(self, supply: BlockSource, halt: Event) -> None:
        """Take sound as fast as it would be heard."""
        for _ in pace(halt):
            supply.take(PERIOD)
