"""A session as a form: what can be changed and how far, and how long it is with the chosen options."""

import math
from collections.abc import Iterator
from functools import cache
from typing import Any

from audioguide.errors import RequestError
from audioguide.model import holds
from audioguide.model.options import OPTIONS, SILENT
from audioguide.model.routine import PoseStep, Routine
from audioguide.model.selectors import find_steps, names_of
from audioguide.session.composition import Composition
from audioguide.session.preset import ResolvedRoutine
from audioguide.session.session import Session
from audioguide.sound import background
from audioguide.speech.engines.engine import is_online, list_profiles
from audioguide.speech.languages import same_language
from audioguide.speech.voice_choice import check_availability
from audioguide.speech.voices import VoiceProfile
from audioguide.timeline.fit import find_length_range
from audioguide.web.catalog import build_row, describe_length
from audioguide.web.limits import MAX_SESSION_SECONDS

_PATTERNS = ("4-4", "4-6", "5-5", "4-8", "4-7-8", "4-4-4-4")  # breaths that are offered beside the routine's own
_MAX_CYCLES = 20  # the upper end of a slider, in breaths or reps, for a moving pose, which has no limit of its own


def build_form(id: str, resolved: ResolvedRoutine, session: Session) -> dict[str, Any]:
    """All that the page needs to show a session with its sliders. Times are in seconds.

    `select` of a hold is its key in the options' `holds`. A hold with `unit_seconds` consists of whole breaths or reps
    of that length. `length` is the range that the whole session can be fitted to; None when no hold can change.
    `options` are those that are chosen from a list: `value` is the routine's own, "" where it has none; `choices` are
    value, text and language, "" for most.
    """
    outline = session.outline
    return {
        **build_row(id, resolved, outline),
        **_describe_holds(outline.fitted or session),
        "length": _find_range(session),
        "options": list(_list_options(session, (outline.fitted or session).routine)),
    }


def measure_length(session: Session) -> dict[str, Any]:
    """The length of a session and of its holds. Nothing is spoken for it: the length of unspoken text is estimated."""
    outline = session.outline
    return {**describe_length(outline), **_describe_holds(outline.fitted or session)}


def _describe_holds(session: Composition) -> dict[str, Any]:
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
    if step.pose.is_moving and unit:
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
            shortest, longest = find_length_range(session.routine, measure, session.phrases)
        except RequestError:
            return None
    least, most = math.ceil(shortest), math.floor(min(longest, MAX_SESSION_SECONDS))
    return {"shortest": least, "longest": most} if least < most else None


def _list_options(session: Session, routine: Routine) -> Iterator[dict[str, Any]]:
    """The options of the table that have a fixed choice of values, or a useful one here."""
    poses = [step for step in routine.steps if isinstance(step, PoseStep)]
    values = {
        "breath": next((str(step.breath) for step in poses if step.breath), ""),
        "level": poses[0].level if poses else "normal",
        "background": next((name.partition("/")[0] for name in session.background_names), SILENT),
        "chime": (poses[0].chime if poses else None) or SILENT,
        "voice": session.voice.name,
    }
    choices = {
        "breath": [*map(_describe_breath, dict.fromkeys(filter(None, (values["breath"], *_PATTERNS))))],
        "background": [*map(_describe_name, filter(_is_usable, background.background_names())), _describe_name(SILENT)],
        "voice": list(_list_voices(session.voice, session.routine.language)),
    }
    for option in OPTIONS:
        listed = choices.get(option.name) or [_describe_name(name) for name in option.choices]
        value = values.get(option.name, "")
        if value and value not in [name for name, *_ in listed]:
            listed.insert(0, _describe_name(value))
        if listed:
            yield {"key": option.key, "help": option.help, "value": value, "choices": listed}


def _describe_name(name: str) -> tuple[str, str, str]:
    return name, name.replace("-", " ").capitalize(), ""


def _describe_breath(pattern: str) -> tuple[str, str, str]:
    """`4-6` is shown as `In 4, out 6`."""
    counts = pattern.split("-")
    parts = ("in", "out") if len(counts) == 2 else ("in", "hold", "out", "hold")
    text = ", ".join(f"{part} {count}" for part, count in zip(parts, counts, strict=False))
    return pattern, text.capitalize(), ""


def _list_voices(current: VoiceProfile, language: str) -> Iterator[tuple[str, str, str]]:
    """The voices to choose from: the current one, and those of the language that work on this machine."""
    spoken = [voice for voice in list_profiles() if same_language(voice.language, language)]
    usable = [voice for voice in spoken if check_availability(voice).missing is None]
    for voice in {voice.name: voice for voice in (current, *usable)}.values():
        title = voice.title or voice.name
        yield voice.name, f"{title}, over the internet" if is_online(voice) else title, voice.language.partition("-")[0]


def _is_usable(name: str) -> bool:
    """Whether a background has all that it needs; that of the person's own music needs files."""
    try:
        background.find_background(name)
    except RequestError:
        return False
    return True
