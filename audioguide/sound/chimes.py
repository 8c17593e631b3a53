"""The chimes: one that releases a hold, and a short one that starts a hold too short for words.

Each is a sum of a few inharmonic partials that decay, the higher ones faster, and ends in exactly 0.
"""

from functools import cache, lru_cache
from typing import Literal

import numpy as np

from audioguide.model.routine import Chime
from audioguide.sound.block import Block, raised_cosine, silence
from audioguide.units import RATE, db_to_amplitude, to_frames

# Integrated loudness of a chime in LUFS, 6 LU under speech; one shorter than 400 ms is measured with silence after it.
LOUDNESS = -22.0

# Gain in dB, attack in seconds, partials of (hertz, amplitude, seconds until 60 dB down).
_CHIMES: dict[tuple[Chime, str], tuple[float, float, tuple[tuple[float, float, float], ...]]] = {
    # A fifth above the drone's tonic: hum, prime, a wide fifth, nominal. Hum and prime carry a phone's loudspeaker.
    ("bell", "release"): (
        -17.10,
        0.012,
        ((329.6, 0.5, 6.0), (659.3, 1.0, 5.0), (991.0, 0.22, 2.4), (1321.0, 0.30, 1.8), (1978.0, 0.10, 0.8)),
    ),
    ("bell", "start"): (-13.90, 0.010, ((440.0, 0.4, 1.2), (880.0, 1.0, 0.9), (1763.0, 0.15, 0.4))),
    # The modes of a singing bowl, as in the background of that name: each is two tones a few hertz apart, so that it
    # beats. The mallet is felt, so the attack is slow.
    ("bowl", "release"): (
        -18.00,
        0.030,
        ((220, 0.8, 7.0), (221.1, 0.3, 7.0), (607, 1.0, 5.0), (608.3, 0.3, 5.0), (1139, 0.22, 2.6), (1142, 0.1, 2.6)),
    ),
    ("bowl", "start"): (-13.70, 0.020, ((440.0, 0.6, 2.0), (443.4, 0.3, 2.0), (1214.0, 0.6, 1.0), (1222.0, 0.3, 1.0))),
    # A bar of rosewood over a tube, as in a marimba, tuned 1 : 4 : 9.9 (Fletcher and Rossing, "The Physics of Musical
    # Instruments", 19.4): short, so that it is over when the words start.
    ("wood", "release"): (
        -12.53,
        0.008,
        ((392, 1.0, 2.0), (1568, 0.22, 0.6), (3880, 0.02, 0.2), (196, 0.2, 1.5)),
    ),
    # A soft tick, 21 LU under speech: it marks each second of a hold.
    ("wood", "tick"): (-19.25, 0.005, ((1174.7, 1.0, 0.12), (4698.0, 0.1, 0.04))),
    ("wood", "start"): (-12.45, 0.008, ((587.3, 1.0, 0.8), (2349.0, 0.18, 0.3), (5814.0, 0.005, 0.1))),
}

DESCRIPTIONS: dict[Chime, str] = {
    "bell": "A soft bell that dies away.",
    "bowl": "A small singing bowl, struck with felt.",
    "wood": "A bar of rosewood: short and warm.",
}


@lru_cache(maxsize=8)
def render_chime(sound: Chime, kind: Literal["start", "release", "tick"], count: int) -> Block:
    """The chime in `count` frames, read-only. Its level is right for the lengths that the timeline uses."""
    level, attack_seconds, partials = _CHIMES[sound, kind]
    time = np.arange(count) / RATE
    hertz, amplitude, fall = (np.array(column)[:, None] for column in zip(*partials, strict=True))
    ring = (amplitude * np.sin(2 * np.pi * hertz * time) * 10.0 ** (-3.0 * time / fall)).sum(axis=0)
    attack = raised_cosine(min(to_frames(attack_seconds), count))
    ring[: len(attack)] *= attack
    fade = raised_cosine(count // 2)[::-1]  # long, so that it sounds like a decay
    ring[count - len(fade) :] *= fade
    block = np.repeat((ring * db_to_amplitude(level)).astype(np.float32)[:, None], 2, axis=1)
    block.flags.writeable = False
    return block


Answer = Literal["up", "down", "double", "on", "back", "count"]

# Hertz, gain in dB, glide in octaves a second, first frames of the ticks. 10 LU under speech, measured as a chime is; a
# count is softer, since it comes again and again. On and back are for what moves, up and down for what is set.
_ANSWERS: dict[Answer, tuple[float, float, float, tuple[int, ...]]] = {
    "up": (988.0, -10.05, 7.0, (0,)),
    "down": (988.0, -9.75, -7.0, (0,)),
    "double": (988.0, -12.85, 0.0, (0, to_frames(0.14))),
    "on": (587.3, -9.35, 7.0, (0,)),
    "back": (587.3, -9.25, -7.0, (0,)),
    "count": (988.0, -15.85, 0.0, (0,)),
}
_ANSWER = to_frames(0.12)


@cache
def render_answer(kind: Answer) -> Block:
    """What answers a key in the ear: a soft tick whose pitch rises or falls, or two of one pitch; read-only."""
    hertz, level, glide, starts = _ANSWERS[kind]
    time = np.arange(_ANSWER) / RATE
    ring = np.sin(2 * np.pi * hertz * time * 2.0 ** (glide * time / 2)) * 10.0 ** (-2.0 * time / 0.12)
    attack, fade = raised_cosine(to_frames(0.006)), raised_cosine(_ANSWER // 2)[::-1]
    ring[: len(attack)] *= attack
    ring[-len(fade) :] *= fade
    block = silence(starts[-1] + _ANSWER)
    for start in starts:
        block[start : start + _ANSWER] += (ring * db_to_amplitude(level)).astype(np.float32)[:, None]
    block.flags.writeable = False
    return block
