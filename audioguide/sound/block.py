"""The block contract: how sound is passed from stage to stage.

A *block* is a C-contiguous float32 array of shape (frames, 2), left and right, at `units.RATE`, where ±1.0 is
full scale. Mono (a clip, a gain) has the shape (frames,).
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from functools import cache, lru_cache
from itertools import accumulate
from typing import Generic, TypeVar

from audioguide.arrays import Floats, np
from audioguide.units import MP3_FRAME, RATE, db_to_amplitude, to_frames

Item = TypeVar("Item")

Samples = Floats  # one channel, or a gain for both: shape (frames,)
Block = Floats  # both channels: shape (frames, 2)


FLOOR_LEVEL = -75.0  # dBFS (RMS)
_LOW, _HIGH = 300, 1500  # hertz: every encoder keeps it at this level, and AAC takes half as much for it as up to 4000
_SHORTEST = to_frames(0.02)  # frames: a shorter stretch of zeros is a part of what sounds


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


@cache
def _noise_period() -> Samples:
    """One period of the noise floor: harmonics of equal power and random phases."""
    count = MP3_FRAME // 2 + 1
    hertz = np.arange(count) * RATE / MP3_FRAME
    turns = np.random.Generator(np.random.Philox(1)).random(count)
    wave = np.fft.irfft(((hertz > _LOW) & (hertz < _HIGH)) * np.exp(2j * np.pi * turns), MP3_FRAME)
    level = db_to_amplitude(FLOOR_LEVEL) / float(np.sqrt((wave**2).mean()))
    return np.asarray(wave * level, np.float32)


@lru_cache(maxsize=16)  # grid blocks begin at nine places of the period
def _floor(place: int, count: int) -> Block:
    return np.repeat(np.resize(np.roll(_noise_period(), -place), count)[:, np.newaxis], 2, axis=1)


def fill_silence(sound: Block, start: int) -> Block:
    """`sound`, which begins at the frame `start`, with a noise floor wherever it is silent, faded in 5 ms.

    Nobody hears it, but earphones without a wire sleep in digital silence, and swallow the next syllable. It repeats
    with every MP3 frame, and chapters begin on these: so it is the same wherever a chapter lies and whatever part is
    asked for, and encoded chapters are used again.
    """
    floor = _floor(start % MP3_FRAME, len(sound)).copy()
    if not sound.any():
        return floor
    ends = np.concatenate([[-1], np.flatnonzero((sound[:, 0] != 0) | (sound[:, 1] != 0)), [len(sound)]])
    gaps = np.flatnonzero(np.diff(ends) > _SHORTEST)
    ramp = raised_cosine(to_frames(0.005))[:, np.newaxis]
    sound = sound.copy() if len(gaps) else sound
    for first, last in zip(ends[gaps] + 1, ends[gaps + 1], strict=True):
        if first:
            floor[first : first + len(ramp)] *= ramp
        if last < len(sound):
            floor[last - len(ramp) : last] *= ramp[::-1]
        sound[first:last] = floor[first:last]
    return sound


class Spans(Generic[Item]):
    """Items with a first frame and an end. Those within a stretch are found without a search through all."""

    def __init__(self, spans: Iterable[tuple[int, int, Item]]) -> None:
        self._spans = sorted(spans, key=lambda span: span[0])
        self._starts = [start for start, _, _ in self._spans]
        self._ends = list(accumulate((end for _, end, _ in self._spans), max))  # in order, even if spans overlap

    def within(self, start: int, stop: int) -> Sequence[tuple[int, int, Item]]:
        """First frame, end and item of all that may overlap `start` to `stop`, by first frame."""
        return self._spans[bisect_right(self._ends, start) : bisect_left(self._starts, stop)]
