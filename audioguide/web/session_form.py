"""A session as a form: what can be changed and how far, and how long it is with the chosen options."""

import math
from collections.abc import Iterator
from functools import cache
from typing import Any

from audioguide.draw.figure_svg import PAGE, draw_figure
from audioguide.errors import RequestError
from audioguide.model import holds
from audioguide.model.chapter_figure import figure_of
from audioguide.model.cues import CUES
from audioguide.model.options import OPTIONS, SILENT, Option, Options, to_data
from audioguide.model.routine import DEFAULT_LIMITS, IN_PLACE_LIMITS, SHORTEST_HOLD, BackgroundSpec, PoseStep, Routine
from audioguide.model.selectors import find_steps, names_of
from audioguide.routine.load import read_library
from audioguide.session.composition import Composition
from audioguide.session.preset import ResolvedRoutine
from audioguide.session.session import Session
from audioguide.sound import background
from audioguide.speech.engines.engine import is_online
from audioguide.speech.languages import language_name
from audioguide.speech.voice_choice import find_fault, list_speaking
from audioguide.speech.voices import VoiceProfile
from audioguide.web.catalog import build_row, describe_length
from audioguide.web.limits import MAX_SESSION_SECONDS

_PATTERNS = ("4-4", "4-6", "5-5", "4-8", "4-7-8", "4-4-4-4")  # breaths that are offered beside the routine's own
_MAX_CYCLES = 20  # the upper end of a slider, in breaths, for a pose that moves with them: it has no limit of its own


def build_form(id: str, resolved: ResolvedRoutine, session: Session) -> dict[str, Any]:
    """All that the page needs to show a session with its sliders. Times are in seconds.

    `select` of a hold is its key in the options' `holds`. A hold with `unit_seconds` consists of whole breaths of that
    length, and is that of each rep with `per_rep`; `more` are the other options of its pose. `length` is the range that
    the whole session can be fitted to; None when nothing can give way. `options` are those of the session, `poses` is
    the library. The `value` of an option is what is done without it, "" where that is not one value: then `unset` says
    it. `choices` are value, text and group.
    """
    outline, library = session.outline, read_library(session.routine.language)[0]
    return {
        **build_row(id, resolved, session),
        **_describe_holds(resolved, outline.fitted or session, every=True),
        "length": _find_range(session),
        "options": list(_list_options(resolved.options, session, (outline.fitted or session).routine)),
        "poses": [(one.pose.id, one.pose.name, one.pose.targets, one.pose.sides) for one in library],
    }


def measure_length(resolved: ResolvedRoutine, session: Session) -> dict[str, Any]:
    """The length of a session and of its holds. Nothing is spoken for it: the length of unspoken text is estimated."""
    outline = session.outline
    return {**describe_length(outline), **_describe_holds(resolved, outline.fitted or session)}


def _draw_still(step: PoseStep) -> str | None:
    shown = figure_of(step, *step.pose.sides[:1])
    return draw_figure(shown.figure, moment=1.0, side=shown.side, palette=PAGE) if shown else None


def _describe_holds(resolved: ResolvedRoutine, session: Composition, *, every: bool = False) -> dict[str, Any]:
    done = list(_list_holds(resolved.routine, session.routine, every=every))
    return {"holds": done, "notes": session.notes, "missing": session.missing or None}


def _list_holds(written: Routine, routine: Routine, *, every: bool) -> Iterator[dict[str, Any]]:
    """A slider for each pose that is written, with the pose that is done in its place now, if it is not left out.

    A pose that stands in several steps has one slider for all of them. Figures are drawn of `every` pose, or else only
    of those in the place of another one.
    """
    seen: set[int] = set()
    for step in written.steps:
        if isinstance(step, PoseStep) and step.number not in seen:
            name = next(names_of(step))
            select = str(step.number) if name.strip().isdecimal() else name  # as a key, a number means a step
            numbers = find_steps(written.steps, select) | {step.number}
            seen |= numbers
            steps, done = (
                [one for one in each.steps if isinstance(one, PoseStep) and one.number in numbers]
                for each in (written, routine)
            )
            for now in done[:1]:
                same = now.pose.name == step.pose.name
                seconds, unit = holds.hold_seconds(now), holds.cycle_seconds(now)
                if now.pose.reps:
                    seconds, unit = sum(now.pose.tempo) if now.rep_hold is None else now.rep_hold, None
                yield {
                    "select": select,
                    "name": now.pose.name,
                    "figure": _draw_still(now) if every or not same else None,
                    "targets": step.pose.targets,
                    "seconds": round(seconds, 3),
                    **_find_limits(now, seconds, unit),
                    "unit_seconds": unit,
                    "per_rep": bool(now.pose.reps),
                    "sides": list(dict.fromkeys(side for one in (steps if same else done) for side in one.pose.sides)),
                    "more": list(_list_more(step, now)),
                }


def _list_more(step: PoseStep, now: PoseStep) -> Iterator[dict[str, Any]]:
    """The options of a pose but its hold: `step` as it is written, `now` as it is done."""
    values = {"rounds": now.rounds, "reps": now.pose.reps, "skip": False, "keep": step.keep}
    for row in OPTIONS:
        if row.kind in ("by pose", "poses") and row.name != "holds" and (row.name != "reps" or now.pose.reps):
            yield _describe_option(row, values.get(row.name, ""), [])


def _find_limits(step: PoseStep, seconds: float, unit: float | None) -> dict[str, float]:
    """The ends of a slider: the pose's limits, or whole breaths within them, and never short of its value."""
    # Of a pose without limits of its own, the slider has a useful part.
    limits = DEFAULT_LIMITS if step.pose.limits == IN_PLACE_LIMITS else step.pose.limits
    shortest, longest = limits.shortest, limits.longest
    if step.pose.reps:
        shortest = SHORTEST_HOLD
    elif step.pose.is_moving and unit:
        shortest, longest = unit, max(unit * _MAX_CYCLES, seconds)
    elif unit:
        fewest, most = holds.cycle_range(shortest, longest, unit)
        shortest, longest = (fewest * unit, most * unit) if fewest <= most else (seconds, seconds)
    return {"shortest": round(min(shortest, seconds), 3), "longest": round(max(longest, seconds), 3)}


def _find_range(session: Session) -> dict[str, int] | None:
    """The lengths that can be asked for, in whole seconds."""
    with session.guess_lengths(set()) as guess:
        try:
            shortest, longest = session.fitter(cache(guess)).find_range()
        except RequestError:
            return None
    least, most = math.ceil(shortest), math.floor(min(longest, MAX_SESSION_SECONDS))
    return {"shortest": least, "longest": most} if least < most else None


def _list_options(options: Options, session: Session, routine: Routine) -> Iterator[dict[str, Any]]:
    """The options for the whole session, but its length, and but files, which the page does not read."""
    poses = [step for step in routine.steps if isinstance(step, PoseStep)]
    values = to_data(options) | {
        "breath": next((str(step.breath) for step in poses if step.breath), ""),
        "level": poses[0].level if poses else "normal",
        "background": next((BackgroundSpec(name).title for name in session.background_names), SILENT),
        "chime": (poses[0].chime if poses else None) or SILENT,
        "voice": session.voice.name,
        "language": routine.language,
    }
    voices, silent = list(_list_voices(session.voice, session.routine.language)), _describe_name(SILENT)
    choices = {
        "breath": [*map(_describe_breath, dict.fromkeys(filter(None, (values["breath"], *_PATTERNS))))],
        "background": [*map(_describe_name, filter(_is_usable, background.background_names())), silent],
        "voice": voices,
        "fallback": [*voices, silent],
        "language": [(code, language_name(code), "") for code in session.routine.languages],
    }
    hidden = {"length"} if len(routine.languages) > 1 else {"length", "language"}
    for row in OPTIONS:
        listed = choices.get(row.name) or [_describe_name(name) for name in row.choices]
        if row.kind in ("by pose", "poses") or row.name in hidden or (row.takes_file and not listed):
            continue
        # What is done without it may be a choice, a number or off; else it is a sentence.
        unset = "" if isinstance(row.unset, str) and row.unset not in [name for name, *_ in listed] else row.unset
        value = values.get(row.key, unset)
        if listed and value and value not in [name for name, *_ in listed]:
            listed.insert(0, _describe_name(value))
        yield _describe_option(row, value, listed)


def _describe_option(row: Option, value: Any, choices: list[tuple[str, str, str]]) -> dict[str, Any]:
    about = {"key": row.key, "kind": row.kind, "help": row.help, "unit": row.metavar, "range": row.slider}
    parts = list(CUES.items()) if row.kind == "cues" else []
    return {**about, "unset": row.unset, "value": value, "choices": choices, "parts": parts}


def _describe_name(name: str) -> tuple[str, str, str]:
    return name, name.replace("-", " ").capitalize(), ""


def _describe_breath(pattern: str) -> tuple[str, str, str]:
    """`4-6` is shown as `In 4, out 6`."""
    counts = pattern.split("-")
    parts = ("in", "out") if len(counts) == 2 else ("in", "hold", "out", "hold")
    text = ", ".join(f"{part} {count}" for part, count in zip(parts, counts, strict=False))
    return pattern, text.capitalize(), ""


def _list_voices(current: VoiceProfile, language: str) -> Iterator[tuple[str, str, str]]:
    """The voices to choose from: the current one, and those of the language that work on this machine.

    Their group is the code of the language, and "online" for those that send the text over the internet.
    """
    usable = [voice for voice in list_speaking(language) if not find_fault(voice)]
    for voice in {voice.name: voice for voice in (current, *usable)}.values():
        yield voice.name, voice.display_name, " ".join([voice.language, *["online"] * is_online(voice)])


def _is_usable(name: str) -> bool:
    """Whether a background has all that it needs; that of the person's own music needs files."""
    try:
        background.find_background(name)
    except RequestError:
        return False
    return True
