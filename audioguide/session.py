"""The composition: the only place that picks a voice, a mixer, an encoder and a loudspeaker, and puts them together."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from audioguide.errors import Problem, RequestError, RoutineError
from audioguide.presets import Plan, plan
from audioguide.routine.customise import SILENT, Options, customise
from audioguide.routine.model import BreatheStep, PoseStep, Routine
from audioguide.speech.profile import Profile, profile
from audioguide.speech.speaker import Progress, Speaker
from audioguide.timeline.compile import compile, sections
from audioguide.timeline.fit import fit
from audioguide.timeline.model import Section, Timeline, Utterance
from audioguide.timeline.prompts import Measure
from audioguide.timeline.words import Words, words

if TYPE_CHECKING:
    from pydub import AudioSegment

    from audioguide.live import Live
    from audioguide.output import Tags
    from audioguide.sound.backgrounds import Background

ALBUM, ARTIST, GENRE = "audioguide", "audioguide", "Fitness"

BESIDE_THE_ENCODER = 5
"""Niceness of speech in an export: the encoder is what takes longest, so it gets its core first."""

Written = Callable[[int, int], None]
"""Told how many frames are written and how many there are so far."""


@dataclass(frozen=True)
class Session:
    """A routine with its options: what is played or exported.

    `stayed` are the poses (with their hold) that an option could not move further, and `remarks` what else a listener
    should be told. `length` is the seconds that the holds are still to be fitted to: see `fitted`.
    """

    routine: Routine
    voice: Profile
    words: Words
    stayed: Mapping[str, str]
    remarks: tuple[str, ...] = ()
    length: float | None = None
    beyond_limits: bool = False

    @property
    def notes(self) -> tuple[str, ...]:
        """What a listener should be told about the options, a line each."""
        stayed = (f"Stayed at their limits: {', '.join(self.stayed.values())}.",) if self.stayed else ()
        return (*stayed, *self.remarks)

    def speaker(self, progress: Progress | None = None, niceness: int = 0) -> Speaker:
        """The session's voice at work, a context manager; the niceness of its threads is the system's."""
        return Speaker(self.voice, progress=progress, niceness=niceness)

    def fitted(self, progress: Progress | None = None) -> Session:
        """The session with its holds fitted to the length that was asked: for that, all has to be spoken first.

        Without such a wish, the session as it is. RequestError when its holds cannot move that far.
        """
        if self.length is None:
            return self
        with self.speaker(progress) as speaker:
            speaker.prefetch(self.utterances(speaker))
            return self._fitted(speaker.measure)

    def _fitted(self, measure: Measure) -> Session:
        if self.length is None:
            return self
        fitted = fit(self.routine, self.length, measure, self.words, beyond_limits=self.beyond_limits)
        stayed = {name: hold for name, hold in self.stayed.items() if name not in fitted.moved} | fitted.stayed
        return replace(self, routine=fitted.routine, stayed=stayed, length=None)

    def timeline(self, progress: Progress | None = None) -> Timeline:
        """Every cue, to the frame; what was never spoken before is spoken now (`progress`: clips made, clips asked)."""
        with self.speaker(progress) as speaker:
            speaker.prefetch(self.utterances(speaker))
            return compile(self._fitted(speaker.measure).routine, speaker.measure, self.words)

    def outline(self) -> tuple[Timeline, bool]:
        """The timeline without speaking anything, and whether it is exact or rests on guesses."""
        exact = True

        def measure(utterance: Utterance) -> int:
            nonlocal exact
            if speaker.known(utterance):
                return speaker.measure(utterance)
            exact = False
            return speaker.estimate(utterance)

        with self.speaker() as speaker:
            return compile(self._fitted(measure).routine, measure, self.words), exact

    def utterances(self, speaker: Speaker) -> Iterator[Utterance]:
        """What is going to be said, in order, as far as that can be told before the clips are made."""
        asked: dict[Utterance, None] = {}

        def measure(utterance: Utterance) -> int:
            asked[utterance] = None
            return speaker.estimate(utterance)

        for _ in sections(self.routine, measure, self.words):
            yield from asked
            asked.clear()

    def export(
        self,
        path: Path,
        *,
        mono: bool = False,
        stems: bool = False,
        spoken: Progress | None = None,
        written: Written | None = None,
    ) -> Timeline:
        """Write the session to `path`, in the format that its ending names, and return its timeline.

        `stems` writes voice, background and chimes beside it, as WAV, which together are the mix. All files appear
        when all are whole, or none does. Raises RequestError for a wrong name or folder, EnvironmentFailure where
        the disk or the encoder fails.
        """
        from audioguide.output import Encoder, format_of, staged, write_tags

        form, wav = format_of(path), format_of(Path("stem.wav"))
        channels = 1 if mono else 2
        with staged(path, *(stem_paths(path) if stems else ())) as parts:
            with ExitStack() as open_until_written:
                live = open_until_written.enter_context(self.live(spoken, BESIDE_THE_ENCODER))
                forms = (form, *(wav for _ in parts[1:]))
                encoders = [
                    open_until_written.enter_context(Encoder(part, form, channels))
                    for part, form in zip(parts, forms, strict=True)
                ]
                describing = open_until_written.enter_context(ThreadPoolExecutor(1))
                tags: Future[Tags] | None = None
                for mixed in live.stems():
                    blocks = (mixed.mix, mixed.voice, mixed.background, mixed.chimes)
                    for encoder, block in zip(encoders, blocks, strict=False):
                        encoder.write(block.mean(axis=1, keepdims=True) if mono else block)
                    if tags is None and live.frames is not None:
                        # The session is known long before it is encoded: time to draw its cover.
                        tags = describing.submit(self._tags, self._timeline(live.sections))
                    if written:
                        written(encoders[0].frames, live.available)
            timeline = self._timeline(live.sections)
            write_tags(parts[0], form.ending, tags.result() if tags else self._tags(timeline))
        return timeline

    def _timeline(self, sections: Sequence[Section]) -> Timeline:
        return Timeline(self.routine.title, self.routine.id, tuple(sections))

    def live(self, spoken: Progress | None = None, niceness: int = 0) -> Live:
        """The session in the making, to be used while it is made; a context manager."""
        from audioguide.live import Live

        session = self.fitted(spoken)
        speaker = session.speaker(spoken, niceness)
        return Live(speaker, session.utterances(speaker), sections(session.routine, speaker.measure, session.words))

    def guess(self) -> int:
        """The session's length in frames, as far as it can be told before all is spoken."""
        return self.outline()[0].frames

    def waiting(self) -> Background | None:
        """What sounds while the session is not ready: the background of its first hold."""
        from audioguide.sound import backgrounds

        names = (step.background for step in self.routine.steps if isinstance(step, PoseStep | BreatheStep))
        name = next(names, None)
        return backgrounds.background(name) if name else None

    def _tags(self, timeline: Timeline) -> Tags:
        from audioguide.output import Tags, cover, transcript
        from audioguide.output.artwork import Bar

        holds = (cue for cue in timeline.cues if cue.kind == "hold")
        bars = [Bar(cue.start / timeline.frames, cue.end / timeline.frames) for cue in holds]
        return Tags(
            title=timeline.title,
            frames=timeline.frames,
            chapters=timeline.chapters,
            album=ALBUM,
            artist=ARTIST,
            genre=GENRE,
            comment=self.routine.description,
            transcript=transcript(timeline),
            cover=cover(timeline.title, timeline.routine, bars),
        )

    def segment(self) -> AudioSegment:
        """The session as a pydub AudioSegment: stereo, 44.1 kHz, 16 bit. It holds the whole sound in memory."""
        from audioguide.output.segment import segment_of

        with self.live() as live:
            return segment_of(mixed.mix for mixed in live.stems())

    def plot(self, timeline: Timeline, path: Path) -> None:
        """Draw the session's `timeline` as a picture to print: PNG, PDF or SVG, as the ending of `path` says."""
        from audioguide.output.plot import plot

        plot(timeline, path, self.routine.description)


def stem_paths(path: Path) -> tuple[Path, Path, Path]:
    """Where the stems of an export lie: `FILE.voice.wav` and so on, FILE without its ending."""
    voice, background, chimes = (
        path.with_name(f"{path.stem}.{stem}.wav") for stem in ("voice", "background", "chimes")
    )
    return voice, background, chimes


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
    voice = profile(customised.routine.voice)
    return Session(
        customised.routine,
        voice,
        words(customised.routine.language),
        customised.stayed,
        customised.notes,
        options.length,
        options.beyond_limits,
    )


def check_options(options: Options) -> None:
    """Raises RequestError for a voice or a background that there is not, whatever the routine."""
    if options.voice is not None:
        profile(options.voice)
    if options.background not in (None, SILENT):
        from audioguide.sound import backgrounds

        backgrounds.background(options.background)


def unknown_backgrounds(routine: Routine) -> Iterator[Problem]:
    """Backgrounds of a routine that there are not, each at the first step that names it."""
    from audioguide.sound import backgrounds

    seen: set[str] = set()
    for step in routine.steps:
        if isinstance(step, PoseStep | BreatheStep) and step.background and step.background not in seen:
            seen.add(step.background)
            try:
                backgrounds.background(step.background)
            except RequestError as error:
                yield Problem(step.place, "unknown-background", error.message, error.hint)
