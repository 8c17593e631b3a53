"""A session in the making, encoded: its pieces side by side, and those that were encoded before not again.

A piece is kept by all that its bytes depend on: what it is made of (`makings`), the encoder with its settings, and
what computes the samples. So a file is the same, byte for byte, whether its pieces were there or not.
"""

from __future__ import annotations

import json
from bisect import bisect_right
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import asdict
from functools import cached_property, lru_cache
from itertools import islice
from threading import Semaphore
from typing import Any, Protocol

import numpy as np

from audioguide.export.encoder import Encoder, spawn_shell
from audioguide.export.formats import Format
from audioguide.export.mp3 import AFTER, Segment, split_chapter
from audioguide.model.routine import BackgroundSpec
from audioguide.model.timeline import Cue, Section, Stretch, Utterance
from audioguide.sound import background, limiter
from audioguide.sound.block import Block
from audioguide.sound.mixer import SOUND_VERSION, Mixer, Stems
from audioguide.system.cache import BlobCache, cache_key, size_limit
from audioguide.system.ffmpeg import encoder_digest
from audioguide.system.paths import cache_root
from audioguide.system.process import cpu_features
from audioguide.units import to_frames

NEAR = limiter.CONTEXT
"""Frames on either side of a stretch in which sound acts on it: the limiter looks that far."""

REACH = to_frames(4.0)
"""The same where a background sounds: clips act on it (`envelope.BRIDGE` and `RECOVERY`), and the end of its hold acts
on what is before.
"""

NameOf = Callable[[Utterance], str]
"""Gives the name of a clip: of the same name, the same samples."""


class SessionSource(Protocol):
    """What an export needs of a session in the making."""

    @property
    def name_of(self) -> NameOf:
        """Names the clip of an utterance."""

    @property
    def sections(self) -> Sequence[Section]:
        """Those that are made so far."""

    @property
    def available(self) -> int:
        """Frames that are made so far."""

    def reach(self, frame: int) -> int:
        """Wait until it is made up to `frame`, or to its end; how far it is made then."""

    def mixer(self) -> Mixer:
        """What mixes it, for a thread of its own."""

    def stems(self) -> Iterator[Stems]:
        """The whole session in blocks, each as soon as it is made."""


class Makings:
    """Tells what stretches of one session are made of."""

    def __init__(self, name_of: NameOf) -> None:
        self._name_of = name_of
        self._bed = lru_cache(_of_bed)
        self._follows = lru_cache(lambda name: background.find_background(name).follows_breath)

    def of(self, sections: Sequence[Section], start: int, stop: int) -> list[Any]:
        """What the frames from `start` to `stop` depend on, where sections reach at least that far.

        Positions are as seen from the beginnings of sections: where these lie in the session is no matter.
        """
        first = bisect_right(sections, start, key=lambda section: section.chapter.end)
        made: list[Any] = []
        for number in range(first, len(sections)):
            section = sections[number]
            origin = section.chapter.start
            if origin >= stop:
                break
            begin, end = max(start, origin) - origin, min(stop, section.chapter.end) - origin
            # Silence is silence, wherever in a section it lies.
            made.append([begin, end, *sounding] if (sounding := self._of_section(section, begin, end)) else end - begin)
        return made

    def _of_section(self, section: Section, start: int, stop: int) -> list[Any]:
        """A stretch of a section; frames count from its first. Nothing where it is silent."""
        origin, length = section.chapter.start, section.chapter.end - section.chapter.start

        def within(item: Cue | Stretch, reach: int) -> bool:
            return item.start - origin < stop + reach and item.end - origin > start - reach

        made: list[Any] = []
        lying = bool(section.backgrounds or section.following)
        if lying:
            # What sounds all the time comes and goes with the ends of a section, and flows into what follows.
            made.append(
                [start < REACH and origin == 0, stop > length - REACH and (length, self._bed(section.following))]
            )
            made += [
                [bed.start - origin, min(bed.end - origin, stop + REACH), self._bed(bed.background)]
                for bed in section.backgrounds
                if within(bed, REACH)
            ]
        reach = REACH if lying or any(cue.background and within(cue, NEAR) for cue in section.cues) else NEAR
        for cue in section.cues:
            if within(cue, reach):
                made += self._of_cue(cue, section, stop)
        return made

    def _of_cue(self, cue: Cue, section: Section, stop: int) -> Iterator[Any]:
        begin = cue.start - section.chapter.start
        if cue.utterance:
            yield cue.role, begin, cue.frames, self._name_of(cue.utterance)
        elif cue.kind == "chime":
            yield cue.chime, begin, cue.frames, cue.sound
        elif cue.background:
            # How long it lasts beyond what can be heard of its end is no matter.
            yield cue.kind, begin, min(cue.frames, max(stop - begin, 0) + REACH), self._bed(cue.background)
            if self._follows(cue.background.name):
                yield [
                    (breath.phase, breath.start - cue.start, breath.frames)
                    for breath in section.cues
                    if breath.phase and cue.start <= breath.start < cue.end
                ]


def _of_bed(bed: BackgroundSpec | None) -> list[Any]:
    return [asdict(bed), *background.dependencies(bed.name)] if bed else []


_AHEAD = 4
"""Pieces, for each worker, that may be done before the one that comes next: bounded memory."""

_TURN = 12
"""Blocks that are mixed in one go: two seconds, and the encoder's pipe holds three."""

ROOM = 2_000_000_000
"""Bytes that pieces may take: 34 hours of sound at the usual bit rate."""


def open_segment_cache() -> BlobCache:
    """Where pieces are kept: below `AUDIOGUIDE_CACHE`, or else below the person's cache folder."""
    return BlobCache(cache_root() / "pieces", ".piece", b"agpiece\x03", size_limit(ROOM))


class SegmentEncoder:
    """Encodes a session in one format, `workers` pieces at a time.

    A thread of `aside` waits for the session to be made, so that the session has to end before `aside` is waited for.
    """

    def __init__(
        self, live: SessionSource, form: Format, channels: int, kept: BlobCache, workers: int, aside: ThreadPoolExecutor
    ) -> None:
        self._live, self._form, self._channels = live, form, channels
        self._kept, self._workers, self._aside = kept, workers, aside
        self._makings = Makings(live.name_of)
        # Two threads that mix would hand the interpreter to and fro, and one keeps two encoders busy.
        self._mixing = Semaphore(max(1, workers // 2))

    def __iter__(self) -> Iterator[tuple[bytes, int]]:
        """The MP3 frames of each piece, in order, and where it ends in the session. Raises what making that raises."""
        found = self._pieces()
        coming: Future[Segment | None] | None = self._aside.submit(next, found, None)
        pending: deque[tuple[Future[bytes], int]] = deque()
        with spawn_shell() as self._start, ThreadPoolExecutor(self._workers, "encoder") as threads:
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

    def _pieces(self) -> Iterator[Segment]:
        """Each as soon as what comes after it is known as far as the encoder looks."""
        end, number = 0, 0
        while self._live.reach(end + 1) > end:
            start, end = end, self._live.sections[number].chapter.end
            number += 1
            yield from split_chapter(start, end, self._live.reach(end + AFTER))

    def _made(self, piece: Segment) -> bytes:
        key = self._key(piece)
        made = self._kept.get(key)
        if made is None:
            made = self._encode(piece)
            self._kept.put(key, made)
        return made

    def _encode(self, piece: Segment) -> bytes:
        stems = self._live.mixer().blocks(piece.start, piece.stop)
        blocks = (one.mix.mean(axis=1, keepdims=True) if self._channels == 1 else one.mix for one in stems)

        def mixed() -> list[Block]:
            with self._mixing:
                return list(islice(blocks, _TURN))

        with Encoder(None, self._form, self._channels, self._start) as encoder:
            while made := mixed():
                for block in made:
                    encoder.write(block)
        return piece.trim(encoder.content)

    def _key(self, piece: Segment) -> str:
        made = self._makings.of(self._live.sections, piece.start, piece.stop)
        whole = piece.first - piece.start, piece.last - piece.start, piece.last == piece.total
        return cache_key(self._maker, json.dumps([whole, made], default=str))

    @cached_property
    def _maker(self) -> str:
        """All that makes bytes out of what is written in a piece's makings."""
        program = (SOUND_VERSION, encoder_digest(self._kept), np.__version__, cpu_features())
        return json.dumps((*program, self._form.arguments, self._channels))
