"""Where sound comes out: the base class of devices, and what they are given to play."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from shlex import quote
from threading import Event, Thread
from typing import TYPE_CHECKING, Protocol

from audioguide.errors import RequestError, suggest
from audioguide.sound.block import Block
from audioguide.system.plugins import Plugins

if TYPE_CHECKING:
    from audioguide.player.devices.wav_file import Recorder

NO_DEVICE = "There is no sound device to play on. Use `audioguide export` to make a file instead."
NOT_ANSWERING = "The sound system does not answer. Restart it, or log out and in again, then try once more."

STANDSTILL = 1.0
"""Seconds. Who asks for sound so much too late was not held up by other programs: the process, or the machine, was
stopped. That is no gap to be counted, and what was missed is not made up for.
"""


class BlockSource(Protocol):
    """Sound that a device takes from a thread of its own: the feed."""

    @property
    def ahead(self) -> int:
        """Frames that are ready and not yet taken."""

    @property
    def ended(self) -> bool:
        """Whether all that there will be is among them."""

    @property
    def finished(self) -> bool:
        """Whether all was taken."""

    @property
    def silence(self) -> int:
        """Frames of silence that were given since the last frame of sound, for want of it."""

    def take(self, count: int) -> Block:
        """The next `count` frames, float32 (frames, 2) at `units.RATE`; silence where there is nothing. It never waits
        and never raises.
        """


class Device:
    """Takes sound by asking for it. It stays open while a session is played: for a pause it is given silence.

    To add a device:

    1. Derive a class from this one, with a `name`. It is made with the text after the colon in `--output NAME:TEXT`.
    2. In `open`, open what plays and set `latency` and `preroll_frames`, or raise EnvironmentFailure with one sentence.
    3. In `run`, take sound as fast as it is played until `halt` is set. In `close`, call `super().close()` first.
    4. Register it: `DEVICES.register("name", YourDevice)`, or in the package's pyproject.toml

           [project.entry-points."audioguide.devices"]
           name = "package.module:YourDevice"

    A paced device takes sound whether or not there is any. An unpaced one, a file, takes what is there.
    """

    name = ""
    """What a person calls it; of a default, the one that was found by `open`."""

    audible = True
    """Whether somebody hears it: other sessions are not noted in the log."""

    latency = 0
    """Frames between being taken and being heard, more or less; known after `open`."""

    preroll_frames = 0
    """Frames of silence that it has to be given before the first sound, or it swallows its beginning."""

    underruns = 0
    """How often it came too late to ask, so that a gap was heard; it counts on when it is opened again."""

    failed: Exception | None = None
    """Why there is no use in opening it again: a file that cannot be written. None for what may come back. To be looked
    at after `close` too, since that is when a file is finished.
    """

    def __init__(self, text: str = "") -> None:
        if text:
            raise RequestError(f"The output {self.name} takes nothing after its name.", f"Leave out {text!r}.")
        self._halt = Event()
        self._thread: Thread | None = None

    @property
    def lost(self) -> bool:
        """Whether it has gone since `start`, or stopped of its own accord. To be closed, and opened again."""
        return False

    def prepare(self) -> None:
        """Begin to open it, if that takes long, in a thread of its own; `open` says what came of it."""

    def open(self) -> None:
        """Get hold of the device, or of the one in its place. Raises EnvironmentFailure where there is none, and
        RequestError for one that has never been there.
        """

    def start(self, supply: BlockSource) -> None:
        """Ask for sound from now on. Raises EnvironmentFailure."""
        self._halt = Event()
        self._thread = Thread(target=self.run, args=(supply, self._halt), name=self.name, daemon=True)
        self._thread.start()

    def run(self, supply: BlockSource, halt: Event) -> None:
        """Take sound until `halt` is set, in a thread of its own."""

    def close(self) -> None:
        """Stop asking and let go, dropping what was not heard yet; in any state, and as often as one likes.

        It does not wait for a device that hangs. It raises nothing: see `failed`.
        """
        self._halt.set()
        thread, self._thread = self._thread, None
        if thread is not None:
            thread.join()


MINIAUDIO = "miniaudio"
OUTPUTS = (MINIAUDIO, "simpleaudio", "wav:FILE", "null")
"""What an output may be called, as far as it comes along."""

DEVICES: Plugins[Callable[[str], Device]] = Plugins(
    "audioguide.devices",
    {
        MINIAUDIO: "audioguide.player.devices.miniaudio:Loudspeaker",
        "simpleaudio": "audioguide.player.devices.simpleaudio:SimpleaudioDevice",
        "null": "audioguide.player.devices.null:NullDevice",
    },
)
"""Every device but the file, by name; how to add one says `Device`."""


def create_device(spec: str, device: str | None, recorder: Recorder) -> Device:
    """The output that `spec` names, as NAME or NAME:TEXT; `device` is the name, or a part of it, of a sound device.

    `recorder` opens the file of `wav:FILE`. RequestError for an unknown output, for a file that is called otherwise,
    and for an output that has no devices.
    """
    name, _, text = spec.partition(":")
    if device is not None and name != MINIAUDIO:
        raise RequestError(f"The output {spec} has no devices to choose from.", f"Leave out --device {quote(device)}.")
    if name == "wav" and text:
        from audioguide.player.devices.wav_file import WavFileDevice

        return WavFileDevice(Path(text), recorder)
    if (found := DEVICES.find(name)) is None:
        raise RequestError(f"There is no output {spec!r}.", suggest(spec, {*OUTPUTS, *DEVICES.names()}))
    return found(device or text)
