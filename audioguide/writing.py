"""A session in the making, written to files: an MP3 by its pieces, other formats and stems from beginning to end."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

from audioguide.live import Live
from audioguide.output.encoder import Encoder
from audioguide.output.formats import FORMATS, Format
from audioguide.output.mp3_file import Mp3File
from audioguide.rendering import Rendering, kept_pieces

Written = Callable[[int, int], None]
"""Told how many frames are written and how many there are so far."""


def write_files(
    live: Live,
    paths: Sequence[Path],
    form: Format,
    channels: int,
    workers: int,
    aside: ThreadPoolExecutor,
    tell: Written,
) -> None:
    """Write the session without tags to the first of `paths`, and to the others voice, background and chimes as WAV.

    `workers` and `aside` are as `Rendering` has them.
    """
    path, *beside = paths
    stems = [Encoder(stem, FORMATS[".wav"], channels) for stem in beside]
    if not form.in_pieces:
        _write_whole(live, [Encoder(path, form, channels), *stems], tell)
        return
    write_mp3(live, path, form, channels, workers, aside, tell)
    if stems:
        _write_whole(live, [None, *stems], tell)


def write_mp3(
    live: Live, path: Path, form: Format, channels: int, workers: int, aside: ThreadPoolExecutor, tell: Written
) -> None:
    """Write the session as an MP3 without tags, which can be played while it grows."""
    with Mp3File(path, form, channels) as file:
        for frames, last in Rendering(live, form, channels, kept_pieces(), workers, aside):
            file.append(frames)
            tell(last, live.available)
        file.finish(live.available)


def _write_whole(live: Live, encoders: Sequence[Encoder | None], tell: Written) -> None:
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
