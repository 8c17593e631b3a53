"""Where sound comes out: the protocol of devices, and of what they are given to play."""

from __future__ import annotations

from typing import Protocol

from audioguide.sound.block import Block

NO_DEVICE = "There is no sound device to play on. Use `audioguide export` to make a file instead."
MUTE_SYSTEM = "The sound system does not answer. Restart it, or log out and in again, then try once more."

STANDSTILL = 1.0
"""Seconds. Who asks for sound so much too late was not held up by other programs: the process, or the machine, was
stopped. That is no gap to be counted, and what was missed is not made up for.
"""


class Supply(Protocol):
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
        """The next `count` frames; silence where there is nothing. It never waits and never raises."""


class Device(Protocol):
    """Takes sound by asking for it. It stays open while a session is played: for a pause it is given silence.

    A paced device takes it as fast as it is heard, and asks whether or not there is any. An unpaced one, a file, takes
    what is there.
    """

    @property
    def name(self) -> str:
        """What a person calls it; of a default, the one that was found by `open`."""

    @property
    def latency(self) -> int:
        """Frames between being taken and being heard, more or less; known after `open`."""

    @property
    def wake(self) -> int:
        """Frames of silence that it has to be given before the first sound, or it swallows its beginning."""

    @property
    def late(self) -> int:
        """How often it came too late to ask, so that a gap was heard; it counts on when it is opened again."""

    @property
    def lost(self) -> bool:
        """Whether it has gone since `start`, or stopped of its own accord. To be closed, and opened again."""

    @property
    def failed(self) -> Exception | None:
        """Why there is no use in opening it again: a file that cannot be written. None for what may come back.

        To be looked at after `close` too, since that is when a file is finished.
        """

    def prepare(self) -> None:
        """Begin to open it, if that takes long, in a thread of its own; `open` says what came of it."""

    def open(self) -> None:
        """Get hold of the device, or of the one in its place. Raises EnvironmentFailure where there is none, and
        RequestError for one that has never been there.
        """

    def start(self, supply: Supply) -> None:
        """Ask for sound from now on. Raises EnvironmentFailure."""

    def close(self) -> None:
        """Stop asking and let go, dropping what was not heard yet; in any state, and as often as one likes.

        It does not wait for a device that hangs. It raises nothing: see `failed`.
        """
