"""What the diary knows of one session: frozen data, and when it counts as done."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from audioguide.timeline.places import Mark

End = Literal["open", "stopped", "interrupted", "finished"]
"""How a session ended; `open` while it plays, and for good where its process was killed."""

ENOUGH = 0.5
"""The part of a session that has to be heard for it to be done: whoever jumps to the end did not do it."""


@dataclass(frozen=True, slots=True)
class Record:
    """One session; one that was gone on with later is still one.

    `key` is what it was a session of (see `Diary.begin`). `started` has the offset of the time zone it was played in.
    `heard` and `length` are seconds, `length` None where it was left before that was known. `mark` is where it was
    left, None where it is not worth going on. `running` says that it is still being played.
    """

    id: int
    key: str
    title: str
    started: datetime
    heard: float
    length: float | None
    end: End
    mark: Mark | None
    running: bool

    @property
    def done(self) -> bool:
        """Whether it was heard to its closing, and most of it on the way there."""
        return self.end == "finished" and self.length is not None and self.heard >= ENOUGH * self.length

    @property
    def day(self) -> date:
        """The day it was begun on, by the clock on the wall."""
        return self.started.date()
