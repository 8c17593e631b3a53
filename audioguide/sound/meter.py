"""How loud a sound is while it passes by: ITU-R BS.1770-4 with gating, and the true peak, in memory that hardly grows.

The K-weighting is applied to the spectrum of every 100 ms (Parseval) and not by a filter, which makes it as fast as the
rest of the mixing; measured against a filter, sessions differ by less than 0.05 LU.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from audioguide.sound import limiter
from audioguide.units import RATE

SEGMENT = RATE // 10
"""Frames in 100 ms; a measuring window of BS.1770 has four of them, and the next one begins one later."""

_AT_ONCE = 5 * SEGMENT
"""Frames that are transformed together: one after the other they take twice as long."""

_ABSOLUTE, _RELATIVE = -70.0, -10.0


def _k_weighting() -> NDArray[np.float32]:
    """The power response of the two filters of BS.1770, at the frequencies of a segment's spectrum.

    The coefficients for this rate are found as libebur128 does it, from the analogue filters behind those for 48 kHz.
    """
    turn = np.exp(-2j * np.pi * np.fft.fftfreq(SEGMENT))

    def response(b: tuple[float, ...], a: tuple[float, ...]) -> NDArray[np.float64]:
        power: NDArray[np.float64] = np.abs(np.polyval(b[::-1], turn) / np.polyval(a[::-1], turn)) ** 2
        return power

    k, q = math.tan(math.pi * 1681.974450955533 / RATE), 0.7071752369554196
    high = 10 ** (3.999843853973347 / 20)
    band = high**0.4996667741545416
    shelf = response(
        (high + band * k / q + k * k, 2 * (k * k - high), high - band * k / q + k * k),
        (1 + k / q + k * k, 2 * (k * k - 1), 1 - k / q + k * k),
    )
    k, q = math.tan(math.pi * 38.13547087602444 / RATE), 0.5003270373238773
    # BS.1770 leaves the second filter's gain at 1 / a0.
    a0 = 1 + k / q + k * k
    low_cut = response((1, -2, 1), (1, 2 * (k * k - 1) / a0, (1 - k / q + k * k) / a0))
    weights = shelf * low_cut / SEGMENT**2
    weights[1 : SEGMENT // 2] *= 2  # half of the spectrum of a real sound is the other half mirrored
    return np.repeat(weights[: SEGMENT // 2 + 1], 2).astype(np.float32)  # for real and imaginary parts in turn


_WEIGHTS = _k_weighting()


Powers = NDArray[np.float32]
"""The K-weighted power of each 100 ms of a sound, both channels together."""


class Meter:
    """The powers of blocks, one after the other, of a sound of one channel or two."""

    def __init__(self, channels: int = 2) -> None:
        self._channels = channels
        self._powers: list[Powers] = []
        self._heard: list[NDArray[np.float32]] = []
        self._frames = 0

    def hear(self, block: NDArray[np.float32]) -> None:
        """Go on with a block of shape (frames, channels), or (frames, 1) where all are alike; it stays as it is."""
        self._heard.append(block)
        self._frames += len(block)
        if self._frames >= _AT_ONCE:
            self._measure()

    @property
    def powers(self) -> Powers:
        """The weighted power of every 100 ms so far; what is left over at the end is not among them."""
        if self._frames >= SEGMENT:
            self._measure()
        return np.concatenate([np.zeros(0, np.float32), *self._powers])

    def _measure(self) -> None:
        sound = joined(self._heard)
        whole = len(sound) // SEGMENT * SEGMENT
        self._powers.append(powers_of(sound[:whole]) * np.float32(self._channels / sound.shape[1]))
        self._heard, self._frames = [sound[whole:]], len(sound) - whole


def joined(blocks: Sequence[NDArray[np.float32]]) -> NDArray[np.float32]:
    """Blocks of (frames, channels) one after the other; in one channel where all of them have one."""
    channels = max(block.shape[1] for block in blocks)
    return np.concatenate([np.broadcast_to(block, (len(block), channels)) for block in blocks])


def loudness_of(powers: Powers) -> float | None:
    """The integrated loudness in LUFS of sound with these powers; None of silence, and of less than 400 ms."""
    if len(powers) < 4:
        return None
    windows = np.convolve(powers.astype(np.float64), np.full(4, 0.25), "valid")
    for gate in (_ABSOLUTE, None):
        least = _power_of(gate) if gate is not None else windows.mean() * 10 ** (_RELATIVE / 10)
        windows = windows[windows > least]
        if not len(windows):
            return None
    return float(-0.691 + 10 * math.log10(windows.mean()))


def powers_of(sound: NDArray[np.float32]) -> Powers:
    """The weighted power of every 100 ms of `SEGMENT` × n frames of one or two channels, all channels together."""
    segments = np.ascontiguousarray(sound.T).reshape(sound.shape[1], -1, SEGMENT)
    if not segments.any():
        return np.zeros(segments.shape[1], np.float32)
    spectra = np.fft.rfft(segments).view(np.float32)
    np.square(spectra, out=spectra)
    powers: Powers = (spectra @ _WEIGHTS).sum(axis=0)
    return powers


def _power_of(loudness: float) -> float:
    return float(10 ** ((loudness + 0.691) / 10))


_NOT_HIGHER = limiter.CEILING * 0.9999
"""Where the limiter holds everything down to, nothing higher is to be found between the samples, which takes long."""

_FAINT = 0.4
"""-8 dBTP, which every word exceeds: whether a background comes near it between its samples is no matter."""


class Peak:
    """The true peak of blocks, one after the other, as the limiter reads it: at four times the rate.

    Of what stays below -8 dBTP it is the highest sample.
    """

    def __init__(self) -> None:
        self._rest = np.zeros((2 * limiter.HOP, 1), np.float32)
        self._highest = self._loud = 0.0

    def hear(self, block: NDArray[np.float32]) -> None:
        """Go on with a block of shape (frames, 1) or (frames, 2)."""
        before, self._loud = self._loud, max(float(block.max(initial=0)), -float(block.min(initial=0)))
        self._highest = max(self._highest, self._loud)
        known = max(self._highest, _FAINT)
        rest = block[-3 * limiter.HOP :]
        if (max(before, self._loud) > known / limiter.STEEPEST and known < _NOT_HIGHER) or len(rest) < 3 * limiter.HOP:
            sound = joined([self._rest, block])
            end = len(sound) // limiter.HOP * limiter.HOP
            if end > 2 * limiter.HOP:
                self._highest = max(self._highest, limiter.true_peak(sound[:end], known))
                rest = sound[end - 2 * limiter.HOP :]
            else:
                rest = sound
        self._rest = rest.copy()

    @property
    def highest(self) -> float:
        """The amplitude; full scale is 1."""
        self.hear(np.zeros((3 * limiter.HOP, 1), np.float32))  # what still rings
        return self._highest
