"""Sound at the rate of a device that has its own, where nobody else would convert it well."""

from __future__ import annotations

import math

import numpy as np

from audioguide.player.devices.protocol import Supply
from audioguide.sound.block import Block, silence
from audioguide.units import RATE


class Resampled:
    """A supply at `rate` frames a second; what it takes from the other is a few ms ahead of what it gives.

    miniaudio's own converter leaves images of a tone of 4 kHz at −40 dB, of 8 kHz at −27 dB (44.1 to 48 kHz), where
    people hear an s; soxr's lie below −135 dB. It takes some 50 µs for 20 ms.
    """

    def __init__(self, supply: Supply, rate: int) -> None:
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
