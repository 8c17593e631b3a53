"""`--length`: holds stretched or shrunk together until the session is exactly as long as was asked.

A chapter is what stays (words, settling in, chimes) and its holds, filled up to the grid. So one compiled timeline
tells the length for any other holds, and the right ones are found by halving. They may need other words ("for
{hold}", no "begin" under ten seconds): the session is compiled anew with them, until nothing changes any more.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial

from audioguide.errors import RequestError, RoutineError
from audioguide.model import holds
from audioguide.model.routine import SHORTEST_HOLD, Length, PoseStep, Routine, Step
from audioguide.model.timeline import Timeline
from audioguide.timeline.compiler import compile
from audioguide.timeline.phrases import Phrases
from audioguide.timeline.prompts import Measure
from audioguide.units import LONGEST_SESSION, MP3_FRAME, RATE, align_to_grid, format_clock, format_duration, to_frames

HALVINGS = 48
MOST_SWAPPED = 40
"""Steps of whole breaths that are tried in pairs."""

Holds = Mapping[int, int]
"""The length in frames of the holds of a step, by the step's number."""


@dataclass(frozen=True, slots=True)
class ElasticHold:
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
        fewest, most = holds.cycle_range(self.shortest / RATE, self.longest / RATE, self.cycle)
        return to_frames(min(max(math.floor(length / RATE / self.cycle + 0.5), fewest), most) * self.cycle)


def elastic_steps(routine: Routine, beyond_limits: bool) -> dict[int, ElasticHold]:
    """The steps whose holds may move: still, in seconds, and not pinned."""
    poses = (step for step in routine.steps if isinstance(step, PoseStep))
    return {step.number: _moving(step, beyond_limits) for step in poses if _moves(step)}


def _moves(step: PoseStep) -> bool:
    return not step.pose.moving and step.hold.unit == "seconds" and step.origin != "pinned"


def _moving(step: PoseStep, beyond_limits: bool) -> ElasticHold:
    """The hold as it is, the shortest and the longest it may become; where it is outside already, it may stay."""
    asked, limits, cycle = holds.hold_seconds(step), step.pose.limits, holds.cycle_seconds(step)
    shortest, longest = (SHORTEST_HOLD, LONGEST_SESSION) if beyond_limits else (limits.shortest, limits.longest)
    shortest, longest = min(shortest, asked), max(longest, asked)
    if cycle:
        fewest, most = holds.cycle_range(shortest, longest, cycle)
        cycle = cycle if fewest <= most else None  # not one whole breath is allowed, so it need not end with one
    return ElasticHold(step, to_frames(asked), to_frames(shortest), to_frames(longest), cycle)


@dataclass(frozen=True, slots=True)
class ChapterLength:
    """A chapter: the frames that stay, and how many holds of which elastic step it has."""

    fixed: int
    step: int | None
    holds: int
    last: bool

    def frames(self, lengths: Holds) -> int:
        """Its length, the padding of the grid included."""
        whole = self.fixed + (self.holds * lengths[self.step] if self.step is not None else 0)
        return whole if self.last else align_to_grid(whole)


def measure_chapters(timeline: Timeline, lengths: Holds) -> list[ChapterLength]:
    """The chapters of a timeline that was compiled with these holds."""
    parts = []
    for section in timeline.sections:
        moving = [cue for cue in section.cues if cue.kind == "hold" and cue.step in lengths]
        fixed = section.chapter.end - section.chapter.start - section.padding - sum(cue.frames for cue in moving)
        step = moving[0].step if moving else None
        parts.append(ChapterLength(fixed, step, len(moving), section is timeline.sections[-1]))
    return parts


def total_frames(parts: Sequence[ChapterLength], lengths: Holds) -> int:
    """The frames of the session with these holds."""
    return sum(part.frames(lengths) for part in parts)


def solve_holds(parts: list[ChapterLength], elastic: Mapping[int, ElasticHold], target: int) -> Holds:
    """The holds for which these chapters come nearest to `target` frames from below; else the shortest there are."""
    if not elastic:
        return {}
    low = min(one.shortest / one.base for one in elastic.values())
    high = max(one.longest / one.base for one in elastic.values())

    def at(factor: float, fixed: Holds | None = None) -> dict[int, int]:
        return {number: one.at(factor) for number, one in elastic.items()} | dict(fixed or {})

    def fits(factor: float, fixed: Holds | None = None) -> bool:
        return total_frames(parts, at(factor, fixed)) <= target

    below, above = _halve(fits, low, high)
    found = [at(below)]
    if whole := [number for number, one in elastic.items() if one.cycle]:
        # Holds of whole breaths jump; the others take up what is missing, or what is too much after the next jump.
        for edge in (below, above):
            fixed = {number: elastic[number].at(edge) for number in whole}
            if fits(low, fixed):
                found.append(at(_halve(partial(fits, fixed=fixed), low, high)[0], fixed))
    lengths = min(found, key=lambda lengths: abs(target - total_frames(parts, lengths)))
    return _filled(parts, elastic, lengths, target - total_frames(parts, lengths))


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


def _filled(parts: list[ChapterLength], elastic: Mapping[int, ElasticHold], lengths: dict[int, int], gap: int) -> Holds:
    """Give what is left to single steps: first a whole breath each where that fits, then one MP3 frame each."""
    of_step: dict[int, list[ChapterLength]] = {}
    for part in parts:
        if part.step is not None:
            of_step.setdefault(part.step, []).append(part)

    def moved(number: int, direction: int) -> tuple[int, int]:
        """The hold of a step moved by its least amount, and the frames that the session grows by."""
        own, one = of_step[number], elastic[number]
        least = to_frames(one.cycle) if one.cycle else -(-MP3_FRAME // max(part.holds for part in own))
        length = one.at((lengths[number] + direction * least) / one.base)
        return length, total_frames(own, {number: length}) - total_frames(own, lengths)

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


FREE_ROUNDS = 3
"""Compilations in which all holds may move. After that, one whose words still change with it keeps its length."""

MOST_ROUNDS = 24


@dataclass(frozen=True)
class Fitted:
    """A routine of the length that was asked; the names of the poses that moved, and of those that did so only as far
    as a limit, with their hold. `silence` is how many seconds of it the end takes up.
    """

    routine: Routine
    moved: frozenset[str]
    stayed: dict[str, str]
    silence: float


def fit_length(
    routine: Routine, length: float, measure: Measure, words: Phrases, *, beyond_limits: bool = False
) -> Fitted:
    """The routine with its holds changed so that it takes `length` seconds, to the frame.

    Holds in seconds move in proportion within the limits of their poses, by whole breaths where they end with one;
    pinned holds, moving poses and holds in breaths stay. RequestError, with the shortest and the longest that can be,
    when that is not enough.
    """
    search = _Search(routine, to_frames(length), measure, words, elastic_steps(routine, beyond_limits))
    found = search.run()
    if found is None:
        raise _impossible(search, beyond_limits)
    gap, lengths = found
    moved = frozenset(elastic.step.pose.name for elastic in search.elastic.values())
    return Fitted(replace(_with(routine, lengths), length=length), moved, _stayed(search, lengths), gap / RATE)


def find_length_range(routine: Routine, measure: Measure, words: Phrases) -> tuple[float, float]:
    """The shortest and the longest that a routine can be fitted to within its limits, in seconds.

    RoutineError when it is longer than a session may be even at its shortest.
    """
    search = _Search(routine, 0, measure, words, elastic_steps(routine, beyond_limits=False))
    shortest, longest = search.extreme(0.0), LONGEST_SESSION * RATE
    with suppress(RoutineError):
        longest = search.extreme(math.inf)
    return shortest / RATE, longest / RATE


@dataclass
class _Search:
    routine: Routine
    target: int
    measure: Measure
    words: Phrases
    elastic: dict[int, ElasticHold]
    parts: list[ChapterLength] = field(default_factory=list)

    def run(self) -> tuple[int, Holds] | None:
        """The holds with which the session is at most so much shorter than asked as its end may take up in silence,
        and how much that is, in frames.
        """
        lengths: Holds = {number: elastic.at(1.0) for number, elastic in self.elastic.items()}
        free, best = dict(self.elastic), None
        for round in range(MOST_ROUNDS):
            before, self.parts = self.parts, self.compiled(lengths)
            gap = self.target - total_frames(self.parts, lengths)
            if 0 <= gap <= self.slack(lengths) and (best is None or gap < best[0]):
                best = gap, lengths
            if round > FREE_ROUNDS:
                pairs = zip(before, self.parts, strict=True)
                changed = sorted({now.step for was, now in pairs if was.fixed != now.fixed and now.step is not None})
                # Half of them: alike as they may be, together they would jump back and forth for ever.
                for number in changed[: (len(changed) + 1) // 2]:
                    free[number] = replace(free[number], shortest=lengths[number], longest=lengths[number], cycle=None)
            solved = solve_holds(self.parts, free, self.target)
            if solved == lengths:
                break
            lengths = solved
        return best

    def slack(self, lengths: Holds) -> int:
        """Frames of silence that the end may take up: the padding of the grid, two seconds where words change with
        the holds, and where these move only by whole breaths, less than one more in a pose on all its sides and in
        all its rounds.
        """
        grid = len(self.parts) * MP3_FRAME
        counts: Counter[int | None] = Counter()
        for part in self.parts:
            counts[part.step] += part.holds
        jumps = [
            counts[number] * (to_frames(one.cycle) + RATE)
            for number, one in self.elastic.items()
            if one.cycle and lengths[number] < one.at(math.inf)
        ]
        longest = all(lengths[number] == one.at(math.inf) for number, one in self.elastic.items())
        return grid if longest else max(grid, 2 * RATE, min(jumps, default=0))

    def compiled(self, lengths: Holds) -> list[ChapterLength]:
        return measure_chapters(compile(_with(self.routine, lengths), self.measure, self.words), lengths)

    def extreme(self, factor: float) -> int:
        """The session's frames with every hold as far as it goes."""
        lengths = {number: elastic.at(factor) for number, elastic in self.elastic.items()}
        parts = self.compiled(lengths)
        return total_frames(parts, lengths) + (
            len(parts) * MP3_FRAME if factor > 1 else 0
        )  # its end may take up so much


def _with(routine: Routine, lengths: Holds) -> Routine:
    def held(step: Step) -> Step:
        if isinstance(step, PoseStep) and step.number in lengths:
            return replace(step, hold=Length(lengths[step.number] / RATE), origin="option")
        return step

    return replace(routine, steps=tuple(map(held, routine.steps)))


def _stayed(search: _Search, found: Holds) -> dict[str, str]:
    longer = sum(found.values()) > sum(one.base for one in search.elastic.values())
    return {
        one.step.pose.name: f"{one.step.pose.name} ({format_duration(found[number] / RATE)})"
        for number, one in search.elastic.items()
        if found[number] == one.at(math.inf if longer else 0.0)
    }


def _impossible(search: _Search, beyond_limits: bool) -> RequestError:
    shortest, longest = search.extreme(0.0), LONGEST_SESSION * RATE
    if not (beyond_limits and search.elastic):
        with suppress(RoutineError):  # longer than any session may be
            longest = search.extreme(math.inf)
    takes = f"within the limits of its poses it takes {_span(shortest, longest)}"
    message = f"This session cannot take {format_clock(search.target)}: {takes}."
    levels = {step.level for step in search.routine.steps if isinstance(step, PoseStep)}
    may_lift = bool(search.elastic) and not beyond_limits
    if search.target > longest:
        ways = {"say more (--level full)": not levels <= {"full"}}
        ways |= {"allow longer holds (--beyond-limits)": may_lift}
        return RequestError(message, _advice(ways) or "Add steps to the routine.")
    if search.target < shortest:
        ways = {"say less (--level brief)": not levels <= {"brief"}, "leave poses out (--skip POSE)": bool(levels)}
        ways |= {"allow shorter holds (--beyond-limits)": may_lift}
        return RequestError(message, _advice(ways) or "Take steps out of the routine.")
    return RequestError(message, "Its words change with its holds and do not come to that. Ask for a second more.")


def _advice(ways: dict[str, bool]) -> str:
    """Those ways that are still open, as a sentence; "" when there are none."""
    *others, last = [way for way, is_open in ways.items() if is_open] or [""]
    text = f"{', '.join(others)}, or {last}." if others else f"{last}." if last else ""
    return text[:1].upper() + text[1:]


def _span(shortest: float, longest: float) -> str:
    """Whole seconds that can be asked for."""
    least, most = math.ceil(shortest / RATE), math.floor(longest / RATE)
    if least > most:
        return f"{shortest / RATE:.1f} seconds, and nothing in it can move"
    return (
        f"{format_clock(least * RATE)} to {format_clock(most * RATE)}" if least < most else format_clock(least * RATE)
    )
