"""Several wordings of one thing, said in turn: which one, told by where in the session it is said and nothing else.

Nothing is counted along the way, so a chapter keeps its words whatever changes in those before it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from random import Random
from typing import TypeVar

T = TypeVar("T")

ROUND = 100
"""Turns, or a few more, after which they begin anew."""

APART = 3
"""Turns next to a turn, on either side, in which its wording does not come again, if there are so many others. With
four wordings the order is fixed by that, and who comes to every second step hears two of them: better have five.
"""


@dataclass(frozen=True, slots=True)
class Turn:
    """A moment of a session: the `nth` hold (from 0) of a step, all its sides and rounds counted.

    Another `seed` has the wordings in another order.
    """

    seed: str
    step: int
    nth: int = 0

    def choose(self, kind: str, wordings: Sequence[T], further: int = 0) -> T:
        """The wording of a kind of words at this moment; `further` moves on within it, one at a time.

        Each step begins one turn further on. Within a step they go back by one and on again, so that the next step
        begins with another wording than was heard last. So of three wordings none is heard twice in a row in steps
        next to each other, and of four or more not across a step in between either.
        """
        turns = _turns(self.seed, kind, len(wordings))
        return wordings[turns[(self.step - self.nth % 2 + further) % len(turns)]]


@lru_cache(256)
def _turns(seed: str, kind: str, count: int) -> tuple[int, ...]:
    """A round of the numbers below `count` in which equal ones lie apart, also where it begins anew."""
    # Of all that `random` has, only `random()` promises the same numbers in every version of Python. `!a`, because a
    # file's name, and so a seed, may hold what is no text.
    random, apart = Random(f"{seed!a}/{kind}"), min(APART, count - 1)
    turns: list[int] = []
    while len(turns) < ROUND or not _joins(turns, apart):
        recent = turns[max(0, len(turns) - apart) :]
        free = [number for number in range(count) if number not in recent]
        turns.append(free[int(random.random() * len(free))])
    return tuple(turns)


def _joins(turns: list[int], apart: int) -> bool:
    seam = turns[len(turns) - apart :] + turns[:apart]
    return all(len(set(seam[start : start + apart + 1])) == apart + 1 for start in range(apart))
