"""Stand-ins for parts that are slow or need hardware, as deterministic as the tests that use them."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from audioguide.model.timeline import Utterance
from audioguide.units import RATE, to_frames

BEFORE, AFTER = 441, 2646
"""Frames of a clip before its first and after its last sample above −66 dBFS: 10 and 60 ms, as in a real clip."""


@dataclass(frozen=True)
class FakeVoice:
    """Speaks every text at one pace, as a tone at −19 dBFS RMS; `measure` and `clip_for` always agree.

    Like a real clip, it starts and ends at 0, and crosses −66 dBFS exactly `BEFORE` and `AFTER` frames from its ends.
    """

    characters_per_second: float = 15.0
    least: float = 0.2

    def measure(self, utterance: Utterance) -> int:
        """Length of the clip in frames."""
        return to_frames(self.least + len(utterance.text) / self.characters_per_second)

    @lru_cache(maxsize=64)  # noqa: B019 – voices are few, and equal ones share what was made
    def clip_for(self, utterance: Utterance) -> np.ndarray:
        """The clip: float32, mono, shape (frames,), read-only."""
        count = self.measure(utterance)
        # Whole half-waves between the two margins, so that the wave is at its peak where each margin ends.
        span = count - 1 - BEFORE - AFTER
        half_waves = max(2, round(2 * 220 * span / RATE))
        wave = np.cos(np.pi * half_waves * (np.arange(count) - BEFORE) / span)
        envelope = np.full(count, math.sqrt(2) * 10 ** (-19 / 20))
        for end, margin, fade in ((envelope, BEFORE, 220), (envelope[::-1], AFTER, 1764)):
            under = np.full(margin, 0.00049)  # just under −66 dBFS
            under[:fade] *= 0.5 - 0.5 * np.cos(np.pi * np.arange(fade) / fade)
            rise = np.concatenate([under, np.geomspace(0.00052, 1.0, 882)])  # just over it, and up within 20 ms
            np.minimum(end[: len(rise)], rise, out=end[: len(rise)])
        clip = (wave * envelope).astype(np.float32)
        clip.flags.writeable = False
        return clip


class FakeSpeaker(FakeVoice):
    """The same as the speaker of a session (`speech.speaker.Speaker`), ready at once."""

    def clip_key(self, utterance: Utterance) -> str:
        """What the clip depends on."""
        return f"{utterance.role} {utterance.text!r}"

    def prefetch(self, utterances: Iterable[Utterance]) -> None:
        """There is nothing to prepare."""

    def unload(self) -> None:
        """There is nothing to give back."""

    def close(self) -> None:
        """There is nothing to end."""
