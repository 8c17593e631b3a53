"""Changes of a session while it is heard on the phone: a hold, or options."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, get_args

from audioguide.errors import RequestError
from audioguide.model.options import OPTIONS, Options, to_data
from audioguide.session.change import ChangeCommand, change_hold, find_frame
from audioguide.session.open import parse_options
from audioguide.session.output import compute_fingerprint
from audioguide.session.preset import ResolvedRoutine
from audioguide.units import MP3_FRAME, RATE
from audioguide.web.catalog import Catalog
from audioguide.web.export_job import ExportJob
from audioguide.web.http_json import get_options

MAX_POSITION = 1e5  # seconds
_UNMOVED = {"voice_level", "background_level", "silence"}  # options with which every cue stays where it is


@dataclass(frozen=True)
class AskedChange:
    """What is asked for at a frame of a job: a command for the hold there, or options."""

    frame: int
    command: ChangeCommand | None
    options: Options


@dataclass(frozen=True)
class JobChange:
    """The session after a change: what `JobQueue.submit` needs, nothing where it stays as it is, and the answer."""

    resolved: ResolvedRoutine
    options: dict[str, Any]
    frame: int
    message: str = ""
    length: tuple[float, str] | None = None
    submit: dict[str, Any] = field(default_factory=dict)


def to_mp3_frame(seconds: float) -> int:
    """The nearest frame at which a sound can begin: a multiple of `MP3_FRAME`."""
    return round(seconds * RATE / MP3_FRAME) * MP3_FRAME


def parse_change(data: dict[str, Any]) -> AskedChange:
    """What a request asks for. RequestError where that is nothing that can be done."""
    options, position, command = get_options(data, "position", "hold"), data.get("position"), data.get("hold")
    if not isinstance(position, int | float) or isinstance(position, bool) or not 0 <= position < MAX_POSITION:
        raise RequestError("Say where in the session something changes.", 'Write it in seconds: {"position": 83.2}.')
    if command not in (None, *get_args(ChangeCommand)) or (command is None) == ("options" not in data):
        raise RequestError(
            "Say what is to change.", f'Write "hold": {", ".join(get_args(ChangeCommand))}, or "options".'
        )
    return AskedChange(to_mp3_frame(position), command, parse_options(options))


def make_change(catalog: Catalog, job: ExportJob, cues: Iterable[dict[str, Any]], asked: AskedChange) -> JobChange:
    """The session of a job, with its `cues`, after a change. RequestError where that cannot be."""
    told, frame = parse_options(job.options), asked.frame
    known = job.request if job.state != "kept" else None
    before = known.resolved.asked if known else told
    history = known.history if known else ()
    if asked.command is None:
        moved = any(asked.options.sets(row.name) for row in OPTIONS if row.name not in _UNMOVED)
        base = asked.options.over(told if moved else before)
        resolved, session = catalog.open(job.session, base)
        frame, history = (find_frame(cues, frame, session), ()) if moved else (frame, history)
        told, message, length = asked.options.over(told), "", None
    else:
        resolved, session = catalog.open(job.session, before)
        frame = frame if known else find_frame(cues, frame, session)
        changed = change_hold(session, history, asked.command, frame)
        message, length = changed.message, changed.length
        if changed.history == history:
            return JobChange(resolved, job.options, asked.frame, message)
        history, told = changed.history, changed.options.over(before)
    frame = frame // MP3_FRAME * MP3_FRAME
    submit: dict[str, Any] = {"key": "" if history else compute_fingerprint(session, Path("session.mp3"))}
    submit |= {
        "start": frame,
        "history": history,
        "changed": replace(resolved, asked=told, options=told.over(resolved.options)),
    }
    amount = (length.amount, length.unit) if length else None
    return JobChange(resolved, to_data(told), frame, message, amount, submit)
