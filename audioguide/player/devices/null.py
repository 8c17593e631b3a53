"""A device that plays to nobody, as fast as one that is heard: for scripts, and to measure the player by."""

from __future__ import annotations

import time
from threading import Event

from audioguide.player.devices.device import STANDSTILL, BlockSource, Device
from audioguide.units import RATE, to_frames

_PERIOD = to_frames(0.02)


class NullDevice(Device):
    """Takes sound by the clock. Each time is reckoned from the start, so that it never drifts."""

    name = "null"
    audible = False
    latency = _PERIOD

    def run(self, supply: BlockSource, halt: Event) -> None:
        """Take 20 ms when they are due."""
        begin, taken = time.monotonic(), 0
        while not halt.wait(max(0.0, begin + taken / RATE - time.monotonic())):
            supply.take(_PERIOD)
            taken += _PERIOD
            if (behind := time.monotonic() - begin - taken / RATE) > STANDSTILL:
                begin += behind
