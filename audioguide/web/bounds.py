"""What is too much for the page: a slider that a stranger moves may not keep everybody waiting."""

from __future__ import annotations

from audioguide.errors import RequestError
from audioguide.routine.holds import duration
from audioguide.session import Session
from audioguide.units import plain
from audioguide.web.limits import LONGEST_SESSION, MOST_STEPS


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
