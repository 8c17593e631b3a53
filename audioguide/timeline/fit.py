"""`--length`: holds are lengthened or shortened together until the session is exactly as long as was asked.

Other holds may need other words ("for {hold}", no "begin" under ten seconds). So the holds are solved for the words as
they are, the session is compiled with these holds, and so on in turn until nothing changes any more.
"""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from audioguide.errors import RequestError, RoutineError
from audioguide.model.routine import Length, PoseStep, Routine, Step
from audioguide.timeline import hold_solver
from audioguide.timeline.compiler import compile
from audioguide.timeline.hold_solver import ChapterLength, ElasticHold, Holds, HoldSolver
from audioguide.timeline.phrases import Phrases
from audioguide.timeline.prompts import Measure
from audioguide.units import LONGEST_SESSION, MP3_FRAME, RATE, format_clock, format_duration, to_frames

FREE_ROUNDS = 4  # compilations in which all holds move freely; then those whose words still change are narrowed down
MOST_ROUNDS = 24


@dataclass(frozen=True)
class Fitted:
    """A routine of the length that was asked.

    `moved` are the poses whose holds may move; `clamped` those at their limit, with their hold. The last `silence`
    seconds of the session are silent.
    """

    routine: Routine
    moved: frozenset[str]
    clamped: dict[str, str]
    silence: float


def fit_length(
    routine: Routine, length: float, measure: Measure, phrases: Phrases, *, beyond_limits: bool = False
) -> Fitted:
    """The routine with its holds changed so that it takes `length` seconds, to the frame.

    Holds in seconds move in proportion within the limits of their poses, by whole breaths where they end with one;
    pinned holds, moving poses and holds in breaths stay. RequestError, with the shortest and the longest that can be,
    when that is not enough.
    """
    search = _LengthSearch(routine, measure, phrases, hold_solver.find_elastic_holds(routine, beyond_limits))
    if (found := search.find_holds(to_frames(length))) is None:
        raise _impossible(search, to_frames(length), beyond_limits)
    lengths, gap = found
    moved = frozenset(hold.step.pose.name for hold in search.elastic.values())
    fitted = replace(_with_holds(routine, lengths), length=length)
    return Fitted(fitted, moved, _list_clamped(search.elastic, lengths), gap / RATE)


def find_length_range(routine: Routine, measure: Measure, phrases: Phrases) -> tuple[float, float]:
    """The shortest and longest that a routine can take within its limits, in seconds. RoutineError as `compile`."""
    search = _LengthSearch(routine, measure, phrases, hold_solver.find_elastic_holds(routine, beyond_limits=False))
    return search.find_shortest() / RATE, search.find_longest() / RATE


@dataclass(frozen=True, slots=True)
class _LengthSearch:
    routine: Routine
    measure: Measure
    phrases: Phrases
    elastic: dict[int, ElasticHold]

    def find_holds(self, target: int) -> tuple[Holds, int] | None:
        """The holds for `target` frames, and the silence then missing at the end; None if that is too long."""

        lengths: Holds = self.scale(1.0)
        before, free, best, chapters = lengths, dict(self.elastic), None, list[ChapterLength]()
        for round in range(MOST_ROUNDS):
            chapters_before, chapters = chapters, self.compile(lengths)
            gap = target - hold_solver.total_frames(chapters, lengths)
            if 0 <= gap <= self.most_silence(chapters, lengths) and (best is None or gap < best[1]):
                best = lengths, gap
            if round >= FREE_ROUNDS:
                pairs = zip(chapters_before, chapters, strict=True)
                changed = sorted({now.step for was, now in pairs if was.fixed != now.fixed and now.step is not None})
                # Half of them: alike as they may be, together they would jump back and forth for ever.
                for number in changed[: (len(changed) + 1) // 2]:
                    free[number] = self.narrow(free[number], before[number], lengths[number])
            before, lengths = lengths, HoldSolver(chapters, free, target).solve()
            if lengths == before:
                break
        return best

    def narrow(self, hold: ElasticHold, before: int, length: int) -> ElasticHold:
        """A hold whose words changed with its last move: at first it may not move back, after that not at all."""
        if hold != self.elastic[hold.step.number] or hold.cycle:
            return replace(hold, shortest=length, longest=length, cycle=None)
        return replace(hold, shortest=length) if length > before else replace(hold, longest=length)

    def most_silence(self, chapters: Sequence[ChapterLength], lengths: Holds) -> int:
        """The frames of silence that the end may take up: the padding to the grid, or two seconds where words change
        with the holds. Where these move by whole breaths: less than one more on all sides and in all rounds of a pose.
        """
        grid = len(chapters) * MP3_FRAME
        counts: Counter[int | None] = Counter()
        for chapter in chapters:
            counts[chapter.step] += chapter.holds
        growing = {number: hold for number, hold in self.elastic.items() if lengths[number] < hold.scale(math.inf)}
        jumps = [counts[number] * (to_frames(hold.cycle) + RATE) for number, hold in growing.items() if hold.cycle]
        return max(grid, 2 * RATE, min(jumps, default=0)) if growing else grid

    def scale(self, factor: float) -> dict[int, int]:
        return {number: hold.scale(factor) for number, hold in self.elastic.items()}

    def compile(self, lengths: Holds) -> list[ChapterLength]:
        timeline = compile(_with_holds(self.routine, lengths), self.measure, self.phrases)
        return hold_solver.measure_chapters(timeline, lengths)

    def find_shortest(self) -> int:
        lengths = self.scale(0.0)
        return hold_solver.total_frames(self.compile(lengths), lengths)

    def find_longest(self) -> int:
        lengths = self.scale(math.inf)
        try:
            chapters = self.compile(lengths)
        except RoutineError:  # longer than any session may be
            return round(LONGEST_SESSION * RATE)
        return hold_solver.total_frames(chapters, lengths) + len(chapters) * MP3_FRAME  # the end may be silent so long


def _with_holds(routine: Routine, lengths: Holds) -> Routine:
    def with_hold(step: Step) -> Step:
        if isinstance(step, PoseStep) and step.number in lengths:
            return replace(step, hold=Length(lengths[step.number] / RATE), origin="option")
        return step

    return replace(routine, steps=tuple(map(with_hold, routine.steps)))


def _list_clamped(elastic: Mapping[int, ElasticHold], lengths: Holds) -> dict[str, str]:
    is_longer = sum(lengths.values()) > sum(hold.usual for hold in elastic.values())
    return {
        hold.step.pose.name: f"{hold.step.pose.name} ({format_duration(lengths[number] / RATE)})"
        for number, hold in elastic.items()
        if lengths[number] == hold.scale(math.inf if is_longer else 0.0)
    }


def _impossible(search: _LengthSearch, target: int, beyond_limits: bool) -> RequestError:
    shortest, longest = search.find_shortest(), search.find_longest()
    possible = f"within the limits of its poses it takes {_format_range(shortest, longest)}"
    message = f"This session cannot take {format_clock(target)}: {possible}."
    levels = {step.level for step in search.routine.steps if isinstance(step, PoseStep)}
    may_lift = bool(search.elastic) and not beyond_limits
    if target > longest:
        ways = {"say more (--level full)": not levels <= {"full"}, "allow longer holds (--beyond-limits)": may_lift}
        return RequestError(message, _advice(ways) or "Add steps to the routine.")
    if target < shortest:
        ways = {"say less (--level brief)": not levels <= {"brief"}, "leave poses out (--skip POSE)": bool(levels)}
        ways |= {"allow shorter holds (--beyond-limits)": may_lift}
        return RequestError(message, _advice(ways) or "Take steps out of the routine.")
    message = f"No holds were found with which this session takes {format_clock(target)}, though {possible}."
    return RequestError(message, "Try one second more.")


def _advice(ways: dict[str, bool]) -> str:
    *others, last = [way for way, is_open in ways.items() if is_open] or [""]
    text = f"{', '.join(others)}, or {last}." if others else f"{last}." if last else ""
    return text[:1].upper() + text[1:]


def _format_range(shortest: float, longest: float) -> str:
    """The whole seconds that can be asked for: `12:03 to 20:34`. Frames."""
    least, most = math.ceil(shortest / RATE), math.floor(longest / RATE)
    if least > most:
        return f"{shortest / RATE:.1f} seconds, and nothing in it can move"
    first, last = format_clock(least * RATE), format_clock(most * RATE)
    return f"{first} to {last}" if least < most else first
