"""The feed: blocks that are ready, in order, between the pump that fills it and the device that drains it.

One thread puts, one thread takes, a third may pause: each figure is written by one thread only, so nothing here waits
for a lock, and the device's callback only copies.
"""

from __future__ import annotations

from collections import deque

from audioguide.player.fade import Fade
from audioguide.sound.block import Block, silence
from audioguide.units import frames

FADE = frames(0.020)
"""Pausing, resuming and stopping take this long, so that none of them clicks."""

PRIME = frames(0.2)
"""The device gets silence until this much is ready, so that the first block is not the last for a moment."""


class Feed:
    """Sound in the order it is heard. A frame that was put is taken exactly once, whatever happens in between."""

    def __init__(self) -> None:
        self.paused = False
        self.position = 0
        """Session frames that the device has taken."""
        self.beyond = 0
        """Frames of anything else that the device has taken since the last frame of the session."""
        self.pulls = 0
        """How often the device has asked."""
        self.underruns = 0
        """How often the device asked for sound that was not there."""
        self.silence = 0
        """Frames of silence that the device has taken since the last frame of sound."""
        self.waiting = True
        """Whether what sounds now is not the session, because the session is not ready."""
        self.ended = False
        """Whether all has been put."""
        self._blocks: deque[tuple[Block, bool]] = deque()
        self._used = 0  # frames of the first block that are taken already
        self._put = 0
        self._taken = 0
        self._primed = self._stopped = self._dry = False
        self._fade = Fade(FADE, level=FADE)

    @property
    def ahead(self) -> int:
        """Frames that are ready and not yet taken."""
        return self._put - self._taken

    @property
    def finished(self) -> bool:
        """Whether every frame was taken, and no more will come."""
        return self.ended and self._put == self._taken

    def put(self, block: Block, *, session: bool = True) -> None:
        """Add sound; `session` is False for what only fills a wait, which does not move `position`."""
        self._blocks.append((block, session))
        self._put += len(block)
        self._primed = self._primed or self._put >= PRIME

    def end(self) -> None:
        """Say that all has been put."""
        self.ended = self._primed = True

    def stop(self) -> None:
        """Fade out; from then on there is only silence."""
        self._stopped = True

    def take(self, count: int) -> Block:
        """The next `count` frames; silence where there is nothing. For the device: it never waits and never raises."""
        self.pulls += 1
        out = silence(count)
        audible = not (self.paused or self._stopped)
        wanted = count if audible else min(count, self._fade.level)
        filled = self._copy(out[:wanted]) if self._primed else 0
        self._fade.apply(out[:filled], rising=audible)
        if filled < wanted and not audible:
            self._fade.level = 0
        self._note(wanted, filled)
        self.beyond += count
        self.silence = count - filled + (0 if filled else self.silence)
        return out

    def _copy(self, out: Block) -> int:
        """Move ready frames into `out`; how many there were."""
        done = 0
        while done < len(out) and self._blocks:
            block, session = self._blocks[0]
            piece = block[self._used : self._used + len(out) - done]
            out[done : done + len(piece)] = piece
            done += len(piece)
            self._used += len(piece)
            self.waiting = not session
            if session:
                self.position += len(piece)
                self.beyond = -done  # to which `take` adds its whole count
            if self._used == len(block):
                self._blocks.popleft()
                self._used = 0
        self._taken += done
        return done

    def _note(self, wanted: int, filled: int) -> None:
        """Count the times that sound was due and was not there, each once however long it lasts."""
        dry = filled < wanted and self._primed and not self.ended
        self.underruns += dry and not self._dry
        self._dry = dry
