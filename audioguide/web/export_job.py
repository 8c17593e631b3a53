"""An export job: one session that becomes a file, from the queue to the finished sound, and what is kept of it."""

import asyncio
import json
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from audioguide.session.preset import ResolvedRoutine
from audioguide.system.files import safe_name
from audioguide.timeline.edits import EditHistory
from audioguide.timeline.serialize import FORMAT
from audioguide.units import RATE
from audioguide.web.state import JobRecord

JobState = Literal["waiting", "making", "ready", "failed", "cancelled", "kept"]
"""A job that is `kept` is known from before: its files are gone or were never made, and are made when asked for."""

_SHOWN = ("session", "options", "title", "label", "renamed", "state", "stage", "name", "notes", "resume")


@dataclass(frozen=True)
class JobRequest:
    """What a worker is asked to make, and where: `place` is the path of its files without their endings.

    `.soundN` is the session from the frame N on, grows while it is made, and has no tags; the others appear when it is
    whole: `.mp3`, `.jpg` is its cover, `.json` its timeline and figures. First it is made from the frame `start` on.
    With a `history`, holds of it were changed while it was heard; `told` has them as options, for the file to carry.
    """

    resolved: ResolvedRoutine
    place: Path
    start: int = 0
    history: EditHistory = ()
    told: ResolvedRoutine | None = None

    def file(self, ending: str) -> Path:
        """One of its files."""
        return Path(f"{self.place}{ending}")


@dataclass(eq=False, kw_only=True)
class ExportJob(JobRecord):
    """What is known of a job so far.

    `done` of `total` are clips while `stage` is "speaking", and seconds of the session after that. `resume` is where
    the listener was. `sounds` are the stretches that can be heard while it is made: first and last frame. One that
    `is_change` was made of another one while that was heard, and `replaces` it as soon as it is `heard` itself; the
    other one is `superseded`.
    """

    id: str
    place: Path
    request: JobRequest | None = None
    state: JobState = "waiting"
    stage: Literal["speaking", "making"] = "making"
    done: float = 0
    total: float = 0
    error: str = ""
    hint: str = ""
    frames: int = 0
    resume: float | None = None
    chapters: list[Any] = field(default_factory=list)
    cues: list[Any] = field(default_factory=list)
    sounds: dict[int, int] = field(default_factory=dict)
    heard: bool = False
    is_change: bool = False
    superseded: bool = False
    replaces: "list[ExportJob]" = field(default_factory=list)
    _change: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def is_over(self) -> bool:
        """Whether the job has ended."""
        return self.state not in ("waiting", "making")

    @property
    def name(self) -> str:
        """The name that its file is saved under."""
        return safe_name(f"{self.routine} {self.label}".strip(), ".mp3")

    def file(self, ending: str) -> Path:
        """One of its files: see `JobRequest`."""
        return Path(f"{self.place}{ending}")

    @property
    def is_whole(self) -> bool:
        """Whether all its files are there."""
        return all(self.file(ending).is_file() for ending in (".mp3", ".jpg", ".json"))

    def begin(self, request: JobRequest) -> None:
        """Make it, for the first time or again."""
        self.request, self.state, self.error, self.hint = request, "waiting", "", ""
        self.notes, self.chapters, self.cues, self.sounds, self.done = [], [], [], {}, 0

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
                self.done = max(self.done, done) if stage == self.stage else done
                self.stage, self.total = stage, total
            case {"sound": start, "until": last}:
                self.sounds[start] = last
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
        data = {name: getattr(self, name) for name in _SHOWN} | {"job": self.id, "place": position}
        data |= {name: getattr(self, name) or None for name in ("error", "hint", "bytes", "duration")}
        data |= {"done": round(self.done, 3), "total": round(self.total, 3), "chapters": len(self.chapters)}
        return data | {"when": round(time.time() - self.when)}

    def read_details(self) -> dict[str, Any] | None:
        """Timeline and figures of a finished session; None where they are gone."""
        with suppress(OSError, ValueError):
            return dict(json.loads(self.file(".json").read_bytes()))
        return None

    def read_cues(self) -> list[dict[str, Any]]:
        """The cues of its timeline as far as they are known."""
        return self.cues or (self.read_details() or {"timeline": {"cues": []}})["timeline"]["cues"]

    def timeline_json(self) -> dict[str, Any]:
        """The timeline as far as it is known, as `show --json` prints it; `complete` says whether that is all."""
        return {
            "format": FORMAT,
            "title": self.title,
            "routine": self.routine,
            "sample_rate": RATE,
            "frames": self.frames,
            "duration": round(self.frames / RATE, 6),
            "chapters": self.chapters,
            "cues": self.cues,
            "complete": False,
        }
