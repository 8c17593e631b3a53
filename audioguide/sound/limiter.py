"""The true-peak limiter: one gain for both channels that keeps a block under `CEILING`.

It keeps no state. The gain at a frame depends only on the `CONTEXT` frames before and after it, so any part of a
session can be limited by itself. It is exactly 1 where nothing near exceeds the ceiling.

Peaks are read at four times the rate (BS.1770-4, annex 2, with a longer filter). The reduction that each hop of `HOP`
frames needs is held for `REACH` hops to both sides (look-ahead and release) and smoothed by a Hann window of that
width. Its weights sum to 1 over values that each suffice, so the result suffices as well.
"""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from audioguide.sound.block import Samples
from audioguide.units import db_to_amplitude

CEILING = db_to_amplitude(-2.0)  # peak amplitude of the mix; this leaves 1 dB for the peaks that MP3 at 128 kbit/s adds
HOP = 32  # frames in a hop, within which the gain is a straight line
REACH = 12  # hops of look-ahead and of release: 9 ms
CONTEXT = HOP * (2 * REACH + 2)  # frames that must be known on either side of a stretch to limit it
_TAPS = 12  # frames on either side of a point between two frames from which its amplitude is computed
_ROWS = 48  # rows in one matrix product: a constant, and few enough for one BLAS thread, so that the bits never differ


def _interpolation() -> NDArray[np.float32]:
    """The matrix from a hop and `_TAPS` frames around it to the points 1/4, 1/2, 3/4 after each of its frames."""
    matrix = np.zeros((HOP + 2 * _TAPS, 3, HOP))
    taps = np.arange(1 - _TAPS, _TAPS + 1)
    for phase in range(3):
        distance = taps - (phase + 1) / 4
        weights = np.sinc(distance) * np.i0(7.0 * np.sqrt(1 - (distance / _TAPS) ** 2)) / np.i0(7.0)
        for frame in range(HOP):
            matrix[_TAPS + frame + taps, phase, frame] = weights / weights.sum()
    return matrix.reshape(HOP + 2 * _TAPS, 3 * HOP).astype(np.float32)


_BETWEEN = _interpolation()
# Where no frame is above this, nothing between frames is above the ceiling either.
HARMLESS = CEILING / float(np.abs(_BETWEEN).sum(axis=0).max())
_HANN = np.hanning(2 * REACH + 3)[1:-1]
_HANN /= _HANN.sum()
_LINE = np.arange(HOP) / HOP


def limit(mix: NDArray[np.float32]) -> Samples | None:
    """The gain for `mix` without the `CONTEXT` frames at either end; None where it is 1 throughout.

    `mix` has the shape (`HOP` × n + 2 × `CONTEXT`, 1 or 2).
    """
    peaks = _peaks(mix)[1:-1]  # the outermost hops have no frames around them
    if peaks.max(initial=0) <= CEILING:
        return None
    needed = 1 - CEILING / np.maximum(peaks, CEILING)
    ends = np.maximum(needed[:-1], needed[1:])  # at the border of two hops
    held = sliding_window_view(ends, 2 * REACH + 1).max(axis=1)
    smooth = np.convolve(held, _HANN, mode="valid")
    lines = smooth[:-1, None] + (smooth[1:] - smooth[:-1])[:, None] * _LINE
    return (1 - lines.reshape(-1)).astype(np.float32)


def _peaks(mix: NDArray[np.float32]) -> NDArray[np.float64]:
    """The true peak of every hop; 0 where the frames around it are all `HARMLESS`."""
    hops, channels = len(mix) // HOP, mix.shape[1]
    hop_wise = mix.reshape(hops, channels * HOP)
    sizes = np.maximum(hop_wise.max(axis=1), -hop_wise.min(axis=1))
    loud = sizes > HARMLESS
    loud[1:] |= sizes[:-1] > HARMLESS
    loud[:-1] |= sizes[1:] > HARMLESS
    found = np.flatnonzero(loud)
    peaks = np.zeros(hops)
    if not len(found):
        return peaks
    width = HOP + 2 * _TAPS
    padded = np.zeros((len(mix) + 2 * _TAPS, channels), np.float32)
    padded[_TAPS:-_TAPS] = mix
    around = sliding_window_view(padded, width, axis=0)[found * HOP].reshape(-1, width)  # the channels in turn
    rows = np.zeros((-(-len(around) // _ROWS) * _ROWS, width), np.float32)
    rows[: len(around)] = around
    points = rows.reshape(-1, _ROWS, width) @ _BETWEEN
    highest = np.maximum(points.max(axis=-1), -points.min(axis=-1)).reshape(-1)[: len(around)]
    peaks[found] = np.maximum(highest.reshape(-1, channels).max(axis=1), sizes[found])
    return peaks
