"""An export job: one session that becomes a file, from the queue to the finished sound."""

import asyncio
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from audioguide.session.preset import ResolvedRoutine
from audioguide.timeline.serialize import FORMAT
from audioguide.units import RATE

JobState = Literal["waiting", "making", "ready", "failed", "cancelled"]


@dataclass(frozen=True)
class JobRequest:
    """What a worker is asked to make, and where.

    `sound` grows while the session is made and has no tags; `file` appears when it is whole, `cover` when it is drawn.
    """

    resolved: ResolvedRoutine
    sound: Path
    file: Path
    cover: Path


@dataclass(eq=False)
class ExportJob:
    """What is known of a job so far. Jobs with the same `key` make the same session with the same options.

    `done` of `total` are clips while `stage` is "speaking", and seconds of the session after that.
    """

    id: str
    key: bytes
    session: str
    options: dict[str, Any]
    request: JobRequest
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
    _change: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def is_over(self) -> bool:
        """Whether the job has ended."""
        return self.state in ("ready", "failed", "cancelled")

    def next_change(self) -> asyncio.Event:
        """An event that is set by the first change after this call."""
        return self._change

    def notify(self) -> None:
        """Wake those who wait for a change."""
        change, self._change = self._change, asyncio.Event()
        change.set()

    def update(self, report: dict[str, Any]) -> None:
        """Take over a report of the worker."""
        match report:
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
        self.notify()

    def to_json(self, position: int | None) -> dict[str, Any]:
        """The job as the page gets it; `position` in the queue counts from 1."""
        return {
            "job": self.id,
            "session": self.session,
            "options": self.options,
            "title": self.title,
            "state": self.state,
            "stage": self.stage,
            "done": round(self.done, 3),
            "total": round(self.total, 3),
            "place": position,
            "error": self.error or None,
            "hint": self.hint or None,
            "name": self.name,
            "bytes": self.bytes or None,
            "duration": self.duration or None,
            "chapters": len(self.chapters),
            "notes": self.notes,
        }

    def timeline_json(self) -> dict[str, Any]:
        """The timeline as far as it is known, as `show --json` prints it; `complete` says whether that is all."""
        return {
            "format": FORMAT,
            "title": self.title,
            "routine": self.request.resolved.routine.id,
            "sample_rate": RATE,
            "frames": self.frames,
            "duration": round(self.frames / RATE, 6),
            "chapters": self.chapters,
            "cues": self.cues,
            "complete": self.state == "ready",
        }
