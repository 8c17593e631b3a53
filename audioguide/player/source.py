"""What is played: a session that may still be in the making."""

from __future__ import annotations

from typing import Protocol

from audioguide.sound.block import Block


class Source(Protocol):
    """A session's sound by frame. It grows while it is played; what is available never changes.

    What becomes available ends in silence (whole sections do), so that a wait between two of them cuts nothing off.
    """

    @property
    def lead_in(self) -> int:
        """Frames of silence that the session begins with."""

    @property
    def available(self) -> int:
        """Frames from 0 on that can be asked for now."""

    @property
    def frames(self) -> int | None:
        """Length of the whole session; None until it is known."""

    @property
    def failed(self) -> BaseException | None:
        """Why there will be no more frames, or None while all is well."""

    def block(self, start: int, count: int) -> Block:
        """`count` frames from frame `start`, with `start + count <= available`. It may be read-only."""
