"""A short sound to be judged by ear, played or written as a session would be: a voice's sentence, a background."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from audioguide.mixer import Stems
from audioguide.sound.block import Block, scaled, silence
from audioguide.sound.envelope import swell
from audioguide.sound.sound import Sound
from audioguide.timeline.wishing import Wish

_BLOCK = 8192


@dataclass(frozen=True)
class Preview:
    """`frames` frames of a sound that is all there: what the player takes as a source."""

    frames: int
    sound: Callable[[int, int], Block]
    """(start, count) → block."""

    lead_in = 0
    failed = None
    sections = ()

    @property
    def take(self) -> Preview:
        """It has but one version."""
        return self

    @property
    def available(self) -> int:
        """All of it."""
        return self.frames

    def stems(self, start: int, count: int) -> Stems:
        """`count` frames from `start`; all of it is voice."""
        return Stems(self.sound(start, count), silence(count), silence(count))

    def change(self, wish: Wish, position: Callable[[], int]) -> str:
        """There is no hold in it."""
        return "There is no hold to change."

    def let_go(self, position: Callable[[], int]) -> None:
        """Nor is one kept going."""

    def write(self, path: Path, tell: Callable[[int], None] = lambda done: None) -> None:
        """Write it to `path`, in the format that its ending names; `tell` is told the frames written so far.

        RequestError for a wrong name or folder, EnvironmentFailure where the disk or the encoder fails.
        """
        from audioguide.files import staged
        from audioguide.output import Encoder, format_of

        form = format_of(path)
        with staged(path) as (part,), Encoder(part, form) as encoder:
            for start in range(0, self.frames, _BLOCK):
                encoder.write(self.sound(start, min(_BLOCK, self.frames - start)))
                tell(encoder.frames)


def as_in_a_hold(sound: Sound, frames: int) -> Preview:
    """A background that swells in and out as it does in a hold of so many frames, with nobody speaking."""
    return Preview(frames, lambda start, count: scaled(sound.block(start, count), swell(frames, start, count)))
