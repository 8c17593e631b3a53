"""Mixes clips, chimes and backgrounds into blocks: a pure function of (timeline, start, count).

Every section is mixed on a grid of its own, in whole blocks of `GRID` frames from its first frame on; requests are cut
out of these. So any start and any size give the same bits, and a section sounds the same wherever in the session it is.
Memory holds a few grid blocks, however long the session.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator
from copy import copy
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache, partial, reduce

import numpy as np
from numpy.typing import NDArray

from audioguide.errors import EnvironmentFailure
from audioguide.model.timeline import Cue, Section, Utterance
from audioguide.sound import background as backgrounds
from audioguide.sound import limiter
from audioguide.sound.block import Block, Spans, add_mono, apply_gain, is_silent_view, silence, zeros_view
from audioguide.sound.chimes import render_chime
from audioguide.sound.section_backgrounds import FindBackground, SectionBackgrounds, VersionedBackgrounds
from audioguide.sound.synth.layer import GRID

SOUND_VERSION = 2  # raised when the samples of a session change, so that what was cached or exported is made again

# Gives the clip of an utterance: mono, at its final level, with ramps at both ends, as many frames as its cue. It is
# called once for each grid block that the clip is in, so it should cache the last few.
ClipFor = Callable[[Utterance], NDArray[np.float32]]


@dataclass(frozen=True)
class Stems:
    """The parts of a mix: three blocks of the same length."""

    voice: Block
    background: Block
    chimes: Block

    @property
    def parts(self) -> tuple[Block, Block, Block]:
        """All three."""
        return self.voice, self.background, self.chimes

    @cached_property
    def mix(self) -> Block:
        """The sum of the stems, in this order."""
        sounding = [stem for stem in self.parts if not is_silent_view(stem)]
        return reduce(np.add, sounding) if sounding else silence(len(self.voice))

    @cached_property
    def peak(self) -> float:
        """The highest amplitude of the mix's samples."""
        return float(max(self.mix.max(), -self.mix.min()))

    def cut(self, first: int, last: int) -> Stems:
        """The frames from `first` to `last`."""
        part = Stems(*(stem[first:last] for stem in self.parts))
        if "mix" in self.__dict__:
            part.__dict__["mix"] = self.mix[first:last]
        return part


class Mixer:
    """Mixes sections in the order in which they are added. One thread may add while another one mixes."""

    def __init__(self, clip_for: ClipFor) -> None:
        self._clip_for = clip_for
        self._background: FindBackground = cache(backgrounds.find_background)
        self._starts: list[int] = []
        self._use([])

    def _use(self, tracks: list[_Track]) -> None:
        self._tracks = tracks
        # The cached blocks hold no reference to the mixer, so they are freed with it.
        rendered = lru_cache(4)(partial(_render, tracks, self._clip_for))
        self._limited = lru_cache(2)(partial(_limit, rendered))

    @property
    def available(self) -> int:
        """The frames that can be mixed: the end of the last section."""
        return self._tracks[-1].end if self._tracks else 0

    def add(self, section: Section) -> None:
        """Add the next section. Raises ValueError where it does not start at the end of the last one."""
        if section.chapter.start != self.available:
            raise ValueError(f"A section from {section.chapter.start} cannot follow frame {self.available}.")
        found = VersionedBackgrounds(SectionBackgrounds(section, self._background))
        self._starts.append(section.chapter.start)
        self._tracks.append(_Track(section, found))  # last, since other threads read it at once

    def clone(self) -> Mixer:
        """A mixer of the same sections, also those added later, with caches of its own: for another thread."""
        clone = copy(self)
        clone._use(self._tracks)
        return clone

    def with_changed(self, section: Section, since: int) -> Mixer:
        """A mixer of the sections up to this one, which has changed from the frame `since` on.

        Up to `since`, less what the limiter looks ahead, the samples are the same. Raises ValueError where no section
        starts where this one does.
        """
        number = bisect_left(self._starts, section.chapter.start)
        if self._starts[number : number + 1] != [section.chapter.start]:
            raise ValueError(f"No section starts at frame {section.chapter.start}.")
        later = SectionBackgrounds(section, self._background)
        both = self._tracks[number].backgrounds.with_version(since - section.chapter.start, later)
        changed = copy(self)
        changed._starts = self._starts[: number + 1]
        changed._use([*self._tracks[:number], _Track(section, both)])
        return changed

    def block(self, start: int, count: int) -> Block:
        """The mix of `count` frames from `start`. Raises ValueError beyond `available`."""
        return self.stems(start, count).mix

    def stems(self, start: int, count: int) -> Stems:
        """The stems of `count` frames from `start`, read-only. Raises ValueError beyond `available`."""
        pieces = list(self.blocks(start, start + count))
        if len(pieces) == 1:
            return pieces[0]
        return Stems(*(np.concatenate([silence(0), *(piece.parts[part] for piece in pieces)]) for part in range(3)))

    def blocks(self, start: int, stop: int) -> Iterator[Stems]:
        """As `stems`, from `start` to `stop`, in the blocks that they are mixed in, which is the fastest way."""
        if not 0 <= start <= stop <= self.available:
            raise ValueError(f"Frames {start} to {stop} are not within 0 to {self.available}.")
        number = bisect_right(self._starts, start) - 1
        while start < stop:
            track = self._tracks[number]
            index, first = divmod(start - track.start, GRID)
            last = min(GRID, first + min(stop, track.end) - start)
            yield self._limited(number, index).cut(first, last)
            start += last - first
            number += start == track.end


def _limit(rendered: Callable[[int, int], Stems], number: int, index: int) -> Stems:
    nearby = [rendered(number, near) for near in (index - 1, index, index + 1)]
    before, this, after = nearby
    limited = this
    if max(near.peak for near in nearby) > limiter.HARMLESS:
        others = (stem for near in nearby for stem in (near.background, near.chimes))
        channels = slice(0, 1 if all(map(is_silent_view, others)) else 2)  # a voice is the same on both channels
        around = before.mix[-limiter.CONTEXT :], this.mix, after.mix[: limiter.CONTEXT]
        gain = limiter.limit(np.concatenate([block[:, channels] for block in around]))
        if gain is not None:
            limited = Stems(*(stem if is_silent_view(stem) else apply_gain(stem, gain) for stem in this.parts))
    for block in (*limited.parts, limited.mix):
        block.flags.writeable = False  # it is cached, and handed out in parts
    return limited


def _render(tracks: list[_Track], clip_for: ClipFor, number: int, index: int) -> Stems:
    """A grid block of a section before the limiter; silence before and after the section."""
    track, start = tracks[number], index * GRID
    voice = chimes = zeros_view(GRID)
    for cue, here, there in track.find_cues("speech", start):
        if cue.utterance:
            clip = clip_for(cue.utterance)
            if clip.shape != (cue.frames,):
                raise EnvironmentFailure(f"{cue.text!r} was spoken again, at another length than before. Run it again.")
            voice = silence(GRID) if is_silent_view(voice) else voice
            add_mono(clip[there], voice[here])
    for cue, here, there in track.find_cues("chime", start):
        if cue.chime and cue.sound:
            chimes = silence(GRID) if is_silent_view(chimes) else chimes
            chimes[here] += render_chime(cue.sound, cue.chime, cue.frames)[there]
    return Stems(voice, track.backgrounds.block(start, GRID), chimes)


class _Track:
    """A section with its backgrounds and its cues by kind, to be found by frame. Frames count from its first."""

    def __init__(self, section: Section, backgrounds: VersionedBackgrounds) -> None:
        self.backgrounds = backgrounds
        self.start, self.end = section.chapter.start, section.chapter.end
        self._cues = {
            kind: Spans((cue.start - self.start, cue.end - self.start, cue) for cue in section.cues if cue.kind == kind)
            for kind in ("speech", "chime")
        }

    def find_cues(self, kind: str, start: int) -> Iterator[tuple[Cue, slice, slice]]:
        """The cues in the grid block from `start`: each with its place in the block, and its part that is there."""
        for begin, end, cue in self._cues[kind].within(start, start + GRID):
            here = slice(max(begin - start, 0), min(end - start, GRID))
            if here.start < here.stop:
                yield cue, here, slice(here.start + start - begin, here.stop + start - begin)
