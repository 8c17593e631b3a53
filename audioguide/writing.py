"""A session in the making, written to files: an MP3 by its pieces, other formats and stems from beginning to end."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path

from audioguide.crew import Crew
from audioguide.live import Live
from audioguide.output.encoder import Encoder
from audioguide.output.figures import Heard, Listener
from audioguide.output.formats import FORMATS, Format
from audioguide.output.mp3_file import Mp3File
from audioguide.rendering import Rendering, kept_pieces

Written = Callable[[int, int], None]
"""Told how many frames are written and how many there are so far."""


def write_files(
    live: Live, paths: Sequence[Path], form: Format, channels: int, crew: Crew, tell: Written
) -> list[Heard]:
    """Write the session without tags to the first of `paths`, and to the others voice, background and chimes as WAV.

    Returns what was measured, in pieces.
    """
    path, *beside = paths
    stems = [Encoder(stem, FORMATS[".wav"], channels) for stem in beside]
    if not form.in_pieces:
        return _write_whole(live, Encoder(path, form, channels), stems, tell)
    heard = write_mp3(live, path, form, channels, crew, tell)
    if stems:
        _write_whole(live, None, stems, tell)
    return heard


def write_mp3(live: Live, path: Path, form: Format, channels: int, crew: Crew, tell: Written) -> list[Heard]:
    """Write the session as an MP3 without tags, which can be played while it grows."""
    heard = []
    with Mp3File(path, form, channels) as file:
        for piece in Rendering(live, form, channels, kept_pieces(), crew):
            file.append(piece.frames, piece.count)
            heard.append(piece.heard)
            tell(piece.last, live.available)
        file.finish(live.available)
    return heard


def _write_whole(live: Live, whole: Encoder | None, stems: Sequence[Encoder], tell: Written) -> list[Heard]:
    """Write all that is asked for in one go, with an encoder for the mix and one for each stem."""
    heard, number, end = [], 0, 0
    with ExitStack() as open_until_written:
        for encoder in (whole, *stems):
            if encoder:
                open_until_written.enter_context(encoder)
        while live.reach(end + 1) > end:
            section = live.sections[number]
            start, end, number = end, section.chapter.end, number + 1
            mono = any(encoder.channels == 1 for encoder in (whole, *stems) if encoder)
            listener = Listener(section, start, mono)
            for parts in live.take.blocks(start, end):
                blocks = (parts.mix, parts.voice, parts.background, parts.chimes)
                for encoder, block in zip((whole, *stems), blocks, strict=False):
                    if encoder:
                        encoder.write(block.mean(axis=1, keepdims=True) if mono else block)
                listener.hear(parts)
                start += len(parts.mix)
                tell(start, live.available)
            heard.append(listener.heard())
    return heard
