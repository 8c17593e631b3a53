"""What the samples of a stretch depend on, as plain data: where it is the same, so are they, to the bit.

It is told without mixing anything, and rather too much is told than too little. What lies far from a stretch is left
out, so that it stays the same when that changes.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from functools import lru_cache
from typing import Any

from audioguide.routine.model import Bed
from audioguide.sound import backgrounds, limiter
from audioguide.timeline.model import Cue, Section, Stretch, Utterance
from audioguide.units import frames

NEAR = limiter.CONTEXT
"""Frames on either side of a stretch in which sound acts on it: the limiter looks that far."""

REACH = frames(4.0)
"""The same where a background sounds: clips act on it (`envelope.BRIDGE` and `RECOVERY`), and the end of its hold acts
on what is before.
"""

NameOf = Callable[[Utterance], str]
"""Gives the name of a clip: of the same name, the same samples."""


class Makings:
    """Tells what stretches of one session are made of."""

    def __init__(self, name_of: NameOf) -> None:
        self._name_of = name_of
        self._bed = lru_cache(_of_bed)
        self._follows = lru_cache(lambda name: backgrounds.background(name).follows_breath)

    def of(self, sections: Sequence[Section], start: int, stop: int) -> list[Any]:
        """What the frames from `start` to `stop` depend on, where sections reach at least that far.

        Positions are as seen from the beginnings of sections: where these lie in the session is no matter.
        """
        first = bisect_right(sections, start, key=lambda section: section.chapter.end)
        made: list[Any] = []
        for number in range(first, len(sections)):
            section = sections[number]
            origin = section.chapter.start
            if origin >= stop:
                break
            begin, end = max(start, origin) - origin, min(stop, section.chapter.end) - origin
            # Silence is silence, wherever in a section it lies.
            made.append([begin, end, *sounding] if (sounding := self._of_section(section, begin, end)) else end - begin)
        return made

    def _of_section(self, section: Section, start: int, stop: int) -> list[Any]:
        """A stretch of a section; frames count from its first. Nothing where it is silent."""
        origin, length = section.chapter.start, section.chapter.end - section.chapter.start

        def within(item: Cue | Stretch, reach: int) -> bool:
            return item.start - origin < stop + reach and item.end - origin > start - reach

        made: list[Any] = []
        lying = bool(section.beds or section.following)
        if lying:
            # What sounds all the time comes and goes with the ends of a section, and flows into what follows.
            made.append(
                [start < REACH and origin == 0, stop > length - REACH and (length, self._bed(section.following))]
            )
            made += [
                [bed.start - origin, min(bed.end - origin, stop + REACH), self._bed(bed.bed)]
                for bed in section.beds
                if within(bed, REACH)
            ]
        reach = REACH if lying or any(cue.bed and within(cue, NEAR) for cue in section.cues) else NEAR
        for cue in section.cues:
            if within(cue, reach):
                made += self._of_cue(cue, section, stop)
        return made

    def _of_cue(self, cue: Cue, section: Section, stop: int) -> Iterator[Any]:
        begin = cue.start - section.chapter.start
        if cue.utterance:
            yield cue.role, begin, cue.frames, self._name_of(cue.utterance)
        elif cue.kind == "chime":
            yield cue.chime, begin, cue.frames, cue.sound
        elif cue.bed:
            # How long it lasts beyond what can be heard of its end is no matter.
            yield cue.kind, begin, min(cue.frames, max(stop - begin, 0) + REACH), self._bed(cue.bed)
            if self._follows(cue.bed.name):
                yield [
                    (breath.phase, breath.start - cue.start, breath.frames)
                    for breath in section.cues
                    if breath.phase and cue.start <= breath.start < cue.end
                ]


def _of_bed(bed: Bed | None) -> list[Any]:
    return [asdict(bed), *backgrounds.makings(bed.name)] if bed else []
