"""A session in the making, encoded: its pieces side by side, and those that were encoded before not again.

A piece is kept by all that its bytes depend on: what it is made of (`makings`), the encoder with its settings, and
what computes the samples. So a file is the same, byte for byte, whether its pieces were there or not.
"""

from __future__ import annotations

import json
import struct
from collections import deque
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import Any

import numpy as np

from audioguide import __version__
from audioguide.blobs import Blobs, key_of, room
from audioguide.crew import Crew
from audioguide.live import Live
from audioguide.machine import arithmetic
from audioguide.makings import Makings
from audioguide.media import encoder_digest
from audioguide.output.encoder import Encoder
from audioguide.output.figures import Heard, Listener, unpacked
from audioguide.output.formats import Format
from audioguide.output.pieces import AFTER, Piece, pieces
from audioguide.resources import cache_root
from audioguide.sound.block import Block
from audioguide.timeline.model import Section
from audioguide.units import MP3_FRAME

_LAYOUT = "piece 1"
"""Raised when what is kept, or how a piece is cut or measured, becomes another."""

_AHEAD = 4
"""Pieces, for each worker, that may be done before the one is that comes next: bounded memory."""

_TURN = 12
"""Blocks that are mixed in one go: two seconds, and the encoder's pipe holds three."""

_COUNT = struct.Struct("<I")


ROOM = 2_000_000_000
"""Bytes that pieces may take: 34 hours of sound at the usual bit rate."""


def kept_pieces() -> Blobs:
    """Where pieces are kept: below `AUDIOGUIDE_CACHE`, or else below the person's cache folder."""
    return Blobs(cache_root() / "pieces", ".piece", b"agpiece\x02", room(ROOM))


@dataclass(frozen=True, slots=True)
class Encoded:
    """A piece as MP3 frames, how many they are, and what was measured of it; `last` is its end in the session."""

    frames: bytes
    count: int
    heard: Heard
    last: int


class Rendering:
    """Encodes a session for one file. The crew is the caller's: the session can be stopped before it is waited for."""

    def __init__(self, live: Live, form: Format, channels: int, kept: Blobs, crew: Crew) -> None:
        self._live, self._form, self._channels = live, form, channels
        self._kept, self._crew = kept, crew
        self._makings = Makings(live.name_of)

    def __iter__(self) -> Iterator[Encoded]:
        """The pieces in order, each as soon as it is encoded. Raises what making the session raises."""
        found = self._pieces()
        pending: deque[Future[Encoded]] = deque()
        submit, workers = self._crew.pool.submit, self._crew.workers
        coming: Future[tuple[Section, Piece] | None] | None = submit(next, found, None)
        try:
            while coming or pending:
                working = [one for one in pending if not one.done()]
                free = len(working) < workers and len(pending) < _AHEAD * workers
                if coming and free and coming.done():
                    following = coming.result()
                    coming = submit(next, found, None) if following else None
                    if following:
                        pending.append(submit(self._made, *following))
                elif pending and pending[0].done():
                    yield pending.popleft().result()
                else:
                    awaited: list[Future[Any]] = [*working, *([coming] if coming and free else [])]
                    wait(awaited, return_when=FIRST_COMPLETED)
        finally:
            for one in pending:
                one.cancel()

    def _pieces(self) -> Iterator[tuple[Section, Piece]]:
        """Each as soon as what comes after it is known as far as the encoder looks."""
        end, number = 0, 0
        while self._live.reach(end + 1) > end:
            section = self._live.sections[number]
            end, number = section.chapter.end, number + 1
            total = self._live.reach(end + AFTER)
            for piece in pieces(section, total):
                yield section, piece

    def _made(self, section: Section, piece: Piece) -> Encoded:
        key = self._key(piece)
        if (content := self._kept.get(key)) and (found := _unpacked(content, piece)):
            return found
        made = self._encode(section, piece)
        self._kept.put(key, _COUNT.pack(made.count) + made.heard.packed() + made.frames)
        return made

    def _encode(self, section: Section, piece: Piece) -> Encoded:
        mono = self._channels == 1
        blocks = self._live.take.mixer().blocks(piece.start, piece.stop)
        listener = Listener(section, piece.first, mono)
        start = piece.start

        def mixed() -> list[Block]:
            nonlocal start
            made = []
            with self._crew.mixing:
                for stems in islice(blocks, _TURN):
                    made.append(stems.mix.mean(axis=1, keepdims=True) if mono else stems.mix)
                    listener.hear(stems.cut(max(piece.first - start, 0), max(piece.last - start, 0)))
                    start += len(stems.mix)
            return made

        with Encoder(None, self._form, self._channels, self._crew.start) as encoder:
            while made := mixed():
                for block in made:
                    encoder.write(block)
        frames, count = piece.cut_out(encoder.content)
        return Encoded(frames, count, listener.heard(), piece.last)

    def _key(self, piece: Piece) -> str:
        made = self._makings.of(self._live.sections, piece.start, piece.stop)
        whole = piece.first - piece.start, piece.last - piece.start, piece.last == piece.total
        return key_of(self._maker, json.dumps([whole, made], default=str))

    @cached_property
    def _maker(self) -> str:
        """All that makes bytes out of what is written in a piece's makings."""
        parts = (
            *(_LAYOUT, __version__, encoder_digest(self._kept)),
            *(self._form.arguments, self._channels),
            *(np.__version__, arithmetic()),
        )
        return json.dumps(parts)


def _unpacked(content: bytes, piece: Piece) -> Encoded | None:
    """What was kept of a piece; None where it is none of it."""
    try:
        (count,) = _COUNT.unpack_from(content)
        heard, frames = unpacked(content[_COUNT.size :])
    except (struct.error, ValueError):
        return None
    least = (piece.last - piece.first) // MP3_FRAME
    return Encoded(frames, count, heard, piece.last) if count >= least and len(frames) > count else None
