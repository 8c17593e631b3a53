"""The clips that were asked for last, as they are heard: few enough to fit into memory, however long each is."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from audioguide.timeline.model import Utterance

CLIPS = 16
SAMPLES = 8_000_000
"""32 MB: three minutes of speech. The longest text that may be written takes more, and is kept alone."""

Clip = NDArray[np.float32]


class RecentClips:
    """Clips by utterance, made by `make` when they are not there; any number of threads may ask."""

    def __init__(self, make: Callable[[Utterance], Clip]) -> None:
        self._make = make
        self._clips: OrderedDict[Utterance, Clip] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, utterance: Utterance) -> Clip:
        """The clip; what `make` raises goes through."""
        with self._lock:
            if utterance in self._clips:
                self._clips.move_to_end(utterance)
                return self._clips[utterance]
        clip = self._make(utterance)
        with self._lock:
            self._clips[utterance] = clip
            while len(self._clips) > CLIPS or (len(self._clips) > 1 and self._samples() > SAMPLES):
                self._clips.popitem(last=False)
        return clip

    def __len__(self) -> int:
        return len(self._clips)

    def _samples(self) -> int:
        return sum(clip.size for clip in self._clips.values())
