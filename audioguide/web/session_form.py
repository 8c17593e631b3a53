"""A session as a form: what can be changed of it and how far, and how long it is with what was chosen."""

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
from audioguide.model.timeline import Timeline
from audioguide.session.preset import ResolvedRoutine
from audioguide.session.session import Session
from audioguide.sound import background
from audioguide.speech.engines.engine import is_online
from audioguide.speech.languages import same_language
from audioguide.speech.voice_choice import choice, profiles
from audioguide.speech.voices import Profile
from audioguide.timeline.fit import find_length_range
from audioguide.units import RATE
from audioguide.web.catalog import bars, row
from audioguide.web.limits import MAX_SESSION_SECONDS

_MOST_CYCLES = 20
"""Whole breaths or reps that the slider of a moving pose goes up to: it has no limit of its own."""


def form(id: str, plan: ResolvedRoutine, session: Session) -> dict[str, Any]:
    """All that the page needs to show a session with its sliders.

    `select` of a hold is its key in the options' `holds`; seconds throughout. A hold with `unit_seconds` is made of
    whole breaths or reps of that length. `length` is what the whole can be fitted to, None when nothing in it moves.
    """
    fitted, timeline, exact = session.sketch()
    poses = [step for step in fitted.routine.steps if isinstance(step, PoseStep)]
    first = poses[0] if poses else None
    return {
        **row(id, plan, timeline, exact=exact),
        "holds": list(_holds(fitted.routine)),
        "level": first.level if first else "normal",
        "levels": LEVELS,
        "voice": session.voice.name,
        "voices": voices(session.voice, session.routine.language),
        "background": next((name.partition("/")[0] for name in session.backgrounds()), SILENT),
        "backgrounds": [*filter(_sounds, background.background_names()), SILENT],
        "breath": next((str(step.breath) for step in poses if step.breath), None),
        "chime": (first.chime if first else None) or SILENT,
        "chimes": [*CHIMES, SILENT],
        "length": _span(session),
        "notes": list(fitted.notes),
    }


def length(session: Session) -> dict[str, Any]:
    """How long a session is, and what its holds are then; nothing is spoken for it, and what is not yet is guessed."""
    fitted, timeline, exact = session.sketch()
    return {
        "duration": round(timeline.frames / RATE, 3),
        "estimated": not exact,
        "holds": list(_holds(fitted.routine)),
        "chapters": chapters(timeline),
        "bars": bars(timeline),
        "notes": list(fitted.notes),
    }


def chapters(timeline: Timeline) -> list[dict[str, Any]]:
    """The chapters, in seconds."""
    return [
        {"title": chapter.title, "start": round(chapter.start / RATE, 3), "end": round(chapter.end / RATE, 3)}
        for chapter in timeline.chapters
    ]


def _holds(routine: Routine) -> Iterator[dict[str, Any]]:
    """A slider for each pose; one that is done in several steps has one for all of them."""
    done: set[int] = set()
    for step in routine.steps:
        if isinstance(step, PoseStep) and step.number not in done:
            label = next(names_of(step))
            select = str(step.number) if label.strip().isdecimal() else label  # a number names a step
            steps = find_steps(routine.steps, select)
            done |= steps | {step.number}
            asked, unit = holds.hold_seconds(step), holds.cycle_seconds(step)
            yield {
                "select": select,
                "name": step.pose.name,
                "seconds": round(asked, 3),
                **_limits(step, asked, unit),
                "unit_seconds": unit,
                "moving": step.pose.moving,
                "steps": sorted(steps),
            }


def _limits(step: PoseStep, asked: float, unit: float | None) -> dict[str, float]:
    """How far the slider goes: to the limits, to whole breaths within them, and at least to where it stands."""
    limits = step.pose.limits
    shortest, longest = limits.shortest, limits.longest
    if step.pose.moving and unit:
        shortest, longest = unit, max(unit * _MOST_CYCLES, asked)
    elif unit:
        fewest, most = holds.cycle_range(shortest, longest, unit)
        shortest, longest = (fewest * unit, most * unit) if fewest <= most else (asked, asked)
    return {"shortest": round(min(shortest, asked), 3), "longest": round(max(longest, asked), 3)}


def _span(session: Session) -> dict[str, int] | None:
    """The whole seconds that can be asked for."""
    with session.speaker() as speaker:
        measure = cache(lambda said: speaker.measure(said) if speaker.known(said) else speaker.estimate(said))
        try:
            shortest, longest = find_length_range(session.routine, measure, session.words)
        except RequestError:
            return None
    least, most = math.ceil(shortest), math.floor(min(longest, MAX_SESSION_SECONDS))
    return {"shortest": least, "longest": most} if least < most else None


def voices(spoken: Profile, language: str) -> list[dict[str, Any]]:
    """Who can speak a session here: the voice that it has, and those of its language that work."""
    able = [voice for voice in profiles() if same_language(voice.language, language) and choice(voice).lacks is None]
    named = {voice.name: voice for voice in (spoken, *able)}
    return [
        {
            "name": voice.name,
            "title": voice.title or voice.name,
            "language": voice.language,
            "online": is_online(voice),
        }
        for voice in named.values()
    ]


def _sounds(name: str) -> bool:
    """Whether a background has all that it needs: the person's own music may not be there."""
    try:
        background.find_background(name)
    except RequestError:
        return False
    return True
