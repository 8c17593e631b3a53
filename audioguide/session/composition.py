"""A routine that is ready to be spoken: it is fitted to a length, compiled once, and streamed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any, Self, cast

from audioguide.errors import AudioguideError, RequestError, RoutineError
from audioguide.model.options import Options
from audioguide.model.routine import BreatheStep, PoseStep, RestStep, Routine, Step
from audioguide.model.timeline import Section, Timeline, Utterance
from audioguide.speech.engines.engine import is_online
from audioguide.speech.numbers import load_spoken_forms
from audioguide.speech.speaker import Fallbacks, Speaker, build_speaker
from audioguide.speech.voice_choice import find_fault
from audioguide.speech.voice_speaker import Progress, Tell, estimate_clip
from audioguide.speech.voices import VoiceProfile
from audioguide.timeline.compiler import CompiledSections, Compiler, compile, compile_sections
from audioguide.timeline.edits import EditHistory
from audioguide.timeline.phrases import Phrases
from audioguide.timeline.prompts import Measure
from audioguide.units import format_clock, to_frames

if TYPE_CHECKING:
    from audioguide.session.stream import SessionStream
    from audioguide.sound.synth.layer import LoopedSource
    from audioguide.timeline.fit import LengthFitter

LONGEST_SILENCE = 10.0
"""Seconds of silence at the end of a session; a listener is told of more. A slow breath takes as long."""


@dataclass(frozen=True)
class PackedSession:
    """What an exported file carries (b"" if it is too large), and a note about each thing that it cannot carry."""

    payload: bytes
    notes: tuple[str, ...]


@dataclass(frozen=True)
class Composition:
    """A routine with its voice, phrases and options: it can be compiled and streamed.

    `clamped` are the poses that an option moved to their limit, by name, with their hold; `remarks` are other notes.
    The routine has the `options` in it already; their `length` is what it is still to be fitted to. `fallbacks` speak
    where the voice cannot. `cover` is a JPEG, or empty for the drawn one. `command` is what a person typed, but for the
    length. `pack` gives what the session's file carries. `on_note` is called, on any thread, with what a listener
    should know at once.
    """

    routine: Routine
    voice: VoiceProfile
    phrases: Phrases
    clamped: Mapping[str, str]
    remarks: tuple[str, ...] = ()
    options: Options = field(default_factory=Options)
    fallbacks: Fallbacks = field(default_factory=Fallbacks)
    cover: bytes = b""
    on_note: Tell | None = None
    pack: Callable[[], PackedSession] | None = None
    command: str = ""

    @property
    def notes(self) -> tuple[str, ...]:
        """What a listener should be told about the options, a line each."""
        clamped = (f"Stayed at their limits: {', '.join(self.clamped.values())}.",) if self.clamped else ()
        return (*clamped, *self.remarks)

    @property
    def awake(self) -> bool:
        """Whether a noise floor keeps earphones awake where nothing sounds."""
        return self.options.silence != "digital"

    @cached_property
    def _fault(self) -> AudioguideError | None:
        if isinstance(fault := find_fault(self.voice, *self.fallbacks.profiles), RoutineError):
            raise fault  # of a lexicon, for example, which concerns other sessions, too
        return fault

    @cached_property
    def missing(self) -> str:
        """Why it cannot be spoken on this machine, and what to do; "" if it can, as far as is known unheard."""
        lack = self._fault
        if lack is None and self.voice.engine == "recorded":
            whole = replace(self, options=replace(self.options, length=None))  # a length may be refused
            with self.speaker() as speaker:
                lack = next(filter(None, map(speaker.cannot_say, whole.outline.utterances)), None)
        return str(lack or "")

    @property
    def unheard(self) -> str:
        """Why its lengths stay estimates until it is played or exported; "" if they need not."""
        online = f"The voice {self.voice.display_name} speaks online, and was not asked." * is_online(self.voice)
        reason = self.missing or online
        return "" if not reason or self.outline.is_exact else reason

    def speaker(self, progress: Progress | None = None) -> Speaker:
        """The session's voice, a context manager."""
        pace, level = self.options.pace or 1.0, self.options.voice_level or 0.0
        return build_speaker(self.voice, self.fallbacks, pace=pace, level=level, progress=progress, tell=self.on_note)

    @contextmanager
    def guess_lengths(self, guessed: set[Utterance]) -> Iterator[Measure]:
        """A context that gives the length of each clip; of one never spoken, noted in `guessed`, by its text."""
        forms = load_spoken_forms(self.voice.language)
        with nullcontext() if self._fault else self.speaker() as speaker:

            @cache  # a compiler asks for each some five times
            def measure(utterance: Utterance) -> int:
                if speaker and speaker.is_cached(utterance):
                    return speaker.measure(utterance)
                guessed.add(utterance)
                return speaker.estimate(utterance) if speaker else estimate_clip(self.voice, forms, utterance)

            yield measure

    @cached_property
    def outline(self) -> Outline:
        """The session before it is spoken; a clip that was never spoken has its estimated length."""
        utterances: dict[Utterance, None] = {}
        guessed: set[Utterance] = set()
        with self.guess_lengths(guessed) as guess:

            def measure(utterance: Utterance) -> int:
                utterances[utterance] = None
                return guess(utterance)

            session = self._fit(measure)
            searched = tuple(utterances)
            utterances.clear()
            sections = compile_sections(session.routine, measure, session.phrases)
        timeline = session.to_timeline([section for section, _ in sections.values()])
        outline = Outline(timeline, tuple(utterances), {} if guessed else sections)
        if session is self:
            return outline
        vars(session)["outline"] = outline  # its holds are fitted, so this is its own outline, too
        return replace(outline, fitted=session, searched=searched)

    def draft(self) -> Self:
        """The session with its holds fitted to its `length` by what is known of its clips, while nothing is spoken."""
        return cast(Self, self.outline.fitted or self)

    def fit(self, progress: Progress | None = None) -> Self:
        """The session with its holds fitted to its `length`, for which all texts are spoken; itself without one.

        `progress` is told how many clips are made, of how many. RequestError when the holds cannot move that far.
        """
        if self.options.length is None:
            return self
        if self._fault:
            return self.draft()
        outline = None
        with suppress(RequestError):  # with estimated lengths it may be refused by a second
            outline = self.outline
        if outline and outline.is_exact and outline.fitted:
            return self.draft()
        with self.speaker(progress) as speaker:
            speaker.prefetch(outline.searched if outline else ())
            return self._fit(speaker.measure)

    def _fit(self, measure: Measure) -> Self:
        if (length := self.options.length) is None:
            return self
        fitted = self.fitter(measure).fit(length)
        clamped = {name: hold for name, hold in self.clamped.items() if name not in fitted.moved} | fitted.clamped
        remarks = self.remarks
        if fitted.change:
            remarks += (f"{format_clock(to_frames(length))}: {fitted.change}.",)
        if fitted.silence > LONGEST_SILENCE:
            remarks += (
                f"It ends with {fitted.silence:.0f} seconds of silence: all that can move does so by whole breaths.",
            )
        options = replace(self.options, length=None)
        return replace(self, routine=fitted.routine, clamped=clamped, remarks=remarks, options=options)

    def fitter(self, measure: Measure) -> LengthFitter:
        """What fits it to lengths, with clips as long as `measure` says."""
        from audioguide.timeline.fit import LengthFitter

        options = self.options
        may_move = options.beyond_limits, options.only == "holds", options.level is not None
        return LengthFitter(self.routine, measure, self.phrases, *may_move, self.command)

    def compile(self, progress: Progress | None = None) -> Timeline:
        """Every cue, to the frame. It is compiled once and kept; what was never spoken before is spoken now.

        `progress` is told how many clips are made, of how many. RoutineError for a text that the voice cannot say,
        EnvironmentFailure when it fails.
        """
        cache: dict[str, Timeline] = vars(self)
        if "timeline" not in cache:
            session = self.fit(progress)
            timeline = session.outline.timeline
            if not session.outline.is_exact:
                with session.speaker(progress) as speaker:
                    speaker.prefetch(session.outline.utterances)
                    timeline = compile(session.routine, speaker.measure, session.phrases)
            cache["timeline"] = timeline
        return cache["timeline"]

    def to_timeline(self, sections: Sequence[Section]) -> Timeline:
        """The timeline of some of its sections."""
        return Timeline(self.routine.title, self.routine.id, tuple(sections))

    def stream(self, spoken: Progress | None = None, history: EditHistory = ()) -> SessionStream:
        """The session, with changes from before, while it is spoken and compiled on a thread; a context manager."""
        from audioguide.session.stream import SessionStream
        from audioguide.sound import background as backgrounds

        for name in self.background_names:
            backgrounds.find_background(name).make_source()  # raises its errors now, and decodes music
        session = self.fit(spoken)
        speaker = session.speaker(spoken)
        outline = session.outline
        compiler = Compiler(session.routine, speaker.measure, session.phrases, outline.exact_sections)
        about: dict[str, Any] = {"beyond_limits": self.options.beyond_limits, "tell": self.on_note, "history": history}
        return SessionStream(speaker, outline.utterances, compiler, **about)

    @property
    def background_names(self) -> tuple[str, ...]:
        """The backgrounds that are heard in it, in the order in which they begin."""
        return tuple(
            dict.fromkeys(step.background.name for step in self.routine.steps if step.background and is_audible(step))
        )

    def waiting_sound(self) -> LoopedSource | None:
        """What is heard while the session is not ready: its first background."""
        from audioguide.sound import background as backgrounds

        name = next(iter(self.background_names), None)
        return backgrounds.find_background(name).make_source() if name else None


@dataclass(frozen=True, slots=True)
class Outline:
    """A session before it is spoken: its timeline, and all that is said in it.

    `exact_sections` are the sections if every clip is known, so that the timeline is final; else none. `fitted` is the
    session as it is fitted with these lengths, if it has a `length`: otherwise both would keep each other alive.
    `searched` is all that was measured for that.
    """

    timeline: Timeline
    utterances: tuple[Utterance, ...]
    exact_sections: CompiledSections
    fitted: Composition | None = None
    searched: tuple[Utterance, ...] = ()

    @property
    def is_exact(self) -> bool:
        """Whether every clip is known."""
        return bool(self.exact_sections)


def is_audible(step: Step) -> bool:
    """Whether the background of a step is heard in it."""
    return step.background is not None and (
        step.background.during == "always"
        or isinstance(step, PoseStep | BreatheStep)
        or (isinstance(step, RestStep) and step.held)
    )
