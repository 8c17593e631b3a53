"""The backgrounds by name: data, and the level that makes each of them equally loud.

`LOUDNESS` is 13 LU under a narration at -16 LUFS. A preset's `level` brings it there; the tests hold it to that.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Protocol

from audioguide.errors import RequestError, nearest
from audioguide.sound.block import Block
from audioguide.sound.tones import Partial, Tones
from audioguide.units import gain

LOUDNESS = -29.0
"""Integrated loudness of every background where nobody speaks, in LUFS."""


class Background(Protocol):
    """Sound for a hold of any length. Frame 0 is the hold's first frame, so it sounds the same wherever that lies."""

    def block(self, start: int, count: int) -> Block:
        """`count` frames from `start` on: the same bits however they are asked for."""
        ...


@dataclass(frozen=True, slots=True)
class Preset:
    """A background as data: its partials, and the gain in dB that levels them to `LOUDNESS`."""

    level: float
    partials: tuple[Partial, ...]

    def background(self) -> Background:
        """The sound of it."""
        factor = gain(self.level)
        return Tones([replace(it, left=it.left * factor, right=it.right * factor) for it in self.partials])


def _pair(
    low: float, high: float, amplitude: float, sway: tuple[float, float], depth: float, drift: float
) -> tuple[Partial, ...]:
    """Two tones (hertz) of equal amplitude that trade power, so that the colour moves and the loudness does not.

    Beside each, `drift` hertz off, lies a quieter one in the side signal (left +, right -): each ear hears the two
    beat slowly, one ear's swell in the other's ebb, while the power of both ears together, and the mono sum that a
    phone plays, hold still.
    """
    side = 0.4 * amplitude
    return (
        Partial(low, amplitude, amplitude, sway, depth),
        Partial(low + drift, side, -side, sway, depth, turn=0.4),
        Partial(high, amplitude, amplitude, sway, -depth, turn=0.3),
        Partial(high + 1.23 * drift, side, -side, sway, -depth, turn=0.9),
    )


# Harmonics of 55 Hz, each a little off so that they never line up again. Half of the energy is above 300 Hz, where a
# phone's loudspeaker begins. The eight rates of sway are those, of 4,000 drawn, whose sum repeats itself least within
# ten minutes (its autocorrelation stays under 0.43).
_WARM_DRONE = Preset(
    level=-35.04,
    partials=(
        *_pair(110.000, 165.137, 0.71, (0.0093, 0.0274), 0.8, 0.131),
        *_pair(219.783, 330.211, 1.00, (0.0209, 0.0351), 0.8, 0.229),
        *_pair(440.359, 549.641, 0.70, (0.0239, 0.0523), 0.9, 0.337),
        *_pair(660.487, 879.317, 0.35, (0.0288, 0.0745), 0.9, 0.431),
    ),
)

_PRESETS = {"warm-drone": _WARM_DRONE}


def names() -> list[str]:
    """Every background, in alphabetical order."""
    return sorted(_PRESETS)


def background(name: str) -> Background:
    """The background of that name. Raises RequestError with the nearest name."""
    if name not in _PRESETS:
        raise RequestError(f"There is no background {name!r}.", nearest(name, _PRESETS))
    return _PRESETS[name].background()
