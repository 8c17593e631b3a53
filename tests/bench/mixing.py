"""How fast the mixer is on one core, with everything in the mix: `python tests/bench/mixing.py [BACKGROUND ...]`.

Prints how many times faster than real time a 20-minute session is mixed in blocks of 8192 frames, with each background:
once with speech at its level, where the limiter only looks, and once 6 dB louder, where it acts. Then the background
alone, and the milliseconds until its first block.
"""

from __future__ import annotations

import sys
import time
from dataclasses import replace
from functools import lru_cache

import numpy as np
from rows import Row, Settings, row

from audioguide.model.routine import BackgroundSpec
from audioguide.model.timeline import KINDS, Chapter, Cue, Section, Utterance
from audioguide.sound import background as backgrounds
from audioguide.sound.block import raised_cosine
from audioguide.sound.mixer import GRID, Mixer
from audioguide.units import RATE, align_to_grid, db_to_amplitude, to_frames

CHIME = to_frames(1.0)


@lru_cache(maxsize=32)
def clip(count: int, level: float) -> np.ndarray:
    """Four syllables a second of a voice-like buzz, at -19 dBFS RMS and `level` dB above."""
    time_axis = np.arange(count) / RATE
    buzz = sum(np.sin(2 * np.pi * 140 * harmonic * time_axis) / harmonic for harmonic in range(1, 30))
    buzz *= 0.6 - 0.4 * np.cos(2 * np.pi * 4 * time_axis)
    edge = raised_cosine(221)
    buzz[:221] *= edge
    buzz[-221:] *= edge[::-1]
    return (buzz / np.sqrt((buzz**2).mean()) * db_to_amplitude(-19 + level)).astype(np.float32)


def pose(start: int, background: str) -> Section:
    """About 55 seconds: 12 of instructions, a hold of 40 with nine words in it, a chime, a release."""
    hold = start + to_frames(12.5)
    words = [(0.5, 11.0, "instructions"), *((12.5 + at, 0.7, "breath") for at in (0, 4, 10, 14, 20, 30, 37, 38, 39))]
    words.append((53.3, 1.5, "release"))
    cues = [
        Cue("speech", start + to_frames(at), to_frames(length), role=role, text=str(to_frames(length)))
        for at, length, role in words
    ]
    cues.append(Cue("hold", hold, to_frames(40), asked=40.0, background=BackgroundSpec(background)))
    for breath in range(4):
        start_of_it = hold + breath * to_frames(10)
        cues.append(Cue("breath", start_of_it, to_frames(4), phase="in"))
        cues.append(Cue("breath", start_of_it + to_frames(4), to_frames(6), phase="out"))
    cues.append(Cue("chime", hold + to_frames(40), CHIME, chime="release", sound="bell"))
    cues.sort(key=lambda cue: (cue.start, KINDS.index(cue.kind)))
    return Section(Chapter("Pose", start, align_to_grid(start + to_frames(55.5))), tuple(cues))


def speed(background: str, level: float) -> float:
    """Seconds of sound mixed in one second of processor time."""

    def clip_for(utterance: Utterance) -> np.ndarray:
        return clip(int(utterance.text), level)

    mixer = Mixer(clip_for)
    while mixer.available < to_frames(1200):
        mixer.add(pose(mixer.available, background))
    mixer.block(0, to_frames(60))  # makes the clips and the chime
    start = time.process_time()
    for first in range(0, mixer.available, GRID):
        mixer.block(first, min(GRID, mixer.available - first))
    return mixer.available / RATE / (time.process_time() - start)


def measure_alone(background: str) -> tuple[float, float]:
    """Milliseconds until the first block, and seconds of the background made in one second, of processor time."""
    start = time.process_time()
    sound = backgrounds.find_background(background).make_source()
    sound.block(0, GRID)
    first = time.process_time() - start
    start = time.process_time()
    for index in range(1, 1000):
        sound.block(index * GRID, GRID)
    return 1000 * first, 999 * GRID / RATE / (time.process_time() - start)


def measure(settings: Settings) -> list[Row]:
    """Each background in the mix of 20 minutes; the slowest is what the bound is for."""
    how = "20 minutes of speech, holds and chimes in blocks of 8192 frames, seconds of sound in one of the processor"
    rows = [
        row(name, [speed(name, 0.0) for _ in range(settings.rounds(3))], "x real time", how, least=600)
        for name in backgrounds.background_names()
        if name != "music"
    ]
    slowest = min(rows, key=lambda made: made.figure)
    first = replace(slowest, what="mixing, slowest background", how=f"{slowest.what}; {slowest.how}")
    return [first, *(replace(made, what=f"mixing, {made.what}") for made in rows)]


if __name__ == "__main__":
    chosen = sys.argv[1:] or [name for name in backgrounds.background_names() if name != "music"]
    print(f"{'x real time':<16}{'layers':>8}{'mixing':>8}{'limited':>9}{'alone':>8}{'first block':>13}")
    for name in chosen:
        first, alone = measure_alone(name)
        mixed, limited = (max(speed(name, level) for _ in range(3)) for level in (0.0, 6.0))
        layers = len(backgrounds.find_background(name).layers)
        print(f"{name:<16}{layers:>8}{mixed:>8.0f}{limited:>9.0f}{alone:>8.0f}{first:>10.0f} ms")
