"""A line of blocks that wait to be heard: the pump puts them in at one end, the device takes them out at the other."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

from audioguide.sound.block import Block


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
