"""What the player needs of a session: it may still be compiled, and its holds may change during playback."""

from collections.abc import Callable, Sequence
from typing import Protocol

from audioguide.model.timeline import Section
from audioguide.sound.mixer import Stems
from audioguide.timeline.edit_hold import EditCommand


class SessionVersion(Protocol):
    """One version of a session, which grows while it is compiled. What is available never changes, and ends in silence,
    as sections do, so that a wait between two sections cuts nothing off.
    """

    @property
    def sections(self) -> Sequence[Section]:
        """The sections so far, contiguous from frame 0."""

    @property
    def available(self) -> int:
        """Frames from 0 on that can be mixed now."""

    @property
    def frames(self) -> int | None:
        """Length of the whole session; None until it is known."""

    def stems(self, start: int, count: int) -> Stems:
        """`count` frames from frame `start`, with `start + count <= available`. They may be read-only."""


class PlayableSession(Protocol):
    """A session that can be played."""

    @property
    def lead_in(self) -> int:
        """Frames of silence that the session begins with."""

    @property
    def version(self) -> SessionVersion:
        """The version in force. A changed hold replaces it as a whole; what was playing then is the same in both."""

    @property
    def failed(self) -> BaseException | None:
        """Why no more frames will come; None while all is well."""

    def edit_hold(self, command: EditCommand, position: Callable[[], int], ended: int | None = None) -> str:
        """Change the current hold, or else the next one in its section. Returns at once, with what to tell the listener
        ("Child's pose: 35 s"); the new version follows as soon as its first section is compiled. `position` tells the
        next frame that the device will take. With `ended`, the end of a hold that is over, that hold is changed, and
        the new version is in force on return: in it, that hold goes on at the frame before.
        """

    def end_open_hold(self, position: Callable[[], int]) -> None:
        """End the hold that is kept going, if any, as the listener leaves it. Returns when the new version holds."""
