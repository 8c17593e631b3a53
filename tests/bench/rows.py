"""What a part of the bench hands back: figures, the bounds that were promised, and how each was measured.

And what a long one tells meanwhile.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True)
class Settings:
    """How thorough a run is: `quick` has fewer rounds, `long` adds what takes half an hour and more."""

    quick: bool = False
    long: bool = False

    def rounds(self, usual: int) -> int:
        """How often something is measured that is usually measured so often."""
        return max(1, usual // 3) if self.quick else usual


@dataclass(frozen=True)
class Row:
    """A figure; `met` is None where nothing was promised."""

    what: str
    figure: float
    unit: str
    bound: str | None
    met: bool | None
    how: str
    busy: bool = False
    """Whether other programs kept the machine at work while the part was measured: seconds are too many then."""


def tell(line: str) -> None:
    """Say something while a part goes on."""
    print(f"  {line}", file=sys.stderr, flush=True)


class Progress:
    """Tells how far a long part is, at most once a minute."""

    def __init__(self, of: int, what: str) -> None:
        self._of, self._what = of, what
        self._begun = self._told = time.monotonic()

    def __call__(self, done: int) -> None:
        """So many are done."""
        now = time.monotonic()
        if now - self._told > 60:
            self._told = now
            tell(f"{(now - self._begun) / 60:.0f} min: {done:,} of {self._of:,} {self._what}")


def row(
    what: str,
    figures: Sequence[float] | float,
    unit: str,
    how: str,
    *,
    most: float | None = None,
    least: float | None = None,
) -> Row:
    """The median of the figures, beside the bound on it if there is one."""
    taken = list(figures) if isinstance(figures, Sequence) else [figures]
    figure = median(taken)
    if len(taken) > 1:
        how += f"; median of {len(taken)}, {short(min(taken))} to {short(max(taken))}"
    if most is not None:
        return Row(what, figure, unit, f"≤ {most:g} {unit}", figure <= most, how)
    if least is not None:
        return Row(what, figure, unit, f"≥ {least:g} {unit}", figure >= least, how)
    return Row(what, figure, unit, None, None, how)


def ratios(figures: Sequence[float], others: Sequence[float]) -> list[float]:
    """Round by round: what took turns met the same machine."""
    return [one / other for one, other in zip(figures, others, strict=True)]


def short(figure: float) -> str:
    """Three digits that count, as a person writes them."""
    if abs(figure) >= 100:
        return f"{figure:,.0f}"
    return f"{figure:.1f}" if abs(figure) >= 10 else f"{figure:.2f}"
