"""How long a session is with other holds, and which holds make it as long as was asked.

A chapter is what stays (words, settling in, chimes) and its holds, filled up to the grid. So one compiled timeline
tells the length for any other holds, as long as the words stay the same. `HoldSolver` moves all holds in proportion,
then single ones for what is left.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from audioguide.model import holds
from audioguide.model.routine import IN_PLACE_LIMITS, SHORTEST_HOLD, PoseStep, Routine
from audioguide.model.timeline import Timeline
from audioguide.units import LONGEST_SESSION, MP3_FRAME, RATE, align_to_grid, to_frames

HALVINGS = 48  # steps of the search by halving: enough for a factor that is exact to the frame
MOST_SWAPPED = 40  # steps of whole breaths that are tried in pairs
Holds = Mapping[int, int]  # the length in frames of the holds of a step, by the step's number


@dataclass(frozen=True, slots=True)
class ElasticHold:
    """A step whose holds may move: their length and bounds in frames. With a `cycle` (seconds): by whole breaths."""

    step: PoseStep
    usual: int
    shortest: int
    longest: int
    cycle: float | None = None

    def scale(self, factor: float) -> int:
        """The hold made longer by a factor, as far as it may go."""
        length = min(max(self.usual * factor, self.shortest), self.longest)
        if self.cycle is None:
            return round(length)
        fewest, most = holds.cycle_range(self.shortest / RATE, self.longest / RATE, self.cycle)
        return to_frames(min(max(math.floor(length / RATE / self.cycle + 0.5), fewest), most) * self.cycle)


def find_elastic_holds(routine: Routine, beyond_limits: bool, only_holds: bool = True) -> dict[int, ElasticHold]:
    """The steps whose holds may move, by number: still poses, held for seconds, and not pinned.

    A hold that is outside its limits already may stay as it is. Where not `only_holds` move, one without limits of its
    own moves from half to twice its length.
    """
    elastic = {}
    for step in routine.steps:
        if not isinstance(step, PoseStep) or step.pose.is_moving:
            continue
        if step.hold.unit == "breaths" or step.origin == "pinned":
            continue
        usual, limits, cycle = holds.hold_seconds(step), step.pose.limits, holds.cycle_seconds(step)
        shortest, longest = (SHORTEST_HOLD, LONGEST_SESSION) if beyond_limits else (limits.shortest, limits.longest)
        if limits == IN_PLACE_LIMITS and not (only_holds or beyond_limits):
            shortest, longest = usual / 2, usual * 2
        shortest, longest = min(shortest, usual), max(longest, usual)
        if cycle:
            fewest, most = holds.cycle_range(shortest, longest, cycle)
            cycle = cycle if fewest <= most else None  # not one whole breath is allowed, so it need not end with one
        elastic[step.number] = ElasticHold(step, to_frames(usual), to_frames(shortest), to_frames(longest), cycle)
    return elastic


@dataclass(frozen=True, slots=True)
class ChapterLength:
    """A chapter: the frames that stay, and how many holds of which elastic step it has."""

    fixed: int
    step: int | None
    holds: int
    is_last: bool

    def total(self, lengths: Holds) -> int:
        """Its frames with these holds, the padding to the grid included."""
        content = self.fixed + (self.holds * lengths[self.step] if self.step is not None else 0)
        return content if self.is_last else align_to_grid(content)


def measure_chapters(timeline: Timeline, lengths: Holds) -> list[ChapterLength]:
    """The chapters of a timeline that was compiled with these holds."""
    chapters = []
    for section in timeline.sections:
        elastic = [cue for cue in section.cues if cue.kind == "hold" and cue.step in lengths]
        fixed = section.chapter.end - section.chapter.start - section.padding - sum(cue.frames for cue in elastic)
        step = elastic[0].step if elastic else None
        chapters.append(ChapterLength(fixed, step, len(elastic), section is timeline.sections[-1]))
    return chapters


def total_frames(chapters: Sequence[ChapterLength], lengths: Holds) -> int:
    """The frames of the session with these holds."""
    return sum(chapter.total(lengths) for chapter in chapters)


@dataclass(frozen=True, slots=True)
class HoldSolver:
    """Finds holds with which these chapters take `target` frames, as long as their words stay the same."""

    chapters: Sequence[ChapterLength]
    elastic: Mapping[int, ElasticHold]
    target: int

    def solve(self) -> Holds:
        """The holds that come nearest to the target from below; the shortest, if even these are too long."""
        if not self.elastic:
            return {}
        below, above = _halve(self._fits, *self._factors)
        found = [self._scale(below)]
        if whole := [number for number, hold in self.elastic.items() if hold.cycle]:
            # Holds of whole breaths jump; the others take up what is missing, or what is too much after the next jump.
            for factor in (below, above):
                fixed = {number: self.elastic[number].scale(factor) for number in whole}
                if self._fits(self._factors[0], fixed):
                    found.append(self._scale(_halve(partial(self._fits, fixed=fixed), *self._factors)[0], fixed))
        return self._fill_gap(min(found, key=lambda lengths: abs(self._gap(lengths))))

    @property
    def _factors(self) -> tuple[float, float]:
        moving = self.elastic.values()
        return min(hold.shortest / hold.usual for hold in moving), max(hold.longest / hold.usual for hold in moving)

    def _scale(self, factor: float, fixed: Holds | None = None) -> dict[int, int]:
        return {number: hold.scale(factor) for number, hold in self.elastic.items()} | dict(fixed or {})

    def _gap(self, lengths: Holds) -> int:
        return self.target - total_frames(self.chapters, lengths)

    def _fits(self, factor: float, fixed: Holds | None = None) -> bool:
        return self._gap(self._scale(factor, fixed)) >= 0

    def _fill_gap(self, lengths: dict[int, int]) -> Holds:
        """Give what is left to single steps: first a whole breath each where that fits, then one MP3 frame each."""
        gap = self._gap(lengths)
        of_step: dict[int, list[ChapterLength]] = {}
        for chapter in self.chapters:
            if chapter.step is not None:
                of_step.setdefault(chapter.step, []).append(chapter)

        def move(number: int, direction: int) -> tuple[int, int]:
            own, hold = of_step[number], self.elastic[number]
            least = to_frames(hold.cycle) if hold.cycle else -(-MP3_FRAME // max(chapter.holds for chapter in own))
            length = hold.scale((lengths[number] + direction * least) / hold.usual)
            return length, total_frames(own, {number: length}) - total_frames(own, lengths)

        def grow(number: int) -> bool:
            nonlocal gap
            longer, growth = move(number, +1)
            if fits := 0 < growth <= gap:
                lengths[number], gap = longer, gap - growth
            return fits

        whole = [number for number in of_step if self.elastic[number].cycle]
        while sum(grow(number) for number in whole):
            pass
        for number in of_step:
            if not self.elastic[number].cycle:
                grow(number)
        # A breath more on both sides of one pose and one less in another may fit where neither does by itself.
        while True:
            ups, downs = ([(number, *move(number, way)) for number in whole[:MOST_SWAPPED]] for way in (+1, -1))
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
