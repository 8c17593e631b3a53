"""Finds what has to give way where the holds alone cannot make a session as long as was asked. Pure."""

import math
from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from audioguide.errors import RoutineError
from audioguide.model.routine import Routine
from audioguide.timeline.compiler import SESSION_START, Compiler, SectionStart
from audioguide.timeline.moves import Move, RoutineVariants
from audioguide.timeline.phrases import Phrases
from audioguide.timeline.prompts import Measure
from audioguide.units import LONGEST_SESSION, MP3_FRAME, to_frames

SHORTEST_PAUSES, LONGEST_PAUSES = 0.5, 2.0  # rests and the time to get into a pose, as a factor
MOST_GUESSES, CLOSE = 8, to_frames(0.05)  # in the search of that factor


class SectionLengths:
    """Measures sessions. A section is compiled once, however many of them have it."""

    def __init__(self, measure: Measure, phrases: Phrases) -> None:
        self._measure, self._phrases = measure, phrases
        # By what a section depends on: its frames, and where the next one starts. The routine keeps its steps alive.
        self._known: dict[object, tuple[int, SectionStart | None, Routine]] = {}

    def total(self, routine: Routine) -> int:
        """The frames of a routine's session, or of the longest one there can be. RoutineError as `compile`."""
        compiler, total = Compiler(routine, self._measure, self._phrases), 0
        start: SectionStart | None = SESSION_START
        while start and total < to_frames(LONGEST_SESSION):
            key = compiler.section_key(start)
            if key not in self._known:
                try:
                    section, following = compiler.compile_section(start)
                except RoutineError as error:
                    if error.problems[0].code != "session-too-long":
                        raise
                    return to_frames(LONGEST_SESSION)
                following = following and replace(following, step=following.step - start.step, start=0)
                self._known[key] = section.chapter.end, following, routine
            length, following, _ = self._known[key]
            total += length
            start = following and replace(following, step=following.step + start.step)
        return min(total, to_frames(LONGEST_SESSION))


@dataclass(frozen=True)
class LengthSearch:
    """A search for the least that has to change: heavier moves only where lighter ones do not do.

    By halving it finds how many moves it takes until holds can do the rest. Then each one that is not needed after all
    is taken back, the heaviest first. Only sections that no tried session had before are compiled: those of 10 to 20
    sessions in all, and in 0.04 to 0.14 s, for sessions of 20 to 45 minutes.
    """

    variants: RoutineVariants
    lengths: SectionLengths
    words_stay: bool = False

    def bound(self) -> int:
        """The frames of the shortest session, or of the longest."""
        return self._bound(self.variants.list_moves(words_stay=self.words_stay))

    def find(self, target: int) -> tuple[list[Move], float] | None:
        """The moves, none of which can be spared, and the factor for pauses; None where not even all moves do."""

        def reaches(bound: int) -> bool:
            return bound <= target if self.variants.shorter else bound >= target

        every = self.variants.list_moves(words_stay=self.words_stay)
        if not reaches(self._bound(every)):
            return None
        moves = every[: bisect_left(range(len(every)), True, key=lambda many: reaches(self._bound(every[:many])))]
        bound = self._bound(moves)
        for move in reversed(moves.copy()):
            is_void = move.kind != "pose" and Move("pose", move.step) in moves  # of a pose that is left out
            if is_void or self.variants.least_frames(move) - MP3_FRAME <= abs(target - bound):
                fewer = moves.copy()
                fewer.remove(move)
                if reaches(found := self._bound(fewer)):
                    moves, bound = fewer, found
        while moves and self.frames(moves, SHORTEST_PAUSES, 0.0) > target:
            moves.pop()  # no hold or pause can take back what is too much
        return moves, self._find_pauses(moves, target)

    def _find_pauses(self, moves: Sequence[Move], target: int) -> float:
        """The factor nearest to 1 with which holds can do the rest, or all but a moment of it."""
        if self.frames(moves, 1.0, 0.0) > target:
            return find_factor(lambda pauses: self.frames(moves, pauses, 0.0), target, SHORTEST_PAUSES, 1.0)
        return find_factor(lambda pauses: self.frames(moves, pauses, math.inf), target, 1.0, LONGEST_PAUSES)

    def frames(self, moves: Sequence[Move], pauses: float, stretch: float) -> int:
        """The frames of the session with some moves, and with pauses and holds changed by a factor."""
        return self.lengths.total(self.variants.build(moves, pauses, stretch))

    def _bound(self, moves: Sequence[Move]) -> int:
        pauses, stretch = (SHORTEST_PAUSES, 0.0) if self.variants.shorter else (LONGEST_PAUSES, math.inf)
        return self.frames(moves, pauses, stretch)


def find_factor(frames: Callable[[float], int], target: int, low: float, high: float) -> float:
    """The factor in a range with which the frames, which grow evenly with it, come next to `target` from below."""
    fewest, most = frames(low), frames(high)
    if not fewest < target < most:
        return low if fewest >= target else high
    for _ in range(MOST_GUESSES):
        share = (target - fewest) / (most - fewest)
        middle = low + min(max(share, 0.02), 0.98) * (high - low)
        found = frames(middle)
        if found > target:
            high, most = middle, found
        else:
            low, fewest = middle, found
            if target - found < CLOSE:
                break
    return low
