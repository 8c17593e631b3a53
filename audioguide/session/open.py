"""From a routine and its options to a session: the voice is chosen, and what there is not is refused."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from audioguide.errors import Problem, RequestError, RoutineError, SourceLocation, suggest
from audioguide.model.options import SILENT, Options
from audioguide.model.routine import CHIMES, Routine, SayStep, Step
from audioguide.routine.customise import customise
from audioguide.session.assets import AssetResolver, BundledAssets, PackedAssets, pack_assets
from audioguide.session.preset import ResolvedRoutine, resolve
from audioguide.session.session import Session, is_audible
from audioguide.sound.block import Block, apply_gain, silence
from audioguide.sound.ducking import fade_in_out
from audioguide.sound.mixer import Stems
from audioguide.sound.synth.layer import LoopedSource
from audioguide.speech.engines.engine import engine
from audioguide.speech.fallback import standbys_of
from audioguide.speech.languages import base, language_name, same_language, silent
from audioguide.speech.voices import Profile
from audioguide.timeline.edit_hold import EditCommand
from audioguide.timeline.phrases import find_phrases


def open_session(source: str | Path, options: Options | None = None) -> Session:
    """The session of a routine (an id or a file), a preset or an exported file, with options.

    Raises RequestError with all that is wrong with it.
    """
    return session_of_plan(resolve(source, options or Options()))


def parse_options(written: Mapping[str, Any]) -> Options:
    """Options from plain data, with the same words as in a preset. RoutineError with all that is wrong with them, each
    within its key.
    """
    if not written:
        return Options()
    from audioguide.routine.options_form import OptionsForm, options_of  # a form is slow to make
    from audioguide.schema.validate import validate
    from audioguide.session.embedded import document_of

    document = document_of(written, "options", lambda keys: (".".join(map(str, keys)), 1))
    return options_of(validate(document, OptionsForm))


def session_of_plan(plan: ResolvedRoutine) -> Session:
    """The session of a routine and all the layers of its options; an export of it carries them."""
    belongings = BundledAssets(plan.carried, plan.routine.language) if plan.carried else AssetResolver()
    session = session_of(plan.routine, plan.options, belongings)
    return replace(session, remarks=(*plan.notes, *session.remarks), pack=partial(_packed, plan, session))


def works(plan: ResolvedRoutine) -> bool:
    """Whether a plan makes a session: asked of one with fewer options, it tells whether an option is to blame."""
    try:
        session_of_plan(plan).outline()
    except RequestError:
        return False
    return True


def _packed(plan: ResolvedRoutine, session: Session) -> PackedAssets:
    from audioguide.session.embedded import payload

    routine = plan.routine
    voices = (session.voice, *session.standbys.profiles)
    belongings, lacks = pack_assets(routine, plan.options, voices, plan.carried)
    made = payload(plan.written, routine.id, routine.title, plan.options, session.voice.name, belongings)
    if made is None:
        return PackedAssets(
            b"", ("This routine is too large for its file to carry: the file cannot be changed later.",)
        )
    return PackedAssets(made, lacks)


def session_of(routine: Routine, options: Options, belongings: AssetResolver | None = None) -> Session:
    """The session of a routine that was read already; what it names is looked for among `belongings`."""
    found = belongings or AssetResolver()
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


def _found_backgrounds(routine: Routine, belongings: AssetResolver) -> Routine:
    names = {step.background.name for step in routine.steps if step.background}
    found = {name: belongings.background(name) for name in sorted(names)}

    def placed(step: Step) -> Step:
        spec = step.background
        return replace(step, background=replace(spec, name=found[spec.name])) if spec else step

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
        steps=(SayStep(1, SourceLocation("", 1, 1), text),),
        file="",
    )
    return Session(routine, voice, find_phrases("en"), {}, standbys=standbys_of(voice, None))


def check_options(options: Options, belongings: AssetResolver | None = None) -> None:
    """Raises RequestError for a voice or a background that there is not, whatever the routine."""
    found = belongings or AssetResolver()
    if options.voice is not None:
        found.voice(options.voice)
    if options.fallback is not None:
        _ = engine(found.voice(options.fallback)).version  # one that is not there is no help when it is needed
    if options.background and options.background != SILENT:
        from audioguide.sound import background

        background.find_background(found.background(options.background))
    if options.chime is not None and options.chime not in (SILENT, *CHIMES):
        raise RequestError(f"There is no chime {options.chime!r}.", suggest(options.chime, (*CHIMES, SILENT)))


def unknown_backgrounds(routine: Routine) -> Iterator[Problem]:
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


_BLOCK = 8192


@dataclass(frozen=True)
class Preview:
    """`frames` frames of a sound that is all there: what the player takes as a source."""

    frames: int
    sound: Callable[[int, int], Block]
    """(start, count) → block."""

    lead_in = 0
    failed = None
    sections = ()

    @property
    def version(self) -> Preview:
        """It has but one version."""
        return self

    @property
    def available(self) -> int:
        """All of it."""
        return self.frames

    def stems(self, start: int, count: int) -> Stems:
        """`count` frames from `start`; all of it is voice."""
        return Stems(self.sound(start, count), silence(count), silence(count))

    def edit_hold(self, command: EditCommand, position: Callable[[], int]) -> str:
        """There is no hold in it."""
        return "There is no hold to change."

    def end_open_hold(self, position: Callable[[], int]) -> None:
        """Nor is one kept going."""

    def write(self, path: Path, tell: Callable[[int], None] = lambda done: None) -> None:
        """Write it to `path`, in the format that its ending names; `tell` is told the frames written so far.

        RequestError for a wrong name or folder, EnvironmentFailure where the disk or the encoder fails.
        """
        from audioguide.export.encoder import Encoder
        from audioguide.export.formats import format_of
        from audioguide.system.files import atomic_write

        form = format_of(path)
        with atomic_write(path) as (part,), Encoder(part, form) as encoder:
            for start in range(0, self.frames, _BLOCK):
                encoder.write(self.sound(start, min(_BLOCK, self.frames - start)))
                tell(encoder.frames)


def as_in_a_hold(sound: LoopedSource, frames: int) -> Preview:
    """A background that swells in and out as it does in a hold of so many frames, with nobody speaking."""
    return Preview(
        frames, lambda start, count: apply_gain(sound.block(start, count), fade_in_out(frames, start, count))
    )
