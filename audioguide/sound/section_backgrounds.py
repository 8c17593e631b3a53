"""The backgrounds of a section: those in its holds, and those that sound all the time.

In a hold a background begins with its own first frame. What sounds *always* begins every section at its frame
`ANCHOR`, and in the section's last two seconds is crossfaded into the frames just before that one, of whatever the
next section begins with. So a section sounds the same wherever it lies, and still there is no seam. For the same reason
all that sounds always is ducked, as under speech, where two sections meet: most begin with a word.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, partial
from itertools import pairwise

import numpy as np

from audioguide.model.routine import BackgroundSpec
from audioguide.model.timeline import Section
from audioguide.sound.background import Background
from audioguide.sound.block import Block, Samples, Spans, apply_gain, is_silent_view, raised_cosine, silence, zeros_view
from audioguide.sound.ducking import FADE, UNDER_SPEECH, Duck, fade, fade_in_out
from audioguide.sound.synth.layer import GRID
from audioguide.sound.synth.modulation import BreathPhase
from audioguide.units import db_to_amplitude, to_frames

ANCHOR = 16 * GRID
"""The frame at which what sounds always begins a section."""

CROSSFADE = to_frames(2.0)
"""Frames in which one background is crossfaded into another, and into itself at the end of a section."""

TAKEOVER = to_frames(0.3)
"""Frames in which a changed section's background takes over: a hold that was about to end has gone quiet already."""

_WRITTEN = BackgroundSpec("").gain
"""LU relative to the narration that every preset is levelled to."""

_TAKEOVER_RISE = raised_cosine(TAKEOVER)

FindBackground = Callable[[str], Background]


class SectionBackgrounds:
    """The backgrounds of one section. Frames count from its first."""

    def __init__(self, section: Section, find: FindBackground) -> None:
        holds = list(_holds(section, find))
        alone = [hold for hold in holds if hold.spec.during == "holds" or hold.follows_breath]
        parts: list[_HoldBackground | _ContinuousBackground] = [*alone, *_continuous(section, holds, find)]
        self._parts: Spans[_HoldBackground | _ContinuousBackground] = Spans(
            (part.first, part.last, part) for part in parts
        )

    def block(self, start: int, count: int) -> Block:
        """`count` frames from `start` of all that sounds together; `nothing` where that is silent."""
        made = zeros_view(count)
        for first, last, part in self._parts.within(start, start + count):
            begin, end = max(first, start), min(last, start + count)
            if begin < end and (shape := part.shape(begin, end - begin)).any():
                made = silence(count) if is_silent_view(made) else made
                made[begin - start : end - start] += apply_gain(part.tones(begin, end - begin), shape)
        return made


@dataclass(frozen=True, slots=True)
class VersionedBackgrounds:
    """The backgrounds of a section as it was `first`, and after each change that was made while it was heard.

    A `later` version has the frame from which on it takes over, in order. Where two versions are the same, so is what
    is heard, to the bit.
    """

    first: SectionBackgrounds
    later: tuple[tuple[int, SectionBackgrounds], ...] = ()

    def with_version(self, since: int, beds: SectionBackgrounds) -> VersionedBackgrounds:
        """With another version from a frame on, in place of what was to come after it."""
        return VersionedBackgrounds(
            self.first, (*(version for version in self.later if version[0] < since), (since, beds))
        )

    def block(self, start: int, count: int) -> Block:
        """As `Beds.block`."""
        past = [beds for since, beds in self.later if since + TAKEOVER <= start] if self.later else []
        made = (past[-1] if past else self.first).block(start, count)
        for since, beds in self.later[len(past) :]:
            coming = beds.block(start, count) if since < start + count else made
            if coming is not made and not (is_silent_view(made) and is_silent_view(coming)):
                begin, end = (min(max(frame - start, 0), count) for frame in (since, since + TAKEOVER))
                rising = _TAKEOVER_RISE[begin + start - since : end + start - since, np.newaxis]
                turning = made[begin:end] + rising * (coming[begin:end] - made[begin:end])
                made = np.concatenate([made[:begin], turning, coming[end:]])
        return made


@dataclass(frozen=True, slots=True)
class _HoldBackground:
    """A background from the first to the last frame of a hold, or of a rest that sounds like one."""

    first: int
    last: int
    spec: BackgroundSpec
    background: Background
    breaths: tuple[BreathPhase, ...]
    duck: Duck

    @property
    def follows_breath(self) -> bool:
        """Whether it breathes with the hold, and so is another sound than before and after."""
        return bool(self.breaths) and self.background.follows_breath

    def tones(self, start: int, count: int) -> Block:
        return self.background.sound(self.breaths).block(start - self.first, count)

    def shape(self, start: int, count: int) -> Samples:
        made = fade_in_out(self.last - self.first, start - self.first, count)
        made *= self.duck.gain(start, count, self.spec.gain)
        made *= np.float32(db_to_amplitude(self.spec.gain - _WRITTEN))
        return made


@dataclass(frozen=True, slots=True)
class _Fade:
    """Where a background comes in, or goes out; if another one goes or comes meanwhile, how alike the two are."""

    first: int
    length: int
    out: bool = False
    likeness: Callable[[], float | None] = lambda: None

    def touches(self, start: int, count: int) -> bool:
        """Whether its gain is anything but 1 somewhere there."""
        return start + count > self.first if self.out else start < self.first + self.length


class _ContinuousBackground:
    """A background that sounds from `first` to `last`, all the time. Its frame `ANCHOR` lies at `anchored`."""

    def __init__(
        self, bed: BackgroundSpec, first: int, last: int, anchored: int, duck: Duck, find: FindBackground
    ) -> None:
        self.first, self.last = first, last
        self.fades: list[_Fade] = []
        self.holds: Spans[float] = Spans(())
        """Where it rises, and how far (a factor of amplitude)."""
        self._background, self._offset = find(bed.name), ANCHOR - anchored
        self._between, self._duck = db_to_amplitude(bed.between - _WRITTEN), duck

    def tones(self, start: int, count: int) -> Block:
        return self._background.sound().block(start + self._offset, count)

    def shape(self, start: int, count: int) -> Samples:
        made = np.full(count, self._between, np.float32)
        for first, last, level in self.holds.within(start, start + count):
            begin, end = max(first, start), min(last, start + count)
            risen = fade_in_out(last - first, begin - first, end - begin)
            made[begin - start : end - start] += risen * np.float32(level - self._between)
        share = self._duck.amount(start, count)
        if share.any():
            floor = np.float32(db_to_amplitude(UNDER_SPEECH - _WRITTEN))
            made *= (floor / np.maximum(made, floor)) ** share
        for one in self.fades:
            if one.touches(start, count):
                made *= fade(one.first, one.length, start, count, out=one.out, likeness=one.likeness())
        return made

    def come(self, count: int) -> None:
        """Let it come in, out of silence."""
        self.fades.append(_Fade(self.first, count))

    def go(self, count: int) -> None:
        """Let it go out after its end."""
        self.fades.append(_Fade(self.last, count, out=True))
        self.last += count

    def cross(self, other: _ContinuousBackground, count: int) -> None:
        """Crossfade it into another one, which begins at its end or before."""
        likeness = cache(partial(_likeness, self, other, other.first + count * 3 // 8, max(1, count // 4)))
        self.fades.append(_Fade(other.first, count, out=True, likeness=likeness))
        other.fades.append(_Fade(other.first, count, likeness=likeness))
        self.last = other.first + count

    def room(self, wished: int) -> int:
        """As much of a fade as it has room for at either end."""
        return max(1, min(wished, (self.last - self.first) // 2))


def _likeness(one: _ContinuousBackground, other: _ContinuousBackground, start: int, count: int) -> float:
    """The correlation of two backgrounds; not so far below 0 that a crossfade would raise both by much.

    Without it a drone that is crossfaded into itself is up to 3 LU softer or louder for a second.
    """
    a, b = (each.tones(start, count).astype(np.float64) for each in (one, other))
    power = float(np.sqrt((a**2).sum() * (b**2).sum()))
    return max(-0.75, float((a * b).sum()) / power) if power else 0.0


def _holds(section: Section, find: FindBackground) -> Iterator[_HoldBackground]:
    """Every hold, and every rest that sounds like one."""
    duck, origin = Duck(_speech(section)), section.chapter.start
    for cue in section.cues:
        if cue.background:
            first, last = (bisect_left(section.cues, at, key=lambda one: one.start) for at in (cue.start, cue.end))
            breaths = tuple(
                BreathPhase(one.phase, one.start - cue.start, one.frames)
                for one in section.cues[first:last]
                if one.phase
            )
            yield _HoldBackground(
                cue.start - origin, cue.end - origin, cue.background, find(cue.background.name), breaths, duck
            )


def _continuous(
    section: Section, holds: Sequence[_HoldBackground], find: FindBackground
) -> list[_ContinuousBackground]:
    """What sounds always, one after the other, and the beginning of what comes after the section."""
    origin, length = section.chapter.start, section.chapter.end - section.chapter.start
    opening = [] if origin == 0 else [(0, 0)]
    ending = [(length, length)] if section.following else []
    duck = Duck([*opening, *_speech(section), *ending])
    made = [
        _ContinuousBackground(lying.background, lying.start - origin, lying.end - origin, 0, duck, find)
        for lying in section.backgrounds
    ]
    for one in made:
        one.holds = Spans(
            (hold.first, hold.last, 0.0 if hold.follows_breath else db_to_amplitude(hold.spec.gain - _WRITTEN))
            for hold in holds
            if one.first <= hold.first < one.last
        )
    if made and (made[0].first or origin == 0):  # else it came in at the end of the section before
        made[0].come(made[0].room(FADE))
    for one, other in pairwise(made):
        if one.last == other.first:
            one.cross(other, other.room(CROSSFADE))
        else:
            one.go(min(FADE, other.first - one.last))
            other.come(other.room(FADE))
    last = made[-1] if made else None
    if last and last.last < length:
        last.go(min(FADE, length - last.last))
        last = None
    if section.following:
        count = last.room(CROSSFADE) if last else min(FADE, length // 2)
        coming = _ContinuousBackground(section.following, length - count, length, length, duck, find)
        made.append(coming)
        if last:
            last.cross(coming, count)
        else:
            coming.come(count)
    elif last:
        count = last.room(FADE)
        last.last -= count
        last.go(count)
    return made


def _speech(section: Section) -> list[tuple[int, int]]:
    origin = section.chapter.start
    return [(cue.start - origin, cue.end - origin) for cue in section.cues if cue.kind == "speech"]
