"""A device that plays to nobody, as fast as one that is heard: for scripts, and to measure the player by."""

from __future__ import annotations

import time
from threading import Event, Thread

from audioguide.player.devices.protocol import STANDSTILL, Supply
from audioguide.units import RATE, frames

_PERIOD = frames(0.02)


class Null:
    """Takes sound by the clock. Each time is reckoned from the start, so that it never drifts."""

    name = "nothing"
    latency = _PERIOD
    wake = 0
    late = 0
    lost = False
    failed = None

    def __init__(self) -> None:
        self._halt = Event()
        self._thread: Thread | None = None

    def prepare(self) -> None:
        """There is nothing to be done."""

    def open(self) -> None:
        """There is nothing to get hold of."""

    def start(self, supply: Supply) -> None:
        """Ask for sound from now on."""
        self._halt = Event()
        self._thread = Thread(target=self._run, args=(supply, self._halt), name="null", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop asking."""
        self._halt.set()
        thread, self._thread = self._thread, None
        if thread is not None:
            thread.join()

    def _run(self, supply: Supply, halt: Event) -> None:
        begin, taken = time.monotonic(), 0
        while not halt.wait(max(0.0, begin + taken / RATE - time.monotonic())):
            supply.take(_PERIOD)
            taken += _PERIOD
            if (behind := time.monotonic() - begin - taken / RATE) > STANDSTILL:
                begin += behind
