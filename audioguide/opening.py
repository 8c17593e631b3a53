"""From a routine and its options to a session: the voice is chosen, and what there is not is refused."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from audioguide.errors import Place, Problem, RequestError, RoutineError, nearest
from audioguide.presets import Plan, plan
from audioguide.routine.customise import SILENT, Options, customise
from audioguide.routine.model import CHIMES, Routine, SayStep
from audioguide.session import Session, sounds
from audioguide.speech.choice import voice_for
from audioguide.speech.fallback import standbys_of
from audioguide.speech.profile import Profile, profile
from audioguide.speech.registry import engine
from audioguide.speech.script import base, language_name, same_language, silent
from audioguide.timeline.words import words


def open_session(source: str | Path, options: Options | None = None) -> Session:
    """The session of a routine (an id or a file) or a preset, with options.

    Raises RequestError with all that is wrong with it.
    """
    return session_of_plan(plan(source, options or Options()))


def session_of_plan(plan: Plan) -> Session:
    """The session of a routine and all the layers of its options."""
    session = session_of(plan.routine, plan.options)
    return replace(session, remarks=(*plan.notes, *session.remarks))


def session_of(routine: Routine, options: Options) -> Session:
    """The session of a routine that was read already."""
    check_options(options)
    customised = customise(routine, options)
    if problems := tuple(unknown_backgrounds(customised.routine)):
        raise RoutineError(problems)
    language, named = customised.routine.language, customised.routine.voice
    voice = profile(named) if named else voice_for(language)
    return Session(
        customised.routine,
        voice,
        words(language),
        customised.stayed,
        (*customised.notes, *_mismatch(voice, language)),
        options.length,
        options.beyond_limits,
        standbys_of(voice, options.fallback),
    )


def _mismatch(voice: Profile, language: str) -> Iterator[str]:
    if not same_language(voice.language, language):
        speaks, written = language_name(voice.language), language_name(language)
        yield f"The voice {voice.name} speaks {speaks}, the routine is in {written}."


def preview(voice: Profile, text: str) -> Session:
    """A session in which the voice says one text, by the same way and at the same level as in any other.

    RequestError when there is nothing in the text to be said.
    """
    if refused := silent(text):
        raise refused
    routine = Routine(
        id=f"{voice.name}-preview",
        title=voice.title or voice.name,
        description=text,
        tags=(),
        language=base(voice.language),
        voice=voice.name,
        steps=(SayStep(1, Place("", 1, 1), text),),
        file="",
    )
    return Session(routine, voice, words("en"), {}, standbys=standbys_of(voice, None))


def check_options(options: Options) -> None:
    """Raises RequestError for a voice or a background that there is not, whatever the routine."""
    if options.voice is not None:
        profile(options.voice)
    if options.fallback is not None:
        _ = engine(profile(options.fallback)).version  # one that is not there is no help when it is needed
    if options.background not in (None, SILENT):
        from audioguide.sound import backgrounds

        backgrounds.background(options.background)
    if options.chime is not None and options.chime not in (SILENT, *CHIMES):
        raise RequestError(f"There is no chime {options.chime!r}.", nearest(options.chime, (*CHIMES, SILENT)))


def unknown_backgrounds(routine: Routine) -> Iterator[Problem]:
    """Backgrounds of a routine that there are not, each at the first step that names it."""
    from audioguide.sound import backgrounds

    seen: set[str] = set()
    for step in routine.steps:
        if step.bed and sounds(step) and step.bed.name not in seen:
            seen.add(step.bed.name)
            try:
                backgrounds.background(step.bed.name)
            except RequestError as error:
                yield Problem(step.place, "unknown-background", error.message, error.hint)
