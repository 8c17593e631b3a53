"""`drone`: pairs of tones that never stand still."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

from annotated_types import Gt, Interval, Le, Len

from audioguide.sound.layers.kind import Hertz, LayerSpec, Record, Share
from audioguide.sound.tones import Partial, Tones

MOST_PAIRS = 8
"""Four partials each: what one matrix product has room for (`tones.py`)."""

Slow = Annotated[float, Interval(ge=0, le=5)]


@dataclass(frozen=True)
class Pair(Record):
    """Two tones (hertz) of equal amplitude that trade power, so that the colour moves and the loudness does not.

    Beside each, `drift` hertz off, lies a quieter one in the side signal (left +, right -): each ear hears the two
    beat slowly, one ear's swell in the other's ebb, while the power of both ears together, and the mono sum that a
    phone plays, hold still. `depth` is the share of power that is traded, at the two rates of `sway` (hertz).
    """

    hertz: tuple[Hertz, Hertz]
    amplitude: Annotated[float, Gt(0), Le(2)]
    sway: tuple[Slow, Slow]
    depth: Share
    drift: Slow

    def partials(self) -> tuple[Partial, ...]:
        """The four of them."""
        low, high = self.hertz
        amplitude, side = self.amplitude, 0.4 * self.amplitude
        return (
            Partial(low, amplitude, amplitude, self.sway, self.depth),
            Partial(low + self.drift, side, -side, self.sway, self.depth, turn=0.4),
            Partial(high, amplitude, amplitude, self.sway, -self.depth, turn=0.3),
            Partial(high + 1.23 * self.drift, side, -side, self.sway, -self.depth, turn=0.9),
        )


@dataclass(frozen=True)
class Drone(LayerSpec):
    """`drone: {pairs: [...]}`."""

    pairs: Annotated[tuple[Pair, ...], Len(1, MOST_PAIRS)]

    def layer(self, gain: float, folder: Path) -> Tones:
        """The drone."""
        partials = (partial for pair in self.pairs for partial in pair.partials())
        return Tones([replace(one, left=one.left * gain, right=one.right * gain) for one in partials])
