"""Encodes a session as MP3 in segments, several at a time, and keeps them, so that only what changed is encoded again.

A segment is found in the cache by all that its bytes depend on: what sounds in it (`SegmentInputs`), the encoder with
its settings, and the code that computes the samples.
"""

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

from audioguide.export.encoder import encoder_program, open_encoder
from audioguide.export.formats import Format
from audioguide.export.mp3 import AFTER, Segment, split_chapter
from audioguide.model.routine import BackgroundSpec
from audioguide.model.timeline import Cue, Section, Stretch, Utterance
from audioguide.sound import background, limiter
from audioguide.sound.block import Block, fill_silence, is_silent_view
from audioguide.sound.mixer import SOUND_VERSION, Mixer, Stems
from audioguide.system.cache import BlobCache, cache_key, size_limit
from audioguide.system.ffmpeg import program_digest
from audioguide.system.paths import cache_root
from audioguide.system.process import cpu_features
from audioguide.units import MP3_FRAME, to_frames

NEAR = limiter.CONTEXT  # frames on either side of a stretch in which sound affects it: the limiter looks that far
# The same where a background sounds: it is lowered by clips (`ducking.BRIDGE` and `RECOVERY`) and fades at its end.
REACH = to_frames(4.0)
MAX_BYTES = 2_000_000_000  # bytes that all segments may take: 34 hours of sound at the usual bit rate
_AHEAD = 4  # segments, for each worker, that may be encoded before the next one is wanted: this bounds the memory
_SOON = 191 * MP3_FRAME  # audio frames of the first segment that does not begin where a chapter does: 5 seconds
_TURN = 12  # blocks that are mixed and encoded in one go: two seconds
NameOf = Callable[[Utterance], str]  # names the clip of an utterance: the same name means the same samples


class SessionSource(Protocol):
    """A session that is compiled while it is exported, as an export needs it."""

    @property
    def name_of(self) -> NameOf:
        """Names the clip of an utterance."""

    @property
    def sections(self) -> Sequence[Section]:
        """The sections compiled so far."""

    @property
    def available(self) -> int:
        """The frames compiled so far."""

    def reach(self, frame: int) -> int:
        """Wait until the session is compiled up to `frame` or its end; the frames that are available then."""

    def mixer(self) -> Mixer:
        """A mixer of the session, for one thread."""

    def stems(self) -> Iterator[Stems]:
        """The whole session in blocks, each as soon as it can be mixed."""


def open_segment_cache() -> BlobCache:
    """The cache of segments: below `AUDIOGUIDE_CACHE`, or else below the user's cache folder."""
    return BlobCache(cache_root() / "pieces", ".piece", b"agpiece\x03", size_limit(MAX_BYTES))


class SegmentEncoder:
    """Encodes a session in one format, `workers` segments at a time.

    A thread of `aside` waits for the session to be compiled, so close the session before `aside`. `awake` puts a noise
    floor where nothing sounds. It begins at the frame `start`, a multiple of `MP3_FRAME`. `mixed` is told, on any
    thread, how many frames were mixed.
    """

    def __init__(
        self,
        session: SessionSource,
        form: Format,
        channels: int,
        cache: BlobCache,
        workers: int,
        aside: ThreadPoolExecutor,
        awake: bool = True,
        start: int = 0,
        mixed: Callable[[int], None] | None = None,
    ) -> None:
        self._mixed = mixed or (lambda frames: None)
        self._awake, self._start_frame = awake, start
        self._session, self._form, self._channels = session, form, channels
        self._cache, self._workers, self._aside = cache, workers, aside
        self._inputs = SegmentInputs(session.name_of)
        # Two threads that mix would only take turns at the interpreter, and one keeps two encoders busy.
        self._mixing = Semaphore(max(1, workers // 2))

    def __iter__(self) -> Iterator[tuple[bytes, int]]:
        """The MP3 frames of each segment, in order, and its end in the session (frames)."""
        segments = self._split()
        coming: Future[Segment | None] | None = self._aside.submit(next, segments, None)
        pending: deque[tuple[Future[bytes], int]] = deque()
        with ThreadPoolExecutor(self._workers, "encoder") as threads:
            try:
                while coming or pending:
                    awaited: list[Future[Any]] = [encoded for encoded, _ in islice(pending, 1)]
                    if coming and len(pending) < _AHEAD * self._workers:
                        awaited.append(coming)
                    done = wait(awaited, return_when=FIRST_COMPLETED).done
                    if coming in done:
                        segment = coming.result()
                        coming = self._aside.submit(next, segments, None) if segment else None
                        if segment:
                            pending.append((threads.submit(self._get_or_encode, segment), segment.last))
                    else:
                        encoded, last = pending.popleft()
                        yield encoded.result(), last
            finally:
                for encoded, _ in pending:
                    encoded.cancel()

    def _split(self) -> Iterator[Segment]:
        end, number = 0, 0
        while self._session.reach(end + 1) > end:
            start, end = end, self._session.sections[number].chapter.end
            number += 1
            if start <= self._start_frame < end and self._start_frame:  # a short one first, so that it is heard soon
                soon = min(end, self._start_frame + _SOON)
                yield from split_chapter(self._start_frame, soon, self._session.reach(soon + AFTER))
                start = soon
            if self._start_frame <= start < end:
                yield from split_chapter(start, end, self._session.reach(end + AFTER))

    def _get_or_encode(self, segment: Segment) -> bytes:
        key = self._segment_key(segment)
        if (content := self._cache.get(key)) is None:
            content = self._encode(segment)
            self._cache.put(key, content)
        return content

    def _encode(self, segment: Segment) -> bytes:
        stems = self._session.mixer().blocks(segment.start, segment.stop)
        blocks = self._to_blocks(stems, segment.start)

        def mix() -> list[Block]:
            with self._mixing:
                return list(islice(blocks, _TURN))

        with open_encoder(self._form, self._channels) as encoder:
            while mixed := mix():
                encoder.write(np.concatenate(mixed))
                self._mixed(sum(map(len, mixed)))
        return segment.trim(encoder.content)

    def _to_blocks(self, stems: Iterator[Stems], at: int) -> Iterator[Block]:
        """The mixes of stems from the frame `at` on, as the encoder gets them."""
        for part in stems:
            mix = fill_silence(part.mix, at) if self._awake and is_silent_view(part.background) else part.mix
            at += len(mix)
            yield mix.mean(axis=1, keepdims=True) if self._channels == 1 else mix

    def _segment_key(self, segment: Segment) -> str:
        inputs = self._inputs.describe(self._session.sections, segment.start, segment.stop)
        place = segment.first - segment.start, segment.last - segment.start, segment.last == segment.total
        return cache_key(self._program, json.dumps([place, inputs], default=str))

    @cached_property
    def _program(self) -> str:
        versions = (SOUND_VERSION, program_digest(encoder_program(), self._cache), np.__version__, cpu_features())
        return json.dumps((*versions, self._form.arguments, self._channels, self._awake))


class SegmentInputs:
    """Describes what the samples of a segment depend on, rather too much than too little. Nothing is mixed for that."""

    def __init__(self, name_of: NameOf) -> None:
        self._name_of = name_of
        self._background = lru_cache(_describe_background)
        self._is_streamed = lru_cache(lambda name: background.find_background(name).streamed)
        self._follows_breath = lru_cache(lambda name: background.find_background(name).follows_breath)

    def describe(self, sections: Sequence[Section], start: int, stop: int) -> list[Any]:
        """Plain data that the frames from `start` to `stop` depend on; the sections reach at least that far.

        Positions count from the beginning of each section, since it sounds the same wherever in the session it is,
        unless there is music.
        """
        first = bisect_right(sections, start, key=lambda section: section.chapter.end)
        found: list[Any] = []
        for section in sections[first:]:
            origin = section.chapter.start
            if origin >= stop:
                break
            begin, end = max(start, origin) - origin, min(stop, section.chapter.end) - origin
            sounds = self._describe_section(section, begin, end)
            # The position of silence does not matter.
            found.append([begin, end, *sounds] if sounds else end - begin)
        return found

    def _describe_section(self, section: Section, start: int, stop: int) -> list[Any]:
        """The same of one section, whose frames count from its first; empty where it is silent."""
        origin, length = section.chapter.start, section.chapter.end - section.chapter.start

        def is_within(item: Cue | Stretch, reach: int) -> bool:
            return item.start - origin < stop + reach and item.end - origin > start - reach

        found: list[Any] = []
        continuous = bool(section.backgrounds or section.following)
        if continuous:
            # It fades at the ends of a section, and into what follows.
            following = stop > length - REACH and (length, self._background(section.following))
            spoken_of = [*(item.background for item in section.backgrounds), *filter(None, [section.following])]
            phase = origin if any(self._is_streamed(one.name) for one in spoken_of) else None
            found.append([start < REACH and origin == 0, following, phase])
            found += [
                [item.start - origin, min(item.end - origin, stop + REACH), self._background(item.background)]
                for item in section.backgrounds
                if is_within(item, REACH)
            ]
        reach = REACH if continuous or any(cue.background and is_within(cue, NEAR) for cue in section.cues) else NEAR
        for cue in section.cues:
            if is_within(cue, reach):
                found += self._describe_cue(cue, section, stop)
        return found

    def _describe_cue(self, cue: Cue, section: Section, stop: int) -> Iterator[Any]:
        begin = cue.start - section.chapter.start
        if cue.utterance:
            yield cue.role, begin, cue.frames, self._name_of(cue.utterance)
        elif cue.kind == "chime":
            yield cue.chime, begin, cue.frames, cue.sound
        elif cue.background:
            # Its length does not matter beyond what can be heard of its end.
            yield cue.kind, begin, min(cue.frames, max(stop - begin, 0) + REACH), self._background(cue.background)
            if self._follows_breath(cue.background.name):
                yield [
                    (breath.phase, breath.start - cue.start, breath.frames)
                    for breath in section.cues
                    if breath.phase and cue.start <= breath.start < cue.end
                ]


def _describe_background(spec: BackgroundSpec | None) -> list[Any]:
    return [asdict(spec), *background.dependencies(spec.name)] if spec else []
