"""What moves the level of a layer: the breath of a hold, or waves.

A motion is a curve of gains at the borders of grid blocks; in between it is a straight line, which over 186 ms nobody
hears the corners of. Its mean power is 1, so that a layer is as loud with it as without.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache, partial
from typing import Annotated, Literal, NamedTuple

import numpy as np
from annotated_types import Interval

from audioguide.schema.document import Record
from audioguide.sound.synth.layer import GRID, LINE, Layer, Planes, Seed
from audioguide.sound.synth.noise import chance
from audioguide.units import RATE, db_to_amplitude, to_frames

Depth = Annotated[float, Interval(ge=0, le=40)]
"""Decibels between the softest and the loudest of what moves."""


class Modulated:
    """A layer under a motion: `gains` tells the gains of left and right at a frame."""

    def __init__(self, layer: Layer, gains: Callable[[int], tuple[float, float]]) -> None:
        self._layer = layer
        self._gains = lru_cache(maxsize=4)(gains)  # what a grid block ends with, the next one begins with

    def make(self, index: int) -> Planes:
        """Grid block `index`."""
        made = self._layer.make(index)
        begin, end = self._gains(index * GRID), self._gains((index + 1) * GRID)
        for plane, first, last in zip(made, begin, end, strict=True):
            line = LINE * np.float32(last - first)
            line += np.float32(first)
            plane *= line
        return made


class BreathPhase(NamedTuple):
    """One phase of a breath: `frames` frames from `start`, which counts from the hold's first frame."""

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
    """Rises by `depth` decibels through each in-breath, and falls again through the out-breath.

    After the last breath it settles halfway. Where there are no breath cues it breathes by itself, six times a minute.
    """

    def __init__(self, depth: float, breaths: Sequence[BreathPhase]) -> None:
        self._least = db_to_amplitude(-depth)
        self._endless = not breaths
        self._breaths = tuple(breaths) or _CALM
        self._starts = [breath.start for breath in self._breaths]
        self._mean = self._power() ** 0.5

    def gains(self, frame: int) -> tuple[float, float]:
        """Left and right, which are alike."""
        # A line of amplitude, not of decibels: as much movement with a lower crest, and words are spoken on the crest.
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
        """Its mean power through all the breaths. A raised cosine's mean is 1/2, and that of its square 3/8."""
        least, rise = self._least, 1 - self._least
        moving = least**2 + least * rise + rise**2 * 3 / 8
        of_phase = {"in": moving, "hold": 1.0, "out": moving, "rest": least**2}
        span = sum(breath.frames for breath in self._breaths)
        return sum(of_phase[breath.phase] * breath.frames for breath in self._breaths) / span


@dataclass(frozen=True)
class WaveMotion(Record):
    """`waves: {period: 11, depth: 12}`: swells that roll in every `period` seconds or so, no two of them alike.

    Each rises slowly by `depth` decibels, breaks, and draws back; it comes from one side or the other, at the far ear
    by up to `spread` seconds later. Another layer with the same `seed` has the same waves: `lag` seconds later, and
    shorter the more `sharp` (above 1) it is.
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
        """The root of its mean power over sixty waves."""
        at = range(0, to_frames(60 * self.period), to_frames(self.period / 20))
        return float(np.sqrt(np.mean([self._gain(frame) ** 2 for frame in at])))


def _draw_wave(motion: WaveMotion, wave: int) -> tuple[float, float, float]:
    """The size of a wave (0.7 to 1), when it breaks, and by how much the left ear hears it first, in periods."""
    size, turn, way = (chance(motion.seed + salt, wave) for salt in (0, 7919, 104_729))
    return 0.7 + 0.3 * size, wave + 0.7 * (turn - 0.5), (way - 0.5) * motion.spread / motion.period


def _swell(time: float) -> float:
    """A wave around its crest at 0, in periods: 0 to 1, up in 0.5 of them, and down in 0.9."""
    return _ramp(1 + time / 0.5) if time < 0 else (1 - _ramp(time / 0.9)) ** 1.5


def _ramp(done: float) -> float:
    """A raised cosine from 0 to 1."""
    return 0.5 - 0.5 * math.cos(math.pi * min(max(done, 0.0), 1.0))
