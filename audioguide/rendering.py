"""A session in the making, encoded: its pieces side by side, and those that were encoded before not again.

A piece is kept by all that its bytes depend on: what it is made of (`makings`), the encoder with its settings, and
what computes the samples. So a file is the same, byte for byte, whether its pieces were there or not.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from functools import cached_property
from itertools import islice
from threading import Semaphore
from typing import Any

import numpy as np

from audioguide.blobs import Blobs, key_of, room
from audioguide.live import Live
from audioguide.machine import arithmetic
from audioguide.makings import Makings
from audioguide.media import encoder_digest
from audioguide.mixer import SOUND_VERSION
from audioguide.output.encoder import Encoder
from audioguide.output.formats import Format
from audioguide.output.mp3_file import AFTER, Piece, pieces
from audioguide.output.starter import starting
from audioguide.resources import cache_root
from audioguide.sound.block import Block

_AHEAD = 4
"""Pieces, for each worker, that may be done before the one that comes next: bounded memory."""

_TURN = 12
"""Blocks that are mixed in one go: two seconds, and the encoder's pipe holds three."""

ROOM = 2_000_000_000
"""Bytes that pieces may take: 34 hours of sound at the usual bit rate."""


def kept_pieces() -> Blobs:
    """Where pieces are kept: below `AUDIOGUIDE_CACHE`, or else below the person's cache folder."""
    return Blobs(cache_root() / "pieces", ".piece", b"agpiece\x03", room(ROOM))


class Rendering:
    """Encodes a session in one format, `workers` pieces at a time.

    A thread of `aside` waits for the session to be made, so that the session has to end before `aside` is waited for.
    """

    def __init__(
        self, live: Live, form: Format, channels: int, kept: Blobs, workers: int, aside: ThreadPoolExecutor
    ) -> None:
        self._live, self._form, self._channels = live, form, channels
        self._kept, self._workers, self._aside = kept, workers, aside
        self._makings = Makings(live.name_of)
        # Two threads that mix would hand the interpreter to and fro, and one keeps two encoders busy.
        self._mixing = Semaphore(max(1, workers // 2))

    def __iter__(self) -> Iterator[tuple[bytes, int]]:
        """The MP3 frames of each piece, in order, and where it ends in the session. Raises what making that raises."""
        found = self._pieces()
        coming: Future[Piece | None] | None = self._aside.submit(next, found, None)
        pending: deque[tuple[Future[bytes], int]] = deque()
        with starting() as self._start, ThreadPoolExecutor(self._workers, "encoder") as threads:
            try:
                while coming or pending:
                    awaited: list[Future[Any]] = [made for made, _ in islice(pending, 1)]
                    if coming and len(pending) < _AHEAD * self._workers:
                        awaited.append(coming)
                    done = wait(awaited, return_when=FIRST_COMPLETED).done
                    if coming in done:
                        piece = coming.result()
                        coming = self._aside.submit(next, found, None) if piece else None
                        if piece:
                            pending.append((threads.submit(self._made, piece), piece.last))
                    else:
                        made, last = pending.popleft()
                        yield made.result(), last
            finally:
                for made, _ in pending:
                    made.cancel()

    def _pieces(self) -> Iterator[Piece]:
        """Each as soon as what comes after it is known as far as the encoder looks."""
        end, number = 0, 0
        while self._live.reach(end + 1) > end:
            start, end = end, self._live.sections[number].chapter.end
            number += 1
            yield from pieces(start, end, self._live.reach(end + AFTER))

    def _made(self, piece: Piece) -> bytes:
        key = self._key(piece)
        made = self._kept.get(key)
        if made is None:
            made = self._encode(piece)
            self._kept.put(key, made)
        return made

    def _encode(self, piece: Piece) -> bytes:
        stems = self._live.take.mixer().blocks(piece.start, piece.stop)
        blocks = (one.mix.mean(axis=1, keepdims=True) if self._channels == 1 else one.mix for one in stems)

        def mixed() -> list[Block]:
            with self._mixing:
                return list(islice(blocks, _TURN))

        with Encoder(None, self._form, self._channels, self._start) as encoder:
            while made := mixed():
                for block in made:
                    encoder.write(block)
        return piece.cut_out(encoder.content)

    def _key(self, piece: Piece) -> str:
        made = self._makings.of(self._live.sections, piece.start, piece.stop)
        whole = piece.first - piece.start, piece.last - piece.start, piece.last == piece.total
        return key_of(self._maker, json.dumps([whole, made], default=str))

    @cached_property
    def _maker(self) -> str:
        """All that makes bytes out of what is written in a piece's makings."""
        program = (SOUND_VERSION, encoder_digest(self._kept), np.__version__, arithmetic())
        return json.dumps((*program, self._form.arguments, self._channels))
