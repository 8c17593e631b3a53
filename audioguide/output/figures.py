"""What an export says of its sound, measured while it is written: contract figures of the mix and its stems."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from audioguide.sound.block import Block
from audioguide.sound.meter import Meter, Peak
from audioguide.timeline.model import Role, Section
from audioguide.units import frames

NARRATION: tuple[Role, ...] = ("say", "name", "instructions", "begin", "release")
"""The speech outside holds."""

FROM_THE_ENDS, FROM_SPEECH = frames(2.0), frames(1.5)
"""So far from the ends of a hold, and from words in it, its background is measured."""

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Figures:
    """Loudness in LUFS (BS.1770, gated); the true peak in dBTP, of the mix before it is encoded; the background in LU
    relative to the narration, while someone speaks and in holds where nobody does. None where there is none.
    """

    narration: float | None
    programme: float | None
    true_peak: float | None
    under_speech: float | None
    in_holds: float | None


class Listener:
    """Measures a session while its blocks pass by. `sections` may grow; each is there before its blocks come."""

    def __init__(self, sections: Sequence[Section], mono: bool) -> None:
        self._sections, self._mono = sections, mono
        self._known = 0
        self._programme, self._peak = Meter(), Peak()
        self._narration, self._under, self._holds = _Excerpt(), _Excerpt(), _Excerpt()
        self._at = 0

    def _expect(self, section: Section) -> None:
        """Take note of where in a section there is what."""
        speech = [(cue.start, cue.end) for cue in section.cues if cue.kind == "speech"]
        self._narration.spans += [(cue.start, cue.end) for cue in section.cues if cue.role in NARRATION]
        self._under.spans += speech
        self._holds.spans += _quiet(section, speech)

    def hear(self, mix: Block, voice: Block, background: Block) -> None:
        """Go on with the next block and its stems."""
        for section in self._sections[self._known :]:
            self._expect(section)
            self._known += 1
        heard = self._channels(mix)
        self._programme.hear(heard)
        self._peak.hear(heard)
        for excerpt, block in ((self._narration, voice), (self._under, background), (self._holds, background)):
            for part in excerpt.cut(self._at, len(block)):
                excerpt.meter.hear(self._channels(block[part]))
        self._at += len(mix)

    def figures(self) -> Figures:
        """What was measured."""
        narration = self._narration.meter.loudness

        def relative(excerpt: _Excerpt) -> float | None:
            found = excerpt.meter.loudness
            return None if narration is None or found is None else found - narration

        programme, peak = self._programme.loudness, self._peak.decibels
        return Figures(narration, programme, peak, relative(self._under), relative(self._holds))

    def _channels(self, block: Block) -> NDArray[np.float32]:
        return block.mean(axis=1, keepdims=True) if self._mono else block


class _Excerpt:
    """Parts of a session that are measured as one: `spans` are those still to come, in order."""

    def __init__(self) -> None:
        self.meter = Meter()
        self.spans: deque[Span] = deque()

    def cut(self, start: int, count: int) -> Iterator[slice]:
        """What of the block of `count` frames from `start` belongs to it."""
        while self.spans and self.spans[0][0] < start + count:
            first, last = self.spans[0]
            if start < last:
                yield slice(max(first - start, 0), min(last - start, count))
            if last > start + count:
                return
            self.spans.popleft()


def _quiet(section: Section, speech: list[Span]) -> Iterator[Span]:
    """Where in the holds of a section nobody speaks, or is about to, or just did."""
    for hold in section.cues:
        if hold.kind == "hold" and hold.bed:
            start, end = hold.start + FROM_THE_ENDS, hold.end - FROM_THE_ENDS
            for first, last in speech:
                if last + FROM_SPEECH > start and first - FROM_SPEECH < end:
                    if start < first - FROM_SPEECH:
                        yield start, first - FROM_SPEECH
                    start = last + FROM_SPEECH
            if start < end:
                yield start, end
