"""Opens sessions: a routine with its options, and the voice, phrases and backgrounds that they name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from functools import cache, partial
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Any

from audioguide.errors import Problem, RequestError, RoutineError, blame, suggest
from audioguide.model.options import SILENT, Options, to_arguments
from audioguide.model.routine import CHIMES, PoseStep, Routine, Step
from audioguide.routine.customise import customise
from audioguide.session.assets import AssetResolver
from audioguide.session.composition import is_audible
from audioguide.session.config import locate_files
from audioguide.session.preset import ResolvedRoutine, resolve
from audioguide.session.session import Session
from audioguide.speech.engines.engine import engine_class, make_engine
from audioguide.speech.languages import language_name, same_language
from audioguide.speech.speaker import find_fallbacks
from audioguide.speech.voice_speaker import Tell
from audioguide.system import paths
from audioguide.system.paths import display_path

if TYPE_CHECKING:
    from audioguide.session.composition import PackedSession

MOST_LAYERS = 60  # of all backgrounds of a session: in a file from a stranger 600 took 4 GB


def open_session(
    source: str | Path, options: Options | None = None, columns: Mapping[str, str] | None = None
) -> Session:
    """The session of a routine (an id or a file), a preset or an exported file. RequestError as `resolve`."""
    return build_session(resolve(source, options or Options(), columns=columns))


def parse_options(data: Mapping[str, Any]) -> Options:
    """Options from plain data, with the words of a preset. RoutineError with all that is wrong, each within its key."""
    if not data:
        return Options()
    from audioguide.routine.options_form import OptionsForm, to_options  # slow to load
    from audioguide.schema.json_document import to_document
    from audioguide.schema.validate import validate

    document = to_document(data, "options", lambda keys: (".".join(map(str, keys)), 1))
    return to_options(validate(document, OptionsForm))


def build_session(resolved: ResolvedRoutine, on_note: Tell | None = None) -> Session:
    """The session of a resolved routine. Exported files carry it.

    An error about an option that was not asked for now says where it was written. `on_note` is called, on any thread,
    with what a listener should know at once.
    """
    assets = AssetResolver(resolved.embedded, resolved.routine.language)
    try:
        session = compose(resolved.routine, resolved.options, assets)
    except RequestError as error:
        if error.option and (origin := resolved.origin(*error.option)):
            hint = f"{error.hint} It was asked for in {origin}.".lstrip()
            raise RequestError(error.message, hint, error.option) from None
        raise
    remarks, pack = (*resolved.notes, *session.remarks), cache(partial(_pack, resolved, session))
    return replace(session, remarks=remarks, on_note=on_note, pack=pack, command=_write_command(resolved))


def _write_command(resolved: ResolvedRoutine) -> str:
    """The command that shows a session, but for its length; "" for a routine that is in no file."""
    if not resolved.source:
        return ""
    source = resolved.embedded.file if resolved.embedded else resolved.source
    if resolved.preset:
        found = resolved.preset.name in paths.preset_files()
        source = resolved.preset.name if found else display_path(resolved.preset.path)
    options = to_arguments(replace(resolved.asked, length=None))
    return " ".join(filter(None, ("audioguide show", quote(source), options)))


def _pack(resolved: ResolvedRoutine, session: Session) -> PackedSession:
    from audioguide.session.embed import pack_session  # loads what reads and writes tags

    return pack_session(resolved, session)


def compose(routine: Routine, options: Options, assets: AssetResolver | None = None) -> Session:
    """The session of a loaded routine; `assets` finds what it names."""
    assets = assets or AssetResolver(language=routine.language)
    check_options(options, assets)
    language = routine.language
    if options.language not in (None, language):
        message = f"{routine.title} has no words in {language_name(str(options.language))}."
        others = [code for code in routine.languages or (language,) if code != options.language]
        raise RequestError(message, f"It has words in: {', '.join(others)}.", ("language", None))
    customised = customise(routine, options, assets.find_pose)
    routine = _find_backgrounds(customised.routine, assets)
    if problems := tuple(check_backgrounds(routine)):
        raise RoutineError(problems)
    voice = (assets.find_voice(routine.voice) if routine.voice else assets.choose_voice(language)).in_language(language)
    fallbacks = find_fallbacks(voice, options.fallback, lambda name: assets.find_voice(name).in_language(language))
    phrases = assets.find_phrases(language)
    remarks = [*customised.notes, *assets.notes]
    if foreign := list_foreign(routine):
        names = ", ".join(dict.fromkeys(step.pose.name for step in foreign))
        remarks.append(f"Without words in {language_name(language)}, so said as they are written: {names}.")
    if not same_language(voice.language, language):
        speaks, is_in = language_name(voice.language), language_name(language)
        remarks.append(f"The voice {voice.name} speaks {speaks}, the routine is in {is_in}.")
    if voice.gain is None:
        remarks.append(f"The voice {voice.name} was never measured: run `audioguide voices level {quote(voice.name)}`.")
    if (options.pace or 1) != 1 and not engine_class(voice).paced:
        remarks.append(f"The voice {voice.display_name} has one pace, which --pace does not change.")
    return Session(
        routine,
        voice,
        phrases,
        customised.clamped,
        tuple(remarks),
        options,
        fallbacks,
        assets.find_cover(options.cover),
    )


def list_foreign(routine: Routine, written: str = "") -> list[PoseStep]:
    """The steps with poses of the library that have no words in the language of a routine, `written` in another one."""
    written = written or (*routine.languages, routine.language)[0]
    poses = (step for step in routine.steps if isinstance(step, PoseStep) and step.in_library)
    return [step for step in poses if (step.pose.language or written) != routine.language]


def _find_backgrounds(routine: Routine, assets: AssetResolver) -> Routine:
    """The routine with the names under which its backgrounds are found; music sounds always, if nobody says when."""
    from audioguide.sound import background

    names = sorted({step.background.name for step in routine.steps if step.background})
    found = {name: assets.find_background(name) for name in names}

    streamed = set()
    for name in found.values():
        with suppress(RequestError):  # `check_backgrounds` says so, with its place
            streamed |= {name} if background.find_background(name).streamed else set()

    def with_found(step: Step) -> Step:
        if not (spec := step.background):
            return step
        name = found[spec.name]
        during = spec.during or ("always" if name in streamed else "holds")
        return replace(step, background=replace(spec, name=name, during=during))

    return replace(routine, steps=tuple(map(with_found, routine.steps)))


def check_options(options: Options, assets: AssetResolver | None = None) -> None:
    """Raises RequestError for a voice, a background, a chime or a cover that is not there, whatever the routine."""
    if assets is None:  # and nothing has looked for files yet
        assets, options = AssetResolver(), locate_files(options, Path())
        assets.find_cover(options.cover)
    options = assets.select_requested(options)
    if options.language is not None:
        with blame("language"):
            paths.prompts_file(options.language)
    if options.voice is not None:
        with blame("voice"):
            assets.find_voice(options.voice)
    if options.fallback is not None:
        with blame("fallback"):
            _ = make_engine(assets.find_voice(options.fallback)).version  # it must be installed
    if options.background and options.background != SILENT:
        from audioguide.sound import background

        with blame("background"):
            background.find_background(assets.find_background(options.background))
    if options.chime is not None and options.chime not in (SILENT, *CHIMES):
        hint = suggest(options.chime, (*CHIMES, SILENT))
        raise RequestError(f"There is no chime {options.chime!r}.", hint, ("chime", None))


def check_backgrounds(routine: Routine) -> Iterator[Problem]:
    """Problems of the backgrounds that are heard in a routine, each at the first step that names it."""
    from audioguide.sound import background

    seen, layers = set[str](), 0
    for step in routine.steps:
        if step.background and is_audible(step) and step.background.name not in seen:
            seen.add(step.background.name)
            try:
                before, layers = layers, layers + len(background.find_background(step.background.name).layers)
                if before <= MOST_LAYERS < layers:
                    message = f"From here on, the backgrounds of this session have more than {MOST_LAYERS} layers."
                    yield Problem(step.place, "too-large", message, "Each takes memory and time: name fewer of them.")
            except RoutineError as error:  # its file is there, and wrong
                yield from error.problems
            except RequestError as error:
                yield Problem(step.place, "unknown-background", error.message, error.hint)
