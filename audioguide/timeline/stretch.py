"""Which holds make chapters come to a length: pure arithmetic on what stays in a chapter and what may stretch in it."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from audioguide.routine import holds
from audioguide.routine.model import SHORTEST_HOLD, PoseStep, Routine
from audioguide.timeline.model import Timeline
from audioguide.units import LONGEST, MP3_FRAME, RATE, frames, on_grid

HALVINGS = 48
MOST_SWAPPED = 40
"""Steps of whole breaths that are tried in pairs."""

Holds = Mapping[int, int]
"""The length in frames of the holds of a step, by the step's number."""


@dataclass(frozen=True, slots=True)
class Elastic:
    """A step whose holds may move, in frames; by whole `cycle` seconds if it has one."""

    step: PoseStep
    base: int
    shortest: int
    longest: int
    cycle: float | None = None

    def at(self, factor: float) -> int:
        """The hold made longer by a factor, as far as it may go."""
        length = min(max(self.base * factor, self.shortest), self.longest)
        if self.cycle is None:
            return round(length)
        fewest, most = holds.cycles(self.shortest / RATE, self.longest / RATE, self.cycle)
        return frames(min(max(math.floor(length / RATE / self.cycle + 0.5), fewest), most) * self.cycle)


def elastic_steps(routine: Routine, beyond_limits: bool) -> dict[int, Elastic]:
    """The steps whose holds may move: still, in seconds, and not pinned."""
    poses = (step for step in routine.steps if isinstance(step, PoseStep))
    return {step.number: _moving(step, beyond_limits) for step in poses if _moves(step)}


def _moves(step: PoseStep) -> bool:
    return not step.pose.moving and step.hold.unit == "seconds" and step.origin != "pinned"


def _moving(step: PoseStep, beyond_limits: bool) -> Elastic:
    """The hold as it is, the shortest and the longest it may become; where it is outside already, it may stay."""
    asked, limits, cycle = holds.asked(step), step.pose.limits, holds.unit_of(step)
    shortest, longest = (SHORTEST_HOLD, LONGEST) if beyond_limits else (limits.shortest, limits.longest)
    shortest, longest = min(shortest, asked), max(longest, asked)
    if cycle:
        fewest, most = holds.cycles(shortest, longest, cycle)
        cycle = cycle if fewest <= most else None  # not one whole breath is allowed, so it need not end with one
    return Elastic(step, frames(asked), frames(shortest), frames(longest), cycle)


@dataclass(frozen=True, slots=True)
class Part:
    """A chapter: the frames that stay, and how many holds of which elastic step it has."""

    fixed: int
    step: int | None
    holds: int
    last: bool

    def frames(self, lengths: Holds) -> int:
        """Its length, the padding of the grid included."""
        whole = self.fixed + (self.holds * lengths[self.step] if self.step is not None else 0)
        return whole if self.last else on_grid(whole)


def parts_of(timeline: Timeline, lengths: Holds) -> list[Part]:
    """The chapters of a timeline that was compiled with these holds."""
    parts = []
    for section in timeline.sections:
        moving = [cue for cue in section.cues if cue.kind == "hold" and cue.step in lengths]
        fixed = section.chapter.end - section.chapter.start - section.padding - sum(cue.frames for cue in moving)
        step = moving[0].step if moving else None
        parts.append(Part(fixed, step, len(moving), section is timeline.sections[-1]))
    return parts


def total(parts: Sequence[Part], lengths: Holds) -> int:
    """The frames of the session with these holds."""
    return sum(part.frames(lengths) for part in parts)


def solve(parts: list[Part], elastic: Mapping[int, Elastic], target: int) -> Holds:
    """The holds for which these chapters come nearest to `target` frames from below; else the shortest there are."""
    if not elastic:
        return {}
    low = min(one.shortest / one.base for one in elastic.values())
    high = max(one.longest / one.base for one in elastic.values())

    def at(factor: float, fixed: Holds | None = None) -> dict[int, int]:
        return {number: one.at(factor) for number, one in elastic.items()} | dict(fixed or {})

    def fits(factor: float, fixed: Holds | None = None) -> bool:
        return total(parts, at(factor, fixed)) <= target

    below, above = _halve(fits, low, high)
    found = [at(below)]
    if whole := [number for number, one in elastic.items() if one.cycle]:
        # Holds of whole breaths jump; the others take up what is missing, or what is too much after the next jump.
        for edge in (below, above):
            fixed = {number: elastic[number].at(edge) for number in whole}
            if fits(low, fixed):
                found.append(at(_halve(partial(fits, fixed=fixed), low, high)[0], fixed))
    lengths = min(found, key=lambda lengths: abs(target - total(parts, lengths)))
    return _filled(parts, elastic, lengths, target - total(parts, lengths))


def _halve(fits: Callable[[float], bool], low: float, high: float) -> tuple[float, float]:
    """The largest factor that fits and the smallest that does not, next to each other; both ends alike at an end."""
    if not fits(low):
        return low, low
    if fits(high):
        return high, high
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if fits(middle) else (low, middle)
    return low, high


def _filled(parts: list[Part], elastic: Mapping[int, Elastic], lengths: dict[int, int], gap: int) -> Holds:
    """Give what is left to single steps: first a whole breath each where that fits, then one MP3 frame each."""
    of_step: dict[int, list[Part]] = {}
    for part in parts:
        if part.step is not None:
            of_step.setdefault(part.step, []).append(part)

    def moved(number: int, direction: int) -> tuple[int, int]:
        """The hold of a step moved by its least amount, and the frames that the session grows by."""
        own, one = of_step[number], elastic[number]
        least = frames(one.cycle) if one.cycle else -(-MP3_FRAME // max(part.holds for part in own))
        length = one.at((lengths[number] + direction * least) / one.base)
        return length, total(own, {number: length}) - total(own, lengths)

    whole = [number for number in of_step if elastic[number].cycle]
    growing = True
    while growing:
        growing = False
        for number in whole:
            longer, growth = moved(number, +1)
            if 0 < growth <= gap:
                lengths[number], gap, growing = longer, gap - growth, True
    for number in (number for number in of_step if not elastic[number].cycle):
        longer, growth = moved(number, +1)
        if 0 < growth <= gap:
            lengths[number], gap = longer, gap - growth
    # A breath more on both sides of one pose and one less in another may fit where neither does by itself.
    while True:
        ups, downs = ([(number, *moved(number, way)) for number in whole[:MOST_SWAPPED]] for way in (+1, -1))
        swaps = [
            (growth + shrinking, up, longer, down, shorter)
            for up, longer, growth in ups
            for down, shorter, shrinking in downs
            if up != down and shrinking and 0 < growth + shrinking <= gap
        ]
        if not swaps:
            return lengths
        grown, up, longer, down, shorter = max(swaps, key=lambda swap: swap[0])
        lengths[up], lengths[down], gap = longer, shorter, gap - grown
