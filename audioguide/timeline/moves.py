"""What gives way, beside the holds, where a session is fitted to a length: pauses, rounds, words, poses. Pure.

A move is one round, or one breath of a pose that moves with it, more or less; words one level briefer or fuller; or one
pose left out or once more.
"""

import heapq
import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import groupby
from typing import Any, Literal, NamedTuple

from audioguide.model import holds
from audioguide.model.routine import (
    IN_PLACE_LIMITS,
    LEVELS,
    BreatheStep,
    Length,
    LevelTexts,
    PoseStep,
    RestStep,
    Routine,
    Step,
)
from audioguide.timeline.hold_solver import ElasticHold
from audioguide.units import RATE

FEWEST_BREATHS = 3  # of a breathing exercise, or of a pose that moves with the breath; a pose has at least one round
LONGEST_REPEATED = 300.0  # seconds: a pose whose limit is above that is not done more often
MOST_TIMES = 3  # so often a pose comes at most
Exercise = PoseStep | BreatheStep


class Move(NamedTuple):
    """One change: a round or a breath of a step, the words of all of them, or a whole pose, by the step's number."""

    kind: Literal["rounds", "breaths", "words", "pose"]
    step: int = 0


@dataclass(frozen=True)
class RoutineVariants:
    """A routine made `shorter`, or else longer, by moves. A step that several variants share is one object."""

    routine: Routine
    shorter: bool
    elastic: Mapping[int, ElasticHold]
    _made: dict[Any, Step] = field(default_factory=dict)

    def build(self, moves: Sequence[Move], pauses: float = 1.0, stretch: float | None = None) -> Routine:
        """The routine with some moves, rests and settling `pauses` times as long, and holds as far as `stretch`."""
        counts, sign = Counter(moves), -1 if self.shorter else 1
        words, whole = sign * counts[Move("words")], {move.step for move in moves if move.kind == "pose"}

        def vary(step: Step) -> Step:
            leader = self._leaders.get(step.number, 0)
            rounds, breaths = sign * counts[Move("rounds", leader)], sign * counts[Move("breaths", leader)]
            key = step.number, rounds, breaths, words, pauses, stretch
            if key not in self._made:
                self._made[key] = self._vary(step, rounds, breaths, words, pauses, stretch)
            return self._made[key]

        gone = {number for number, leader in self._leaders.items() if leader in whole}
        steps = _leave_out(self.routine.steps, gone) if self.shorter else self._repeat(whole)
        return replace(self.routine, steps=tuple(map(vary, steps)))

    def _vary(self, step: Step, rounds: int, breaths: int, words: int, pauses: float, stretch: float | None) -> Step:
        match step:
            case RestStep():
                return replace(step, length=holds.scale_pause(step.length, pauses))
            case BreatheStep():
                return replace(step, rounds=step.rounds + rounds)
            case PoseStep():
                if stretch is not None and (elastic := self.elastic.get(step.written or step.number)):
                    step = replace(step, hold=Length(elastic.scale(stretch) / RATE), origin="option")
                if breaths:
                    step = replace(step, hold=Length(holds.count_cycles(step) + breaths, "breaths"), origin="option")
                level = LEVELS[min(max(LEVELS.index(step.level) + words, 0), len(LEVELS) - 1)]
                # Where each rep is held, the rest is the one between reps, and part of the dose.
                rest = holds.scale_pause(step.rest, pauses) if step.rep_hold is None else step.rest
                return replace(step, rounds=step.rounds + rounds, level=level, rest=rest, settling=pauses)
        return step

    def list_moves(self, *, words_stay: bool) -> list[Move]:
        """Every move that there is, in the order in which they are made: rounds, words, poses."""
        levels = [LEVELS.index(step.level) for step in self.routine.steps if isinstance(step, PoseStep)]
        most = len(LEVELS) - 1
        words = 0 if words_stay else max(levels, default=0) if self.shorter else most - min(levels, default=most)
        poses = _order_left_out(self._first_sides) if self.shorter else list(self._copies)
        rounds = [move for _, move in sorted(self._list_rounds())]
        return [*rounds, *[Move("words")] * words, *(Move("pose", number) for number in poses)]

    def least_frames(self, move: Move) -> int:
        """A number of frames that the move is worth at least, holds being as far as they go."""
        steps = {step.number: step for step in self.routine.steps}
        match steps.get(move.step) or next(iter(self._copies.get(move.step, ())), None):
            case BreatheStep() as step:
                return int(holds.duration(step) * RATE / step.rounds)
            case PoseStep() as step:
                elastic, seconds = self.elastic.get(step.written or step.number), holds.hold_seconds(step)
                seconds /= holds.count_cycles(step) if step.pose.breath_words else 1
                hold = elastic.scale(0.0 if self.shorter else math.inf) if elastic else int(seconds * RATE)
                return hold * max(1, len(step.pose.sides))
        return 0

    @cached_property
    def _leaders(self) -> dict[int, int]:
        """For each step, by number, the one that it moves with: sides that are steps of their own move together."""
        leaders: dict[int, int] = {}
        before: Step | None = None
        for step in self.routine.steps:
            is_side = isinstance(step, PoseStep) and isinstance(before, PoseStep) and _is_next_side(before, step)
            leaders[step.number] = leaders[before.number] if before and is_side else step.number
            before = step
        return leaders

    @property
    def _first_sides(self) -> list[Step]:
        return [step for step in self.routine.steps if self._leaders[step.number] == step.number]

    def _list_rounds(self) -> Iterator[tuple[float, Move]]:
        """Rounds and breaths, by what comes first: fewer where there are most, more where they have grown least."""
        for step in self._first_sides:
            if not isinstance(step, Exercise):
                continue
            if not step.rounds_pinned and (self.shorter or _may_grow(step)):
                fewest = FEWEST_BREATHS if isinstance(step, BreatheStep) else 1
                yield from self._count(Move("rounds", step.number), step.rounds, fewest)
            if isinstance(step, PoseStep) and step.pose.breath_words and step.origin != "pinned":
                yield from self._count(Move("breaths", step.number), holds.count_cycles(step), FEWEST_BREATHS)

    def _count(self, move: Move, written: int, fewest: int) -> Iterator[tuple[float, Move]]:
        if self.shorter:
            yield from ((-count, move) for count in range(written, fewest, -1))
        else:
            yield from ((1 + more / written, move) for more in range(1, written + 1))

    @cached_property
    def _copies(self) -> dict[int, list[PoseStep]]:
        """Poses that come a second and third time, by new numbers: first those that have most targets to themselves."""
        poses = [step for step in self._first_sides if isinstance(step, PoseStep)]
        times, places = Counter(step.pose.name for step in poses), _Places(poses)
        found = [
            (time, -places.loss(step)[0], step.number)
            for step in {step.pose.name: step for step in poses}.values()
            if not _is_pinned(step) and _may_grow(step)
            for time in range(times[step.pose.name] + 1, MOST_TIMES + 1)
        ]
        copies: dict[int, list[PoseStep]] = {}
        number = max(self._leaders)
        for time, _, leader in sorted(found):
            steps = (step for step in self.routine.steps if isinstance(step, PoseStep))
            sides = [step for step in steps if self._leaders[step.number] == leader]
            copies[number + 1] = [_repeat_pose(step, nth, time) for nth, step in enumerate(sides, number + 1)]
            number += len(sides)
        return copies

    def _repeat(self, numbers: set[int]) -> Iterator[Step]:
        """The steps, with poses once more, each where the body leaves the position that it is in."""
        steps, runs = self.routine.steps, _number_runs(self.routine.steps)
        run_of = {step.number: run for run, step in zip(runs, steps, strict=True)}
        ends = {run_of[step.number]: step.number for step in steps if isinstance(step, PoseStep)}
        more: dict[int, list[PoseStep]] = {}
        copies = [copy for number in numbers for copy in self._copies[number]]
        for copy in sorted(copies, key=lambda copy: (copy.again, copy.written or 0)):
            more.setdefault(ends[run_of[copy.written or 0]], []).append(copy)
        for step in steps:
            yield from (step, *more.get(step.number, ()))


def _repeat_pose(step: PoseStep, number: int, time: int) -> PoseStep:
    """A pose that comes again: in one round, briefly told, from the same position."""
    told = replace(step.pose, instructions=LevelTexts(brief=step.pose.instructions.brief), caution=None)
    return replace(step, number=number, written=step.number, again=time, pose=told, rounds=1, settle=step.pose.settle)


def _is_next_side(before: PoseStep, step: PoseStep) -> bool:
    one_each = len(before.pose.sides) == len(step.pose.sides) == 1 and before.place == step.place
    return one_each and step.pose != before.pose and step.pose.instructions == LevelTexts()


def _may_grow(step: Exercise) -> bool:
    """Whether it may be done more often: not what may be held for minutes, as ice, which has its limit for a reason."""
    if isinstance(step, BreatheStep) or step.pose.is_moving or step.pose.limits == IN_PLACE_LIMITS:
        return True
    return step.pose.limits.longest <= LONGEST_REPEATED


def _is_pinned(step: PoseStep) -> bool:
    return step.rounds_pinned or step.origin == "pinned"


def _number_runs(steps: Sequence[Step]) -> list[int]:
    """For each step the run of poses in one position of the body in which it is, or to which it leads."""
    runs, run, position = list[int](), 0, None
    for number, step in enumerate(steps, 1):
        if isinstance(step, PoseStep) and step.pose.position not in (None, position):
            run, position = run + 1, step.pose.position
        if isinstance(step, Exercise):
            runs += [run] * (number - len(runs))
    return runs + [run] * (len(steps) - len(runs))


def _leave_out(steps: Sequence[Step], numbers: set[int]) -> Sequence[Step]:
    """The steps without some exercises, and without the words and rests that led to these alone.

    What leads to a new position stays while anything there does; what comes before the first exercise and after the
    last one stays always.
    """
    if not numbers:
        return steps
    placed = list(zip(steps, _number_runs(steps), strict=True))
    staying = {run for step, run in placed if isinstance(step, Exercise) and step.number not in numbers}
    staying |= set() if isinstance(steps[-1], Exercise) else {placed[-1][1]}
    kept, leads, before = list[Step](), list[Step](), None
    for is_exercise, group in groupby(placed, lambda pair: isinstance(pair[0], Exercise)):
        found = list(group)
        stay, run = [step for step, _ in found if step.number not in numbers], found[0][1]
        if not is_exercise:
            leads = stay
            continue
        if stay or before is None or (before != run and run in staying):
            kept += [*leads, *stay]
        leads, before = [], found[-1][1]
    return kept + leads


class _Places:
    """Which poses of a session have a target, and which are in a position of the body."""

    def __init__(self, poses: Sequence[PoseStep]) -> None:
        self.targets = Counter(target for step in poses for target in set(step.pose.targets))
        self.positions = Counter(step.pose.position for step in poses)

    def loss(self, step: PoseStep) -> tuple[int, int, float]:
        """What goes with a pose: targets that no other one has, then a position; then, the less time the more loss."""
        alone = sum(self.targets[target] == 1 for target in set(step.pose.targets))
        return alone, int(self.positions[step.pose.position] == 1), -holds.duration(step)

    def leave(self, step: PoseStep) -> None:
        self.targets.subtract(set(step.pose.targets))
        self.positions[step.pose.position] -= 1


def _order_left_out(steps: Sequence[Step]) -> list[int]:
    """The steps that may be left out, by number: each time the pose whose going loses the least, then breathing.

    The opening, the first pose, which warms up, breathing that closes, and what is pinned or kept stay.
    """
    exercises = [step for step in steps if isinstance(step, Exercise)]
    first = next((index for index, step in enumerate(exercises) if isinstance(step, PoseStep)), 0)
    poses = [step for step in exercises if isinstance(step, PoseStep)]
    places, order = _Places(poses), list[int]()
    heap = [(places.loss(step), -step.number, step) for step in poses[1:] if not (step.keep or _is_pinned(step))]
    heapq.heapify(heap)
    while heap:
        _, key, step = heapq.heappop(heap)
        # A loss only grows as others go, so what still loses no more than the next one loses the least of all.
        if heap and (places.loss(step), key) > heap[0][:2]:
            heapq.heappush(heap, (places.loss(step), key, step))
            continue
        places.leave(step)
        order.append(step.number)
    between = exercises[first + 1 : -1]
    breathing = [step for step in between if isinstance(step, BreatheStep) and not step.rounds_pinned]
    return order + [step.number for step in sorted(breathing, key=holds.duration, reverse=True)]
