"""What has been heard of a section that is compiled anew, and so stays as it is."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass

from audioguide.timeline.model import Cue, Kind, Section


@dataclass(frozen=True, slots=True)
class Heard:
    """The cues of a section that begin before the frame `since`, in order: what comes after them may change.

    All that is compiled up to `since` depends on these only, so it comes out the same, cue by cue.
    """

    since: int = 0
    cues: tuple[Cue, ...] = ()

    def at(self, start: int, kind: Kind) -> Cue | None:
        """The cue of a kind that begins at a frame."""
        return next(iter(self.within(start, start + 1, kind)), None)

    def within(self, start: int, end: int, kind: Kind) -> list[Cue]:
        """The cues of a kind that begin within these frames."""
        first, last = (bisect_left(self.cues, frame, key=_start) for frame in (start, end))
        return [cue for cue in self.cues[first:last] if cue.kind == kind]

    def over(self, start: int, kind: Kind) -> Cue | None:
        """The same as `at`, if it has ended as well."""
        cue = self.at(start, kind)
        return cue if cue and cue.end <= self.since else None


NOTHING = Heard()


def heard(section: Section, since: int) -> Heard:
    """What has been heard of a section by a frame."""
    return Heard(since, section.cues[: bisect_left(section.cues, since, key=_start)])


def _start(cue: Cue) -> int:
    return cue.start
