"""The block contract: how sound is handed from stage to stage.

A *block* is a C-contiguous float32 array of shape (frames, 2), left and right, at `units.RATE`, where ±1.0 is
full scale. What is mono (a clip, a gain) has the shape (frames,).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.float32]
"""One channel, or a gain for both: shape (frames,)."""

Block = NDArray[np.float32]
"""Both channels: shape (frames, 2)."""

_ZERO = np.float32(0)


def silence(count: int) -> Block:
    """A block of `count` frames of digital silence."""
    return np.zeros((count, 2), np.float32)


def nothing(count: int) -> Block:
    """A read-only block of `count` frames of digital silence that costs nothing: one zero, seen from every place."""
    return np.broadcast_to(_ZERO, (count, 2))


def is_nothing(block: Block) -> bool:
    """Whether a block is one of `nothing`, or a part of one."""
    return block.strides[0] == 0


def rise(count: int) -> Samples:
    """A raised cosine of `count` frames from exactly 0 towards 1, which it would reach on the next frame.

    Reversed it is the fall that ends in exactly 0.
    """
    return (0.5 - 0.5 * np.cos(np.pi * np.arange(count) / max(count, 1))).astype(np.float32)


def scaled(block: Block, gain: Samples) -> Block:
    """`block` with one gain on both channels (one at a time: more than twice as fast as both at once)."""
    made = np.empty_like(block)
    np.multiply(block[:, 0], gain, out=made[:, 0])
    np.multiply(block[:, 1], gain, out=made[:, 1])
    return made


def lay(clip: Samples, onto: Block) -> None:
    """Add one channel to both of `onto`."""
    onto[:, 0] += clip
    onto[:, 1] += clip
