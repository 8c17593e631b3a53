"""How fast the mixer is on one core, with everything in the mix: `python tests/bench/mixing.py`.

Prints how many times faster than real time a 20-minute session is mixed in blocks of 8192 frames, once with speech at
its level, where the limiter only looks, and once 6 dB louder, where it acts.
"""

from __future__ import annotations

import time
from functools import lru_cache

import numpy as np

from audioguide.mixer import GRID, Mixer
from audioguide.sound.block import rise
from audioguide.timeline.model import KINDS, Chapter, Cue, Section, Utterance
from audioguide.units import RATE, frames, gain, on_grid

CHIME = frames(1.2)


@lru_cache(maxsize=32)
def clip(count: int, level: float) -> np.ndarray:
    """Four syllables a second of a voice-like buzz, at -19 dBFS RMS and `level` dB above."""
    time_axis = np.arange(count) / RATE
    buzz = sum(np.sin(2 * np.pi * 140 * harmonic * time_axis) / harmonic for harmonic in range(1, 30))
    buzz *= 0.6 - 0.4 * np.cos(2 * np.pi * 4 * time_axis)
    edge = rise(221)
    buzz[:221] *= edge
    buzz[-221:] *= edge[::-1]
    return (buzz / np.sqrt((buzz**2).mean()) * gain(-19 + level)).astype(np.float32)


def pose(start: int) -> Section:
    """About 55 seconds: 12 of instructions, a hold of 40 with nine words in it, a chime, a release."""
    hold = start + frames(12.5)
    words = [(0.5, 11.0, "instructions"), *((12.5 + at, 0.7, "breath") for at in (0, 4, 10, 14, 20, 30, 37, 38, 39))]
    words.append((53.3, 1.5, "release"))
    cues = [
        Cue("speech", start + frames(at), frames(length), role=role, text=str(frames(length)))
        for at, length, role in words
    ]
    cues.append(Cue("hold", hold, frames(40), asked=40.0, background="warm-drone"))
    cues.append(Cue("chime", hold + frames(40), CHIME, chime="release"))
    cues.sort(key=lambda cue: (cue.start, KINDS.index(cue.kind)))
    return Section(Chapter("Pose", start, on_grid(start + frames(55.5))), tuple(cues))


def measure(level: float) -> float:
    """Seconds of sound mixed in one second of processor time."""

    def clip_for(utterance: Utterance) -> np.ndarray:
        return clip(int(utterance.text), level)

    mixer = Mixer(clip_for)
    while mixer.available < frames(1200):
        mixer.add(pose(mixer.available))
    mixer.block(0, frames(60))  # makes the clips and the chime
    start = time.process_time()
    for first in range(0, mixer.available, GRID):
        mixer.block(first, min(GRID, mixer.available - first))
    return mixer.available / RATE / (time.process_time() - start)


if __name__ == "__main__":
    for level, label in ((0.0, "speech at its level"), (6.0, "6 dB louder, limiter acting")):
        print(f"mixing, {label}: {max(measure(level) for _ in range(3)):.0f} x real time")
