"""How compiling grows with the steps: python tests/bench/compiling.py [MOST].

Prints, for 100 steps and each ten times as many, seconds, steps a second and the most memory that was held at once:
while sections are let go as they come, as playing does, and while all are kept, as a timeline does.
"""

from __future__ import annotations

import sys
import time
import tracemalloc
from collections import deque
from collections.abc import Iterator
from dataclasses import replace
from functools import cache

from rows import Row, Settings, row

from audioguide.model.routine import Routine
from audioguide.model.timeline import Section, Utterance
from audioguide.routine.load import load
from audioguide.timeline import compiler
from audioguide.timeline.fit import LengthFitter
from audioguide.timeline.phrases import find_phrases
from audioguide.units import to_frames


def routine(steps: int) -> Routine:
    """The steps of the cool-down, over and over."""
    cool_down = load("lower-back-cool-down")
    count = len(cool_down.steps)
    return replace(cool_down, steps=tuple(replace(cool_down.steps[n % count], number=n + 1) for n in range(steps)))


@cache
def estimate(utterance: Utterance) -> int:
    """An estimate, known after it was asked for once, as the length of a cached clip is."""
    return to_frames(0.2 + len(utterance.text) / 15)


def sections(routine: Routine) -> Iterator[Section]:
    """The sections, each as it is compiled."""
    made, start = compiler.Compiler(routine, estimate, find_phrases("en")), compiler.SESSION_START
    while start:
        section, start = made.compile_section(start)
        yield section


def memory(long: Routine, kept: int | None) -> float:
    """Megabytes at the peak of compiling, with so many sections kept."""
    tracemalloc.start()
    deque(sections(long), maxlen=kept)
    peak = tracemalloc.get_traced_memory()[1] / 1e6
    tracemalloc.stop()
    return peak


def took(long: Routine) -> float:
    """Seconds of compiling, sections let go as they come."""
    begun = time.perf_counter()
    deque(sections(long), maxlen=0)
    return time.perf_counter() - begun


def fitting(minutes: int) -> float:
    """Seconds of the search for what gives way for a length of the cool-down."""
    fitter = LengthFitter(load("lower-back-cool-down"), estimate, find_phrases("en"))
    begun = time.perf_counter()
    fitter.fit(60.0 * minutes)
    return time.perf_counter() - begun


def measure(settings: Settings) -> list[Row]:
    """100 to 10,000 steps, in a long run ten times as many; how much more a step takes in the longest; `--length`."""
    compiler.LONGEST_SESSION = 1e9  # as below
    how = "the steps of the cool-down over and over, lengths of what is said known"
    rows = []
    for power in range(2, 6 if settings.long else 5):
        long = routine(10**power)
        times = [took(long) for _ in range(settings.rounds(3 if power < 5 else 1))]
        rows.append(row(f"compiling, {10**power:,} steps", times, "s", how))
    growth = rows[-1].figure / rows[1].figure / 10 ** (len(rows) - 2)
    rows.append(row(f"a step of {10**power:,}, over one of 1,000", growth, "x", "1 is growth in proportion"))
    rows.append(row("memory of compiling 10,000 steps", memory(routine(10_000), 0), "MB", "peak, sections let go"))
    for minutes in (7, 12, 45):
        times = [fitting(minutes) for _ in range(settings.rounds(9))]
        rows.append(row(f"--length {minutes}:00 of the cool-down", times, "s", "what gives way is searched", most=0.3))
    return rows


def main() -> None:
    """Print the curve."""
    most = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    compiler.LONGEST_SESSION = 1e9  # 10,000 steps of a real session last for days
    print(f"{'steps':>8} {'seconds':>9} {'steps/s':>9} {'streamed':>11} {'kept':>11}")
    steps = 100
    while steps <= most:
        long = routine(steps)
        spent = took(long)
        streamed, kept = memory(long, 0), memory(long, None)
        print(f"{steps:8} {spent:9.3f} {steps / spent:9.0f} {streamed:8.2f} MB {kept:8.2f} MB")
        steps *= 10


if __name__ == "__main__":
    main()
