"""The backgrounds of a section: those in its holds, and those that sound all the time.

In a hold a background begins with its own first frame. What sounds *always* begins every section at its frame
`ANCHOR`, and in the section's last two seconds flows into the frames just before that one, of whatever the next section
begins with. So a section sounds the same wherever it lies, and still there is no seam. For the same reason all that
sounds always is down, as under speech, where two sections meet: most begin with a word.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate, pairwise

import numpy as np

from audioguide.routine.model import Bed
from audioguide.sound import sound
from audioguide.sound.block import Block, Samples, scaled
from audioguide.sound.envelope import SWELL, UNDER_SPEECH, Duck, depth, fade, fade_out, swell
from audioguide.sound.motion import Breath
from audioguide.sound.preset import Background
from audioguide.timeline.model import Cue, Section
from audioguide.units import frames, gain

ANCHOR = 16 * sound.GRID
"""The frame at which what sounds always begins a section."""

CROSSFADE = frames(2.0)
"""Frames in which one background flows into another, and into itself at the end of a section."""

WRITTEN = Bed("").gain
"""LU relative to the narration that every preset is levelled to."""

Find = Callable[[str], Background]


class Beds:
    """What lies under one section. Frames count from its first."""

    def __init__(self, section: Section, find: Find) -> None:
        parts: list[_Held | _Lying] = [*_held(section, find), *_lying(section, find)]
        self._parts = sorted(parts, key=lambda part: part.first)
        self._starts = [part.first for part in self._parts]
        self._ends = list(accumulate((part.last for part in self._parts), max))

    def sounds(self, start: int, count: int) -> bool:
        """Whether anything may sound in `count` frames from `start`."""
        return bool(self._there(start, count))

    def add(self, start: int, onto: Block) -> None:
        """Add all that sounds from frame `start` on."""
        for part in self._there(start, len(onto)):
            begin, end = max(part.first, start), min(part.last, start + len(onto))
            if begin < end and (shape := part.shape(begin, end - begin)).any():
                onto[begin - start : end - start] += scaled(part.tones(begin, end - begin), shape)

    def _there(self, start: int, count: int) -> list[_Held | _Lying]:
        return self._parts[bisect_right(self._ends, start) : bisect_left(self._starts, start + count)]


@dataclass(frozen=True)
class _Held:
    """A background from the first to the last frame of a hold."""

    first: int
    last: int
    bed: Bed
    breaths: tuple[Breath, ...]
    duck: Duck
    find: Find

    def tones(self, start: int, count: int) -> Block:
        return self.find(self.bed.name).sound(self.breaths).block(start - self.first, count)

    def shape(self, start: int, count: int) -> Samples:
        made = swell(self.last - self.first, start - self.first, count)
        made *= self.duck.gain(start, count, depth(self.bed.gain))
        made *= np.float32(gain(self.bed.gain - WRITTEN))
        return made


@dataclass(frozen=True)
class _Hold:
    """Where the level of what sounds always rises, and how far (a factor of amplitude)."""

    first: int
    last: int
    level: float


@dataclass(frozen=True)
class _Fade:
    """Where something comes in, or goes out; into what else, if there is something."""

    first: int
    length: int
    out: bool = False
    crossing: _Crossing | None = None

    def gain(self, start: int, count: int) -> Samples:
        likeness = self.crossing.likeness if self.crossing else None
        return (fade_out if self.out else fade)(self.first, self.length, start, count, likeness)

    def touches(self, start: int, count: int) -> bool:
        """Whether it is anything but 1 somewhere there."""
        return start + count > self.first if self.out else start < self.first + self.length


class _Lying:
    """A background that sounds from `first` to `last`, all the time. Its frame `ANCHOR` lies at `anchored`."""

    def __init__(self, bed: Bed, first: int, last: int, anchored: int, duck: Duck, find: Find) -> None:
        self.bed, self.first, self.last = bed, first, last
        self.fades: list[_Fade] = []
        self.holds: list[_Hold] = []
        self._offset = ANCHOR - anchored
        self._between = gain(bed.between - WRITTEN)
        self._duck, self._find = duck, find

    def tones(self, start: int, count: int) -> Block:
        return self._find(self.bed.name).sound().block(start + self._offset, count)

    def shape(self, start: int, count: int) -> Samples:
        made = np.full(count, self._between, np.float32)
        for hold in self._holds_in(start, count):
            begin, end = max(hold.first, start), min(hold.last, start + count)
            risen = swell(hold.last - hold.first, begin - hold.first, end - begin)
            made[begin - start : end - start] += risen * np.float32(hold.level - self._between)
        share = self._duck.share(start, count)
        if share.any():
            floor = np.float32(gain(UNDER_SPEECH - WRITTEN))
            made *= (floor / np.maximum(made, floor)) ** share
        for one in self.fades:
            if one.touches(start, count):
                made *= one.gain(start, count)
        return made

    def _holds_in(self, start: int, count: int) -> Sequence[_Hold]:
        first = bisect_right(self.holds, start, key=lambda hold: hold.last)
        return self.holds[first : bisect_left(self.holds, start + count, key=lambda hold: hold.first)]


class _Crossing:
    """Two backgrounds while one flows into the other."""

    def __init__(self, one: _Lying, other: _Lying, first: int, length: int) -> None:
        self._one, self._other, self._first, self._length = one, other, first, length

    @cached_property
    def likeness(self) -> float:
        """Their correlation in the middle, where it matters; not so far below 0 that both would be raised by much."""
        first, count = self._first + self._length * 3 // 8, max(1, self._length // 4)
        one, other = (lying.tones(first, count).astype(np.float64) for lying in (self._one, self._other))
        power = float(np.sqrt((one**2).sum() * (other**2).sum()))
        return max(-0.75, float((one * other).sum()) / power) if power else 0.0


def _held(section: Section, find: Find) -> Iterator[_Held]:
    """Holds, and rests that sound like one, each with its background."""
    duck = Duck(_speech(section))
    for cue in section.cues:
        if cue.bed and (cue.bed.during == "holds" or _follows(cue, section, find)):
            first, last = _place(cue, section)
            yield _Held(first, last, cue.bed, _breaths(cue, section), duck, find)


def _lying(section: Section, find: Find) -> list[_Lying]:
    """What sounds always, one after the other, and the beginning of what comes after the section."""
    origin, length = section.chapter.start, section.chapter.end - section.chapter.start
    opening = [] if origin == 0 else [(0, 0)]
    ending = [(length, length)] if section.following else []
    duck = Duck([*opening, *_speech(section), *ending])
    beds = [_Lying(bed.bed, bed.start - origin, bed.end - origin, 0, duck, find) for bed in section.beds]
    for lying in beds:
        for cue in _within(section, origin + lying.first, origin + lying.last):
            if cue.bed:
                level = 0.0 if _follows(cue, section, find) else gain(cue.bed.gain - WRITTEN)
                lying.holds.append(_Hold(*_place(cue, section), level))
    if beds and (beds[0].first or origin == 0):  # else it flowed in at the end of the section before
        beds[0].fades.append(_Fade(beds[0].first, _room(beds[0], SWELL)))
    for one, other in pairwise(beds):
        if one.last == other.first:
            _cross(one, other, other.first, _room(other, CROSSFADE))
        else:
            _go(one, min(SWELL, other.first - one.last))
            other.fades.append(_Fade(other.first, _room(other, SWELL)))
    return [*beds, *_closing(beds, section, length, duck, find)]


def _closing(beds: Sequence[_Lying], section: Section, length: int, duck: Duck, find: Find) -> Iterator[_Lying]:
    """The end of a section: the last background goes, and the next one comes, if there is any."""
    last = beds[-1] if beds else None
    if last and last.last < length:
        _go(last, min(SWELL, length - last.last))
        last = None
    if section.following:
        count = _room(last, CROSSFADE) if last else min(SWELL, length // 2)
        coming = _Lying(section.following, length - count, length, length, duck, find)
        if last:
            _cross(last, coming, coming.first, count)
        else:
            coming.fades.append(_Fade(coming.first, count))
        yield coming
    elif last:
        count = _room(last, SWELL)
        last.fades.append(_Fade(length - count, count, out=True))


def _cross(one: _Lying, other: _Lying, first: int, count: int) -> None:
    crossing = _Crossing(one, other, first, count)
    one.last = first + count
    one.fades.append(_Fade(first, count, out=True, crossing=crossing))
    other.fades.append(_Fade(first, count, crossing=crossing))


def _go(lying: _Lying, count: int) -> None:
    """Let it go out after its end."""
    lying.fades.append(_Fade(lying.last, count, out=True))
    lying.last += count


def _room(lying: _Lying, wished: int) -> int:
    """As much of a fade as it has room for at either end."""
    return max(1, min(wished, (lying.last - lying.first) // 2))


def _follows(cue: Cue, section: Section, find: Find) -> bool:
    """Whether the background of a hold breathes with it, and so is another sound than before and after."""
    return bool(cue.bed and _breaths(cue, section) and find(cue.bed.name).follows_breath)


def _breaths(cue: Cue, section: Section) -> tuple[Breath, ...]:
    """The breath cues of a hold, as they lie in it."""
    cues = _within(section, cue.start, cue.end)
    return tuple(Breath(breath.phase, breath.start - cue.start, breath.frames) for breath in cues if breath.phase)


def _within(section: Section, start: int, end: int) -> Sequence[Cue]:
    """The cues that begin within these frames of the session."""
    first, last = (bisect_left(section.cues, frame, key=lambda cue: cue.start) for frame in (start, end))
    return section.cues[first:last]


def _speech(section: Section) -> list[tuple[int, int]]:
    return [_place(cue, section) for cue in section.cues if cue.kind == "speech"]


def _place(cue: Cue, section: Section) -> tuple[int, int]:
    return cue.start - section.chapter.start, cue.end - section.chapter.start
