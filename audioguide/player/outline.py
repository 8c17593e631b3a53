"""A chapter as a screen looks at it: its cues apart by kind, so that what is there at a frame is found by bisection."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property

from audioguide.timeline.model import Cue, Section

_ROUND = re.compile(r"(.+), (\D*\d+\D+\d+)")


@dataclass(frozen=True)
class Outline:
    """The cues of one section by kind, each in order. Every question takes the frame it is asked about."""

    section: Section

    @cached_property
    def heading(self) -> tuple[str, str]:
        """The chapter's title, and its round ("round 2 of 3"), empty where it has none."""
        title = self.section.chapter.title
        split = _ROUND.fullmatch(title) if self.spans else None
        return (split[1], split[2]) if split else (title, "")

    @cached_property
    def spans(self) -> tuple[Cue, ...]:
        """Holds and rests."""
        return self._of("hold", "rest")

    @cached_property
    def holds(self) -> tuple[Cue, ...]:
        """The holds alone."""
        return self._of("hold")

    @cached_property
    def breaths(self) -> tuple[Cue, ...]:
        """The phases of the breath."""
        return self._of("breath")

    @cached_property
    def spoken(self) -> tuple[Cue, ...]:
        """All that is said."""
        return self._of("speech")

    @cached_property
    def sided(self) -> tuple[Cue, ...]:
        """Whatever is done on one side."""
        return tuple(cue for cue in self.section.cues if cue.side)

    def span(self, frame: int) -> Cue | None:
        """The hold or rest that one is in."""
        return _inside(self.spans, frame)

    def breath(self, frame: int) -> Cue | None:
        """The phase of the breath that one is in."""
        return _inside(self.breaths, frame)

    def said(self, frame: int) -> Cue | None:
        """What is being said, or was said last."""
        return _last(self.spoken, frame)

    def done(self, frame: int) -> Cue | None:
        """The hold one is in, or the last one that was."""
        return _last(self.holds, frame)

    def coming(self, frame: int) -> Cue | None:
        """The next hold that has not begun."""
        index = _begun(self.holds, frame)
        return self.holds[index] if index < len(self.holds) else None

    def side(self, frame: int) -> str:
        """The side one is on; empty where there is none."""
        cue = _last(self.sided, frame)
        return (cue.side or "") if cue else ""

    def _of(self, *kinds: str) -> tuple[Cue, ...]:
        return tuple(cue for cue in self.section.cues if cue.kind in kinds)


def _begun(cues: tuple[Cue, ...], frame: int) -> int:
    return bisect_right(cues, frame, key=lambda cue: cue.start)


def _last(cues: tuple[Cue, ...], frame: int) -> Cue | None:
    index = _begun(cues, frame)
    return cues[index - 1] if index else None


def _inside(cues: tuple[Cue, ...], frame: int) -> Cue | None:
    cue = _last(cues, frame)
    return cue if cue and frame < cue.end else None
