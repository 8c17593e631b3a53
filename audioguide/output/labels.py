"""Names above a row, in tiers: each beside a line down to what it names, none over another or across its line."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

GAP = 5.0
"""Least distance between two names on one tier, and between a name and another's line, in points."""

_MOST_HANGING = 90.0
"""How far a name at the right edge may reach back to the left of its anchor; further would look like another's."""


@dataclass(frozen=True, slots=True)
class Wish:
    """A name to be placed at `anchor`: its wordings, the fullest first. One that is `needed` may be shortened."""

    anchor: float
    wordings: tuple[str, ...]
    needed: bool


@dataclass(frozen=True, slots=True)
class Label:
    """A name in its place: `tier` counts upwards from 0; its letters lie between `left` and `right`."""

    anchor: float
    words: str
    tier: int
    left: float
    right: float


@dataclass(frozen=True, slots=True)
class Loss:
    """What had no room: needed names that are shortened or left out, and names without their details."""

    names: int = 0
    details: int = 0

    def __add__(self, other: Loss) -> Loss:
        return Loss(self.names + other.names, self.details + other.details)


@dataclass(frozen=True, slots=True)
class Room:
    """Where names may be: `tiers` of them between two edges; `measure` and `shorten` are the lettering's."""

    left: float
    right: float
    tiers: int
    measure: Callable[[str], float]
    shorten: Callable[[str, float], str]

    def place(self, wishes: Sequence[Wish]) -> tuple[list[Label], Loss]:
        """The labels, and what had no room: first the bare names, then as many details as still go.

        From right to left, as a name reaches to the right of its anchor: one that reaches over its neighbour's line
        goes above the neighbour.
        """
        anchors = sorted(wish.anchor for wish in wishes)
        before = dict(zip(anchors, [self.left - GAP, *anchors], strict=False))
        placed: dict[Wish, Label] = {}
        cut = 0
        for wish in sorted(wishes, key=lambda wish: (not wish.needed, -wish.anchor)):
            label = self._fit(wish, wish.wordings[-1:], before[wish.anchor], placed.values())
            if label is None and wish.needed:
                cut += 1
                label = self._fit_short(wish, placed.values())
            if label:
                placed[wish] = label
        for wish, label in list(placed.items()):
            if label.words == wish.wordings[-1]:
                others = [other for other in placed.values() if other is not label]
                placed[wish] = self._fit(wish, wish.wordings, before[wish.anchor], others) or label
        bare = sum(label.words != wish.wordings[0] for wish, label in placed.items())
        return list(placed.values()), Loss(cut, bare)

    def _fit(self, wish: Wish, wordings: Iterable[str], before: float, others: Iterable[Label]) -> Label | None:
        """The first of the wordings that goes, on the lowest tier that is free."""
        for words in wordings:
            width = self.measure(words)
            # At the right edge a bare name may hang to the left, but not over the neighbour's line.
            left = min(wish.anchor, self.right - width)
            back = min(wish.anchor - before - GAP, _MOST_HANGING) if words == wish.wordings[-1] else 0
            if wish.anchor - left > max(0, back):
                continue
            for tier in range(self.tiers):
                label = Label(wish.anchor, words, tier, left, left + width)
                if not any(_collide(label, other) for other in others):
                    return label
        return None

    def _fit_short(self, wish: Wish, others: Iterable[Label]) -> Label | None:
        """As many letters of the bare name as go, on the tier that has the most room."""
        fits: list[Label] = []
        after = [other for other in others if other.anchor > wish.anchor]
        for tier in range(self.tiers):
            limits = [self.right, *(other.anchor - GAP for other in after if other.tier >= tier)]
            limits += [other.left - GAP for other in after if other.tier == tier]
            if words := self.shorten(wish.wordings[-1], min(limits) - wish.anchor):
                label = Label(wish.anchor, words, tier, wish.anchor, wish.anchor + self.measure(words))
                if not any(_collide(label, other) for other in others):
                    fits.append(label)
        return max(fits, key=lambda label: len(label.words), default=None)


def _collide(one: Label, other: Label) -> bool:
    """Whether two names overlap, or the line down from one crosses the other."""
    if one.tier == other.tier:
        return one.left < other.right + GAP and other.left < one.right + GAP
    upper, lower = (one, other) if one.tier > other.tier else (other, one)
    return lower.left - GAP < upper.anchor < lower.right + GAP
