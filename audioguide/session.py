"""The composition: the only place that picks a voice, a mixer, an encoder and a loudspeaker, and puts them together."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from audioguide.errors import Problem, RequestError, RoutineError
from audioguide.routine.customise import SILENT, Options, customise
from audioguide.routine.document import Document, read
from audioguide.routine.holds import excess
from audioguide.routine.load import attempt, find, load
from audioguide.routine.model import BreatheStep, PoseStep, Routine
from audioguide.routine.validate import validate
from audioguide.routine.written import PoseForm
from audioguide.speech.profile import Profile, profile
from audioguide.speech.speaker import Progress, Speaker
from audioguide.timeline.compile import compile, sections
from audioguide.timeline.model import Section, Timeline, Utterance
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

    `notes` are what a listener should be told about the options, a line each.
    """

    routine: Routine
    notes: tuple[str, ...]
    voice: Profile
    words: Words

    def speaker(self, progress: Progress | None = None, niceness: int = 0) -> Speaker:
        """The session's voice at work, a context manager; the niceness of its threads is the system's."""
        return Speaker(self.voice, progress=progress, niceness=niceness)

    def timeline(self, progress: Progress | None = None) -> Timeline:
        """Every cue, to the frame; what was never spoken before is spoken now (`progress`: clips made, clips asked)."""
        with self.speaker(progress) as speaker:
            speaker.prefetch(self.utterances(speaker))
            return compile(self.routine, speaker.measure, self.words)

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
            return compile(self.routine, measure, self.words), exact

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

        speaker = self.speaker(spoken, niceness)
        return Live(speaker, self.utterances(speaker), sections(self.routine, speaker.measure, self.words))

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


def stem_paths(path: Path) -> tuple[Path, Path, Path]:
    """Where the stems of an export lie: `FILE.voice.wav` and so on, FILE without its ending."""
    voice, background, chimes = (
        path.with_name(f"{path.stem}.{stem}.wav") for stem in ("voice", "background", "chimes")
    )
    return voice, background, chimes


def open_session(source: str | Path, options: Options | None = None) -> Session:
    """The session of a routine (an id or a file) with options. Raises RequestError with all that is wrong with it."""
    return session_of(load(source), options or Options())


def session_of(routine: Routine, options: Options) -> Session:
    """The session of a routine that was read already."""
    check_options(options)
    customised = customise(routine, options)
    if problems := tuple(_unknown_backgrounds(customised.routine)):
        raise RoutineError(problems)
    voice = profile(customised.routine.voice)
    return Session(customised.routine, customised.notes, voice, words(customised.routine.language))


def check_options(options: Options) -> None:
    """Raises RequestError for a voice or a background that there is not, whatever the routine."""
    if options.voice is not None:
        profile(options.voice)
    if options.background not in (None, SILENT):
        from audioguide.sound import backgrounds

        backgrounds.background(options.background)


def check(source: str | Path) -> tuple[Problem, ...]:
    """Every problem of a routine file at once, by place. RequestError when there is no such file."""
    path = find(str(source))
    try:
        document = read(path)
        if "name" in document.data and "steps" not in document.data:  # a file of the pose library
            validate(document, PoseForm)
            return ()
    except RoutineError as error:
        return error.problems
    routine, found = attempt(path, document)
    problems = list(found)
    if routine is not None:
        poses = (step for step in routine.steps if isinstance(step, PoseStep))
        problems += (problem for step in poses if (problem := excess(step)))
        problems += _unknown_names(document)
        problems += _unknown_backgrounds(routine)  # of what it includes, too
        if not problems:
            problems += _unspeakable(session_of(routine, Options()))
    first_at = {(problem.place.file, problem.place.line, problem.message): problem for problem in reversed(problems)}
    return tuple(sorted(first_at.values(), key=lambda problem: problem.place))


def _unknown_names(document: Document) -> Iterator[Problem]:
    """Voices, backgrounds and languages that there are not, where they are named."""
    from audioguide.sound import backgrounds

    finders: dict[str, Callable[[str], object]] = {
        "background": lambda name: name == SILENT or backgrounds.background(name),
        "voice": profile,
        "language": words,
    }
    for path, place in document.places.items():
        finder = finders.get(str(path[-1])) if path else None
        name = document.value(path) if finder else None
        if finder and isinstance(name, str):
            try:
                finder(name)
            except RequestError as error:
                yield Problem(place, str(error))


def _unspeakable(session: Session) -> Iterator[Problem]:
    """Texts that the voice cannot say."""
    timeline, _ = session.outline()
    with session.speaker() as speaker:
        for cue in timeline.cues:
            if cue.utterance and cue.place and (refused := speaker.refusal(cue.utterance)):
                yield Problem(cue.place, refused)


def _unknown_backgrounds(routine: Routine) -> Iterator[Problem]:
    from audioguide.sound import backgrounds

    seen: set[str] = set()
    for step in routine.steps:
        if isinstance(step, PoseStep | BreatheStep) and step.background and step.background not in seen:
            seen.add(step.background)
            try:
                backgrounds.background(step.background)
            except RequestError as error:
                yield Problem(step.place, str(error))
