"""Options as plain data, with the same words as on the command line: `wishes.py` reads what is made here."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal

from audioguide.errors import RequestError
from audioguide.model.routine import (
    BreathPattern,
    Chime,
    Length,
    Level,
)
from audioguide.units import format_duration, parse_duration

SILENT = "none"
"""The background or the chime that is none."""


@dataclass(frozen=True, slots=True)
class Options:
    """What a listener changes without touching the routine.

    `holds` are (pose, length) pairs, the pose being an id, a name or a step's number; they alone pin a hold.
    `scale` is a factor from 0.1 to 10, `length` the seconds of the whole session. `breath` is the pattern of every
    pose (a `breathe` step keeps its own, which is the exercise). `background` is another sound at the times and levels
    of what the routine has; it and `chime` may be `SILENT`.
    `fallback` is the voice that goes on when the first one fails.
    """

    hold: Length | None = None
    holds: tuple[tuple[str, Length], ...] = ()
    scale: float | None = None
    length: float | None = None
    breath: BreathPattern | None = None
    level: Level | None = None
    background: str | None = None
    chime: Chime | Literal["none"] | None = None
    voice: str | None = None
    fallback: str | None = None
    skip: tuple[str, ...] = ()
    beyond_limits: bool = False

    def __post_init__(self) -> None:
        """Raises RequestError for a scale that no session could want."""
        if self.scale is not None and not (math.isfinite(self.scale) and 0.1 <= self.scale <= 10):
            raise RequestError(f"A scale of {self.scale:g} is too far out. Give a factor from 0.1 to 10, as 1.25.")

    def over(self, under: Options) -> Options:
        """These options on top of others: what is set here counts, and both sets of poses are held and skipped."""
        return Options(
            hold=self.hold or under.hold,
            holds=(*under.holds, *self.holds),  # the last one that names a pose counts
            scale=under.scale if self.scale is None else self.scale,
            length=under.length if self.length is None else self.length,
            breath=self.breath or under.breath,
            level=self.level or under.level,
            background=self.background or under.background,
            chime=self.chime or under.chime,
            voice=self.voice or under.voice,
            fallback=self.fallback or under.fallback,
            skip=tuple(dict.fromkeys((*under.skip, *self.skip))),
            beyond_limits=self.beyond_limits or under.beyond_limits,
        )


def as_written(options: Options) -> dict[str, Any]:
    """The data that `OptionsForm` reads; what is not set has no key."""
    written = {
        "hold": options.hold and _length(options.hold),
        "holds": {pose: _length(length) for pose, length in options.holds},
        "scale": options.scale,
        "length": options.length and _seconds(options.length),
        "breath": options.breath and str(options.breath),
        "level": options.level,
        "background": options.background,
        "chime": options.chime,
        "voice": options.voice,
        "fallback": options.fallback,
        "skip": list(options.skip),
        "beyond-limits": options.beyond_limits,
    }
    return {key: value for key, value in written.items() if value}


def _length(length: Length) -> str:
    return str(length) if length.unit == "breaths" else _seconds(length.amount)


def _seconds(amount: float) -> str:
    """As a person writes it, if that is the very same length of time."""
    text = format_duration(amount)
    try:
        return text if parse_duration(text) == amount else f"{amount:.12f}s"
    except ValueError:
        return f"{amount:.12f}s"
