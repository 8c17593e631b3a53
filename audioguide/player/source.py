"""What is played: a session that may still be in the making, and whose holds may change while it is heard."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from audioguide.model.timeline import Section
from audioguide.sound.mixer import Stems
from audioguide.timeline.edit_hold import EditCommand


class Take(Protocol):
    """One version of a session. It grows while it is made; what is available never changes.

    What becomes available ends in silence (whole sections do), so that a wait between two of them cuts nothing off.
    """

    @property
    def sections(self) -> Sequence[Section]:
        """The sections so far, contiguous from frame 0."""

    @property
    def available(self) -> int:
        """Frames from 0 on that can be asked for now."""

    @property
    def frames(self) -> int | None:
        """Length of the whole session; None until it is known."""

    def stems(self, start: int, count: int) -> Stems:
        """`count` frames from frame `start`, with `start + count <= available`. They may be read-only."""


class Source(Protocol):
    """A session as it is played."""

    @property
    def lead_in(self) -> int:
        """Frames of silence that the session begins with."""

    @property
    def take(self) -> Take:
        """The version in force. It is replaced as a whole when a hold was changed: up to the frame that was heard by
        then, and a little further, both versions are the same.
        """

    @property
    def failed(self) -> BaseException | None:
        """Why there will be no more frames, or None while all is well."""

    def change(self, wish: EditCommand, position: Callable[[], int]) -> str:
        """Change the hold that is heard, or else the one that comes next in its section; `position` tells, at any
        time, the next frame that the device will take. Returns at once, with what a listener is told of it
        ("Child's pose: 35 s"); the new take follows as soon as its first section is made.
        """

    def let_go(self, position: Callable[[], int]) -> None:
        """End the hold that is kept going, if there is one, as that is left; returns when the new take is in force."""
