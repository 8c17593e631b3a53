"""The pump: renders a few seconds ahead of the device, and fills the wait when the session is not ready in time.

What it has put ahead it can take back. For every block that was put it knows how things stood before it; when the
volume changes, or the session itself, it goes back to the block that the device is in and puts everything anew.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from audioguide.mixer import Stems
from audioguide.player.feed import FADE, Fade, Feed, Line, Piece, rising
from audioguide.player.source import Source
from audioguide.sound.block import Block, scaled, silence
from audioguide.sound.sound import Sound
from audioguide.units import frames

BLOCK = 2048
"""Frames rendered at a time."""

AHEAD = frames(3.0)
"""How far rendering runs ahead of the device."""

GATHER = frames(1.0)
"""How much of the session there has to be before it starts, or goes on after a wait."""

RESERVE = frames(0.5)
"""When less than this is ready and the session is not, the wait begins; a wait is never rendered further ahead."""

PATIENCE = frames(0.3)
"""A wait shorter than this is a breath of silence; only then does the background come in."""

SWELL = frames(1.5)
"""The background swells in, and out again, over this long: as it does in a hold."""


@dataclass(frozen=True, slots=True)
class Gains:
    """Factors for the voice, with the chimes, and for the background."""

    voice: float = 1.0
    bed: float = 1.0

    def mix(self, stems: Stems) -> Block:
        """What is heard of stems; with no change in volume their very mix."""
        voice, bed = np.float32(self.voice), np.float32(self.bed)
        voices, chimes = (part if voice == 1 else part * voice for part in (stems.voice, stems.chimes))
        return Stems(voices, stems.background if bed == 1 else stems.background * bed, chimes).mix


@dataclass(frozen=True, slots=True)
class _Stand:
    """How things stand before a block: all that decides what comes next.

    `next` is the session's next frame. Before it come `quiet` frames of silence, and, after a jump (`lead`), what leads
    up to it. While `gathering`, `waited` frames of a wait have been put, and its background stands at `level`.
    """

    next: int
    lead: bool
    quiet: int = 0
    gathering: bool = True
    waited: int = 0
    level: int = 0


class Pump:
    """Moves a source into a feed, from frame `start` on.

    The session loses no frame and repeats none, however often it has to wait, and whatever is changed meanwhile.
    """

    def __init__(
        self,
        source: Source,
        feed: Feed,
        waiting: Sound | None = None,
        *,
        start: int = 0,
        gains: Gains = Gains(),
    ) -> None:
        self.wake = 0
        """Frames of silence that the device needs before the first sound."""
        self._source = source
        self._take = source.take
        self._feed = feed
        self._waiting = waiting
        self._gains = gains
        self._begun = False
        self._track = -1
        self._puts: deque[tuple[int, _Stand]] = deque()
        """Where in the line the blocks begin that may not have been taken, and how things stood before each."""
        self._stand = _Stand(start, lead=start > 0)
        self._enter(start)

    def jump(self, frame: int) -> None:
        """Go on at another frame of the session, at once. It is heard from there at full level."""
        self._stand = _Stand(frame, lead=True)
        self._enter(frame)

    def adjust(self, gains: Gains) -> None:
        """Change the volumes, at once."""
        if gains != self._gains:
            self._gains = gains
            self._rewind()

    def step(self) -> bool:
        """Put at most one block; False if there was nothing to do. Raises what the source failed with."""
        if self._source.failed is not None:
            raise self._source.failed
        if self._source.take is not self._take:
            self._take = self._source.take
            self._rewind()
        if self._line.ended:
            return False
        return self._gather() if self._stand.gathering else self._go_on()

    def _gather(self) -> bool:
        """Begin, or end a wait, when there is enough; otherwise wait."""
        total = self._take.frames  # before `available`, which can only have grown since
        ready = self._take.available - self._stand.next
        if ready < GATHER and (total is None or self._stand.next + ready < total):
            return self._wait()
        if not self._begun:
            self._begin()
        stand = self._stand
        if stand.level:
            count = min(BLOCK, stand.level)
            return self._put(self._swelling(count, up=False), waited=stand.waited + count, level=stand.level - count)
        if stand.quiet:
            count = min(BLOCK, stand.quiet)
            return self._put(silence(count), quiet=stand.quiet - count)
        if stand.lead:
            return self._put(self._leading_up(), lead=False)
        self._stand = replace(stand, gathering=False, waited=0)
        return True

    def _go_on(self) -> bool:
        """Put the next block of the session."""
        total = self._take.frames  # before `available`, as above
        start, ready = self._stand.next, self._take.available - self._stand.next
        if total is not None and start >= total:
            self._line.ended = True
        elif ready <= 0:
            self._stand = replace(self._stand, gathering=True)
        elif self._line.ready < AHEAD:
            count = min(BLOCK, ready)
            return self._put(self._gains.mix(self._take.stems(start, count)), session=True, next=start + count)
        return False

    def _begin(self) -> None:
        """Before the first sound the device gets the silence that it needs. What it got while the session was made
        counts, and so does the silence that the session begins with, which is not needed for anything else.
        """
        self._begun = True
        needed, start = max(0, self.wake - self._feed.silence), self._stand.next
        if not start:
            start = max(0, self._source.lead_in - needed)
            needed = max(0, needed - self._source.lead_in)
            self._line.position = start
        self._stand = replace(self._stand, next=start, quiet=needed)

    def _leading_up(self) -> Block:
        """The last moment before the frame that was jumped to, rising; so that from there on it is heard in full."""
        stop, before = self._stand.next, silence(FADE)
        if 0 < stop <= self._take.available:
            count = min(FADE, stop)
            before[FADE - count :] = self._gains.mix(self._take.stems(stop - count, count))
        return scaled(before, rising(FADE))

    def _wait(self) -> bool:
        """Silence first, then the background; nothing before the session's first sound."""
        waited, level = self._stand.waited, self._stand.level
        if not self._begun or self._line.ready >= RESERVE:
            return False
        if waited < PATIENCE:
            count = min(BLOCK, PATIENCE - waited)
            return self._put(silence(count), waited=waited + count)
        return self._put(self._swelling(BLOCK, up=True), waited=waited + BLOCK, level=min(SWELL, level + BLOCK))

    def _swelling(self, count: int, *, up: bool) -> Block:
        if self._waiting is None:
            return silence(count)
        block = self._waiting.block(self._stand.waited - PATIENCE, count) * np.float32(self._gains.bed)
        Fade(SWELL, level=self._stand.level).apply(block, rising=up)
        return block

    def _put(self, block: Block, *, session: bool = False, **then: Any) -> bool:
        """Put a block, after which things stand otherwise."""
        self._note()
        self._line.put(Piece(block, self._stand.next, session))
        self._stand = replace(self._stand, **then)
        return True

    def _note(self) -> None:
        """Keep how things stand before the block that is put next, and forget blocks that were taken."""
        self._puts.append((self._line.put_in_all, self._stand))
        while len(self._puts) > 1 and self._puts[1][0] <= self._line.taken:
            self._puts.popleft()

    def _enter(self, frame: int) -> None:
        """Begin a track."""
        self._track += 1
        self._post(frame)

    def _rewind(self) -> None:
        """Put anew what the device has not taken: from the start of the block that it is in."""
        self._note()
        self._stand = self._puts[0][1]
        self._post(self._line.position)

    def _post(self, position: int) -> None:
        self._puts.clear()
        self._line = Line(self._track, position)
        self._feed.post(self._line)
