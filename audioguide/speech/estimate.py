"""A guess at how long a text takes to say, for lengths that are shown before anything is spoken."""

from __future__ import annotations

import re
from collections.abc import Sequence

from audioguide.units import frames

# Seconds at rate 1.0, fitted by least squares on the clips of 200 calm sentences in the `heart` voice: single clips
# are within 10 % (RMS), whole sessions within 2 %. `tests/bench/voice_level.py` prints how far off they are today.
# Other voices differ in how fast they speak, which their profiles say, and little in the rest.
_COMMA = 0.164
_ENDS = 0.207

_COMMAS = re.compile(r"[,;:—]")


def estimate_frames(sentences: Sequence[str], rate: float, letters: float, pause: float) -> int:
    """About how many frames the sentences take, spoken at that rate with `pause` seconds between them.

    `letters` is how many letters and digits a second the voice speaks at rate 1.0.
    """
    spoken = sum(_seconds(sentence, letters) for sentence in sentences)
    return frames(spoken / rate + pause * (len(sentences) - 1))


def _seconds(sentence: str, letters: float) -> float:
    return _ENDS + sum(map(str.isalnum, sentence)) / letters + _COMMA * len(_COMMAS.findall(sentence))
