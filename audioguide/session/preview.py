"""Short sounds to listen to: a voice that says a sentence, a background, a chime."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from audioguide.errors import SourceLocation
from audioguide.model.routine import Routine, SayStep
from audioguide.session.session import Session
from audioguide.sound.block import Block, apply_gain, silence
from audioguide.sound.ducking import fade_in_out
from audioguide.sound.mixer import Stems
from audioguide.sound.synth.layer import GRID, LoopedSource
from audioguide.speech.languages import base_language, check_has_words
from audioguide.speech.speaker import find_fallbacks
from audioguide.speech.voices import VoiceProfile
from audioguide.timeline.edit_hold import EditCommand
from audioguide.timeline.phrases import find_phrases


def make_voice_preview(voice: VoiceProfile, text: str) -> Session:
    """A session in which the voice says one text. RequestError when there is nothing in it to be said."""
    if refused := check_has_words(text):
        raise refused
    routine = Routine(
        id=f"{voice.name}-preview",
        title=voice.title or voice.name,
        description=text,
        tags=(),
        language=base_language(voice.language),
        voice=voice.name,
        steps=(SayStep(1, SourceLocation("", 1, 1), text),),
        file="",
    )
    return Session(routine, voice, find_phrases("en"), {}, fallbacks=find_fallbacks(voice, None))


@dataclass(frozen=True)
class Preview:
    """A sound of `frames` frames, which the player takes as a session. `sound(start, count)` gives a block of it."""

    frames: int
    sound: Callable[[int, int], Block]

    lead_in = 0
    failed = None
    sections = ()

    @property
    def version(self) -> Preview:
        """The only one."""
        return self

    @property
    def available(self) -> int:
        """All of it."""
        return self.frames

    def stems(self, start: int, count: int) -> Stems:
        """`count` frames from `start`; all of it is voice."""
        return Stems(self.sound(start, count), silence(count), silence(count))

    def edit_hold(self, command: EditCommand, position: Callable[[], int], ended: int | None = None) -> str:
        """Say that there is no hold."""
        return "There is no hold to change."

    def end_open_hold(self, position: Callable[[], int]) -> None:
        """Do nothing: there is no hold."""

    def write(self, path: Path, tell: Callable[[int], None] = lambda done: None) -> None:
        """Write it to `path`, in the format that its ending names; `tell` is called with the frames written so far.

        RequestError for a wrong name or folder, EnvironmentFailure where the disk or the encoder fails.
        """
        from audioguide.export.encoder import Encoder
        from audioguide.export.formats import format_of
        from audioguide.system.files import atomic_write

        form = format_of(path)
        with atomic_write(path) as (part,), Encoder(part, form) as encoder:
            for start in range(0, self.frames, GRID):
                encoder.write(self.sound(start, min(GRID, self.frames - start)))
                tell(encoder.frames)


def make_background_preview(sound: LoopedSource, frames: int) -> Preview:
    """A background as in a hold of so many frames, with nobody speaking: faded in and out."""
    return Preview(
        frames, lambda start, count: apply_gain(sound.block(start, count), fade_in_out(frames, start, count))
    )
