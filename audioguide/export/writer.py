"""Writes a session, compiled while it is written: an MP3 in segments, other formats and stems from start to end."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from audioguide.errors import EnvironmentFailure
from audioguide.export.encoder import Encoder
from audioguide.export.formats import FORMATS, Format
from audioguide.export.mp3 import Mp3File
from audioguide.export.segment_cache import SegmentEncoder, SessionSource, open_segment_cache
from audioguide.export.tags import Tags
from audioguide.sound.block import Block, fill_silence
from audioguide.system.ffmpeg import segment_type
from audioguide.system.files import os_error_message
from audioguide.units import RATE

if TYPE_CHECKING:
    from pydub import AudioSegment

WriteProgress = Callable[[int, int], None]  # called with the frames written and the frames available so far


def write_files(
    session: SessionSource,
    paths: Sequence[Path],
    form: Format,
    channels: int,
    workers: int,
    aside: ThreadPoolExecutor,
    report: WriteProgress,
    awake: bool = True,
) -> None:
    """Write the session without tags to the first of `paths`, and voice, background and chimes as WAV to the others.

    An MP3 can be played while it grows. `workers` and `aside` are as `SegmentEncoder` has them. `awake` puts a noise
    floor into the silence of a lossy format.
    """
    path, *stem_paths = paths
    stems = [Encoder(stem, FORMATS[".wav"], channels) for stem in stem_paths]
    if not form.in_segments:
        _write_whole(session, [Encoder(path, form, channels), *stems], report, awake and form.bitrate is not None)
        return
    with Mp3File(path, form, channels) as file:
        for frames, last in SegmentEncoder(session, form, channels, open_segment_cache(), workers, aside, awake):
            file.append(frames)
            report(last, session.available)
        file.finish(session.available)
    if stems:
        _write_whole(session, [None, *stems], report)


def _write_whole(
    session: SessionSource, encoders: Sequence[Encoder | None], report: WriteProgress, awake: bool = False
) -> None:
    written = 0
    with ExitStack() as stack:
        opened = [encoder and stack.enter_context(encoder) for encoder in encoders]
        for stems in session.stems():
            mix = fill_silence(stems.mix, written) if awake else stems.mix
            for encoder, block in zip(opened, (mix, stems.voice, stems.background, stems.chimes), strict=False):
                if encoder:
                    encoder.write(block.mean(axis=1, keepdims=True) if encoder.channels == 1 else block)
            written += len(stems.mix)
            report(written, session.available)


def to_pydub(blocks: Iterable[Block]) -> AudioSegment:
    """The blocks as one pydub segment in memory (stereo, 44.1 kHz, 16 bit), which exports by audioguide's ffmpeg."""
    samples = b"".join(np.rint(np.clip(block, -1, 1) * 32767).astype("<i2").tobytes() for block in blocks)
    return segment_type()(samples, sample_width=2, frame_rate=RATE, channels=2)


def write_tags(path: Path, form: Format, tags: Tags) -> None:
    """Write the tags into a file, if its format has tags. EnvironmentFailure where the disk is full or fails."""
    from mutagen import MutagenError

    try:
        if form.tagging:
            form.tagging.write(path, tags)
    except OSError as error:
        raise os_error_message(error, path) from None
    except MutagenError as error:
        if error.args and isinstance(cause := error.args[0], OSError):  # mutagen wraps it
            raise os_error_message(cause, path) from None
        raise EnvironmentFailure(f"The tags could not be written: {error}.") from None
