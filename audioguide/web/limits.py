"""What the server allows, in one place: sizes in bytes, times in seconds."""

from __future__ import annotations

from audioguide.errors import RequestError
from audioguide.model.holds import duration
from audioguide.session.session import Session
from audioguide.units import format_duration

MAX_OPTIONS_BYTES = 64_000
"""Of a body that says which options are wanted: the longest routine has 4 kB of them."""

MAX_ROUTINE_BYTES = 200_000
"""Of a routine that is dropped on the page."""

MAX_MP3_HEAD_BYTES = 1_000_000
"""Of a sound file that is dropped on the page: what it carries stands in front, within its tag."""

MAX_UPLOADS = 20
"""Routines that were dropped are kept in memory; of more, the first ones go."""

MAX_STEPS = 2_000
"""Of a session: all of them are timed anew with every move of a slider."""

MAX_SESSION_SECONDS = 2 * 3600.0
"""Of a session that is made here. Longer ones are for `audioguide export`."""

MAX_JOB_SECONDS = 1800.0
"""After which a job is given up: the longest session takes a few minutes."""

MAX_WAITING = 20
"""Jobs in the queue."""

MAX_JOBS = 200
"""Jobs that are remembered, whatever became of them."""

MAX_FILES_BYTES = 2_000_000_000
"""For finished sessions. Of more, the oldest go."""

MAX_CONNECTIONS = 250

HEAD_TIMEOUT = 10.0
"""Until the head of a request is there."""

BODY_TIMEOUT = 20.0
"""Until its body is."""

IDLE_TIMEOUT = 15
"""Between two requests on one connection."""

WRITE_TIMEOUT = 600.0
"""Until a client that takes nothing is let go of: a player that was paused takes nothing for a while."""

HEARTBEAT = 15.0
"""Between two signs of life where there is no news."""


def check_session(session: Session) -> None:
    """Raises RequestError for a session that would take long to be timed, or is longer than any that is made here.

    Told from what is written alone: nothing is compiled for it.
    """
    routine = session.routine
    if len(routine.steps) > MAX_STEPS:
        raise _too_much(f"This session has {len(routine.steps)} steps: that is too many for the page.")
    seconds = max(sum(map(duration, routine.steps)), session.length or 0.0)
    check_length(seconds)


def check_length(seconds: float) -> None:
    """Raises RequestError for a session that is too long to be made here."""
    if seconds > MAX_SESSION_SECONDS:
        raise _too_much(
            f"This session is longer than {format_duration(MAX_SESSION_SECONDS)}, the most that is made here."
        )


def _too_much(message: str) -> RequestError:
    return RequestError(message, "Use `audioguide export`.")
