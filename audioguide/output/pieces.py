"""Where a session is cut into pieces that are encoded apart from one another, and how one is cut out of its encoding.

An MP3 frame without the bit reservoir stands alone, but what is in it depends on the sound around it: the encoder
looks ahead, and its filters remember. So a piece is encoded with a little of what lies before and after it, of which
the frames are thrown away. Measured against a single pass, the joints differ by no more than two passes do elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from audioguide.mp3 import frame_ends
from audioguide.timeline.model import Section
from audioguide.units import MP3_FRAME, on_grid

LENGTH = 1148 * MP3_FRAME
"""Audio frames that a piece should have: 30 seconds."""

BEFORE, AFTER = 2 * MP3_FRAME, 3 * MP3_FRAME
"""Audio frames that are encoded with a piece, and not kept."""

_CLEAR = 4 * MP3_FRAME
"""Audio frames on either side of a cut within a chapter in which nobody speaks, and no chime sounds."""


@dataclass(frozen=True, slots=True)
class Piece:
    """The frames from `first` to `last` of a session, which is known up to `total`: to its end, or beyond the piece."""

    first: int
    last: int
    total: int

    @property
    def start(self) -> int:
        """The first frame that is encoded with it."""
        return max(0, self.first - BEFORE)

    @property
    def stop(self) -> int:
        """The frame after the last one that is encoded with it."""
        return min(self.total, self.last + AFTER)

    def cut_out(self, encoded: bytes) -> bytes:
        """The piece's MP3 frames out of those from `start` to `stop`.

        At the session's end these are all that there are: what the decoder delays comes with them.
        """
        ends = [0, *frame_ends(encoded)]
        first = (self.first - self.start) // MP3_FRAME
        last = len(ends) - 1 if self.last == self.total else first + (self.last - self.first) // MP3_FRAME
        return encoded[ends[first] : ends[last]]


def pieces(section: Section, total: int) -> Iterator[Piece]:
    """A section in pieces of about `LENGTH`; `total` is how far the session is known.

    The first cuts of a section do not move when something changes after them.
    """
    edges = [section.chapter.start, *_cuts(section), section.chapter.end]
    return (Piece(first, last, total) for first, last in pairwise(edges))


def _cuts(section: Section) -> Iterator[int]:
    """Cuts within a section, on the grid of MP3 frames."""
    sounding = [(cue.start - _CLEAR, cue.end + _CLEAR) for cue in section.cues if cue.kind in ("speech", "chime")]
    at = section.chapter.start + LENGTH
    for begin, end in sounding:
        while at <= begin and at + LENGTH // 2 <= section.chapter.end:
            yield at
            at += LENGTH
        if at < end:
            at = max(at, on_grid(end))
    while at + LENGTH // 2 <= section.chapter.end:
        yield at
        at += LENGTH
