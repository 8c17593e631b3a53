"""The feed: what is ready to be heard, between the pump that fills it and the device that drains it.

The pump puts pieces into a line, and the device takes them out at the other end; what it has not begun, the pump can
take back. For a jump the pump posts another line, which the device takes up with its next pull: one crosses over to the
other in 20 ms. Volumes are applied to what is taken, so they are heard as soon.

One thread puts, one thread takes, a third may pause: each figure is written by one thread only, so nothing here waits
for a lock, and the device's callback only adds up and copies.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from audioguide.sound.block import Block, Samples, is_silent_view, silence
from audioguide.sound.mixer import Stems
from audioguide.units import to_frames

FADE = to_frames(0.020)
"""Pausing, resuming, stopping, changing over and changing volumes take this long, so that none of them clicks."""

PRIME = to_frames(0.2)
"""The device gets silence until this much is ready, so that the first block is not the last for a moment."""


def raised_cosine_gains(length: int) -> Samples:
    """The raised cosine of a fade of `length` frames: above 0 on the first of them, exactly 1 on the last."""
    return _raised(length, np.arange(1, length + 1))


def _raised(length: int, levels: NDArray[np.int64]) -> Samples:
    gains: Samples = (0.5 - 0.5 * np.cos(np.pi / length * levels)).astype(np.float32)
    return gains


_RISING = raised_cosine_gains(FADE)[:, np.newaxis]


class Fade:
    """A raised-cosine fade of `length` frames, which can turn back midway; `level` counts from 0 (silence) to `length`
    (full level).
    """

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
            block *= _raised(self.length, levels)[:, np.newaxis]
            self.level = int(levels[-1]) if count else self.level


@dataclass(frozen=True, slots=True)
class StemGains:
    """Factors for the voice, with the chimes, and for the background."""

    voice: float = 1.0
    background: float = 1.0

    def mix(self, stems: Stems) -> Block:
        """What is heard of stems; with no change in volume their very mix."""
        factors = zip(stems.parts, (self.voice, self.background, self.voice), strict=True)
        parts = (part if factor == 1 or is_silent_view(part) else part * np.float32(factor) for part, factor in factors)
        return stems.mix if self == StemGains() else Stems(*parts).mix


@dataclass(frozen=True, slots=True)
class QueuedBlock:
    """Sound, and the frame of the session that it begins with; or that it comes before, if it is not of the session.

    `before` is the pump's: how things stood before it was put.
    """

    stems: Stems
    position: int
    session: bool
    before: Any = None

    def __len__(self) -> int:
        return len(self.stems.voice)

    def cut(self, first: int, last: int) -> QueuedBlock:
        """Its frames from `first` to `last`."""
        return QueuedBlock(self.stems.cut(first, last), self.position + first * self.session, self.session)


class BlockQueue:
    """Pieces in order, from frame `position` of the session on. One thread puts and takes back, another one takes."""

    def __init__(self, position: int) -> None:
        self.position = position
        self.ended = False
        """Whether all has been put."""
        self.put_in_all = 0
        """Frames that have been put, and not taken back."""
        self.taken = 0
        """Frames that have been taken."""
        self._pieces: deque[QueuedBlock] = deque()  # that nobody has begun to take
        self._begun: QueuedBlock | None = None
        self._used = 0  # frames of that one that are taken already

    @property
    def ready(self) -> int:
        """Frames that can be taken."""
        return self.put_in_all - self.taken

    def put(self, piece: QueuedBlock) -> None:
        """Add a piece."""
        self._pieces.append(piece)
        self.put_in_all += len(piece)

    def take_back(self, but: int) -> QueuedBlock | None:
        """Take back all that nobody has begun to take `but` the first few pieces; the first of what came back."""
        self.ended, first = False, None
        while len(self._pieces) > but:
            try:
                first = self._pieces.pop()
            except IndexError:  # taken just now
                break
            self.put_in_all -= len(first)
        return first

    def take(self, count: int) -> Iterator[QueuedBlock]:
        """Up to `count` frames, in pieces."""
        while count:
            if self._begun is None or self._used == len(self._begun):
                try:
                    self._begun, self._used = self._pieces.popleft(), 0
                except IndexError:
                    return
            piece = self._begun.cut(self._used, min(len(self._begun), self._used + count))
            count -= len(piece)
            self._used += len(piece)
            self.taken += len(piece)
            yield piece


class Playhead(NamedTuple):
    """How far the device is: one value, so that another thread sees figures that belong together."""

    position: int = 0
    """The frame of the session that it takes next."""
    landed: int = 0
    """The frame of the session that its line began with."""
    frames_played: int = 0
    """Session frames that it has taken."""
    beyond: int = 0
    """Frames of anything else that it has taken since the last frame of the session."""
    waiting: bool = True
    """Whether what sounds now is not the session, because the session is not ready."""


class PlaybackBuffer:
    """Sound in the order it is heard. Every frame of a line is taken exactly once."""

    def __init__(self, gains: StemGains = StemGains()) -> None:
        self.gains = gains
        """The volumes that are wanted."""
        self.paused = False
        self.suspended = False
        """The same as `paused`, for another reason: it is silent while there is any."""
        self.playhead = Playhead()
        self.pulls = 0
        """How often the device has asked."""
        self.underruns = 0
        """How often the device asked for sound that was not there."""
        self.silence = 0
        """Frames of silence that the device has taken since the last frame of sound."""
        self._posted: BlockQueue | None = None
        self._line: BlockQueue | None = None
        self._old: BlockQueue | None = None  # what is being left
        self._crossed = 0  # frames of crossing over that are done
        self._gains = self._before = gains  # the volumes that are heard, and those before
        self._turned = FADE  # frames of going over to them that are done
        self._stopped = self._dry = False
        self._fade = Fade(FADE, level=FADE)

    @property
    def position(self) -> int:
        """The frame of the session that the device takes next; after a jump, the one that was jumped to."""
        line = self._posted
        return self.playhead.position if line is None or line is self._line else line.position

    @property
    def ahead(self) -> int:
        """Frames that are ready and not yet taken; none as long as there is not enough to begin with."""
        line = self._posted
        return line.ready if line and (self._line or line.ended or line.ready >= PRIME) else 0

    @property
    def ended(self) -> bool:
        """Whether all has been put."""
        return self._posted is not None and self._posted.ended

    @property
    def finished(self) -> bool:
        """Whether every frame was taken, and no more will come."""
        line = self._posted
        return line is not None and line is self._line and line.ended and not line.ready

    def post(self, line: BlockQueue) -> None:
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
        self.playhead = self.playhead._replace(beyond=self.playhead.beyond + count - filled)
        return out

    def _change_over(self, wanted: int) -> None:
        """Take up the line that was posted last, once it holds enough to be heard without a gap, and other volumes."""
        if self._turned == FADE and self.gains != self._gains:
            self._gains, self._before, self._turned = self.gains, self._gains, 0
        line, old = self._posted, self._line
        if line is None or line is old or (self._old and self._old.ready and wanted):
            return
        if line.ended or line.ready >= (min(wanted, PRIME) if old else PRIME):
            # In silence there is nothing to cross over from; nor is there before the first sound.
            self._old, self._crossed = (old if wanted else None), 0
            self.playhead = self.playhead._replace(position=line.position, landed=line.position)
            self._line = line  # last: until then others see where it begins

    def _copy(self, out: Block) -> int:
        """Move ready frames into `out`; how many there were."""
        done = 0
        position, _, heard, beyond, waiting = self.playhead
        for piece in self._line.take(len(out)) if self._line else ():
            count = len(piece)
            self._mix(piece.stems, out[done : done + count])
            done += count
            position, waiting = piece.position + count * piece.session, not piece.session
            heard, beyond = (heard + count, 0) if piece.session else (heard, beyond + count)
        self.playhead = self.playhead._replace(position=position, frames_played=heard, beyond=beyond, waiting=waiting)
        return done

    def _mix(self, stems: Stems, out: Block) -> None:
        """Mix stems into `out`, going over from the volumes before to those that are heard now."""
        out[:] = self._gains.mix(stems)
        if count := min(len(out), FADE - self._turned):
            old, gain = self._before.mix(stems.cut(0, count)), _RISING[self._turned : self._turned + count]
            out[:count] = old + gain * (out[:count] - old)
            self._turned += count

    def _cross(self, out: Block) -> None:
        """Go over from the old line to the new one, whose frames are in `out`: that one has a rise of its own."""
        if self._old is None:
            return
        count = min(len(out), FADE - self._crossed)
        old, done = silence(count), 0
        for piece in self._old.take(count):
            old[done : done + len(piece)] = self._gains.mix(piece.stems)
            done += len(piece)
        out[:count] += (1 - _RISING[self._crossed : self._crossed + count]) * old
        self._crossed += count
        if self._crossed == FADE:
            self._old = None

    def _note(self, wanted: int, filled: int) -> None:
        """Count the times that sound was due and was not there, each once however long it lasts."""
        dry = filled < wanted and self._line is not None and not self._line.ended
        self.underruns += dry and not self._dry
        self._dry = dry
