"""`--length`: holds stretched or shrunk together until the session is exactly as long as was asked.

A chapter is what stays (words, settling in, chimes) and its holds, filled up to the grid. So one compiled timeline
tells the length for any other holds, and the right ones are found by halving. They may need other words ("for
{hold}", no "begin" under ten seconds): the session is compiled anew with them, until nothing changes any more.
"""

from __future__ import annotations

import math
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field, replace

from audioguide.errors import RequestError, RoutineError
from audioguide.routine.model import Length, PoseStep, Routine, Step
from audioguide.timeline.compile import compile
from audioguide.timeline.prompts import Measure
from audioguide.timeline.stretch import Elastic, Holds, Part, elastic_steps, parts_of, solve, total
from audioguide.timeline.words import Words
from audioguide.units import LONGEST, MP3_FRAME, RATE, clock, frames, plain

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


def fit(routine: Routine, length: float, measure: Measure, words: Words, *, beyond_limits: bool = False) -> Fitted:
    """The routine with its holds changed so that it takes `length` seconds, to the frame.

    Holds in seconds move in proportion within the limits of their poses, by whole breaths where they end with one;
    pinned holds, moving poses and holds in breaths stay. RequestError, with the shortest and the longest that can be,
    when that is not enough.
    """
    search = _Search(routine, frames(length), measure, words, elastic_steps(routine, beyond_limits))
    found = search.run()
    if found is None:
        raise _impossible(search, beyond_limits)
    gap, lengths = found
    moved = frozenset(elastic.step.pose.name for elastic in search.elastic.values())
    return Fitted(replace(_with(routine, lengths), length=length), moved, _stayed(search, lengths), gap / RATE)


def span(routine: Routine, measure: Measure, words: Words) -> tuple[float, float]:
    """The shortest and the longest that a routine can be fitted to within its limits, in seconds.

    RoutineError when it is longer than a session may be even at its shortest.
    """
    search = _Search(routine, 0, measure, words, elastic_steps(routine, beyond_limits=False))
    shortest, longest = search.extreme(0.0), LONGEST * RATE
    with suppress(RoutineError):
        longest = search.extreme(math.inf)
    return shortest / RATE, longest / RATE


@dataclass
class _Search:
    routine: Routine
    target: int
    measure: Measure
    words: Words
    elastic: dict[int, Elastic]
    parts: list[Part] = field(default_factory=list)

    def run(self) -> tuple[int, Holds] | None:
        """The holds with which the session is at most so much shorter than asked as its end may take up in silence,
        and how much that is, in frames.
        """
        lengths: Holds = {number: elastic.at(1.0) for number, elastic in self.elastic.items()}
        free, best = dict(self.elastic), None
        for round in range(MOST_ROUNDS):
            before, self.parts = self.parts, self.compiled(lengths)
            gap = self.target - total(self.parts, lengths)
            if 0 <= gap <= self.slack(lengths) and (best is None or gap < best[0]):
                best = gap, lengths
            if round > FREE_ROUNDS:
                pairs = zip(before, self.parts, strict=True)
                changed = sorted({now.step for was, now in pairs if was.fixed != now.fixed and now.step is not None})
                # Half of them: alike as they may be, together they would jump back and forth for ever.
                for number in changed[: (len(changed) + 1) // 2]:
                    free[number] = replace(free[number], shortest=lengths[number], longest=lengths[number], cycle=None)
            solved = solve(self.parts, free, self.target)
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
            counts[number] * (frames(one.cycle) + RATE)
            for number, one in self.elastic.items()
            if one.cycle and lengths[number] < one.at(math.inf)
        ]
        longest = all(lengths[number] == one.at(math.inf) for number, one in self.elastic.items())
        return grid if longest else max(grid, 2 * RATE, min(jumps, default=0))

    def compiled(self, lengths: Holds) -> list[Part]:
        return parts_of(compile(_with(self.routine, lengths), self.measure, self.words), lengths)

    def extreme(self, factor: float) -> int:
        """The session's frames with every hold as far as it goes."""
        lengths = {number: elastic.at(factor) for number, elastic in self.elastic.items()}
        parts = self.compiled(lengths)
        return total(parts, lengths) + (len(parts) * MP3_FRAME if factor > 1 else 0)  # its end may take up so much


def _with(routine: Routine, lengths: Holds) -> Routine:
    def held(step: Step) -> Step:
        if isinstance(step, PoseStep) and step.number in lengths:
            return replace(step, hold=Length(lengths[step.number] / RATE), origin="option")
        return step

    return replace(routine, steps=tuple(map(held, routine.steps)))


def _stayed(search: _Search, found: Holds) -> dict[str, str]:
    longer = sum(found.values()) > sum(one.base for one in search.elastic.values())
    return {
        one.step.pose.name: f"{one.step.pose.name} ({plain(found[number] / RATE)})"
        for number, one in search.elastic.items()
        if found[number] == one.at(math.inf if longer else 0.0)
    }


def _impossible(search: _Search, beyond_limits: bool) -> RequestError:
    shortest, longest = search.extreme(0.0), LONGEST * RATE
    if not (beyond_limits and search.elastic):
        with suppress(RoutineError):  # longer than any session may be
            longest = search.extreme(math.inf)
    takes = f"within the limits of its poses it takes {_span(shortest, longest)}"
    message = f"This session cannot take {clock(search.target)}: {takes}."
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
    return f"{clock(least * RATE)} to {clock(most * RATE)}" if least < most else clock(least * RATE)
