"""What the server allows: sizes in bytes, times in seconds."""

from audioguide.errors import RequestError
from audioguide.model.holds import duration
from audioguide.session.session import Session
from audioguide.units import format_duration

MAX_OPTIONS_BYTES = 64_000  # body with the options of a session; the longest routine has 4 kB of them
MAX_ROUTINE_BYTES = 200_000  # routine that is uploaded as text
MAX_SOUND_HEAD_BYTES = 4_000_000  # the part of an uploaded sound file that holds the routine
MAX_UPLOADS = 20  # uploaded routines in memory; the oldest are dropped
MAX_STEPS = 2_000  # steps of a session, which are timed again with every move of a slider
MAX_SESSION_SECONDS = 2 * 3600.0  # longer sessions are for `audioguide export`
MAX_JOB_SECONDS = 1800.0  # then a job is given up; the longest session takes a few minutes
MAX_WORKER_BYTES = 2_000_000_000  # memory of a process that makes a session
MAX_WAITING = 40  # jobs in the queue: a class that begins at once
MAX_JOBS = 200  # jobs that are remembered, in any state
MAX_FILES_BYTES = 2_000_000_000  # finished sessions; the oldest are deleted
MAX_CONNECTIONS = 250

HEAD_TIMEOUT = 10.0  # until the head of a request is complete
BODY_TIMEOUT = 20.0  # until its body is complete
IDLE_TIMEOUT = 15  # between two requests of one connection
WRITE_TIMEOUT = 600.0  # until a client that reads nothing is dropped; a paused player reads nothing for a while
SHUTDOWN_TIMEOUT = 1  # for answers that are being sent when the server ends
HEARTBEAT = 15.0  # between two signs of life of an event stream without events
KEPT = {"Cache-Control": "private, max-age=3600"}  # answers with figures, which rarely change

_OTHER_WAY = "Use `audioguide export`."


def check_session(session: Session) -> None:
    """Raises RequestError for a session that would take long to time, or is longer than the page allows.

    It reads the routine only and compiles nothing, so that it is fast whatever it is given.
    """
    steps = session.routine.steps
    if len(steps) > MAX_STEPS:
        raise RequestError(f"This session has {len(steps)} steps, too many for the page.", _OTHER_WAY)
    check_length(max(sum(map(duration, steps)), session.options.length or 0.0))


def check_length(seconds: float) -> None:
    """Raises RequestError for a session that is longer than the page allows."""
    if seconds > MAX_SESSION_SECONDS:
        longest = format_duration(MAX_SESSION_SECONDS)
        raise RequestError(f"This session is longer than {longest}, the maximum on the page.", _OTHER_WAY)
