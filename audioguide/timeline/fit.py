"""`--length`: a session is changed so that it is exactly as long as was asked, by no more than that takes.

What has to give way beside the holds is found first (`length_search`). Then holds are lengthened or shortened together.
Other holds may need other words ("for {hold}", no "begin" under ten seconds). So the holds are solved for the words as
they are, the session is compiled with these holds, and so on in turn until nothing changes any more.
"""

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from audioguide.errors import RequestError
from audioguide.model import holds
from audioguide.model.routine import BreatheStep, Length, PoseStep, RestStep, Routine, Step
from audioguide.timeline import hold_solver
from audioguide.timeline.compiler import compile
from audioguide.timeline.hold_solver import ChapterLength, ElasticHold, Holds, HoldSolver
from audioguide.timeline.length_search import LONGEST_PAUSES, LengthSearch, SectionLengths, find_factor
from audioguide.timeline.moves import RoutineVariants
from audioguide.timeline.phrases import Phrases
from audioguide.timeline.prompts import Measure
from audioguide.units import MP3_FRAME, RATE, format_clock, format_duration, to_frames

FREE_ROUNDS = 4  # compilations in which all holds move freely; then those whose words still change are narrowed down
MOST_ROUNDS = 24
MOST_NAMES = 4  # so many poses are named that have more or fewer rounds
TIMES = {1: "once", 2: "twice"}
SHORT_SILENCE = to_frames(2)  # at the end; of a longer one, pauses take what they can


@dataclass(frozen=True)
class Fitted:
    """A routine of the length that was asked.

    `moved` are the poses whose holds may move; `clamped` those at their limit, with their hold; `change` says what else
    gave way, if anything. The last `silence` seconds of the session are silent.
    """

    routine: Routine
    moved: frozenset[str]
    clamped: dict[str, str]
    silence: float
    change: str = ""


@dataclass(frozen=True)
class LengthFitter:
    """Fits a routine to lengths. `only_holds` may move, if that is set; with `words_stay` not how much is said.

    `command` is what a person typed, but for the length; an error shows it with one that works.
    """

    routine: Routine
    measure: Measure
    phrases: Phrases
    beyond_limits: bool = False
    only_holds: bool = False
    words_stay: bool = False
    command: str = ""

    def fit(self, length: float) -> Fitted:
        """The routine changed so that it takes `length` seconds, to the frame.

        Holds in seconds move in proportion within the limits of their poses, by whole breaths where they end with one;
        pinned holds, moving poses and holds in breaths stay. Where that is not enough, the rest gives way.
        RequestError, with the shortest and the longest that can be, when nothing helps.
        """
        target = to_frames(length)
        fitter, (lengths, gap, most) = self, self._find_holds(target)
        if not 0 <= gap <= (most if self.only_holds else SHORT_SILENCE):
            shorter, longer = self._searches
            search = shorter if gap < 0 else longer
            if self.only_holds or (found := search.find(target)) is None:
                raise self._impossible(target)
            moves, pauses = found
            fitter = replace(self, routine=search.variants.build(moves, pauses))
            lengths, gap, _ = fitter._find_holds(target)
            if gap > SHORT_SILENCE:

                def frames(factor: float) -> int:
                    return search.lengths.total(_with_holds(search.variants.build(moves, factor), lengths))

                pauses = find_factor(frames, target, pauses, LONGEST_PAUSES)
                fitter, gap = replace(self, routine=search.variants.build(moves, pauses)), target - frames(pauses)
        fitted = replace(_with_holds(fitter.routine, lengths), length=length)
        change, elastic = _describe_change(self.routine, fitted), fitter._elastic
        names = frozenset(hold.step.pose.name for hold in elastic.values())
        return Fitted(fitted, names, {} if change else _list_clamped(elastic, lengths), gap / RATE, change)

    def find_range(self) -> tuple[float, float]:
        """The shortest and longest that the routine can take, in seconds. RoutineError as `compile`."""
        shorter, longer = self._searches
        if self.only_holds:
            return shorter.frames([], 1.0, 0.0) / RATE, longer.frames([], 1.0, math.inf) / RATE
        return shorter.bound() / RATE, longer.bound() / RATE

    @cached_property
    def _searches(self) -> tuple[LengthSearch, LengthSearch]:
        lengths = SectionLengths(self.measure, self.phrases)
        shorter, longer = (RoutineVariants(self.routine, shorter, self._elastic) for shorter in (True, False))
        return LengthSearch(shorter, lengths, self.words_stay), LengthSearch(longer, lengths, self.words_stay)

    @cached_property
    def _elastic(self) -> dict[int, ElasticHold]:
        return hold_solver.find_elastic_holds(self.routine, self.beyond_limits, self.only_holds)

    def _impossible(self, target: int) -> RequestError:
        (shortest, longest), length = self.find_range(), target / RATE
        within = "with only its holds changed" if self.only_holds else "with these options"
        possible = f"{within} it takes {_format_range(shortest, longest)}"
        message = f"This session cannot take {format_clock(target)}: {possible}."
        if shortest <= length <= longest:
            message = f"No holds were found with which this session takes {format_clock(target)}, though {possible}."
        hints = [f"These stay as they are: {', '.join(pinned)}."] if (pinned := list(self._list_pinned())) else []
        if self.only_holds:
            least, most = replace(self, only_holds=False).find_range()
            hints += ["Without --only holds it can."] if least <= length <= most else []
        if self._elastic and not self.beyond_limits:
            hints.append("Other holds are possible with --beyond-limits.")
        nearest = math.ceil(shortest) if length < shortest else math.floor(longest)
        if self.command and shortest <= nearest <= longest:
            hints.append(f"Try: {self.command} --length {format_clock(to_frames(nearest))}")
        return RequestError(message, " ".join(hints), ("length", None))

    def _list_pinned(self) -> Iterator[str]:
        for step in self.routine.steps:
            if isinstance(step, BreatheStep | PoseStep):
                about = [f"{step.rounds} round{'s' * (step.rounds > 1)}"] if step.rounds_pinned else []
                if isinstance(step, PoseStep):
                    about += [f"held {step.hold}"] * (step.origin == "pinned") + ["kept"] * step.keep
                name = step.pose.name if isinstance(step, PoseStep) else f"Breathing {step}"
                yield from [f"{name} ({', '.join(about)})"] if about else []
        if self.words_stay:
            yield "the level"

    def _find_holds(self, target: int) -> tuple[Holds, int, int]:
        """The holds for `target` frames, the silence then left at the end (below 0: too long), and the most allowed."""
        lengths: Holds = self._scale(1.0)
        before, free, chapters = lengths, dict(self._elastic), list[ChapterLength]()
        found: list[tuple[Holds, int, int]] = []
        for round in range(MOST_ROUNDS):
            chapters_before, chapters = chapters, self._compile(lengths)
            gap = target - hold_solver.total_frames(chapters, lengths)
            found.append((lengths, gap, self._most_silence(chapters, lengths)))
            if round >= FREE_ROUNDS:
                pairs = zip(chapters_before, chapters, strict=True)
                changed = sorted({now.step for was, now in pairs if was.fixed != now.fixed and now.step is not None})
                # Half of them: alike as they may be, together they would jump back and forth for ever.
                for number in changed[: (len(changed) + 1) // 2]:
                    free[number] = self._narrow(free[number], before[number], lengths[number])
            before, lengths = lengths, HoldSolver(chapters, free, target).solve()
            if lengths == before:
                break
        if all(gap < 0 for _, gap, _ in found):  # words that came with longer holds
            lengths = self._scale(0.0)
            found.append((lengths, target - hold_solver.total_frames(self._compile(lengths), lengths), 0))
        return min(found, key=lambda one: (one[1] < 0, abs(one[1])))

    def _narrow(self, hold: ElasticHold, before: int, length: int) -> ElasticHold:
        """A hold whose words changed with its last move: at first it may not move back, after that not at all."""
        if hold != self._elastic[hold.step.number] or hold.cycle:
            return replace(hold, shortest=length, longest=length, cycle=None)
        return replace(hold, shortest=length) if length > before else replace(hold, longest=length)

    def _most_silence(self, chapters: Sequence[ChapterLength], lengths: Holds) -> int:
        """The frames of silence that the end may take up: the padding to the grid, or two seconds where words change
        with the holds. Where these move by whole breaths: less than one more on all sides and in all rounds of a pose.
        """
        grid = len(chapters) * MP3_FRAME
        counts: Counter[int | None] = Counter()
        for chapter in chapters:
            counts[chapter.step] += chapter.holds
        growing = {number: hold for number, hold in self._elastic.items() if lengths[number] < hold.scale(math.inf)}
        jumps = [counts[number] * (to_frames(hold.cycle) + 4 * RATE) for number, hold in growing.items() if hold.cycle]
        return max(grid, 2 * RATE, min(jumps, default=0)) if growing else grid

    def _scale(self, factor: float) -> dict[int, int]:
        return {number: hold.scale(factor) for number, hold in self._elastic.items()}

    def _compile(self, lengths: Holds) -> list[ChapterLength]:
        timeline = compile(_with_holds(self.routine, lengths), self.measure, self.phrases)
        return hold_solver.measure_chapters(timeline, lengths)


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


def _describe_change(before: Routine, after: Routine) -> str:
    """`shorter rests, brief words, bridge once, without bird dog`; "" where nothing but holds changed."""
    steps = {step.number: step for step in before.steps}
    there = Counter(step.pose.name for step in after.steps if isinstance(step, PoseStep))
    said, rounds, again = dict[str, None](), dict[str, str](), dict[str, str]()
    more = "more"
    for step in after.steps:
        match step, steps.pop(step.number, None):
            case RestStep(length=now), RestStep(length=was) if now != was:
                said[f"{_compare(now, was)} rests"] = None
            case BreatheStep(rounds=now), BreatheStep(rounds=was) if now != was:
                said[f"{_compare(now, was)} breathing"] = None
            case PoseStep(again=time), None:
                again[step.pose.name] = "once more" if time == 2 else "two times more"
            case PoseStep() as now, PoseStep() as was:
                if now.settling != 1:
                    said[f"{_compare(now.settling, 1)} rests"] = None
                if now.level != was.level:
                    said[f"{now.level} words"] = None
                if now.hold.unit == "breaths" and holds.hold_seconds(now) != holds.hold_seconds(was):
                    rounds[step.pose.name] = f"for {now.hold}"
                if now.rounds != was.rounds:
                    rounds[step.pose.name] = _say_times(now.rounds)
                    more = "more" if now.rounds > was.rounds else "fewer"
    gone = dict.fromkeys(step.pose.name for step in steps.values() if isinstance(step, PoseStep))
    rounds |= {name: _say_times(there[name]) for name in gone if there[name]}
    listed = [f"{more} rounds"] if len(rounds) > MOST_NAMES else list(_group(rounds, after.language))
    out = [name for name in gone if not there[name]]
    without = [f"without {_join(out, after.language)}"] if out else []
    return ", ".join([*said, *listed, *_group(again, after.language), *without])


def _compare(now: float, was: float) -> str:
    return "longer" if now > was else "shorter"


def _say_times(times: int) -> str:
    return TIMES.get(times, f"{times} times")


def _group(poses: dict[str, str], language: str) -> Iterable[str]:
    """`bridge and pelvic tilt once`, for all poses of which the same is said."""
    for what in dict.fromkeys(poses.values()):
        yield f"{_join([name for name in poses if poses[name] == what], language)} {what}"


def _join(names: Iterable[str], language: str) -> str:
    """`bird dog and bridge`; German nouns keep their capital letter."""
    *some, last = names if language.startswith("de") else [name[:1].lower() + name[1:] for name in names]
    return f"{', '.join(some)} and {last}" if some else last


def _format_range(shortest: float, longest: float) -> str:
    """The whole seconds that can be asked for: `12:03 to 20:34`."""
    least, most = math.ceil(shortest), math.floor(longest)
    if least > most:
        return f"{shortest:.1f} seconds, and nothing in it can move"
    first, last = format_clock(to_frames(least)), format_clock(to_frames(most))
    return f"{first} to {last}" if least < most else first
