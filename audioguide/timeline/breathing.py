"""Breath cues: whole cycles of a pattern from a hold's first frame, and which of them are voiced."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from audioguide.routine.model import BreathPattern, Level
from audioguide.timeline.model import Phase
from audioguide.units import frames


@dataclass(frozen=True, slots=True)
class Breath:
    """One phase of one cycle, in frames from the hold's start."""

    phase: Phase
    start: int
    frames: int
    voiced: bool


def breaths(pattern: BreathPattern, hold: int, level: Level) -> Iterator[Breath]:
    """The phases of all whole cycles in a hold of `hold` frames.

    Each boundary is rounded from the exact second, so that a hundred cycles of 3.3 s do not drift.
    """
    durations: tuple[tuple[Phase, float], ...] = (
        ("in", pattern.inhale),
        ("hold", pattern.hold),
        ("out", pattern.exhale),
        ("rest", pattern.rest),
    )
    cycle = 0
    while frames((cycle + 1) * pattern.cycle) <= hold:
        seconds = cycle * pattern.cycle
        for phase, duration in durations:
            start, end = frames(seconds), frames(seconds + duration)
            if end > start:
                yield Breath(phase, start, end - start, voiced(cycle, level))
            seconds += duration
        cycle += 1


def voiced(cycle: int, level: Level) -> bool:
    """Whether a cycle (from 0) is voiced: the first (brief); the first, second, then every third; all (full)."""
    match level:
        case "brief":
            return cycle == 0
        case "normal":
            return cycle == 0 or cycle % 3 == 1
        case "full":
            return True
