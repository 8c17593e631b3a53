"""The gain of a background over time: the swell of its hold, the duck under speech, and fades.

All are functions of the frame alone, so any piece of them has the same bits.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from audioguide.sound.block import Samples, rise
from audioguide.units import frames, gain

SWELL = frames(1.5)
"""Frames in which a background comes in at the start of its hold, and goes at the end."""

UNDER_SPEECH = -22.0
"""LU relative to the narration: as loud as a background may be while someone speaks."""

LEAD = frames(0.3)
"""Frames before a clip in which the background goes down."""

HANG = frames(0.2)
"""Frames after a clip for which it stays down."""

RECOVERY = frames(1.0)
"""Frames after a clip by which it is back."""

BRIDGE = frames(1.5)
"""A gap between clips shorter than this stays down."""

_RISE = rise(SWELL)
_DOWN = rise(LEAD)
_UP = rise(RECOVERY - HANG)[::-1]


def depth(level: float) -> float:
    """The duck in dB of a background that is at `level` (LU relative to the narration) where nobody speaks."""
    return min(0.0, UNDER_SPEECH - level)


@lru_cache(maxsize=16)
def _ramps(decibels: float) -> tuple[Samples, Samples, np.float32]:
    factor = gain(decibels)
    return (factor**_DOWN).astype(np.float32), (factor**_UP).astype(np.float32), np.float32(factor)


def swell(length: int, start: int, count: int) -> Samples:
    """The gain of frames `start` … `start + count` of a hold of `length` frames: in, full, out (raised cosines).

    A hold too short for both ramps rises for its first half and falls for its second.
    """
    ramp = _RISE if length >= 2 * SWELL else rise(length // 2)
    made = np.ones(count, np.float32)
    _lay(made, ramp, -start)
    _lay(made, ramp[::-1], length - len(ramp) - start)
    return made


class Duck:
    """The gain under speech, which is given as intervals (first frame, frame after the last), in order."""

    def __init__(self, speech: Iterable[tuple[int, int]]) -> None:
        spans: list[tuple[int, int]] = []
        for start, end in speech:
            if spans and start - spans[-1][1] < BRIDGE:
                spans[-1] = (spans[-1][0], max(end, spans[-1][1]))
            else:
                spans.append((start, end))
        self._starts = [start for start, _ in spans]
        self._ends = [end for _, end in spans]

    def gain(self, start: int, count: int, decibels: float) -> Samples:
        """The gain of `count` frames from `start`: 1 away from speech, `decibels` under it, smooth in dB between."""
        return self._shape(np.ones(count, np.float32), start, *_ramps(decibels))

    def share(self, start: int, count: int) -> Samples:
        """How far down it is, in `count` frames from `start`: 0 away from speech, 1 under it."""
        return self._shape(np.zeros(count, np.float32), start, _DOWN, _UP, np.float32(1))

    def _shape(self, made: Samples, start: int, down: Samples, up: Samples, floor: np.float32) -> Samples:
        first = bisect_right(self._ends, start - RECOVERY)
        last = bisect_left(self._starts, start + len(made) + LEAD)
        for begin, end in zip(self._starts[first:last], self._ends[first:last], strict=True):
            _lay(made, down, begin - LEAD - start)
            made[max(begin - start, 0) : max(end + HANG - start, 0)] = floor
            _lay(made, up, end + HANG - start)
        return made


def fade(first: int, length: int, start: int, count: int, likeness: float | None = None) -> Samples:
    """The gain of frames `start` … `start + count` of what comes in over `length` frames from `first` on.

    Out of silence it is a raised cosine. With a `likeness` something else goes out at the same time, by the same gain
    with `first` and `first + length` changed over (see `fade_out`): the power of both together stays the same all the
    way, however like one another they are (-1 … 1, their correlation; at 0 it is the usual equal-power crossfade).
    After Fink, Holters and Zölzer, "Signal-matched power-complementary cross-fading and dry-wet mixing" (DAFx 2016).
    """
    return _faded(_turn(first, length, start, count), likeness)


def fade_out(first: int, length: int, start: int, count: int, likeness: float | None = None) -> Samples:
    """The same of what goes out."""
    return _faded(np.pi / 2 - _turn(first, length, start, count), likeness)


def _turn(first: int, length: int, start: int, count: int) -> NDArray[np.float64]:
    """How far a fade is: an angle from 0 to a quarter of a turn."""
    done: NDArray[np.float64] = np.clip((np.arange(start, start + count) - first) / length, 0, 1)
    return np.pi / 2 * done


def _faded(turn: NDArray[np.float64], likeness: float | None) -> Samples:
    rising = np.sin(turn)
    shape = rising**2 if likeness is None else rising / np.sqrt(1 + likeness * np.sin(2 * turn))
    return shape.astype(np.float32)


def _lay(onto: Samples, piece: Samples, at: int) -> None:
    """Write `piece` over `onto` from frame `at` on, which may lie before or after it."""
    first, last = max(at, 0), min(at + len(piece), len(onto))
    if first < last:
        onto[first:last] = piece[first - at : last - at]
