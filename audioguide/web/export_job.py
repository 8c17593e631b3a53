"""A job: one session that is wanted as a file, from the queue to the finished sound."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any, Literal

from audioguide.timeline.serialize import FORMAT
from audioguide.units import RATE
from audioguide.web.worker import JobRequest

JobState = Literal["waiting", "making", "ready", "failed", "cancelled"]

OVER: tuple[JobState, ...] = ("ready", "failed", "cancelled")


@dataclass(eq=False)
class ExportJob:
    """What is known of it so far. `key` tells what is made: the same session with the same options has the same one.

    `done` of `total` are clips while its `stage` is "speaking", and seconds of the session after that.
    """

    id: str
    key: bytes
    session: str
    options: dict[str, Any]
    order: JobRequest
    title: str
    name: str
    state: JobState = "waiting"
    stage: Literal["speaking", "making"] = "making"
    done: float = 0
    total: float = 0
    error: str = ""
    hint: str = ""
    bytes: int = 0
    duration: float = 0.0
    frames: int = 0
    notes: list[str] = field(default_factory=list)
    chapters: list[Any] = field(default_factory=list)
    cues: list[Any] = field(default_factory=list)
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def is_over(self) -> bool:
        """Whether nothing more will come of it."""
        return self.state in OVER

    def news(self) -> asyncio.Event:
        """What is set when anything of this has changed after the call."""
        return self._news

    def changed(self) -> None:
        """Tell whoever waits for news."""
        news, self._news = self._news, asyncio.Event()
        news.set()

    def hear(self, facts: dict[str, Any]) -> None:
        """Take in what the worker tells."""
        match facts:
            case {"stage": stage, "done": done, "total": total}:
                self.stage, self.done, self.total = stage, done, total
            case {"cues": cues, "chapters": chapters, "frames": frames}:
                self.cues += cues
                self.chapters += chapters
                self.frames = frames
            case {"notes": notes, "title": title}:
                self.notes += notes
                self.title = title
            case {"note": note} if note not in self.notes:
                self.notes.append(note)
            case {"failed": error, "hint": hint}:
                self.error, self.hint = error, hint
            case {"ready": True, "bytes": size, "duration": duration}:
                self.state, self.bytes, self.duration = "ready", size, duration
                self.done = self.total = duration
        self.changed()

    def facts(self, place: int | None) -> dict[str, Any]:
        """The job as the page knows it; `place` in the queue counts from 1."""
        return {
            "job": self.id,
            "session": self.session,
            "options": self.options,
            "title": self.title,
            "state": self.state,
            "stage": self.stage,
            "done": round(self.done, 3),
            "total": round(self.total, 3),
            "place": place,
            "error": self.error or None,
            "hint": self.hint or None,
            "name": self.name,
            "bytes": self.bytes or None,
            "duration": self.duration or None,
            "chapters": len(self.chapters),
            "notes": self.notes,
        }

    def timeline(self) -> dict[str, Any]:
        """The timeline as far as it is known, as `show --json` has it; `complete` says whether that is all of it."""
        return {
            "format": FORMAT,
            "title": self.title,
            "routine": self.order.plan.routine.id,
            "sample_rate": RATE,
            "frames": self.frames,
            "duration": round(self.frames / RATE, 6),
            "chapters": self.chapters,
            "cues": self.cues,
            "complete": self.state == "ready",
        }
