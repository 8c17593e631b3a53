"""From a routine and its options to a session: the voice is chosen, and what there is not is refused."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from audioguide.belongings import Belongings, Brought, Packed, pack
from audioguide.errors import Place, Problem, RequestError, RoutineError, nearest
from audioguide.presets import Plan, plan
from audioguide.routine.customise import SILENT, Options, customise
from audioguide.routine.model import CHIMES, Routine, SayStep, Step
from audioguide.session import Session, sounds
from audioguide.speech.fallback import standbys_of
from audioguide.speech.profile import Profile
from audioguide.speech.registry import engine
from audioguide.speech.script import base, language_name, same_language, silent
from audioguide.timeline.words import words


def open_session(source: str | Path, options: Options | None = None) -> Session:
    """The session of a routine (an id or a file), a preset or an exported file, with options.

    Raises RequestError with all that is wrong with it.
    """
    return session_of_plan(plan(source, options or Options()))


def parse_options(written: Mapping[str, Any]) -> Options:
    """Options from plain data, with the same words as in a preset. RoutineError with all that is wrong with them, each
    within its key.
    """
    if not written:
        return Options()
    from audioguide.carried.tree import document_of
    from audioguide.routine.validate import validate
    from audioguide.routine.wishes import OptionsForm, options_of  # a form is slow to make

    document = document_of(written, "options", lambda keys: (".".join(map(str, keys)), 1))
    return options_of(validate(document, OptionsForm))


def session_of_plan(plan: Plan) -> Session:
    """The session of a routine and all the layers of its options; an export of it carries them."""
    belongings = Brought(plan.carried, plan.routine.language) if plan.carried else Belongings()
    session = session_of(plan.routine, plan.options, belongings)
    return replace(session, remarks=(*plan.notes, *session.remarks), pack=partial(_packed, plan, session))


def works(plan: Plan) -> bool:
    """Whether a plan makes a session: asked of one with fewer options, it tells whether an option is to blame."""
    try:
        session_of_plan(plan).outline()
    except RequestError:
        return False
    return True


def _packed(plan: Plan, session: Session) -> Packed:
    from audioguide.carried import payload

    routine = plan.routine
    voices = (session.voice, *session.standbys.profiles)
    belongings, lacks = pack(routine, plan.options, voices, plan.carried)
    made = payload(plan.written, routine.id, routine.title, plan.options, session.voice.name, belongings)
    if made is None:
        return Packed(b"", ("This routine is too large for its file to carry: the file cannot be changed later.",))
    return Packed(made, lacks)


def session_of(routine: Routine, options: Options, belongings: Belongings | None = None) -> Session:
    """The session of a routine that was read already; what it names is looked for among `belongings`."""
    found = belongings or Belongings()
    check_options(found.asked(options), found)
    customised = customise(routine, options)
    routine = _found_backgrounds(customised.routine, found)
    if problems := tuple(unknown_backgrounds(routine)):
        raise RoutineError(problems)
    language = routine.language
    voice = found.voice(routine.voice) if routine.voice else found.voice_for(language)
    standbys = standbys_of(voice, options.fallback, found.voice)
    return Session(
        routine,
        voice,
        found.words(language),
        customised.stayed,
        (*customised.notes, *found.notes, *_mismatch(voice, language)),
        options.length,
        options.beyond_limits,
        standbys,
    )


def _found_backgrounds(routine: Routine, belongings: Belongings) -> Routine:
    found = {
        name: belongings.background(name) for name in sorted({step.bed.name for step in routine.steps if step.bed})
    }

    def placed(step: Step) -> Step:
        return replace(step, bed=replace(step.bed, name=found[step.bed.name])) if step.bed else step

    return replace(routine, steps=tuple(map(placed, routine.steps)))


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


def check_options(options: Options, belongings: Belongings | None = None) -> None:
    """Raises RequestError for a voice or a background that there is not, whatever the routine."""
    found = belongings or Belongings()
    if options.voice is not None:
        found.voice(options.voice)
    if options.fallback is not None:
        _ = engine(found.voice(options.fallback)).version  # one that is not there is no help when it is needed
    if options.background and options.background != SILENT:
        from audioguide.sound import backgrounds

        backgrounds.background(found.background(options.background))
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
            except RoutineError as error:  # its file is there, and wrong
                yield from error.problems
            except RequestError as error:
                yield Problem(step.place, "unknown-background", error.message, error.hint)
