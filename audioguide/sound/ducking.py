"""The gain of a background over time: fades at the ends of its hold, ducking under speech, and crossfades.

All are functions of the frame alone, so any part of them has the same bits.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from functools import lru_cache

import numpy as np

from audioguide.sound.block import Samples, raised_cosine
from audioguide.units import db_to_amplitude, to_frames

FADE = to_frames(1.5)  # frames in which a background fades in at the start of its hold, and out at the end
UNDER_SPEECH = -22.0  # LU relative to the narration: as loud as a background may be while someone speaks
LEAD = to_frames(0.3)  # frames before a clip in which the background is lowered
HOLD = to_frames(0.2)  # frames after a clip for which it stays lowered
RECOVERY = to_frames(1.0)  # frames after a clip until it is back at its level
BRIDGE = to_frames(1.5)  # in a gap between clips that is shorter than this it stays lowered

_RISE = raised_cosine(FADE)
_DOWN = raised_cosine(LEAD)
_UP = raised_cosine(RECOVERY - HOLD)[::-1]


@lru_cache(maxsize=16)
def _ramps(level: float) -> tuple[Samples, Samples, np.float32]:
    factor = db_to_amplitude(min(0.0, UNDER_SPEECH - level))
    return (factor**_DOWN).astype(np.float32), (factor**_UP).astype(np.float32), np.float32(factor)


def fade_in_out(length: int, start: int, count: int) -> Samples:
    """The gain of `count` frames from `start` in a hold of `length` frames: raised cosines at both ends, 1 between.

    A hold too short for both rises in its first half and falls in its second.
    """
    ramp = _RISE if length >= 2 * FADE else raised_cosine(length // 2)
    gain = np.ones(count, np.float32)
    _overwrite(gain, ramp, -start)
    _overwrite(gain, ramp[::-1], length - len(ramp) - start)
    return gain


class Duck:
    """The gain of backgrounds under speech: intervals of (first frame, frame after the last), in order."""

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
        """The gain in `count` frames from `start` of a background at `level` (LU relative to the narration).

        It is 1 away from speech, brings the background to `UNDER_SPEECH` under it, and is smooth in dB between them.
        """
        return self._shape(np.ones(count, np.float32), start, *_ramps(level))

    def amount(self, start: int, count: int) -> Samples:
        """How much it ducks in `count` frames from `start`: 0 away from speech, 1 under it."""
        return self._shape(np.zeros(count, np.float32), start, _DOWN, _UP, np.float32(1))

    def _shape(self, curve: Samples, start: int, down: Samples, up: Samples, floor: np.float32) -> Samples:
        first = bisect_right(self._ends, start - RECOVERY)
        last = bisect_left(self._starts, start + len(curve) + LEAD)
        for begin, end in zip(self._starts[first:last], self._ends[first:last], strict=True):
            _overwrite(curve, down, begin - LEAD - start)
            curve[max(begin - start, 0) : max(end + HOLD - start, 0)] = floor
            _overwrite(curve, up, end + HOLD - start)
        return curve


def fade(
    first: int, length: int, start: int, count: int, *, out: bool = False, correlation: float | None = None
) -> Samples:
    """The gain in `count` frames from `start` of a sound that fades in (or `out`) over `length` frames from `first`.

    From or into silence it is a raised cosine. In a crossfade, where the sounds have this `correlation` (-1 … 1), the
    power of their sum stays the same (Fink, Holters and Zölzer, "Signal-matched power-complementary cross-fading and
    dry-wet mixing", DAFx 2016).
    """
    turn = np.pi / 2 * np.clip((np.arange(start, start + count) - first) / length, 0, 1)
    turn = np.pi / 2 - turn if out else turn
    rising = np.sin(turn)
    shape = rising**2 if correlation is None else rising / np.sqrt(1 + correlation * np.sin(2 * turn))
    return shape.astype(np.float32)


def _overwrite(curve: Samples, part: Samples, at: int) -> None:
    """Write `part` over `curve` from frame `at`; what lies before or after the curve is left out."""
    first, last = max(at, 0), min(at + len(part), len(curve))
    if first < last:
        curve[first:last] = part[first - at : last - at]
