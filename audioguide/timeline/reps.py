"""The counts of a moving pose: one at the start of each rep, and how long they all take."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from audioguide.timeline.heard import Heard
from audioguide.timeline.prompts import Candidate
from audioguide.timeline.tape import About
from audioguide.units import frames


@dataclass(frozen=True, slots=True)
class Reps:
    """Reps of `whole` / `len(texts)` frames each, from the rep `first` on, which begins `origin` frames into the hold.

    Those before it were heard. So they go on evenly, even if the ones to come need more time to be counted.
    """

    texts: Sequence[str]
    whole: int
    first: int = 0
    origin: int = 0

    @property
    def frames(self) -> int:
        """How long the hold is."""
        return self._start(len(self.texts))

    def counts(self) -> Iterator[Candidate]:
        """What is said, and when."""
        for number in range(self.first, len(self.texts)):
            yield Candidate("count", self._start(number), (self.texts[number],), self.frames)

    def _start(self, number: int) -> int:
        return self.origin + (number - self.first) * self.whole // len(self.texts)


def reps_of(texts: Sequence[str], seconds: float, pace: int, heard: Heard, about: About) -> Reps:
    """Reps that take `seconds`, or longer where one needs more: `pace` frames each at least."""
    whole = max(frames(seconds), len(texts) * pace)
    here = [cue for cue in heard.cues if (cue.step, cue.round, cue.side) == (about.step, about.round, about.side)]
    counts = [cue for cue in here if cue.role == "count"]
    if not counts:
        return Reps(texts, whole)
    hold = next(cue for cue in here if cue.kind == "hold")
    return Reps(texts, whole, len(counts) - 1, counts[-1].start - hold.start)
