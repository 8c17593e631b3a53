"""What a screen, a status line and a diary get to see of a session that plays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from audioguide.player.source import Take
from audioguide.player.transport import State, holds_at, kept

End = Literal["finished", "stopped", "interrupted"]


@dataclass(frozen=True, slots=True)
class Now:
    """One moment of a session.

    `position` is the session frame that is heard now, to within the device's buffer. `waiting` says that the session is
    not ready yet, or not ready in time. `heard` counts the session's frames that have sounded, those that were jumped
    over left out. `told` counts the messages so far, the last of which is `message`: so a screen sees a new one. `end`
    is None until it is over. `lost` says that the sound device has gone: it is silent until there is one again.
    """

    take: Take
    position: int
    state: State
    waiting: bool
    heard: int
    underruns: int
    message: str
    told: int
    end: End | None
    lost: bool = False

    @property
    def length(self) -> int | None:
        """Frames of the session, once that is known; of a hold that is kept going, those that have been."""
        reserve = kept(holds_at(self.take.sections, self.position), self.position)[1]
        return self.take.frames and self.take.frames - reserve
