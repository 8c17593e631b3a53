"""From a routine and its options to a session: the voice is chosen, and what there is not is refused."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from audioguide.errors import Problem, RequestError, RoutineError, blame, suggest
from audioguide.model.options import SILENT, Options
from audioguide.model.routine import CHIMES, Routine, Step
from audioguide.routine.customise import customise
from audioguide.session.assets import AssetResolver, BundledAssets, PackedAssets, pack_assets
from audioguide.session.preset import ResolvedRoutine, resolve
from audioguide.session.session import Session, is_audible
from audioguide.speech.engines.engine import make_engine
from audioguide.speech.languages import language_name, same_language
from audioguide.speech.speaker import find_fallbacks
from audioguide.speech.voice_speaker import Tell
from audioguide.speech.voices import VoiceProfile


def open_session(source: str | Path, options: Options | None = None) -> Session:
    """The session of a routine (an id or a file), a preset or an exported file, with options.

    Raises RequestError with all that is wrong with it.
    """
    return build_session(resolve(source, options or Options()))


def parse_options(data: Mapping[str, Any]) -> Options:
    """Options from plain data, with the words of a preset. RoutineError with all that is wrong, each within its key."""
    if not data:
        return Options()
    from audioguide.routine.options_form import OptionsForm, to_options  # slow to load
    from audioguide.schema.json_document import to_document
    from audioguide.schema.validate import validate

    document = to_document(data, "options", lambda keys: (".".join(map(str, keys)), 1))
    return to_options(validate(document, OptionsForm))


def build_session(resolved: ResolvedRoutine, tell: Tell | None = None) -> Session:
    """The session of a routine with all layers of its options; an export of it carries them.

    What is refused because of an option that was not asked for now says where that was written. `tell` is told what
    a listener should know while it is made, on any thread.
    """
    assets = BundledAssets(resolved.embedded, resolved.routine.language) if resolved.embedded else AssetResolver()
    try:
        session = compose(resolved.routine, resolved.options, assets)
    except RequestError as error:
        if error.option and (origin := resolved.origin(*error.option)):
            hint = f"{error.hint} It was asked for in {origin}.".lstrip()
            raise RequestError(error.message, hint, error.option) from None
        raise
    remarks = (*resolved.notes, *session.remarks)
    return replace(session, remarks=remarks, tell=tell, pack=partial(_pack, resolved, session))


def _pack(resolved: ResolvedRoutine, session: Session) -> PackedAssets:
    from audioguide.session.embed import build_payload

    routine = resolved.routine
    voices = (session.voice, *session.fallbacks.profiles)
    assets, lacks = pack_assets(routine, resolved.options, voices, resolved.embedded)
    payload = build_payload(resolved.written, routine.id, routine.title, resolved.options, session.voice.name, assets)
    if payload is None:
        return PackedAssets(b"", ("The routine is too large for the file to carry: it cannot be changed later.",))
    return PackedAssets(payload, lacks)


def compose(routine: Routine, options: Options, assets: AssetResolver | None = None) -> Session:
    """The session of a routine that was read already; what it names is looked for among `assets`."""
    assets = assets or AssetResolver()
    check_options(assets.asked(options), assets)
    customised = customise(routine, options)
    routine = _with_found_backgrounds(customised.routine, assets)
    if problems := tuple(check_backgrounds(routine)):
        raise RoutineError(problems)
    language = routine.language
    voice = assets.voice(routine.voice) if routine.voice else assets.voice_for(language)
    fallbacks = find_fallbacks(voice, options.fallback, assets.voice)
    return Session(
        routine,
        voice,
        assets.words(language),
        customised.stayed,
        (*customised.notes, *assets.notes, *_mismatch(voice, language)),
        options.length,
        options.beyond_limits,
        fallbacks,
    )


def _with_found_backgrounds(routine: Routine, assets: AssetResolver) -> Routine:
    names = {step.background.name for step in routine.steps if step.background}
    found = {name: assets.background(name) for name in sorted(names)}

    def placed(step: Step) -> Step:
        spec = step.background
        return replace(step, background=replace(spec, name=found[spec.name])) if spec else step

    return replace(routine, steps=tuple(map(placed, routine.steps)))


def _mismatch(voice: VoiceProfile, language: str) -> Iterator[str]:
    if not same_language(voice.language, language):
        speaks, written = language_name(voice.language), language_name(language)
        yield f"The voice {voice.name} speaks {speaks}, the routine is in {written}."


def check_options(options: Options, assets: AssetResolver | None = None) -> None:
    """Raises RequestError for a voice, a background or a chime that there is not, whatever the routine."""
    assets = assets or AssetResolver()
    if options.voice is not None:
        with blame("voice"):
            assets.voice(options.voice)
    if options.fallback is not None:
        with blame("fallback"):
            _ = make_engine(assets.voice(options.fallback)).version  # it must be installed
    if options.background and options.background != SILENT:
        from audioguide.sound import background

        with blame("background"):
            background.find_background(assets.background(options.background))
    if options.chime is not None and options.chime not in (SILENT, *CHIMES):
        hint = suggest(options.chime, (*CHIMES, SILENT))
        raise RequestError(f"There is no chime {options.chime!r}.", hint, ("chime", None))


def check_backgrounds(routine: Routine) -> Iterator[Problem]:
    """Backgrounds of a routine that there are not, each at the first step that names it."""
    from audioguide.sound import background

    seen: set[str] = set()
    for step in routine.steps:
        if step.background and is_audible(step) and step.background.name not in seen:
            seen.add(step.background.name)
            try:
                background.find_background(step.background.name)
            except RoutineError as error:  # its file is there, and wrong
                yield from error.problems
            except RequestError as error:
                yield Problem(step.place, "unknown-background", error.message, error.hint)
