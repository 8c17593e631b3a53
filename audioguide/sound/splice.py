"""The backgrounds of a section that was changed while it was heard: each version takes over from the one before."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from audioguide.sound.block import Block, rise, silence
from audioguide.units import frames

FADE = frames(0.3)
"""Frames in which one version becomes the next: a hold that was about to end has gone quiet when it goes on."""

ALL_ALONG = -FADE
"""From here on the first version sounds: it has come in by frame 0."""

_RISE = rise(FADE)


class Lying(Protocol):
    """What lies under a section; frames count from its first."""

    def sounds(self, start: int, count: int) -> bool:
        """Whether anything may sound in `count` frames from `start`."""

    def add(self, start: int, onto: Block) -> None:
        """Add all that sounds from frame `start` on."""


@dataclass(frozen=True, slots=True)
class Spliced:
    """Versions of what lies under a section, each with the frame from which on it takes over; the first long before 0.

    Where two versions are the same, so is what is heard, to the bit.
    """

    versions: tuple[tuple[int, Lying], ...]

    def then(self, since: int, beds: Lying) -> Spliced:
        """With another version from a frame on, whatever was to come after it."""
        return Spliced((*(version for version in self.versions if version[0] < since), (since, beds)))

    def sounds(self, start: int, count: int) -> bool:
        """Whether anything may sound in `count` frames from `start`, in any version."""
        return any(beds.sounds(start, count) for _, beds in self.versions)

    def add(self, start: int, onto: Block) -> None:
        """Add all that sounds from frame `start` on."""
        there = [(since - start, beds) for since, beds in self.versions if since < start + len(onto)]
        whole = [index for index, (first, _) in enumerate(there) if first + FADE <= 0]
        sound = silence(len(onto))
        for first, beds in there[whole[-1] if whole else 0 :]:
            coming = silence(len(onto))
            beds.add(start, coming)
            _take_over(sound, coming, first)
        onto += sound


def _take_over(sound: Block, coming: Block, first: int) -> None:
    """Fade `sound` into what comes, from its frame `first` on, which may lie before it."""
    begin, end = max(first, 0), max(0, min(first + FADE, len(sound)))
    rising = _RISE[begin - first : end - first, np.newaxis]
    sound[begin:end] += rising * (coming[begin:end] - sound[begin:end])
    sound[end:] = coming[end:]
