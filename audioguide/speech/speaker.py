"""Utterances to clips: from the cache where they are known, else spoken on worker threads, the awaited ones first."""

from __future__ import annotations

import itertools
import re
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import CancelledError, Future
from dataclasses import dataclass, field
from functools import lru_cache
from queue import PriorityQueue

import numpy as np
from numpy.typing import NDArray

from audioguide.errors import EnvironmentFailure, RequestError
from audioguide.model.timeline import Utterance
from audioguide.speech.clip import ROOM, ClipCache, as_float, cache_folder, join_clips, make_clip
from audioguide.speech.engines.engine import Engine
from audioguide.speech.engines.engine import engine as find_engine
from audioguide.speech.lexicon import lexicon_of
from audioguide.speech.normalize import normalize, sentences
from audioguide.speech.numbers import shorthand
from audioguide.speech.protocol import Voice
from audioguide.speech.voices import Profile
from audioguide.system.cache import cache_key, size_limit
from audioguide.system.process import cores
from audioguide.units import to_frames

Clip = NDArray[np.int16]
Progress = Callable[[int, int], None]
"""Told, on a worker thread, how many clips are made and how many were asked for so far."""

Tell = Callable[[str], None]
"""Told, on any thread, what the listener should know, a line of text."""

_END, _AWAITED, _AHEAD = range(3)
"""What comes first in the queue: the end of a worker, what somebody waits for, what is made ahead."""

_RECENT_KEYS = 2048
"""Each takes a third of a millisecond to make, and is asked for several times."""

_RECENT_SAMPLES = 8_000_000
"""32 MB of the clips that were asked for last: three minutes. A longer one is kept alone."""

# Seconds at rate 1.0, fitted by least squares on the clips of 200 calm sentences in the `heart` voice: single clips
# are within 10 % (RMS), whole sessions within 2 %. `tests/bench/voice_level.py` prints how far off they are today.
# Other voices differ in how fast they speak, which their profiles say, and little in the rest.
_COMMA, _ENDS = 0.164, 0.207
_COMMAS = re.compile(r"[,;:—]")


class Counts:
    """How many clips are made and asked for by the speakers of a run, told to `progress` whenever one is made."""

    def __init__(self, progress: Progress | None = None) -> None:
        self._progress = progress
        self._lock = threading.Lock()
        self._made = self._asked = 0

    def ask(self) -> None:
        """One more is asked for."""
        with self._lock:
            self._asked += 1

    def make(self) -> None:
        """One more is made, or has failed."""
        with self._lock:
            self._made += 1
            counts = self._made, self._asked
        if self._progress:
            self._progress(*counts)


@dataclass(slots=True)
class _Job:
    """A clip to be made. It may stand in the queue twice: once made ahead, and once awaited."""

    key: str
    utterance: Utterance
    future: Future[Clip] = field(default_factory=Future)
    started: bool = False


class Speaker(Voice):
    """A voice at work. Use it as a context manager, from any number of threads.

    The engine is loaded on a worker thread, and only when a clip is missing from the cache. What `progress` or `tell`
    raises ends the workers, and is raised where the next clip is waited for. RoutineError when the lexicon or another
    file of the voice's language is wrong, RequestError when `AUDIOGUIDE_CACHE_MB` is.
    """

    def __init__(
        self,
        profile: Profile,
        engine: Engine | None = None,
        cache: ClipCache | None = None,
        *,
        threads: int = 2,
        progress: Progress | Counts | None = None,
        tell: Tell | None = None,
    ) -> None:
        self.profile = profile
        self._engine = engine or find_engine(profile)
        self._lexicon = lexicon_of(profile, self._engine.notation or "say")
        # What is wrong with its file is said now, and not at the first step of a routine.
        self._shorthand = shorthand(profile.language)
        self._cache = cache or ClipCache(cache_folder(), size_limit(ROOM))
        self._counts = progress if isinstance(progress, Counts) else Counts(progress)
        self._tell = tell
        self._threads = max(1, min(threads, cores()))
        self._workers: list[threading.Thread] = []
        self._lock = threading.Lock()
        self._queue: PriorityQueue[tuple[int, int, _Job | None]] = PriorityQueue()
        self._numbers = itertools.count()
        self._jobs: dict[str, _Job] = {}
        self._lengths: dict[str, int] = {}
        self._recent: dict[Utterance, NDArray[np.float32]] = {}
        self._closed = False
        self._failure: BaseException | None = None
        self._key = lru_cache(_RECENT_KEYS)(self._name)

    def known(self, utterance: Utterance) -> bool:
        """Whether the clip is there already."""
        try:
            return self._known_frames(self._key(utterance)) is not None
        except EnvironmentFailure:  # the engine is not installed: lengths are guessed until it is
            return False

    def measure(self, utterance: Utterance) -> int:
        """The clip's length in frames; speaks it first, before all that is made ahead, if it is not known.

        Raises RequestError when there is nothing in the text that the voice can say.
        """
        key = self._key(utterance)
        known = self._known_frames(key)
        return len(self._wait(utterance, key)) if known is None else known

    def clip(self, utterance: Utterance) -> NDArray[np.float32]:
        """The clip at its final level: float32, mono, shape (frames,), read-only. Raises as `measure` does."""
        with self._lock:
            recent = self._recent.pop(utterance, None)
            if recent is not None:
                self._recent[utterance] = recent  # the last now
                return recent
        key = self._key(utterance)
        clip = self._cache.load(key)
        if clip is None:  # or damaged since it was measured
            clip = self._wait(utterance, key)
        if len(clip) != self._lengths.get(key, len(clip)):
            message = f"{utterance.text!r} had to be spoken again, and came out at another length than was measured."
            raise EnvironmentFailure(f"{message} Run it again.")
        made = as_float(clip)
        with self._lock:
            self._recent[utterance] = made
            while len(self._recent) > 1 and sum(clip.size for clip in self._recent.values()) > _RECENT_SAMPLES:
                del self._recent[next(iter(self._recent))]
        return made

    def name(self, utterance: Utterance) -> str:
        """What the clip is called: by everything that its samples depend on."""
        return self._key(utterance)

    def estimate(self, utterance: Utterance) -> int:
        """A guess at the clip's length in frames from the text alone."""
        profile, pieces = self.profile, self._pieces(utterance)
        letters = sum(map(str.isalnum, "".join(pieces)))
        commas = sum(len(_COMMAS.findall(piece)) for piece in pieces)
        spoken = _ENDS * len(pieces) + letters / profile.letters + _COMMA * commas
        return to_frames(spoken / profile.rate_of(utterance.role) + profile.pause * (len(pieces) - 1))

    def refusal(self, utterance: Utterance) -> RequestError | None:
        """Why the voice cannot say it, as far as that can be told without loading the engine; else None."""
        return self._engine.refusal(normalize(utterance.text, self._shorthand))

    def prefetch(self, utterances: Iterable[Utterance]) -> None:
        """Have these clips made ahead, in this order; returns at once. What fails does so again when awaited.

        The first one that is missing has the engine loaded, while the utterances after it are still being told.
        """
        told: set[Utterance] = set()
        for utterance in utterances:
            if utterance not in told:
                told.add(utterance)
                key = self._key(utterance)
                if self._known_frames(key) is None:
                    self._request(utterance, key, _AHEAD)

    def rest(self) -> None:
        """Let go of the engine until it is needed again: all that is known of has been spoken."""
        self._engine.unload()

    def close(self) -> None:
        """Drop what has not been begun and end the workers; each at most finishes its sentence."""
        self._stop()
        for worker in self._workers:
            worker.join()

    def _name(self, utterance: Utterance) -> str:
        profile, role = self.profile, utterance.role
        made_by = (profile.engine, self._engine.version, profile.model, profile.language, profile.seed)
        pieces = self._pieces(utterance)
        pause = profile.pause if len(pieces) > 1 else 0.0
        readings = self._lexicon.used(" ".join(pieces)) if self._engine.notation == "ipa" else ()
        return cache_key(*made_by, profile.rate_of(role), profile.gain_of(role), pause, *pieces, *readings)

    def _pieces(self, utterance: Utterance) -> tuple[str, ...]:
        """What the engine is asked to say at a time."""
        text = normalize(utterance.text, self._shorthand)
        pieces = (text,) if self._engine.reads_whole else sentences(text)
        return tuple(map(self._lexicon.replace, pieces)) if self._engine.notation == "say" else pieces

    def _known_frames(self, key: str) -> int | None:
        if self._failure:
            raise self._failure
        frames = self._lengths.get(key)
        if frames is None and (frames := self._cache.frames(key)) is not None:
            self._lengths[key] = frames
        return frames

    def _wait(self, utterance: Utterance, key: str) -> Clip:
        try:
            return self._request(utterance, key, _AWAITED).result()
        except CancelledError:
            raise self._stopped(utterance) from None

    def _stopped(self, utterance: Utterance) -> BaseException:
        return self._failure or EnvironmentFailure(f"Stopped before {utterance.text!r} was spoken.")

    def _request(self, utterance: Utterance, key: str, urgency: int) -> Future[Clip]:
        with self._lock:
            if self._closed:
                raise self._stopped(utterance)
            job = self._jobs.get(key)
            if job is None:
                job = self._jobs[key] = _Job(key, utterance)
                self._counts.ask()
            elif urgency == _AHEAD:
                return job.future
            self._queue.put((urgency, next(self._numbers), job))
            if len(self._workers) < self._threads:
                worker = threading.Thread(target=self._work, name="speech", daemon=True)
                self._workers.append(worker)
                worker.start()
        return job.future

    def _work(self) -> None:
        while job := self._queue.get()[2]:
            with self._lock:
                if job.started or not job.future.set_running_or_notify_cancel():
                    continue
                job.started = True
            try:
                try:
                    clip = self._make(job)
                finally:
                    with self._lock:
                        self._jobs.pop(job.key, None)
                    self._call(self._counts.make)
                job.future.set_result(clip)
            except BaseException as error:  # whoever waits for the clip gets to know
                job.future.set_exception(error)

    def _make(self, job: _Job) -> Clip:
        with self._lock:
            tell, self._tell = self._tell, None
        if tell and self._engine.online:
            name = self.profile.title or self.profile.name
            self._call(lambda: tell(f"The voice {name} speaks online: the texts leave this machine, each once."))
        role, clips = job.utterance.role, []
        for text in self._pieces(job.utterance):
            if self._closed:  # a long text is given up between two sentences
                raise EnvironmentFailure(f"Stopped before {text!r} was spoken.")
            raw = self._engine.speak(text, self.profile.rate_of(role))
            try:
                clips.append(make_clip(raw, self._engine.sample_rate, self.profile.gain_of(role)))
            except ValueError as silent:
                raise RequestError(f"There is nothing to hear in {text!r}.", "Write it in words.") from silent
        clip = join_clips(clips, to_frames(self.profile.pause))
        self._cache.store(job.key, clip)
        self._lengths.setdefault(job.key, len(clip))
        return clip

    def _call(self, callback: Callable[[], None]) -> None:
        """Call what the caller of the speaker gave: where it raises, nothing more is spoken."""
        try:
            callback()
        except BaseException as error:
            self._stop(error)
            raise

    def _stop(self, failure: BaseException | None = None) -> None:
        with self._lock:
            if self._closed:
                return
            self._closed, self._failure = True, failure
            jobs, workers = list(self._jobs.values()), len(self._workers)
            self._jobs.clear()
        if workers:
            self._engine.unload()  # ends what an engine waits for, too
        for job in jobs:
            job.future.cancel()
        for _ in range(workers):
            self._queue.put((_END, next(self._numbers), None))
