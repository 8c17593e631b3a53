"""The chimes: a soft bell that releases a hold, and a short one that starts a hold too short for words.

Bells of a few inharmonic partials that die away, the higher the sooner, faded so that their last frame is exactly 0.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np

from audioguide.sound.block import Block, rise
from audioguide.units import RATE, frames, gain

LOUDNESS = -22.0
"""Integrated loudness of a chime in LUFS, 6 LU under speech; of one shorter than 400 ms, with silence after it.

Like with like: the loudest 400 ms of a bell lie about as far above its mean as those of speech do.
"""


@dataclass(frozen=True, slots=True)
class Bell:
    """A bell as data: partials of (hertz, amplitude, seconds until 60 dB down), attack in seconds, gain in dB."""

    level: float
    attack: float
    partials: tuple[tuple[float, float, float], ...]


# A fifth above the drone's tonic: hum, prime, a wide fifth, nominal. Hum and prime carry a phone's loudspeaker.
_RELEASE = Bell(
    level=-17.04,
    attack=0.012,
    partials=((329.6, 0.5, 6.0), (659.3, 1.0, 5.0), (991.0, 0.22, 2.4), (1321.0, 0.30, 1.8), (1978.0, 0.10, 0.8)),
)
_START = Bell(level=-13.95, attack=0.010, partials=((440.0, 0.4, 1.2), (880.0, 1.0, 0.9), (1763.0, 0.15, 0.4)))

_BELLS = {"release": _RELEASE, "start": _START}


@lru_cache(maxsize=8)
def chime(kind: Literal["start", "release"], count: int) -> Block:
    """The chime in `count` frames, read-only. Its level is right for the lengths the timeline asks for."""
    bell = _BELLS[kind]
    time = np.arange(count) / RATE
    hertz, amplitude, fall = (np.array(column)[:, None] for column in zip(*bell.partials, strict=True))
    ring = (amplitude * np.sin(2 * np.pi * hertz * time) * 10.0 ** (-3.0 * time / fall)).sum(axis=0)
    attack = rise(min(frames(bell.attack), count))
    ring[: len(attack)] *= attack
    fade = rise(count * 2 // 5)[::-1]  # long, so that it is heard as dying away
    ring[count - len(fade) :] *= fade
    made = np.repeat((ring * gain(bell.level)).astype(np.float32)[:, None], 2, axis=1)
    made.flags.writeable = False
    return made
