"""A session in the making, encoded: its pieces side by side, and those that were encoded before not again.

A piece is kept by all that its bytes depend on: what it is made of (`makings`), the encoder with its settings, and
what computes the samples. So a file is the same, byte for byte, whether its pieces were there or not.
"""

from __future__ import annotations

import json
import struct
from collections import deque
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from audioguide import __version__
from audioguide.blobs import Blobs, key_of, room
from audioguide.live import Live
from audioguide.makings import Makings
from audioguide.media import encoder_digest
from audioguide.output.encoder import Encoder
from audioguide.output.figures import Heard, Listener, unpacked
from audioguide.output.formats import Format
from audioguide.output.pieces import AFTER, Piece, pieces
from audioguide.resources import cache_root
from audioguide.timeline.model import Section
from audioguide.units import MP3_FRAME

_LAYOUT = "piece 1"
"""Raised when what is kept, or how a piece is cut or measured, becomes another."""

_AHEAD = 4
"""Pieces, for each worker, that may be done before the one is that comes next: bounded memory."""

_COUNT = struct.Struct("<I")


ROOM = 2_000_000_000
"""Bytes that pieces may take: 34 hours of sound at the usual bit rate."""


def kept_pieces() -> Blobs:
    """Where pieces are kept: below `AUDIOGUIDE_CACHE`, or else below the person's cache folder."""
    return Blobs(cache_root() / "pieces", ".piece", b"agpiece\x01", room(ROOM))


@dataclass(frozen=True, slots=True)
class Encoded:
    """A piece as MP3 frames, how many they are, and what was measured of it; `last` is its end in the session."""

    frames: bytes
    count: int
    heard: Heard
    last: int


class Rendering:
    """Encodes a session for one file. `workers` pieces are encoded at a time, on threads of `pool`, which has one more.

    The pool is the caller's, so that the session can be stopped before the pool is waited for.
    """

    def __init__(self, live: Live, form: Format, channels: int, kept: Blobs, pool: Executor, workers: int) -> None:
        self._live, self._form, self._channels = live, form, channels
        self._kept, self._pool, self._workers = kept, pool, workers
        self._makings = Makings(live.name_of)

    def __iter__(self) -> Iterator[Encoded]:
        """The pieces in order, each as soon as it is encoded. Raises what making the session raises."""
        found = self._pieces()
        pending: deque[Future[Encoded]] = deque()
        coming: Future[tuple[Section, Piece] | None] | None = self._pool.submit(next, found, None)
        try:
            while coming or pending:
                working = [one for one in pending if not one.done()]
                room = len(working) < self._workers and len(pending) < _AHEAD * self._workers
                if coming and room and coming.done():
                    following = coming.result()
                    coming = self._pool.submit(next, found, None) if following else None
                    if following:
                        pending.append(self._pool.submit(self._made, *following))
                elif pending and pending[0].done():
                    yield pending.popleft().result()
                else:
                    awaited: list[Future[Any]] = [*working, *([coming] if coming and room else [])]
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
        mixer = self._live.take.mixer()
        listener = Listener(section, piece.first, mono)
        with Encoder(None, self._form, self._channels) as encoder:
            start = piece.start
            for stems in mixer.blocks(piece.start, piece.stop):
                mix = stems.mix
                encoder.write(mix.mean(axis=1, keepdims=True) if mono else mix)
                listener.hear(stems.cut(max(piece.first - start, 0), max(piece.last - start, 0)))
                start += len(mix)
        frames, count = piece.cut_out(encoder.content)
        return Encoded(frames, count, listener.heard(), piece.last)

    def _key(self, piece: Piece) -> str:
        made = self._makings.of(self._live.sections, piece.start, piece.stop)
        whole = piece.first - piece.start, piece.last - piece.start, piece.last == piece.total
        return key_of(self._maker, json.dumps([whole, made], default=str))

    @cached_property
    def _maker(self) -> str:
        """All that makes bytes out of what is written in a piece's makings."""
        arithmetic: Any = np.show_config(mode="dicts")
        parts = (
            *(_LAYOUT, __version__, encoder_digest(self._kept)),
            *(self._form.arguments, self._channels),
            *(np.__version__, arithmetic["SIMD Extensions"]),
        )
        return json.dumps(parts, default=str)


def _unpacked(content: bytes, piece: Piece) -> Encoded | None:
    """What was kept of a piece; None where it is none of it."""
    try:
        (count,) = _COUNT.unpack_from(content)
        heard, frames = unpacked(content[_COUNT.size :])
    except (struct.error, ValueError):
        return None
    least = (piece.last - piece.first) // MP3_FRAME
    return Encoded(frames, count, heard, piece.last) if count >= least and len(frames) > count else None
