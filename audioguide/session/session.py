"""The composition: the only place that picks a voice, a mixer, an encoder and a loudspeaker, and puts them together."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from os import PathLike
from pathlib import Path
from typing import IO, TYPE_CHECKING

import numpy as np

from audioguide.model.routine import BreatheStep, PoseStep, RestStep, Routine, Step
from audioguide.model.timeline import Section, Timeline, Utterance
from audioguide.speech.speaker import Fallbacks, Speaker, build_speaker
from audioguide.speech.voice_speaker import Progress, Tell
from audioguide.speech.voices import VoiceProfile
from audioguide.timeline.compiler import CompiledSections, Compiler, compile, compile_sections
from audioguide.timeline.phrases import Phrases
from audioguide.timeline.prompts import Measure

if TYPE_CHECKING:
    from pydub import AudioSegment

    from audioguide.export.writer import WriteProgress
    from audioguide.session.assets import PackedAssets
    from audioguide.session.stream import SessionStream
    from audioguide.sound.block import Block
    from audioguide.sound.synth.layer import LoopedSource

LONGEST_UNTOLD = 10.0
"""Seconds of silence that a session may end with before a listener is told of it: a slow breath."""


@dataclass(frozen=True)
class Session:
    """A routine with its options: what is played or exported.

    `stayed` are the poses (with their hold) that an option could not move further, and `remarks` what else a listener
    should be told. `length` is the seconds that the holds are still to be fitted to: see `fitted`. `fallbacks` speak
    where the voice cannot, and `tell` is told what a listener should know at once, on any thread, maybe repeatedly.
    `pack` puts together what its file carries.
    """

    routine: Routine
    voice: VoiceProfile
    words: Phrases
    stayed: Mapping[str, str]
    remarks: tuple[str, ...] = ()
    length: float | None = None
    beyond_limits: bool = False
    fallbacks: Fallbacks = field(default_factory=Fallbacks)
    tell: Tell | None = None
    pack: Callable[[], PackedAssets] | None = None

    @property
    def notes(self) -> tuple[str, ...]:
        """What a listener should be told about the options, a line each."""
        stayed = (f"Stayed at their limits: {', '.join(self.stayed.values())}.",) if self.stayed else ()
        return (*stayed, *self.remarks)

    def speaker(self, progress: Progress | None = None) -> Speaker:
        """The session's voice at work, a context manager."""
        return build_speaker(self.voice, self.fallbacks, progress=progress, tell=self.tell)

    @cached_property
    def outline(self) -> Outline:
        """The session before it is spoken, worked out once: a clip that is not known yet has an estimated length."""
        utterances: dict[Utterance, None] = {}
        estimated = False

        def measure(utterance: Utterance) -> int:
            nonlocal estimated
            utterances[utterance] = None
            if speaker.is_cached(utterance):
                return speaker.measure(utterance)
            estimated = True
            return speaker.estimate(utterance)

        with self.speaker() as speaker:
            session = self._fitted(measure)
            sections = compile_sections(session.routine, measure, session.words)
        timeline = session.timeline_of([section for section, _ in sections.values()])
        outline = Outline(session, timeline, tuple(utterances), {} if estimated else sections)
        vars(session)["outline"] = outline  # nothing is left to be fitted in it, so it is its outline, too
        return outline

    def fitted(self, progress: Progress | None = None) -> Session:
        """The session with its holds fitted to the length that was asked: for that, all has to be spoken first.

        Without such a wish, the session as it is. `progress` is told how many clips are made, of how many. RequestError
        when its holds cannot move that far.
        """
        if self.length is None or self.outline.is_exact:
            return self.outline.session if self.length is not None else self
        with self.speaker(progress) as speaker:
            speaker.prefetch(self.outline.utterances)
            return self._fitted(speaker.measure)

    def _fitted(self, measure: Measure) -> Session:
        if self.length is None:
            return self
        from audioguide.timeline.fit import fit_length

        fitted = fit_length(self.routine, self.length, measure, self.words, beyond_limits=self.beyond_limits)
        stayed = {name: hold for name, hold in self.stayed.items() if name not in fitted.moved} | fitted.stayed
        remarks = self.remarks
        if fitted.silence > LONGEST_UNTOLD:
            remarks += (f"It ends with {fitted.silence:.0f} seconds of silence: its holds move by whole breaths.",)
        return replace(self, routine=fitted.routine, stayed=stayed, remarks=remarks, length=None)

    def compile(self, progress: Progress | None = None) -> Timeline:
        """Every cue, to the frame. It is compiled once and kept; what was never spoken before is spoken now.

        `progress` is told how many clips are made, of how many. RoutineError for a text that the voice cannot say,
        EnvironmentFailure when it fails.
        """
        if "_timeline" not in vars(self):
            vars(self)["_timeline"] = self._compile(progress)
        timeline: Timeline = vars(self)["_timeline"]
        return timeline

    def _compile(self, progress: Progress | None) -> Timeline:
        session = self.fitted(progress)
        if session.outline.is_exact:
            return session.outline.timeline
        with session.speaker(progress) as speaker:
            speaker.prefetch(session.outline.utterances)
            return compile(session.routine, speaker.measure, session.words)

    def export(
        self,
        target: str | PathLike[str] | IO[bytes],
        *,
        format: str | None = None,
        mono: bool = False,
        bitrate: int | None = None,
        stems: bool = False,
        captions: Sequence[str] = (),
        chapters: Sequence[str] = (),
        spoken: Progress | None = None,
        written: WriteProgress | None = None,
        workers: int | None = None,
    ) -> Timeline:
        """Write the session to `target`, a path or a binary file, and return its timeline.

        The ending of a path names the format; a binary file needs `format`: "mp3", "m4a", "m4b", "opus", "flac" or
        "wav". `bitrate` is in kbit/s, the format's usual one without it. `stems` writes voice, background and chimes
        beside the path, as WAV, which together are the mix; `captions` ("vtt", "srt", "lrc") and `chapters` ("json")
        write files that players read beside it. All files appear when all are whole, or none does. `spoken` is told
        how many clips are made, of how many, and `written` how many frames. `workers` segments of an MP3 are encoded
        at a time, without it as many as there are cores.

        Raises RequestError for a wrong name, folder or bit rate, and for a background that one channel would spoil;
        EnvironmentFailure where the disk or the encoder fails.
        """
        from audioguide.session.output import export_session

        return export_session(
            self,
            target,
            format,
            mono=mono,
            bitrate=bitrate,
            stems=stems,
            captions=captions,
            chapters=chapters,
            spoken=spoken,
            written=written,
            workers=workers,
        )

    def timeline_of(self, sections: Sequence[Section]) -> Timeline:
        """The timeline that sections are, as far as they are made."""
        return Timeline(self.routine.title, self.routine.id, tuple(sections))

    def live(self, spoken: Progress | None = None) -> SessionStream:
        """The session in the making, to be used while it is made; a context manager."""
        from audioguide.session.stream import SessionStream
        from audioguide.sound import background as backgrounds

        for name in self.backgrounds():
            backgrounds.find_background(name).make_source()  # what is wrong with it is said now, and music is decoded
        session = self.fitted(spoken)
        speaker = session.speaker(spoken)
        outline = session.outline
        compiler = Compiler(session.routine, speaker.measure, session.words, outline.exact_sections)
        return SessionStream(speaker, outline.utterances, compiler, beyond_limits=self.beyond_limits, tell=self.tell)

    def backgrounds(self) -> tuple[str, ...]:
        """The names of the backgrounds that sound in it, in the order in which they do."""
        return tuple(
            dict.fromkeys(step.background.name for step in self.routine.steps if step.background and is_audible(step))
        )

    def waiting(self) -> LoopedSource | None:
        """What sounds while the session is not ready: the first background that it has."""
        from audioguide.sound import background as backgrounds

        name = next(iter(self.backgrounds()), None)
        return backgrounds.find_background(name).make_source() if name else None

    def blocks(self) -> Iterator[Block]:
        """The mix from beginning to end, while it is made: float32 of shape (up to 8192, 2), full scale is ±1."""
        with self.live() as live:
            for stems in live.stems():
                yield stems.mix

    def samples(self) -> Block:
        """The whole mix: float32 of shape (frames, 2) at 44.1 kHz, full scale is ±1. 21 MB a minute."""
        return np.concatenate([*self.blocks()])

    def segment(self) -> AudioSegment:
        """The session as a pydub AudioSegment: stereo, 44.1 kHz, 16 bit. It holds the whole sound in memory."""
        from audioguide.export.writer import to_pydub

        return to_pydub(self.blocks())

    def plot(self, timeline: Timeline, path: Path) -> None:
        """Draw the session's `timeline` as a picture to print: PNG, PDF or SVG, as the ending of `path` says.

        Raises RequestError for a wrong ending or folder, EnvironmentFailure where the disk fails.
        """
        from audioguide.draw.plot import check_picture, plot
        from audioguide.system.files import write_bytes

        write_bytes(path, plot(timeline, check_picture(path), self.routine.description, self.words.texts.code))


@dataclass(frozen=True, slots=True)
class Outline:
    """A session before it is spoken.

    `session` is the one whose holds are fitted to these lengths, `utterances` are what is said in it, in the order in
    which that was found out. `exact_sections` are those of the timeline if every clip is known, so that it will not
    change, else none.
    """

    session: Session
    timeline: Timeline
    utterances: tuple[Utterance, ...]
    exact_sections: CompiledSections

    @property
    def is_exact(self) -> bool:
        """Whether every clip is known."""
        return bool(self.exact_sections)


def is_audible(step: Step) -> bool:
    """Whether the background of a step is heard in it."""
    if step.background is None:
        return False
    return (
        step.background.during == "always"
        or isinstance(step, PoseStep | BreatheStep)
        or (isinstance(step, RestStep) and step.held)
    )
