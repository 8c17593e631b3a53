"""The pump: renders a few seconds ahead of the device, and fills the wait when the session is not ready in time."""

from __future__ import annotations

import threading

from audioguide.player.fade import Fade
from audioguide.player.feed import Feed
from audioguide.player.source import Source
from audioguide.sound.block import Block, silence
from audioguide.sound.sound import Sound
from audioguide.units import frames

BLOCK = 4096
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

_IDLE = 0.02  # seconds between two looks when there is nothing to do


class Pump:
    """Moves a source into a feed. The session loses no frame and repeats none, however often it has to wait."""

    def __init__(self, source: Source, feed: Feed, waiting: Sound | None = None) -> None:
        self.failed: BaseException | None = None
        """Why the pump gave up: what the source reported, or what it raised."""
        self._source = source
        self._feed = feed
        self._waiting = waiting
        self._next = 0
        self._gathering = True
        self._waited = 0
        self._swell = Fade(SWELL, level=0)
        self._halt = threading.Event()

    def run(self) -> None:
        """Pump to the end of the session, until `stop`, or until something fails. For a thread of its own."""
        try:
            while not self._halt.is_set() and self.failed is None and not self._feed.finished:
                if not self.step():
                    self._halt.wait(_IDLE)
        except BaseException as error:  # raised again where the session is played
            self.failed = error

    def stop(self) -> None:
        """Let `run` return."""
        self._halt.set()

    def step(self) -> bool:
        """Put at most one block; False if there was nothing to do."""
        source = self._source
        total = source.frames  # before `available`, which can only have grown since
        ready = source.available - self._next
        self.failed = source.failed
        if self.failed is not None:
            return False
        if total is not None and self._next >= total:
            self._feed.end()
            return False
        if self._gathering:
            complete = total is not None and self._next + ready >= total
            if ready < GATHER and not complete:
                return self._wait()
            if self._swell.level:
                return self._put(self._swelling(min(BLOCK, self._swell.level), rising=False))
            self._gathering = False
            self._waited = 0
            if not self._next:
                # While the session was made the device was given silence, which is what it begins with.
                self._next = self._feed.position = min(source.lead_in, self._feed.silence)
        if self._feed.ahead >= AHEAD:
            return False
        if not ready:
            self._gathering = True
            return False
        block = source.block(self._next, min(BLOCK, ready))
        self._feed.put(block)
        self._next += len(block)
        return True

    def _wait(self) -> bool:
        """Silence first, then the background; nothing before the session's first frame."""
        if not self._next or self._feed.ahead >= RESERVE:
            return False
        if self._waited < PATIENCE:
            return self._put(silence(min(BLOCK, PATIENCE - self._waited)))
        return self._put(self._swelling(BLOCK, rising=True))

    def _swelling(self, count: int, *, rising: bool) -> Block:
        block = silence(count) if self._waiting is None else self._waiting.block(self._waited - PATIENCE, count).copy()
        self._swell.apply(block, rising=rising)
        return block

    def _put(self, block: Block) -> bool:
        self._feed.put(block, session=False)
        self._waited += len(block)
        return True
