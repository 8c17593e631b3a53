"""The gain of a background over time: the swell of its hold, and the duck under speech.

Both are functions of the frame alone, cut from fixed ramps, so any piece of them has the same bits.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable

import numpy as np

from audioguide.sound.block import Samples, rise
from audioguide.units import frames, gain

SWELL = frames(1.5)
"""Frames in which a background comes in at the start of its hold, and goes at the end."""

DEPTH = -9.0
"""The duck in dB: 13 LU under the narration becomes 22 LU."""

LEAD = frames(0.3)
"""Frames before a clip in which the background goes down."""

HANG = frames(0.2)
"""Frames after a clip for which it stays down."""

RECOVERY = frames(1.0)
"""Frames after a clip by which it is back."""

BRIDGE = frames(1.5)
"""A gap between clips shorter than this stays down."""

_RISE = rise(SWELL)
_DOWN = (gain(DEPTH) ** rise(LEAD)).astype(np.float32)
_UP = (gain(DEPTH) ** rise(RECOVERY - HANG)[::-1]).astype(np.float32)
_FLOOR = np.float32(gain(DEPTH))


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

    def gain(self, start: int, count: int) -> Samples:
        """The gain of `count` frames from `start`: 1 away from speech, `DEPTH` under it, smooth in dB between."""
        made = np.ones(count, np.float32)
        first = bisect_right(self._ends, start - RECOVERY)
        last = bisect_left(self._starts, start + count + LEAD)
        for begin, end in zip(self._starts[first:last], self._ends[first:last], strict=True):
            _lay(made, _DOWN, begin - LEAD - start)
            made[max(begin - start, 0) : max(end + HANG - start, 0)] = _FLOOR
            _lay(made, _UP, end + HANG - start)
        return made


def _lay(onto: Samples, piece: Samples, at: int) -> None:
    """Write `piece` over `onto` from frame `at` on, which may lie before or after it."""
    first, last = max(at, 0), min(at + len(piece), len(onto))
    if first < last:
        onto[first:last] = piece[first - at : last - at]
