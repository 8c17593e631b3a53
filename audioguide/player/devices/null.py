"""A device that plays to nobody, in real time: for scripts, and to measure the player."""

from __future__ import annotations

import time
from threading import Event

from audioguide.player.devices.device import STANDSTILL, BlockSource, Device
from audioguide.units import RATE, to_frames

_PERIOD = to_frames(0.02)


class NullDevice(Device):
    """Takes sound by the clock, always counted from the start, so that it does not drift."""

    name = "null"
    audible = False
    latency = _PERIOD

    def run(self, supply: BlockSource, halt: Event) -> None:
        """Take 20 ms of sound every 20 ms."""
        begin, taken = time.monotonic(), 0
        while not halt.wait(max(0.0, begin + taken / RATE - time.monotonic())):
            supply.take(_PERIOD)
            taken += _PERIOD
            if (behind := time.monotonic() - begin - taken / RATE) > STANDSTILL:
                begin += behind
