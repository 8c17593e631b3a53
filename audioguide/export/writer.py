"""A session in the making, written to files: an MP3 by its pieces, other formats and stems from beginning to end."""

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
from audioguide.export.tags.tags import Tags
from audioguide.sound.block import Block
from audioguide.system.ffmpeg import segment_type
from audioguide.system.files import os_error_message
from audioguide.units import RATE

if TYPE_CHECKING:
    from pydub import AudioSegment

WriteProgress = Callable[[int, int], None]
"""Told how many frames are written and how many there are so far."""


def write_files(
    live: SessionSource,
    paths: Sequence[Path],
    form: Format,
    channels: int,
    workers: int,
    aside: ThreadPoolExecutor,
    tell: WriteProgress,
) -> None:
    """Write the session without tags to the first of `paths`, and to the others voice, background and chimes as WAV.

    `workers` and `aside` are as `Rendering` has them.
    """
    path, *beside = paths
    stems = [Encoder(stem, FORMATS[".wav"], channels) for stem in beside]
    if not form.in_segments:
        _write_whole(live, [Encoder(path, form, channels), *stems], tell)
        return
    write_mp3(live, path, form, channels, workers, aside, tell)
    if stems:
        _write_whole(live, [None, *stems], tell)


def write_mp3(
    live: SessionSource,
    path: Path,
    form: Format,
    channels: int,
    workers: int,
    aside: ThreadPoolExecutor,
    tell: WriteProgress,
) -> None:
    """Write the session as an MP3 without tags, which can be played while it grows."""
    with Mp3File(path, form, channels) as file:
        for frames, last in SegmentEncoder(live, form, channels, open_segment_cache(), workers, aside):
            file.append(frames)
            tell(last, live.available)
        file.finish(live.available)


def _write_whole(live: SessionSource, encoders: Sequence[Encoder | None], tell: WriteProgress) -> None:
    """Write the mix, the voice, the background and the chimes in one go, each with the encoder that it has."""
    done = 0
    with ExitStack() as open_until_written:
        opened = [encoder and open_until_written.enter_context(encoder) for encoder in encoders]
        for parts in live.stems():
            for encoder, block in zip(opened, (parts.mix, parts.voice, parts.background, parts.chimes), strict=False):
                if encoder:
                    encoder.write(block.mean(axis=1, keepdims=True) if encoder.channels == 1 else block)
            done += len(parts.mix)
            tell(done, live.available)


def segment_of(blocks: Iterable[Block]) -> AudioSegment:
    """The blocks, one after the other: stereo, 44.1 kHz, 16 bit, all of it in memory.

    The segment's own `export` uses the ffmpeg that audioguide brings along.
    """
    samples = b"".join(np.rint(np.clip(block, -1, 1) * 32767).astype("<i2").tobytes() for block in blocks)
    return segment_type()(samples, sample_width=2, frame_rate=RATE, channels=2)


def write_tags(path: Path, form: Format, tags: Tags) -> None:
    """Write `tags` into the whole file at `path`; one whose format has none stays as it is.

    Raises EnvironmentFailure where the disk is full or fails.
    """
    from mutagen import MutagenError

    try:
        if form.tagging:
            form.tagging.write(path, tags)
    except OSError as error:
        raise os_error_message(error, path) from None
    except MutagenError as error:
        cause = error.args[0] if error.args else None
        if isinstance(cause, OSError):  # which mutagen wraps
            raise os_error_message(cause, path) from None
        raise EnvironmentFailure(f"The tags could not be written: {error}.") from None
