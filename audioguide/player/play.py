"""Playing a session: the pump fills, the device drains, and the person steers."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from audioguide.errors import EnvironmentFailure
from audioguide.player.device import Device
from audioguide.player.feed import Feed
from audioguide.player.keys import Keys, NoKeys
from audioguide.player.pump import Pump
from audioguide.player.source import Source
from audioguide.sound.sound import Sound
from audioguide.units import frames

PAUSE, QUIT = " ", "q"

TAIL = frames(0.25)
"""Silence given to the device after the last frame, beyond its own buffer: the system has buffers too."""

_TICK = 0.1  # seconds between two looks at where the session is
_LAST_TICK = 0.01
_STALLED = 30  # ticks without a single pull, after which the device is taken for dead

End = Literal["finished", "stopped", "interrupted"]


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a session is: `position` is the session frame that is heard now, to within the device's buffer.

    `waiting` says that the session is not ready yet, or not ready in time.
    """

    position: int
    paused: bool
    waiting: bool
    underruns: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """How playing ended: session frames that were played, gaps that were heard, and why it is over."""

    frames: int
    underruns: int
    end: End

    @property
    def finished(self) -> bool:
        """Whether the session was heard to its end."""
        return self.end == "finished"


def play(
    source: Source,
    device: Device,
    status: Callable[[Progress], None] = lambda progress: None,
    *,
    keys: Keys | None = None,
    waiting: Sound | None = None,
) -> Outcome:
    """Play a session while it is still in the making, and return when it is over.

    It starts as soon as a second of it is there; whatever makes it has to be running already. When it is not ready in
    time, `waiting` sounds instead, and then it goes on where it was. `status` is called ten times a second. Space
    pauses, q stops, Ctrl-C ends it as "interrupted": each fades over 20 ms. Raises EnvironmentFailure without a
    device or when it fails, and what the source failed with.
    """
    keys = keys or NoKeys()
    feed = Feed()
    pump = Pump(source, feed, waiting)
    thread = threading.Thread(target=pump.run, name="pump", daemon=True)
    thread.start()
    try:
        device.open()
        device.start(feed.take)
        end = _attend(feed, pump, device, keys, status)
        if end != "finished":
            _fade_out(feed, device, keys)
    finally:
        pump.stop()
        device.close()
        thread.join()
    if pump.failed is not None:
        raise pump.failed
    return Outcome(feed.position, feed.underruns + device.late, end)


def _attend(feed: Feed, pump: Pump, device: Device, keys: Keys, status: Callable[[Progress], None]) -> End:
    """Show where the session is and do what the keys say, until it is over."""
    idle, pulls = 0, 0
    try:
        while pump.failed is None:
            if feed.finished and feed.silence >= device.latency + TAIL:
                return "finished"
            key = keys.read(_TICK)
            if key == QUIT:
                return "stopped"
            if key == PAUSE:
                feed.paused = not feed.paused
            status(_progress(feed, device))
            idle = idle + (key is None) if feed.pulls == pulls else 0
            pulls = feed.pulls
            if idle >= _STALLED:
                raise EnvironmentFailure(
                    "The sound device has stopped taking sound. Check that it is connected, then play again."
                )
    except KeyboardInterrupt:
        return "interrupted"
    return "stopped"


def _fade_out(feed: Feed, device: Device, keys: Keys) -> None:
    """Wait until the fade has been heard, though not for a device that is dead."""
    feed.stop()
    for _ in range(_STALLED):
        if feed.silence >= device.latency:
            break
        keys.read(_LAST_TICK)


def _progress(feed: Feed, device: Device) -> Progress:
    unheard = max(0, device.latency - feed.beyond)
    return Progress(max(0, feed.position - unheard), feed.paused, feed.waiting, feed.underruns + device.late)
