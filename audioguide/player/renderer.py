"""The pump: renders a few seconds ahead of the device, and fills the wait when the session is not ready in time.

When the session changes, it takes back what the device will not need at once, and goes on from there with the other
version.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from audioguide.player.buffer import FADE, BlockQueue, Fade, PlaybackBuffer, QueuedBlock, raised_cosine_gains
from audioguide.player.source import SessionSource
from audioguide.sound.block import apply_gain, is_silent_view, silence, zeros_view
from audioguide.sound.mixer import Stems
from audioguide.sound.synth.layer import LoopedSource
from audioguide.units import to_frames

BLOCK = 1024
"""Frames rendered at a time."""

KEPT = 6
"""Blocks that are not taken back: more than a device asks for at once, to have enough until there are new ones."""

AHEAD = to_frames(3.0)
"""How far rendering runs ahead of the device."""

GATHER = to_frames(1.0)
"""How much of the session there has to be before it starts, or goes on after a wait."""

RESERVE = to_frames(0.5)
"""When less than this is ready and the session is not, the wait begins; a wait is never rendered further ahead."""

PATIENCE = to_frames(0.3)
"""A wait shorter than this is a breath of silence; only then does the background come in."""

SWELL = to_frames(1.5)
"""The background swells in, and out again, over this long: as it does in a hold."""


@dataclass(frozen=True, slots=True)
class _RenderState:
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


class RenderAhead:
    """Moves a source into a feed, from frame `start` on.

    The session loses no frame and repeats none, however often it has to wait, and whatever is changed meanwhile.
    """

    def __init__(
        self, source: SessionSource, feed: PlaybackBuffer, waiting: LoopedSource | None = None, *, start: int = 0
    ) -> None:
        self.preroll_frames = 0
        """Frames of silence that the device needs before the first sound."""
        self._source = source
        self._take = self._left = source.version  # the version in force, and the one that is being left
        self._feed = feed
        self._waiting = waiting
        self._begun = False
        self._stand = _RenderState(start, lead=start > 0)
        self._line = BlockQueue(start)
        feed.post(self._line)

    def jump(self, frame: int) -> None:
        """Go on at another frame of the session, at once. It is heard from there at full level."""
        self._stand = _RenderState(frame, lead=True)
        self._line = BlockQueue(frame)
        self._feed.post(self._line)

    def step(self) -> bool:
        """Put at most one block; False if there was nothing to do. Raises what the source failed with."""
        if self._source.failed is not None:
            raise self._source.failed
        if self._source.version is not self._take:
            self._take = self._source.version
            if back := self._line.take_back(but=KEPT):
                self._stand = back.before
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
            return self._put(_quiet(count), quiet=stand.quiet - count)
        if stand.lead:
            return self._put(self._leading_up(), lead=False)
        self._stand = replace(stand, gathering=False, waited=0)
        self._left = self._take
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
            stems, left = self._take.stems(start, count), self._left
            if left is not self._take and (common := min(FADE, count, left.available - start)) > 0:
                stems = _crossed(left.stems(start, common), stems)
            self._left = self._take
            return self._put(stems, session=True, next=start + count)
        return False

    def _begin(self) -> None:
        """Before the first sound the device gets the silence that it needs. What it got while the session was made
        counts, and so does the silence that the session begins with, which is not needed for anything else.
        """
        self._begun = True
        needed, start = max(0, self.preroll_frames - self._feed.silence), self._stand.next
        if not start:
            start = max(0, self._source.lead_in - needed)
            needed = max(0, needed - self._source.lead_in)
            self._line.position = start
        self._stand = replace(self._stand, next=start, quiet=needed)

    def _leading_up(self) -> Stems:
        """The last moment before the frame that was jumped to, rising; so that from there on it is heard in full."""
        stop = self._stand.next
        count = min(FADE, stop) if stop <= self._take.available else 0
        made = [silence(FADE) for _ in range(3)]
        for part, before in zip(made, self._take.stems(stop - count, count).parts if count else (), strict=False):
            part[FADE - count :] = before
        return Stems(*(apply_gain(part, raised_cosine_gains(FADE)) for part in made))

    def _wait(self) -> bool:
        """Silence first, then the background; nothing before the session's first sound."""
        waited, level = self._stand.waited, self._stand.level
        if not self._begun or self._line.ready >= RESERVE:
            return False
        if waited < PATIENCE:
            count = min(BLOCK, PATIENCE - waited)
            return self._put(_quiet(count), waited=waited + count)
        return self._put(self._swelling(BLOCK, up=True), waited=waited + BLOCK, level=min(SWELL, level + BLOCK))

    def _swelling(self, count: int, *, up: bool) -> Stems:
        if self._waiting is None:
            return _quiet(count)
        block = self._waiting.block(self._stand.waited - PATIENCE, count).copy()
        Fade(SWELL, level=self._stand.level).apply(block, rising=up)
        return Stems(zeros_view(count), block, zeros_view(count))

    def _put(self, stems: Stems, *, session: bool = False, **then: Any) -> bool:
        """Put a block, after which things stand otherwise."""
        self._line.put(QueuedBlock(stems, self._stand.next, session, self._stand))
        self._stand = replace(self._stand, **then)
        return True


def _quiet(count: int) -> Stems:
    return Stems(zeros_view(count), zeros_view(count), zeros_view(count))


def _crossed(left: Stems, stems: Stems) -> Stems:
    """Stems that begin with others and go over into their own; where both are the same they stay bit for bit."""
    count, made = len(left.voice), []
    gain = raised_cosine_gains(count)[:, np.newaxis]
    for old, new in zip(left.parts, stems.parts, strict=True):
        part = new if is_silent_view(old) and is_silent_view(new) else np.array(new)
        if part is not new:
            part[:count] = old + gain * (part[:count] - old)
        made.append(part)
    return Stems(*made)
