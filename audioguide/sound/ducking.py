"""The gain of a background over time: the swell of its hold, the duck under speech, and fades.

All are functions of the frame alone, so any piece of them has the same bits.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from functools import lru_cache

import numpy as np

from audioguide.sound.block import Samples, raised_cosine
from audioguide.units import db_to_amplitude, to_frames

FADE = to_frames(1.5)
"""Frames in which a background comes in at the start of its hold, and goes at the end."""

UNDER_SPEECH = -22.0
"""LU relative to the narration: as loud as a background may be while someone speaks."""

LEAD = to_frames(0.3)
"""Frames before a clip in which the background goes down."""

HOLD = to_frames(0.2)
"""Frames after a clip for which it stays down."""

RECOVERY = to_frames(1.0)
"""Frames after a clip by which it is back."""

BRIDGE = to_frames(1.5)
"""A gap between clips shorter than this stays down."""

_RISE = raised_cosine(FADE)
_DOWN = raised_cosine(LEAD)
_UP = raised_cosine(RECOVERY - HOLD)[::-1]


@lru_cache(maxsize=16)
def _ramps(level: float) -> tuple[Samples, Samples, np.float32]:
    factor = db_to_amplitude(min(0.0, UNDER_SPEECH - level))
    return (factor**_DOWN).astype(np.float32), (factor**_UP).astype(np.float32), np.float32(factor)


def fade_in_out(length: int, start: int, count: int) -> Samples:
    """The gain of frames `start` … `start + count` of a hold of `length` frames: in, full, out (raised cosines).

    A hold too short for both ramps rises for its first half and falls for its second.
    """
    ramp = _RISE if length >= 2 * FADE else raised_cosine(length // 2)
    made = np.ones(count, np.float32)
    _write(made, ramp, -start)
    _write(made, ramp[::-1], length - len(ramp) - start)
    return made


class Duck:
    """The gain under speech, which is given as intervals (first frame, frame after the last), in order."""

    def __init__(self, speech: Iterable[tuple[int, int]]) -> None:
        self._starts: list[int] = []
        self._ends: list[int] = []
        for start, end in speech:
            if self._ends and start - self._ends[-1] < BRIDGE:
                self._ends[-1] = max(end, self._ends[-1])
            else:
                self._starts.append(start)
                self._ends.append(end)

    def gain(self, start: int, count: int, level: float) -> Samples:
        """The gain of `count` frames from `start` for a background at `level` (LU relative to the narration).

        It is 1 away from speech, brings the background to `UNDER_SPEECH` under it, and is smooth in dB between.
        """
        return self._shape(np.ones(count, np.float32), start, *_ramps(level))

    def amount(self, start: int, count: int) -> Samples:
        """How far down it is, in `count` frames from `start`: 0 away from speech, 1 under it."""
        return self._shape(np.zeros(count, np.float32), start, _DOWN, _UP, np.float32(1))

    def _shape(self, made: Samples, start: int, down: Samples, up: Samples, floor: np.float32) -> Samples:
        first = bisect_right(self._ends, start - RECOVERY)
        last = bisect_left(self._starts, start + len(made) + LEAD)
        for begin, end in zip(self._starts[first:last], self._ends[first:last], strict=True):
            _write(made, down, begin - LEAD - start)
            made[max(begin - start, 0) : max(end + HOLD - start, 0)] = floor
            _write(made, up, end + HOLD - start)
        return made


def fade(
    first: int, length: int, start: int, count: int, *, out: bool = False, likeness: float | None = None
) -> Samples:
    """The gain of frames `start` … `start + count` of what comes in (or goes `out`) over `length` frames from `first`.

    From or into silence it is a raised cosine. Where one sound goes while another comes, `likeness` is their
    correlation (-1 … 1): the power of both together stays the same, however alike they are (at 0 it is the usual
    equal-power crossfade). After Fink, Holters and Zölzer, "Signal-matched power-complementary cross-fading and dry-wet
    mixing" (DAFx 2016).
    """
    turn = np.pi / 2 * np.clip((np.arange(start, start + count) - first) / length, 0, 1)
    turn = np.pi / 2 - turn if out else turn
    rising = np.sin(turn)
    shape = rising**2 if likeness is None else rising / np.sqrt(1 + likeness * np.sin(2 * turn))
    return shape.astype(np.float32)


def _write(onto: Samples, piece: Samples, at: int) -> None:
    """Write `piece` over `onto` from frame `at` on, which may lie before or after it."""
    first, last = max(at, 0), min(at + len(piece), len(onto))
    if first < last:
        onto[first:last] = piece[first - at : last - at]
