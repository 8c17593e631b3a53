"""What is too much for the page: a slider that a stranger moves may not keep everybody waiting."""

from __future__ import annotations

from collections.abc import Iterator

from audioguide.errors import RequestError
from audioguide.routine import holds
from audioguide.routine.model import BreatheStep, PoseStep, RestStep, Routine
from audioguide.session import Session
from audioguide.units import plain
from audioguide.web.limits import LONGEST_SESSION, MOST_BREATHS, MOST_STEPS


def check(session: Session) -> None:
    """Raises RequestError for a session that would take long to be timed, or is longer than any that is made here.

    Told from what is written alone: nothing is compiled for it.
    """
    routine = session.routine
    if len(routine.steps) > MOST_STEPS:
        raise _too_much(f"This session has {len(routine.steps)} steps: that is too many for the page.")
    seconds = max(sum(_seconds(routine)), session.length or 0.0)
    check_length(seconds)
    cycles = [step.breath.cycle for step in routine.steps if isinstance(step, PoseStep) and step.breath]
    cycles += [step.pattern.cycle for step in routine.steps if isinstance(step, BreatheStep)]
    if cycles and seconds / min(cycles) > MOST_BREATHS:
        message = f"With breaths of {plain(min(cycles))} this session has more of them than the page can count."
        raise RequestError(message, "Breathe slower, or hold shorter.")


def check_length(seconds: float) -> None:
    """Raises RequestError for a session that is too long to be made here."""
    if seconds > LONGEST_SESSION:
        raise _too_much(f"This session is longer than {plain(LONGEST_SESSION)}, the most that is made here.")


def _seconds(routine: Routine) -> Iterator[float]:
    """The seconds in which nobody need speak, step by step."""
    for step in routine.steps:
        match step:
            case PoseStep():
                yield (holds.asked(step) * max(1, len(step.pose.sides)) + step.rest) * step.rounds
            case RestStep():
                yield step.length
            case BreatheStep():
                yield step.pattern.cycle * step.rounds


def _too_much(message: str) -> RequestError:
    return RequestError(message, "Use `audioguide export`.")
