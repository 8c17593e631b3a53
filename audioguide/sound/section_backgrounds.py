"""The backgrounds of a section: those in its holds, and the continuous ones (`during: always`).

In a hold a background starts with its own first frame. A continuous one starts every section at its frame `ANCHOR`,
and in the section's last two seconds it is crossfaded into the frames just before that one, of whatever background the
next section starts with. So a section sounds the same wherever it is in the session, and still there is no seam. For
the same reason continuous backgrounds are ducked, as under speech, where two sections meet: most start with a word.
Music is the exception: it goes on, since nobody wants to hear its first bars again with every section.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, partial
from itertools import pairwise

import numpy as np

from audioguide.model.routine import BackgroundSpec
from audioguide.model.timeline import Section, join_inhales
from audioguide.sound.background import Background
from audioguide.sound.block import Block, Samples, Spans, apply_gain, is_silent_view, raised_cosine, silence, zeros_view
from audioguide.sound.ducking import FADE, UNDER_SPEECH, Duck, fade, fade_in_out
from audioguide.sound.synth.layer import GRID
from audioguide.sound.synth.modulation import BreathPhase
from audioguide.units import db_to_amplitude, to_frames

ANCHOR = 16 * GRID  # the frame of a continuous background that every section starts with
CROSSFADE = to_frames(2.0)  # frames in which a background is crossfaded into another, or into itself at a section's end
# Frames in which the background of a changed section takes over; short, since a hold near its end is quiet already.
TAKEOVER = to_frames(0.3)
_PRESET_LEVEL = BackgroundSpec("").gain  # LU relative to the narration that every preset is levelled to
_TAKEOVER_RISE = raised_cosine(TAKEOVER)
FindBackground = Callable[[str], Background]


class SectionBackgrounds:
    """The backgrounds of one section. Frames count from its first."""

    def __init__(self, section: Section, find: FindBackground) -> None:
        holds = list(_hold_backgrounds(section, find))
        separate = [hold for hold in holds if hold.spec.during != "always" or hold.follows_breath]
        parts: list[_HoldBackground | _ContinuousBackground] = [*separate, *_continuous(section, holds, find)]
        self._parts = Spans((part.first, part.last, part) for part in parts)

    def block(self, start: int, count: int) -> Block:
        """The sum of all backgrounds in `count` frames from `start`; a `zeros_view` where that is silent."""
        total = zeros_view(count)
        for first, last, part in self._parts.within(start, start + count):
            begin, end = max(first, start), min(last, start + count)
            if begin < end and (gain := part.gain(begin, end - begin)).any():
                total = silence(count) if is_silent_view(total) else total
                total[begin - start : end - start] += apply_gain(part.samples(begin, end - begin), gain)
        return total


@dataclass(frozen=True, slots=True)
class VersionedBackgrounds:
    """The backgrounds of a section as it was `first`, and after each change that was made while it played.

    Each `later` version has the frame from which it takes over, in order.
    """

    first: SectionBackgrounds
    later: tuple[tuple[int, SectionBackgrounds], ...] = ()

    def with_version(self, since: int, version: SectionBackgrounds) -> VersionedBackgrounds:
        """With another version from the frame `since` on; it replaces those that would have taken over after that."""
        kept = (earlier for earlier in self.later if earlier[0] < since)
        return VersionedBackgrounds(self.first, (*kept, (since, version)))

    def block(self, start: int, count: int) -> Block:
        """As `SectionBackgrounds.block`."""
        past = [version for since, version in self.later if since + TAKEOVER <= start]
        total = (past[-1] if past else self.first).block(start, count)
        for since, version in self.later[len(past) :]:
            coming = version.block(start, count) if since < start + count else total
            if coming is not total and not (is_silent_view(total) and is_silent_view(coming)):
                begin, end = (min(max(frame - start, 0), count) for frame in (since, since + TAKEOVER))
                rise = _TAKEOVER_RISE[begin + start - since : end + start - since, np.newaxis]
                crossfade = total[begin:end] + rise * (coming[begin:end] - total[begin:end])
                total = np.concatenate([total[:begin], crossfade, coming[end:]])
        return total


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
        return bool(self.breaths) and self.background.follows_breath

    def samples(self, start: int, count: int) -> Block:
        return self.background.make_source(self.breaths).block(start - self.first, count)

    def gain(self, start: int, count: int) -> Samples:
        level = np.float32(db_to_amplitude(self.spec.gain - _PRESET_LEVEL))
        fades = fade_in_out(self.last - self.first, start - self.first, count)
        return fades * self.duck.gain(start, count, self.spec.gain) * level


@dataclass(frozen=True, slots=True)
class _Fade:
    """Where a background fades in or `out`; if another one does the reverse, `correlation` is that of the two."""

    first: int
    length: int
    out: bool = False
    correlation: Callable[[], float | None] = lambda: None


class _ContinuousBackground:
    """A background that plays from `first` to `last`, its frame `ANCHOR` at `anchored`; music began `origin` before."""

    def __init__(
        self, spec: BackgroundSpec, first: int, last: int, anchored: int, origin: int, duck: Duck, find: FindBackground
    ) -> None:
        self.first, self.last = first, last
        self.fades: list[_Fade] = []
        self.holds: Spans[float] = Spans(())  # where its level changes in holds, and to which amplitude
        self._background = find(spec.name)
        self._offset = origin if self._background.streamed else ANCHOR - anchored
        self._between, self._duck = db_to_amplitude(spec.between - _PRESET_LEVEL), duck

    def samples(self, start: int, count: int) -> Block:
        return self._background.make_source().block(start + self._offset, count)

    def gain(self, start: int, count: int) -> Samples:
        gain = np.full(count, self._between, np.float32)
        for first, last, level in self.holds.within(start, start + count):
            begin, end = max(first, start), min(last, start + count)
            rise = fade_in_out(last - first, begin - first, end - begin)
            gain[begin - start : end - start] += rise * np.float32(level - self._between)
        ducked = self._duck.amount(start, count)
        if ducked.any():
            floor = np.float32(db_to_amplitude(UNDER_SPEECH - _PRESET_LEVEL))
            gain *= (floor / np.maximum(gain, floor)) ** ducked
        for item in self.fades:
            if start + count > item.first if item.out else start < item.first + item.length:  # else its gain is 1
                gain *= fade(item.first, item.length, start, count, out=item.out, correlation=item.correlation())
        return gain

    def fade_in(self, count: int) -> None:
        self.fades.append(_Fade(self.first, count))

    def fade_out(self, count: int) -> None:
        """Fade out after its end."""
        self.fades.append(_Fade(self.last, count, out=True))
        self.last += count

    def crossfade_into(self, other: _ContinuousBackground, count: int) -> None:
        correlation = cache(partial(_correlate, self, other, other.first + count * 3 // 8, max(1, count // 4)))
        self.fades.append(_Fade(other.first, count, out=True, correlation=correlation))
        other.fades.append(_Fade(other.first, count, correlation=correlation))
        self.last = other.first + count

    def limit_fade(self, count: int) -> int:
        """`count`, or the most frames that leave room for a fade at both ends."""
        return max(1, min(count, (self.last - self.first) // 2))


def _correlate(one: _ContinuousBackground, other: _ContinuousBackground, start: int, count: int) -> float:
    """The correlation of two backgrounds; not so far below 0 that a crossfade would raise both by much.

    Without it a drone that is crossfaded into itself is up to 3 LU softer or louder for a second.
    """
    a, b = (each.samples(start, count).astype(np.float64) for each in (one, other))
    power = float(np.sqrt((a**2).sum() * (b**2).sum()))
    return max(-0.75, float((a * b).sum()) / power) if power else 0.0


def _hold_backgrounds(section: Section, find: FindBackground) -> Iterator[_HoldBackground]:
    duck, origin = Duck(_speech(section)), section.chapter.start
    for cue in section.cues:
        if cue.background:
            first, last = (bisect_left(section.cues, at, key=lambda other: other.start) for at in (cue.start, cue.end))
            breaths = tuple(
                BreathPhase(breath.phase, breath.start - cue.start, breath.frames)
                for breath in join_inhales(cue for cue in section.cues[first:last] if cue.kind == "breath")
                if breath.phase
            )
            begin, end, spec = cue.start - origin, cue.end - origin, cue.background
            yield _HoldBackground(begin, end, spec, find(spec.name), breaths, duck)


def _continuous(
    section: Section, holds: Sequence[_HoldBackground], find: FindBackground
) -> list[_ContinuousBackground]:
    """The continuous backgrounds in order, and the start of the one that follows the section."""
    origin, length = section.chapter.start, section.chapter.end - section.chapter.start
    opening = [] if origin == 0 else [(0, 0)]
    ending = [(length, length)] if section.following else []
    duck = Duck([*opening, *_speech(section), *ending])
    found = [
        _ContinuousBackground(item.background, item.start - origin, item.end - origin, 0, origin, duck, find)
        for item in section.backgrounds
    ]
    for one in found:
        one.holds = Spans(
            (hold.first, hold.last, 0.0 if hold.follows_breath else db_to_amplitude(hold.spec.gain - _PRESET_LEVEL))
            for hold in holds
            if one.first <= hold.first < one.last
        )
    if found and (found[0].first or origin == 0):  # else it came in at the end of the section before
        found[0].fade_in(found[0].limit_fade(FADE))
    for one, other in pairwise(found):
        if one.last == other.first:
            one.crossfade_into(other, other.limit_fade(CROSSFADE))
        else:
            one.fade_out(min(FADE, other.first - one.last))
            other.fade_in(other.limit_fade(FADE))
    last = found[-1] if found else None
    if last and last.last < length:
        last.fade_out(min(FADE, length - last.last))
        last = None
    if section.following:
        count = last.limit_fade(CROSSFADE) if last else min(FADE, length // 2)
        following = _ContinuousBackground(section.following, length - count, length, length, origin, duck, find)
        found.append(following)
        if last:
            last.crossfade_into(following, count)
        else:
            following.fade_in(count)
    elif last:
        count = last.limit_fade(FADE)
        last.last -= count
        last.fade_out(count)
    return found


def _speech(section: Section) -> list[tuple[int, int]]:
    origin = section.chapter.start
    return [(cue.start - origin, cue.end - origin) for cue in section.cues if cue.kind == "speech"]
