"""A session: what is played or exported. From it come timelines, files, samples and streams."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from os import PathLike
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from audioguide.arrays import np
from audioguide.model.chapter_figure import chapter_figures
from audioguide.model.timeline import Timeline
from audioguide.session.composition import Composition
from audioguide.speech.voice_speaker import Progress

if TYPE_CHECKING:
    from pydub import AudioSegment

    from audioguide.export.writer import WriteProgress
    from audioguide.sound.block import Block


class Session(Composition):
    """A routine with its options, ready to be played or exported. Its fields are those of `Composition`."""

    def export(
        self,
        target: str | PathLike[str] | IO[bytes],
        *,
        format: str | None = None,
        mono: bool = False,
        pictures: bool = True,
        bitrate: int | None = None,
        stems: bool = False,
        captions: Sequence[str] = (),
        chapters: Sequence[str] = (),
        spoken: Progress | None = None,
        written: WriteProgress | None = None,
        workers: int | None = None,
    ) -> Timeline:
        """Write the session to `target`, a path or a binary file, and return its timeline.

        The ending of a path names the format; a binary file needs `format`: mp3, m4a, m4b, opus, flac, wav or
        html. `bitrate` is in kbit/s, the format's usual one without it. `pictures` are those of the chapters of an MP3
        or M4B. `stems` writes voice, background and chimes beside the path, as WAV, which together are the mix;
        `captions` ("vtt", "srt", "lrc") and `chapters` ("json") write files that players read beside it. All files
        appear when all are whole, or none does. `spoken` is told how many clips are made, of how many, and `written`
        how many frames. `workers` segments of an MP3 are encoded at a time, without it as many as there are cores.

        Raises RequestError for a wrong name, folder or bit rate, and for a background that one channel would spoil;
        EnvironmentFailure where the disk or the encoder fails.
        """
        from audioguide.session.output import export_session

        more = stems, captions, chapters, spoken, written, workers
        return export_session(self, target, format, mono, pictures, bitrate, *more)

    def blocks(self) -> Iterator[Block]:
        """The mix from beginning to end, while it is made: float32 of shape (up to 8192, 2), full scale is ±1."""
        with self.stream() as stream:
            for stems in stream.stems():
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
        from audioguide.draw.plot import draw_sheets
        from audioguide.draw.render import check_picture, to_file
        from audioguide.system.files import write_bytes

        ending = check_picture(path)
        figures = chapter_figures(self.routine, timeline)
        pages = draw_sheets(timeline, self.routine.description, figures, single=ending != ".pdf")
        write_bytes(path, to_file(pages, ending, timeline.title, self.routine.language))

    def sheet(self, path: str | PathLike[str], **settings: Any) -> tuple[str, ...]:
        """Write the session on paper, for a person, to a PDF (or the first page to a PNG or SVG); lines to show.

        `settings` are `person`, `clinic`, `date`, `logo` (a path), `link` (of the audio), `paper` ("a4", "letter"),
        `large`, `days` ("mon,wed,fri") and `weeks`, those in which each day has a box to tick.

        Raises RequestError for what is wrong with them, EnvironmentFailure where the disk fails.
        """
        from audioguide.session.handout import write_sheet

        return write_sheet(self.fit(), Path(path), settings)[1]
