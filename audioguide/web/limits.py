"""What the server allows, in one place: sizes in bytes, times in seconds."""

from __future__ import annotations

from audioguide.errors import RequestError
from audioguide.model.holds import duration
from audioguide.session.session import Session
from audioguide.units import plain

LARGEST_OPTIONS = 64_000
"""Of a body that says which options are wanted: the longest routine has 4 kB of them."""

LARGEST_ROUTINE = 200_000
"""Of a routine that is dropped on the page."""

LARGEST_HEAD = 1_000_000
"""Of a sound file that is dropped on the page: what it carries stands in front, within its tag."""

MOST_DROPPED = 20
"""Routines that were dropped are kept in memory; of more, the first ones go."""

MOST_STEPS = 2_000
"""Of a session: all of them are timed anew with every move of a slider."""

LONGEST_SESSION = 2 * 3600.0
"""Of a session that is made here. Longer ones are for `audioguide export`."""

LONGEST_MAKING = 1800.0
"""After which a job is given up: the longest session takes a few minutes."""

MOST_WAITING = 20
"""Jobs in the queue."""

MOST_JOBS = 200
"""Jobs that are remembered, whatever became of them."""

ROOM = 2_000_000_000
"""For finished sessions. Of more, the oldest go."""

MOST_CONNECTIONS = 250

HEAD_TIME = 10.0
"""Until the head of a request is there."""

BODY_TIME = 20.0
"""Until its body is."""

IDLE_TIME = 15
"""Between two requests on one connection."""

STALLED_TIME = 600.0
"""Until a client that takes nothing is let go of: a player that was paused takes nothing for a while."""

HEARTBEAT = 15.0
"""Between two signs of life where there is no news."""


def check(session: Session) -> None:
    """Raises RequestError for a session that would take long to be timed, or is longer than any that is made here.

    Told from what is written alone: nothing is compiled for it.
    """
    routine = session.routine
    if len(routine.steps) > MOST_STEPS:
        raise _too_much(f"This session has {len(routine.steps)} steps: that is too many for the page.")
    seconds = max(sum(map(duration, routine.steps)), session.length or 0.0)
    check_length(seconds)


def check_length(seconds: float) -> None:
    """Raises RequestError for a session that is too long to be made here."""
    if seconds > LONGEST_SESSION:
        raise _too_much(f"This session is longer than {plain(LONGEST_SESSION)}, the most that is made here.")


def _too_much(message: str) -> RequestError:
    return RequestError(message, "Use `audioguide export`.")
