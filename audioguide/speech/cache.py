"""Clips that were spoken before: one file each, named by all that decides how it sounds."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from audioguide.blobs import Blobs
from audioguide.resources import cache_root

ROOM = 1_000_000_000
"""Bytes that clips may take: three hours of speech, all of it different."""


def cache_folder() -> Path:
    """Where clips are kept: below `AUDIOGUIDE_CACHE`, or else below the person's cache folder."""
    return cache_root() / "clips"


@dataclass(frozen=True, slots=True, init=False)
class ClipCache:
    """Clips by key, below one folder. A clip is int16 samples, shape (frames,)."""

    blobs: Blobs

    def __init__(self, folder: Path, room: int = ROOM) -> None:
        object.__setattr__(self, "blobs", Blobs(folder, ".clip", b"agclip\x03\n", room))

    def frames(self, key: str) -> int | None:
        """The length of a clip, read from its header alone; None when it is not there or not whole."""
        length = self.blobs.length(key)
        return None if length is None else length // 2

    def load(self, key: str) -> NDArray[np.int16] | None:
        """A clip; None when it is not there or its samples are not those that were written."""
        samples = self.blobs.get(key)
        return None if samples is None else np.frombuffer(samples, "<i2").astype(np.int16, copy=False)

    def store(self, key: str, clip: NDArray[np.int16]) -> None:
        """Keep a clip, if the folder lets us."""
        self.blobs.put(key, clip.astype("<i2").tobytes())
