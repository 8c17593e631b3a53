"""Modulation of a layer's level: by the breath of a hold, or by waves.

It is a curve of gains at the borders of grid blocks, 186 ms apart, with straight lines between, whose corners are not
heard. Its mean power is 1, so that a layer is as loud with it as without.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache, partial
from typing import Annotated, Literal, NamedTuple

from annotated_types import Interval

from audioguide.arrays import np
from audioguide.schema.document import Record
from audioguide.sound.synth.layer import GRID, Layer, Planes, Seed, line
from audioguide.sound.synth.noise import chance
from audioguide.units import RATE, db_to_amplitude, to_frames

Depth = Annotated[float, Interval(ge=0, le=40)]  # decibels between the softest and the loudest moment


class Modulated:
    """A layer with a modulated level: `gains` gives the gains of left and right at a frame."""

    def __init__(self, layer: Layer, gains: Callable[[int], tuple[float, float]]) -> None:
        self._layer = layer
        self._gains = lru_cache(maxsize=4)(gains)  # the end of a grid block is the start of the next

    def make(self, index: int) -> Planes:
        """Grid block `index`."""
        block = self._layer.make(index)
        begin, end = self._gains(index * GRID), self._gains((index + 1) * GRID)
        for plane, first, last in zip(block, begin, end, strict=True):
            rise = line() * np.float32(last - first)
            plane *= rise + np.float32(first)
        return block


class BreathPhase(NamedTuple):
    """One phase of a breath: `frames` frames from `start`, counted from the hold's first frame."""

    phase: Literal["in", "hold", "out", "rest"]
    start: int
    frames: int

    @property
    def end(self) -> int:
        """The first frame after it."""
        return self.start + self.frames


_CALM = (BreathPhase("in", 0, to_frames(4.0)), BreathPhase("out", to_frames(4.0), to_frames(6.0)))
_SETTLE = to_frames(4.0)


class BreathMotion:
    """Rises by `depth` decibels in each in-breath, and falls in the out-breath.

    After the last breath it settles halfway. Without breath cues it assumes six breaths a minute.
    """

    def __init__(self, depth: float, breaths: Sequence[BreathPhase]) -> None:
        self._least = db_to_amplitude(-depth)
        self._endless = not breaths
        self._breaths = tuple(breaths) or _CALM
        self._starts = [breath.start for breath in self._breaths]
        self._mean = self._power() ** 0.5

    def gains(self, frame: int) -> tuple[float, float]:
        """Left and right, which are equal."""
        # Linear in amplitude, not in decibels: as much movement with a lower crest, where words are spoken.
        both = (self._least + (1 - self._least) * self.level(frame)) / self._mean
        return both, both

    def level(self, frame: int) -> float:
        """How full the lungs are, 0 to 1."""
        if self._endless:
            frame %= self._breaths[-1].end
        breath = self._breaths[max(0, bisect_right(self._starts, frame) - 1)]
        done = (frame - breath.start) / breath.frames
        level = {"in": _ramp(done), "hold": 1.0, "out": 1 - _ramp(done), "rest": 0.0}[breath.phase]
        settled = _ramp((frame - breath.end) / _SETTLE)
        return level + (0.5 - level) * settled

    def _power(self) -> float:
        """Its mean power over all breaths. A raised cosine's mean is 1/2, and that of its square 3/8."""
        least, rise = self._least, 1 - self._least
        moving = least**2 + least * rise + rise**2 * 3 / 8
        of_phase = {"in": moving, "hold": 1.0, "out": moving, "rest": least**2}
        span = sum(breath.frames for breath in self._breaths)
        return sum(of_phase[breath.phase] * breath.frames for breath in self._breaths) / span


@dataclass(frozen=True)
class WaveMotion(Record):
    """`waves: {period: 11, depth: 12}`: swells about every `period` seconds, all of them different.

    Each rises slowly by `depth` decibels, breaks and recedes. It comes from one side, and reaches the far ear up to
    `spread` seconds later. Another layer with the same `seed` has the same waves, `lag` seconds later, and shorter ones
    where `sharp` is above 1.
    """

    period: Annotated[float, Interval(ge=5, le=120)]
    depth: Depth
    lag: Annotated[float, Interval(ge=0, le=10)] = 0.0
    sharp: Annotated[float, Interval(ge=0.5, le=5)] = 1.0
    spread: Annotated[float, Interval(ge=0, le=3)] = 0.0
    seed: Seed = 0

    def gains(self, frame: int) -> tuple[float, float]:
        """Left and right."""
        return self._gain(frame, -1) / self._mean, self._gain(frame, 1) / self._mean

    def _gain(self, frame: int, side: int = 0) -> float:
        time = (frame / RATE - self.lag) / self.period
        calm = 1.0
        for wave in range(int(time // 1) - 1, int(time // 1) + 3):
            size, crest, lead = self._wave(wave)
            calm *= 1 - size * _swell(time - crest - side * lead)
        return db_to_amplitude(self.depth * ((1 - calm) ** self.sharp - 1))

    @cached_property
    def _wave(self) -> Callable[[int], tuple[float, float, float]]:
        return lru_cache(maxsize=8)(partial(_draw_wave, self))

    @cached_property
    def _mean(self) -> float:
        """The root mean square of its gain over sixty waves."""
        at = range(0, to_frames(60 * self.period), to_frames(self.period / 20))
        return float(np.sqrt(np.mean([self._gain(frame) ** 2 for frame in at])))


def _draw_wave(motion: WaveMotion, wave: int) -> tuple[float, float, float]:
    """The size of a wave (0.7 to 1), when it breaks, and how much earlier the left ear hears it, in periods."""
    size, time, side = (chance(motion.seed + salt, wave) for salt in (0, 7919, 104_729))
    return 0.7 + 0.3 * size, wave + 0.7 * (time - 0.5), (side - 0.5) * motion.spread / motion.period


def _swell(time: float) -> float:
    """A wave with its crest at 0: from 0 to 1 within 0.5 periods, and back within 0.9."""
    return _ramp(1 + time / 0.5) if time < 0 else (1 - _ramp(time / 0.9)) ** 1.5


def _ramp(done: float) -> float:
    """A raised cosine from 0 to 1."""
    return 0.5 - 0.5 * math.cos(math.pi * min(max(done, 0.0), 1.0))
