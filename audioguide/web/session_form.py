"""A session as a form: what can be changed and how far, and how long it is with the chosen options."""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import cache
from typing import Any

from audioguide.errors import RequestError
from audioguide.model import holds
from audioguide.model.options import SILENT
from audioguide.model.routine import CHIMES, LEVELS, PoseStep, Routine
from audioguide.model.selectors import find_steps, names_of
from audioguide.session.preset import ResolvedRoutine
from audioguide.session.session import Session
from audioguide.sound import background
from audioguide.speech.engines.engine import is_online
from audioguide.speech.languages import same_language
from audioguide.speech.voice_choice import check_availability, list_profiles
from audioguide.speech.voices import VoiceProfile
from audioguide.timeline.fit import find_length_range
from audioguide.web.catalog import build_row, describe_length
from audioguide.web.limits import MAX_SESSION_SECONDS

_MAX_CYCLES = 20
"""The upper end of a slider, in breaths or reps, for a moving pose, which has no limit of its own."""


def build_form(id: str, resolved: ResolvedRoutine, session: Session) -> dict[str, Any]:
    """All that the page needs to show a session with its sliders. Times are in seconds.

    `select` of a hold is its key in the options' `holds`. A hold with `unit_seconds` consists of whole breaths or reps
    of that length. `length` is the range that the whole session can be fitted to; None when no hold can change.
    """
    fitted, timeline, exact = session.sketch()
    poses = [step for step in fitted.routine.steps if isinstance(step, PoseStep)]
    first = poses[0] if poses else None
    return {
        **build_row(id, resolved, timeline, exact=exact),
        **_describe_holds(fitted),
        "level": first.level if first else "normal",
        "levels": LEVELS,
        "voice": session.voice.name,
        "voices": _list_voices(session.voice, session.routine.language),
        "background": next((name.partition("/")[0] for name in session.backgrounds()), SILENT),
        "backgrounds": [*filter(_is_usable, background.background_names()), SILENT],
        "breath": next((str(step.breath) for step in poses if step.breath), None),
        "chime": (first.chime if first else None) or SILENT,
        "chimes": [*CHIMES, SILENT],
        "length": _find_range(session),
    }


def measure_length(session: Session) -> dict[str, Any]:
    """The length of a session and of its holds. Nothing is spoken for it: the length of unspoken text is estimated."""
    fitted, timeline, exact = session.sketch()
    return {**describe_length(timeline, exact=exact), **_describe_holds(fitted)}


def _describe_holds(session: Session) -> dict[str, Any]:
    return {"holds": list(_list_holds(session.routine)), "notes": list(session.notes)}


def _list_holds(routine: Routine) -> Iterator[dict[str, Any]]:
    """A slider for each pose; a pose that stands in several steps has one slider for all of them."""
    seen: set[int] = set()
    for step in routine.steps:
        if isinstance(step, PoseStep) and step.number not in seen:
            name = next(names_of(step))
            select = str(step.number) if name.strip().isdecimal() else name  # as a key, a number means a step
            seen |= find_steps(routine.steps, select) | {step.number}
            seconds, unit = holds.hold_seconds(step), holds.cycle_seconds(step)
            yield {
                "select": select,
                "name": step.pose.name,
                "seconds": round(seconds, 3),
                **_find_limits(step, seconds, unit),
                "unit_seconds": unit,
            }


def _find_limits(step: PoseStep, seconds: float, unit: float | None) -> dict[str, float]:
    """The ends of a slider: the pose's limits, or whole breaths within them, and never short of its value."""
    limits = step.pose.limits
    shortest, longest = limits.shortest, limits.longest
    if step.pose.moving and unit:
        shortest, longest = unit, max(unit * _MAX_CYCLES, seconds)
    elif unit:
        fewest, most = holds.cycle_range(shortest, longest, unit)
        shortest, longest = (fewest * unit, most * unit) if fewest <= most else (seconds, seconds)
    return {"shortest": round(min(shortest, seconds), 3), "longest": round(max(longest, seconds), 3)}


def _find_range(session: Session) -> dict[str, int] | None:
    """The lengths that can be asked for, in whole seconds."""
    with session.speaker() as speaker:
        measure = cache(lambda said: speaker.measure(said) if speaker.is_cached(said) else speaker.estimate(said))
        try:
            shortest, longest = find_length_range(session.routine, measure, session.words)
        except RequestError:
            return None
    least, most = math.ceil(shortest), math.floor(min(longest, MAX_SESSION_SECONDS))
    return {"shortest": least, "longest": most} if least < most else None


def _list_voices(current: VoiceProfile, language: str) -> list[dict[str, Any]]:
    """The voices to choose from: the current one, and those of the language that work on this machine."""
    usable = [
        voice
        for voice in list_profiles()
        if same_language(voice.language, language) and check_availability(voice).missing is None
    ]
    by_name = {voice.name: voice for voice in (current, *usable)}
    return [
        {
            "name": voice.name,
            "title": voice.title or voice.name,
            "language": voice.language,
            "online": is_online(voice),
        }
        for voice in by_name.values()
    ]


def _is_usable(name: str) -> bool:
    """Whether a background has all that it needs; that of the person's own music needs files."""
    try:
        background.find_background(name)
    except RequestError:
        return False
    return True
