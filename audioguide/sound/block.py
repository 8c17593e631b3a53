"""The block contract: how sound is passed from stage to stage.

A *block* is a C-contiguous float32 array of shape (frames, 2), left and right, at `units.RATE`, where ±1.0 is
full scale. Mono (a clip, a gain) has the shape (frames,).
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import accumulate
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

Item = TypeVar("Item")

Samples = NDArray[np.float32]  # one channel, or a gain for both: shape (frames,)
Block = NDArray[np.float32]  # both channels: shape (frames, 2)


def silence(count: int) -> Block:
    """A block of `count` frames of digital silence."""
    return np.zeros((count, 2), np.float32)


@lru_cache(maxsize=8)
def zeros_view(count: int) -> Block:
    """Digital silence without its cost: a read-only view of a single zero, of shape (count, 2)."""
    return np.broadcast_to(np.float32(0), (count, 2))


def is_silent_view(block: Block) -> bool:
    """Whether a block is a `zeros_view`, or a part of one."""
    return block.strides[0] == 0


def raised_cosine(count: int) -> Samples:
    """A raised cosine of `count` frames, from exactly 0 to just before 1; reversed, it falls to exactly 0."""
    return (0.5 - 0.5 * np.cos(np.pi * np.arange(count) / max(count, 1))).astype(np.float32)


def apply_gain(block: Block, gain: Samples) -> Block:
    """`block` with one gain on both channels."""
    result = np.empty_like(block)
    for channel in (0, 1):  # one at a time is more than twice as fast
        np.multiply(block[:, channel], gain, out=result[:, channel])
    return result


def add_mono(clip: Samples, onto: Block) -> None:
    """Add a mono clip to both channels of `onto`."""
    onto[:, 0] += clip
    onto[:, 1] += clip


class Spans(Generic[Item]):
    """Items with a first frame and an end. Those within a stretch are found without a search through all."""

    def __init__(self, spans: Iterable[tuple[int, int, Item]]) -> None:
        self._spans = sorted(spans, key=lambda span: span[0])
        self._starts = [start for start, _, _ in self._spans]
        self._ends = list(accumulate((end for _, end, _ in self._spans), max))  # in order, even if spans overlap

    def within(self, start: int, stop: int) -> Sequence[tuple[int, int, Item]]:
        """First frame, end and item of all that may overlap `start` to `stop`, by first frame."""
        return self._spans[bisect_right(self._ends, start) : bisect_left(self._starts, stop)]
