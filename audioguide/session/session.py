"""The composition: the only place that picks a voice, a mixer, an encoder and a loudspeaker, and puts them together."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING

from audioguide.errors import RequestError
from audioguide.model.routine import BackgroundSpec, BreatheStep, PoseStep, RestStep, Routine, Step
from audioguide.model.timeline import Section, Timeline, Utterance
from audioguide.speech.speaker import Fallbacks, Speaker, build_speaker
from audioguide.speech.voice_speaker import Progress, Tell
from audioguide.speech.voices import VoiceProfile
from audioguide.system.process import cores
from audioguide.timeline.compiler import Compiler, compile, compile_sections
from audioguide.timeline.phrases import Phrases
from audioguide.timeline.prompts import Measure
from audioguide.units import LONGEST_SESSION, to_frames

if TYPE_CHECKING:
    from pydub import AudioSegment

    from audioguide.export.encoder import Encoder
    from audioguide.export.tags import Tags
    from audioguide.export.writer import WriteProgress
    from audioguide.session.assets import PackedAssets
    from audioguide.session.stream import SessionStream
    from audioguide.sound.synth.layer import LoopedSource

ALBUM, ARTIST, GENRE = "audioguide", "audioguide", "Fitness"

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
        from audioguide.timeline.fit import fit_length

        fitted = fit_length(self.routine, self.length, measure, self.words, beyond_limits=self.beyond_limits)
        stayed = {name: hold for name, hold in self.stayed.items() if name not in fitted.moved} | fitted.stayed
        remarks = self.remarks
        if fitted.silence > LONGEST_UNTOLD:
            remarks += (f"It ends with {fitted.silence:.0f} seconds of silence: its holds move by whole breaths.",)
        return replace(self, routine=fitted.routine, stayed=stayed, remarks=remarks, length=None)

    def timeline(self, progress: Progress | None = None) -> Timeline:
        """Every cue, to the frame; what was never spoken before is spoken now (`progress`: clips made, clips asked)."""
        with self.speaker(progress) as speaker:
            speaker.prefetch(self.utterances(speaker))
            return compile(self._fitted(speaker.measure).routine, speaker.measure, self.words)

    def outline(self) -> tuple[Timeline, bool]:
        """The timeline without speaking anything, and whether it is exact or rests on guesses."""
        return self.sketch()[1:]

    def sketch(self) -> tuple[Session, Timeline, bool]:
        """As `outline`, after the session as it is fitted on the same guesses."""
        exact = True

        def measure(utterance: Utterance) -> int:
            nonlocal exact
            if speaker.is_cached(utterance):
                return speaker.measure(utterance)
            exact = False
            return speaker.estimate(utterance)

        with self.speaker() as speaker:
            fitted = self._fitted(measure)
            timeline = compile(fitted.routine, measure, self.words)
            return fitted, timeline, exact

    def utterances(self, speaker: Speaker) -> Iterator[Utterance]:
        """What is going to be said, in order, as far as that can be told before the clips are made."""
        asked: dict[Utterance, None] = {}

        def measure(utterance: Utterance) -> int:
            asked[utterance] = None
            return speaker.estimate(utterance)

        for _ in compile_sections(self.routine, measure, self.words):
            yield from asked
            asked.clear()

    def export(
        self,
        path: str | PathLike[str],
        *,
        mono: bool = False,
        bitrate: int | None = None,
        stems: bool = False,
        captions: Sequence[str] = (),
        chapters: Sequence[str] = (),
        spoken: Progress | None = None,
        written: WriteProgress | None = None,
        workers: int | None = None,
    ) -> Timeline:
        """Write the session to `path`, in the format that its ending names, and return its timeline.

        `bitrate` is in kbit/s, the format's usual one without it. `stems` writes voice, background and chimes beside
        it, as WAV, which together are the mix; `captions` ("vtt", "srt", "lrc") and `chapters` ("json") write files
        that players read beside it. All files appear when all are whole, or none does. `workers` pieces of an MP3 are
        encoded at a time, without it as many as there are cores.

        Raises RequestError for a wrong name, folder or bit rate, and for a background that one channel would spoil;
        EnvironmentFailure where the disk or the encoder fails.
        """
        from concurrent.futures import ThreadPoolExecutor

        if not isinstance(path, str | PathLike) or "\0" in str(path):
            raise RequestError(f"{path!r} is no file.", "Give its path.")
        path = Path(path)
        from audioguide.export.captions import sidecar_paths, write_sidecar
        from audioguide.export.formats import format_of
        from audioguide.export.writer import write_files, write_tags
        from audioguide.system.files import atomic_write

        if mono:
            self._refuse_mono()
        form = format_of(path, bitrate)
        carrying = self if form.tagging else replace(self, pack=None)
        mark = carrying.mark(path, mono=mono, bitrate=bitrate, captions=captions, chapters=chapters)
        channels = 1 if mono else 2
        files = (path, *(stem_paths(path) if stems else ()))
        sidecars = sidecar_paths(path, captions, chapters)
        tell = written or (lambda done, known: None)
        with atomic_write(*files, *sidecars) as parts:
            # The session ends before the threads are waited for, which wait for it.
            with ThreadPoolExecutor(2, "aside") as aside, self.live(spoken) as live:
                tags = aside.submit(carrying.tags_of, live, mark) if form.tagging else None
                write_files(live, parts[: len(files)], form, channels, workers or cores(), aside, tell)
                described = tags and tags.result()
            timeline = self.timeline_of(live.sections)
            if described:
                write_tags(parts[0], form, described)
            for part, sidecar in zip(parts[len(files) :], sidecars, strict=True):
                write_sidecar(part, sidecar.suffix, timeline)
        return timeline

    def tags_of(self, live: SessionStream, mark: str) -> Tags:
        """The tags, as soon as the whole session is known: long before it is encoded, which leaves time for them."""
        live.reach(to_frames(LONGEST_SESSION) + 1)
        return self.tags(self.timeline_of(live.sections), mark)

    def _refuse_mono(self) -> None:
        from audioguide.sound import background as backgrounds

        if spoilt := [name for name in self.backgrounds() if backgrounds.find_background(name).stereo_only]:
            name = BackgroundSpec(spoilt[0]).title
            raise RequestError(
                f"In one channel the background {name} is lost: it is different tones for the two ears.",
                "Leave --mono out, or choose another one with --background.",
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
        compiler = Compiler(session.routine, speaker.measure, session.words)
        return SessionStream(
            speaker, session.utterances(speaker), compiler, beyond_limits=self.beyond_limits, tell=self.tell
        )

    def guess(self) -> int:
        """The session's length in frames, as far as it can be told before all is spoken."""
        return self.outline()[0].frames

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

    def mark(
        self,
        path: Path,
        *,
        mono: bool = False,
        bitrate: int | None = None,
        captions: Sequence[str] = (),
        chapters: Sequence[str] = (),
    ) -> str:
        """A digest that changes when `export` would make another file; "" of a session that a file cannot carry.

        A file that carries its session carries this, too, and need not be made again as long as both are the same.
        """
        from audioguide.export.formats import format_of
        from audioguide.session.fingerprint import compute_fingerprint

        if self.pack is None or not (payload := self.pack().payload):
            return ""
        voices = (self.voice, *self.fallbacks.profiles)
        settings = (format_of(path, bitrate).bitrate, mono, *captions, *chapters)
        return compute_fingerprint(payload, voices, self.routine.language, self.backgrounds(), settings)

    def tags(self, timeline: Timeline, mark: str = "") -> Tags:
        """What a file of the session says about it, cover and all that it carries included; see `mark`."""
        from audioguide.draw.cover import hold_bars, render_cover
        from audioguide.export.captions import caption_cues, format_transcript
        from audioguide.export.tags import Tags

        return Tags(
            title=timeline.title,
            frames=timeline.frames,
            chapters=timeline.chapters,
            album=ALBUM,
            artist=ARTIST,
            genre=GENRE,
            comment=self.routine.description,
            transcript=format_transcript(timeline),
            cover=render_cover(timeline.title, timeline.routine, hold_bars(timeline)),
            language=self.words.texts.code,
            captions=caption_cues(timeline),
            payload=self._payload(mark),
        )

    def _payload(self, mark: str) -> bytes:
        """What the file carries; a listener is told what cannot go along."""
        from audioguide.session.embed import with_mark

        if self.pack is None:
            return b""
        packed = self.pack()
        if self.tell:
            for line in packed.lacks:
                self.tell(line)
        return with_mark(packed.payload, mark)

    def segment(self) -> AudioSegment:
        """The session as a pydub AudioSegment: stereo, 44.1 kHz, 16 bit. It holds the whole sound in memory."""
        from audioguide.export.writer import to_pydub

        with self.live() as live:
            return to_pydub(mixed.mix for mixed in live.stems())

    def plot(self, timeline: Timeline, path: Path) -> None:
        """Draw the session's `timeline` as a picture to print: PNG, PDF or SVG, as the ending of `path` says.

        Raises RequestError for a wrong ending or folder, EnvironmentFailure where the disk fails.
        """
        from audioguide.draw.plot import check_picture, plot
        from audioguide.system.files import write_bytes

        write_bytes(path, plot(timeline, check_picture(path), self.routine.description, self.words.texts.code))


@contextmanager
def record_wav(path: Path) -> Iterator[Encoder]:
    """A WAV file in the making, which gets its name when the context is left without an exception."""
    from audioguide.export.encoder import Encoder
    from audioguide.export.formats import FORMATS
    from audioguide.system.files import atomic_write

    with atomic_write(path) as (part,), Encoder(part, FORMATS[".wav"]) as encoder:
        yield encoder


def stem_paths(path: Path) -> tuple[Path, Path, Path]:
    """Where the stems of an export lie: `FILE.voice.wav` and so on, FILE without its ending."""
    voice, background, chimes = (
        path.with_name(f"{path.stem}.{stem}.wav") for stem in ("voice", "background", "chimes")
    )
    return voice, background, chimes


def is_audible(step: Step) -> bool:
    """Whether the background of a step is heard in it."""
    if step.background is None:
        return False
    return (
        step.background.during == "always"
        or isinstance(step, PoseStep | BreatheStep)
        or (isinstance(step, RestStep) and step.held)
    )
