"""A noise floor that nobody hears: earphones without a wire sleep in digital silence, and swallow the next syllable.

It repeats with every MP3 frame, and chapters begin on these. So it is the same wherever a chapter lies, any part of a
session has it alike, and encoded chapters are used again.
"""

from functools import cache

import numpy as np

from audioguide.sound.block import Block, Samples, raised_cosine
from audioguide.units import MP3_FRAME, RATE, db_to_amplitude, to_frames

LEVEL = -75.0  # dBFS (RMS)
LOW, HIGH = 300, 1500  # hertz: every encoder keeps it at this level, and AAC takes half as much for it as up to 4000
SHORTEST = to_frames(0.02)  # frames: a shorter stretch of zeros is a part of what sounds
_RAMP = raised_cosine(to_frames(0.005))


@cache
def _period() -> Samples:
    """One period, by harmonics of equal power and random phases."""
    count = MP3_FRAME // 2 + 1
    hertz = np.arange(count) * RATE / MP3_FRAME
    turns = np.random.Generator(np.random.Philox(1)).random(count)
    wave = np.fft.irfft(((hertz > LOW) & (hertz < HIGH)) * np.exp(2j * np.pi * turns), MP3_FRAME)
    level = db_to_amplitude(LEVEL) / float(np.sqrt((wave**2).mean()))
    return np.asarray(wave * level, np.float32)


def fill_silence(sound: Block, start: int) -> Block:
    """`sound`, which begins at the frame `start`, with the noise floor wherever it is silent, faded in 5 ms."""
    sounding = np.flatnonzero(sound.any(axis=1))
    ends = np.concatenate([[-1], sounding, [len(sound)]])
    gaps = np.flatnonzero(np.diff(ends) > min(SHORTEST, len(sound)))
    if len(gaps):
        sound = sound.copy()
    for first, last in zip(ends[gaps] + 1, ends[gaps + 1], strict=True):
        floor = _period()[np.arange(start + first, start + last) % MP3_FRAME]
        if first:
            floor[: len(_RAMP)] *= _RAMP[: len(floor)]
        if last < len(sound):
            floor[-len(_RAMP) :] *= _RAMP[::-1][-len(floor) :]
        sound[first:last] = floor[:, np.newaxis]
    return sound
