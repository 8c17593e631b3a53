"""The feed: what is ready to be heard, between the pump that fills it and the device that drains it.

What is ready can be replaced at any time: the pump posts another line, and the device's thread takes it up with its
next pull. A line of the same track goes on at the very frame of the session that is due; what was taken while it was
made is skipped. A line of another track is heard from its start. Either way one crosses over to the other in 20 ms.

One thread posts, one thread takes, a third may pause: each figure is written by one thread only, so nothing here waits
for a lock, and the device's callback only copies.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from audioguide.sound.block import Block, Samples, silence
from audioguide.units import frames

FADE = frames(0.020)
"""Pausing, resuming, stopping and changing over take this long, so that none of them clicks."""

PRIME = frames(0.2)
"""The device gets silence until this much is ready, so that the first block is not the last for a moment."""


def rising(length: int) -> Samples:
    """The raised cosine of a fade of `length` frames: above 0 on the first of them, exactly 1 on the last."""
    return _gains(length, np.arange(1, length + 1))


def _gains(length: int, levels: NDArray[np.int64]) -> Samples:
    gains: Samples = (0.5 - 0.5 * np.cos(np.pi / length * levels)).astype(np.float32)
    return gains


class Fade:
    """A raised-cosine fade of `length` frames; `level` counts from 0 (silence) to `length` (full level)."""

    def __init__(self, length: int, *, level: int) -> None:
        self.length = length
        self.level = level

    def apply(self, block: Block, *, rising: bool) -> None:
        """Scale `block` in place, going on from where the last call left off.

        At full level the samples stay exactly as they are; at level 0 they become exact zeros.
        """
        count = len(block)
        if not rising and not self.level:
            block.fill(0.0)
        elif not (rising and self.level == self.length):
            step = 1 if rising else -1
            levels = np.clip(self.level + step * np.arange(1, count + 1), 0, self.length)
            block *= _gains(self.length, levels)[:, np.newaxis]
            self.level = int(levels[-1]) if count else self.level


_RISING = rising(FADE)[:, np.newaxis]


@dataclass(frozen=True, slots=True)
class Piece:
    """Sound, and the frame of the session that it begins with; or that it comes before, if it is not of the session."""

    block: Block
    position: int
    session: bool

    @property
    def until(self) -> int:
        """The frame of the session that is due after it."""
        return self.position + len(self.block) * self.session

    def cut(self, first: int, last: int) -> Piece:
        """Its frames from `first` to `last`."""
        return Piece(self.block[first:last], self.position + first * self.session, self.session)


class Line:
    """Blocks in order. One thread puts, another one takes: each figure is written by one of them only.

    Lines of one `track` are versions of the same sound, any of which can take the place of another at any frame of the
    session. A line of another track is to be heard from its start: the session from frame `position` on.
    """

    def __init__(self, track: int, position: int) -> None:
        self.track = track
        self.position = position
        self.ended = False
        """Whether all has been put."""
        self.until = position
        """The frame of the session up to which it has been put."""
        self.put_in_all = 0
        """Frames that have been put."""
        self.taken = 0
        """Frames that have been taken, or skipped."""
        self._pieces: deque[Piece] = deque()
        self._used = 0  # frames of the first piece that are taken already

    @property
    def ready(self) -> int:
        """Frames that can be taken."""
        return self.put_in_all - self.taken

    def put(self, piece: Piece) -> None:
        """Add a block."""
        self._pieces.append(piece)
        self.put_in_all += len(piece.block)
        self.until = piece.until

    def take(self, count: int) -> Iterator[Piece]:
        """Up to `count` frames, in pieces."""
        while count and self._pieces:
            first = self._pieces[0]
            piece = first.cut(self._used, min(len(first.block), self._used + count))
            count -= len(piece.block)
            self._leave(len(piece.block))
            yield piece

    def skip_to(self, position: int) -> bool:
        """Drop all that comes before a frame of the session; False if that has not been put yet."""
        reached = self.until >= position  # before looking: what is put meanwhile has not been looked at
        while self._pieces and (first := self._pieces[0]).position + self._used * first.session < position:
            left = len(first.block) - self._used
            self._leave(min(left, position - first.position - self._used) if first.session else left)
        return reached

    def _leave(self, count: int) -> None:
        self.taken += count
        self._used += count
        if self._used == len(self._pieces[0].block):
            self._pieces.popleft()
            self._used = 0


class Mark(NamedTuple):
    """How far the device is: one value, so that another thread sees figures that belong together."""

    track: int = -1
    """The track that it takes; -1 before there is any."""
    position: int = 0
    """The frame of the session that it takes next."""
    landed: int = 0
    """The frame of the session that the track began with."""
    heard: int = 0
    """Session frames that it has taken."""
    beyond: int = 0
    """Frames of anything else that it has taken since the last frame of the session."""
    waiting: bool = True
    """Whether what sounds now is not the session, because the session is not ready."""


class Feed:
    """Sound in the order it is heard. A frame of a track is taken exactly once, whatever is posted in between."""

    def __init__(self) -> None:
        self.paused = False
        self.suspended = False
        """The same as `paused`, for another reason: it is silent while there is any."""
        self.mark = Mark()
        self.pulls = 0
        """How often the device has asked."""
        self.underruns = 0
        """How often the device asked for sound that was not there."""
        self.silence = 0
        """Frames of silence that the device has taken since the last frame of sound."""
        self._posted: Line | None = None
        self._line: Line | None = None
        self._old: Line | None = None  # what is being left
        self._crossed = 0  # frames of crossing over that are done
        self._stopped = self._dry = False
        self._fade = Fade(FADE, level=FADE)

    @property
    def position(self) -> int:
        """The frame of the session that the device takes next; after a jump, the one that was jumped to."""
        mark, line = self.mark, self._posted
        return line.position if line and line.track != mark.track else mark.position

    @property
    def ahead(self) -> int:
        """Frames that are ready and not yet taken; none as long as there is not enough to begin with."""
        mark, line = self.mark, self._posted
        if line is None or (mark.track < 0 and not _primed(line)):
            return 0
        if self._line and self._old and self._line.ready:  # until it has crossed over it takes up nothing else
            return self._line.ready
        if line is self._line or line.track != mark.track:
            return line.ready
        return max(0, line.until - mark.position)

    @property
    def ended(self) -> bool:
        """Whether all has been put."""
        return self._posted is not None and self._posted.ended

    @property
    def finished(self) -> bool:
        """Whether every frame was taken, and no more will come."""
        mark, line = self.mark, self._posted
        if line is None or not line.ended or line.track != mark.track:
            return False
        return not line.ready or (line is not self._line and mark.position >= line.until)

    def post(self, line: Line) -> None:
        """Have this heard from now on. It may be filled further, as long as it is the last that was posted."""
        self._posted = line

    def stop(self) -> None:
        """Fade out; from then on there is only silence."""
        self._stopped = True

    def take(self, count: int) -> Block:
        """The next `count` frames; silence where there is nothing. For the device: it never waits and never raises."""
        self.pulls += 1
        out = silence(count)
        audible = not (self.paused or self.suspended or self._stopped)
        wanted = count if audible else min(count, self._fade.level)
        self._change_over(wanted)
        filled = self._copy(out[:wanted])
        self._cross(out[:filled])
        self._fade.apply(out[:filled], rising=audible)
        if filled < wanted and not audible:
            self._fade.level = 0
        self._note(wanted, filled)
        self.silence = count - filled + (0 if filled else self.silence)
        self.mark = self.mark._replace(beyond=self.mark.beyond + count - filled)
        return out

    def _change_over(self, wanted: int) -> None:
        """Take up the line that was posted last, once it holds enough to be heard without a gap."""
        line, old, mark = self._posted, self._line, self.mark
        if line is None or line is old or (self._old and wanted and old and old.ready):
            return
        ended, put = line.ended, line.put_in_all  # before looking: the pump goes on meanwhile
        same = line.track == mark.track
        reached = line.skip_to(mark.position) if same else True
        enough = min(wanted, PRIME) if old else PRIME
        if not ended and not (reached and put - line.taken >= enough):
            return
        self._line = line
        # A line that was used up while it crossed over was to be replaced itself: what comes goes on with that.
        if not (self._old and wanted and same):
            # In silence there is nothing to cross over from; nor is there before the first sound.
            self._old, self._crossed = (old if wanted else None), 0
        if not same:
            self.mark = mark._replace(track=line.track, position=line.position, landed=line.position)

    def _copy(self, out: Block) -> int:
        """Move ready frames into `out`; how many there were."""
        done = 0
        position, heard, beyond, waiting = self.mark.position, self.mark.heard, self.mark.beyond, self.mark.waiting
        for piece in self._line.take(len(out)) if self._line else ():
            count = len(piece.block)
            out[done : done + count] = piece.block
            done += count
            position, waiting = piece.until, not piece.session
            heard, beyond = (heard + count, 0) if piece.session else (heard, beyond + count)
        self.mark = self.mark._replace(position=position, heard=heard, beyond=beyond, waiting=waiting)
        return done

    def _cross(self, out: Block) -> None:
        """Go over from the old line to the new one, whose frames are in `out`.

        Where both are the same the sound stays bit for bit what it is. Another track brings a rise of its own with it.
        """
        if self._old is None or self._line is None:
            return
        count = min(len(out), FADE - self._crossed)
        new, old, same = out[:count], silence(count), self._old.track == self._line.track
        left = _fill(old, self._old)
        if same and not self._old.ended:  # it was used up, as the pump fills the new one: that goes on from there
            old[left:] = new[left:]
        gain = _RISING[self._crossed : self._crossed + count]
        new[:] = old + gain * (new - old) if same else new + (1 - gain) * old
        self._crossed += count
        if self._crossed == FADE:
            self._old = None

    def _note(self, wanted: int, filled: int) -> None:
        """Count the times that sound was due and was not there, each once however long it lasts."""
        dry = filled < wanted and self._line is not None and not self._line.ended
        self.underruns += dry and not self._dry
        self._dry = dry


def _primed(line: Line) -> bool:
    return line.ended or line.put_in_all >= PRIME


def _fill(out: Block, line: Line) -> int:
    """Take the next frames of a line, as many as there are; how many that is."""
    done = 0
    for piece in line.take(len(out)):
        out[done : done + len(piece.block)] = piece.block
        done += len(piece.block)
    return done
