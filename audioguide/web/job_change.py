"""Changes of a session while it is heard on the phone: a hold, or options."""

from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

from audioguide.errors import RequestError
from audioguide.model.options import OPTIONS, to_data
from audioguide.session.change import ChangeCommand, change_hold, find_frame
from audioguide.session.open import build_session, parse_options
from audioguide.session.output import compute_fingerprint
from audioguide.session.session import Session
from audioguide.units import MP3_FRAME, RATE
from audioguide.web.catalog import Catalog
from audioguide.web.export_job import ExportJob
from audioguide.web.http_json import get_options
from audioguide.web.limits import check_session

_UNMOVED = {"voice_level", "background_level", "silence"}  # options with which every cue stays where it is


def read_frame(seconds: Any) -> int:
    """The frame nearest to a position that a sound can begin at: a multiple of `MP3_FRAME`. RequestError for others."""
    with suppress(ValueError, TypeError):
        if 0 <= (found := float(seconds)) < 1e5 and not isinstance(seconds, bool):
            return round(found * RATE / MP3_FRAME) * MP3_FRAME
    raise RequestError("This is no position in a session.", "Write it in seconds, as 83.2.")


def find_key(session: Session) -> str:
    """What tells a session from every other one that sounds otherwise or has other tags."""
    return compute_fingerprint(session, Path("session.mp3"))


def make_change(catalog: Catalog, job: ExportJob, data: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any] | None]:
    """The answer to a change of a job, and what `JobQueue.submit` needs for it; None where all stays as it is.

    RequestError where it cannot be understood or done.
    """
    command, frame = data.get("hold"), read_frame(data.get("position"))
    asked, told = parse_options(get_options(data, "position", "hold")), parse_options(job.options)
    if command not in (None, *get_args(ChangeCommand)) or (command is None) == ("options" not in data):
        commands = ", ".join(get_args(ChangeCommand))
        raise RequestError("Say what is to change.", f'Write "hold": {commands}, or "options": {{}}.')
    request, moves = job.request, any(asked.sets(row.name) for row in OPTIONS if row.name not in _UNMOVED)
    before, history = (request.resolved.asked, request.history) if request and not moves else (told, ())
    resolved, session = catalog.open(job.session, asked.over(before))
    if request is None or moves:
        frame = find_frame(job.read_cues(), frame, session)
    answer: dict[str, Any] = {"position": frame / RATE, "message": "", "length": None}
    if command:
        changed = change_hold(session, history, command, frame)
        length = changed.length and (changed.length.amount, changed.length.unit)
        answer |= {"message": changed.message, "length": length}
        if changed.history == history:
            return answer, None
        history, told = changed.history, changed.options.over(before)
    told, frame = asked.over(told), frame // MP3_FRAME * MP3_FRAME
    labelled = replace(resolved, asked=told, options=told.over(resolved.options))
    check_session(build_session(labelled))  # a hold may have become too long for the page
    about: dict[str, Any] = {"options": to_data(told), "key": "" if history else find_key(session), "start": frame}
    about |= {"resolved": resolved, "history": history, "changed": labelled}
    return answer | {"position": frame / RATE}, about
