"""One voice at work: clips from the cache, or spoken on worker threads, those that somebody waits for first."""

from __future__ import annotations

import itertools
import re
import threading
from collections.abc import Callable
from concurrent.futures import CancelledError, Future
from dataclasses import dataclass, field
from queue import PriorityQueue
from typing import Self

import numpy as np
from numpy.typing import NDArray

from audioguide.errors import EnvironmentFailure, RequestError
from audioguide.model.timeline import Utterance
from audioguide.speech.clip import CACHE_BYTES, ClipCache, RecentClips, cache_folder, join_clips, make_clip, to_float
from audioguide.speech.engines.engine import Engine, make_engine
from audioguide.speech.lexicon import find_lexicon
from audioguide.speech.normalize import normalize, split_sentences
from audioguide.speech.numbers import load_spoken_forms
from audioguide.speech.voices import VoiceProfile
from audioguide.system.cache import cache_key, size_limit
from audioguide.system.process import cores
from audioguide.units import to_frames

Progress = Callable[[int, int], None]
"""Called on a worker thread with how many clips have been made and how many have been asked for so far."""

Tell = Callable[[str], None]
"""Called on any thread with a line of text that the listener should know."""

_STOP, _AWAITED, _AHEAD = range(3)
"""The order of the queue: the end of a worker, a clip that somebody waits for, a clip that is made ahead."""

# Seconds at rate 1.0, fitted by least squares on the clips of 200 calm sentences in the `heart` voice: single clips
# are within 10 % (RMS), whole sessions within 2 %. `tests/bench/voice_level.py` prints how far off they are today.
# Other voices differ in how fast they speak, which their profiles say, and little in the rest.
_COMMA_SECONDS, _SENTENCE_SECONDS = 0.164, 0.207
_COMMAS = re.compile(r"[,;:—]")


class ProgressCounter:
    """How many clips all voices of a run have been asked for and have made; `progress` is called with each one made."""

    def __init__(self, progress: Progress | None = None) -> None:
        self._progress = progress
        self._lock = threading.Lock()
        self._made = self._asked = 0

    def add_asked(self) -> None:
        """Count one more clip that is asked for."""
        with self._lock:
            self._asked += 1

    def add_made(self) -> None:
        """Count one more clip that is made, or has failed."""
        with self._lock:
            self._made += 1
            counts = self._made, self._asked
        if self._progress:
            self._progress(*counts)


@dataclass(slots=True)
class _Job:
    """A clip to be made. It may be in the queue twice: once made ahead, and once awaited."""

    key: str
    utterance: Utterance
    future: Future[NDArray[np.int16]] = field(default_factory=Future)
    started: bool = False


class VoiceSpeaker:
    """Speaks with one voice. A context manager, to be used from any number of threads.

    The engine is loaded on a worker thread, and only when a clip is missing from the cache. An exception from the
    callbacks `progress` and `tell` ends the workers, and is raised again where the next clip is waited for.
    RoutineError when the lexicon or another file of the voice's language is wrong, RequestError when
    `AUDIOGUIDE_CACHE_MB` is.
    """

    def __init__(
        self,
        profile: VoiceProfile,
        engine: Engine | None = None,
        cache: ClipCache | None = None,
        *,
        threads: int = 2,
        progress: ProgressCounter | None = None,
        tell: Tell | None = None,
    ) -> None:
        self.profile = profile
        self._engine = engine or make_engine(profile)
        # Both files are read now, so that a mistake in them is not reported at the first step of a routine.
        self._lexicon = find_lexicon(profile, self._engine.lexicon_format or "say")
        self._spoken_forms = load_spoken_forms(profile.language)
        self._cache = cache or ClipCache(cache_folder(), size_limit(CACHE_BYTES))
        self._counter = progress or ProgressCounter()
        self._tell = tell
        self._threads = max(1, min(threads, cores()))
        self._workers: list[threading.Thread] = []
        self._lock = threading.Lock()
        self._queue: PriorityQueue[tuple[int, int, _Job | None]] = PriorityQueue()
        self._numbers = itertools.count()
        self._jobs: dict[str, _Job] = {}
        self._keys: dict[Utterance, str] = {}
        self._lengths: dict[str, int] = {}
        self._recent = RecentClips()
        self._closed = False
        self._failure: BaseException | None = None

    def is_cached(self, utterance: Utterance) -> bool:
        """Whether the clip has been made already."""
        try:
            return self._cached_frames(self.clip_key(utterance)) is not None
        except EnvironmentFailure:  # the engine is not installed: lengths are guessed until it is
            return False

    def measure(self, utterance: Utterance) -> int:
        """The clip's length in frames. A missing clip is made first, before all that is made ahead.

        Raises RequestError when the text holds nothing that the voice can say.
        """
        key = self.clip_key(utterance)
        cached = self._cached_frames(key)
        return len(self._wait(utterance, key)) if cached is None else cached

    def clip_for(self, utterance: Utterance) -> NDArray[np.float32]:
        """The clip at its final level: float32, mono, shape (frames,), read-only. Raises as `measure` does."""
        key = self.clip_key(utterance)
        recent = self._recent.get(key)
        if recent is not None:
            return recent
        stored = self._cache.load(key)
        if stored is None:  # or damaged since it was measured
            stored = self._wait(utterance, key)
        if len(stored) != self._lengths.get(key, len(stored)):
            message = f"{utterance.text!r} had to be spoken again, and came out at another length than was measured."
            raise EnvironmentFailure(f"{message} Run it again.")
        clip = to_float(stored)
        self._recent.put(key, clip)
        return clip

    def clip_key(self, utterance: Utterance) -> str:
        """The key of the clip in the cache, made of everything that its samples depend on."""
        key = self._keys.get(utterance)
        if key is None:
            profile, role = self.profile, utterance.role
            made_by = (profile.engine, self._engine.version, profile.model, profile.language, profile.seed)
            texts = self._split(utterance)
            pause = profile.pause if len(texts) > 1 else 0.0
            readings = self._lexicon.used(" ".join(texts)) if self._engine.lexicon_format == "ipa" else ()
            key = cache_key(*made_by, profile.rate_of(role), profile.gain_of(role), pause, *texts, *readings)
            self._keys[utterance] = key
        return key

    def estimate(self, utterance: Utterance) -> int:
        """A guess at the clip's length in frames from the text alone."""
        profile, texts = self.profile, self._split(utterance)
        letters = sum(map(str.isalnum, "".join(texts)))
        commas = sum(len(_COMMAS.findall(text)) for text in texts)
        spoken = _SENTENCE_SECONDS * len(texts) + letters / profile.letters + _COMMA_SECONDS * commas
        return to_frames(spoken / profile.rate_of(utterance.role) + profile.pause * (len(texts) - 1))

    def cannot_say(self, utterance: Utterance) -> RequestError | None:
        """Why the voice cannot say it, as far as that can be told without loading the engine; else None."""
        return self._engine.cannot_say(normalize(utterance.text, self._spoken_forms))

    def prefetch(self, utterance: Utterance) -> None:
        """Have the clip made ahead, if it is missing. If that fails, it fails again when the clip is asked for."""
        key = self.clip_key(utterance)
        if self._cached_frames(key) is None:
            self._request(utterance, key, _AHEAD)

    def unload(self) -> None:
        """Give back the engine's memory until it is needed again."""
        self._engine.unload()

    def close(self) -> None:
        """Drop what has not been begun and end the workers; each finishes its sentence at most."""
        self._stop()
        for worker in self._workers:
            worker.join()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _split(self, utterance: Utterance) -> tuple[str, ...]:
        """The texts that the engine speaks one at a time."""
        text = normalize(utterance.text, self._spoken_forms)
        texts = (text,) if self._engine.needs_full_text else split_sentences(text)
        return tuple(map(self._lexicon.replace, texts)) if self._engine.lexicon_format == "say" else texts

    def _cached_frames(self, key: str) -> int | None:
        if self._failure:
            raise self._failure
        length = self._lengths.get(key)
        if length is None and (length := self._cache.frames(key)) is not None:
            self._lengths[key] = length
        return length

    def _wait(self, utterance: Utterance, key: str) -> NDArray[np.int16]:
        try:
            return self._request(utterance, key, _AWAITED).result()
        except CancelledError:
            raise self._stopped(utterance.text) from None

    def _stopped(self, text: str) -> BaseException:
        return self._failure or EnvironmentFailure(f"Stopped before {text!r} was spoken.")

    def _request(self, utterance: Utterance, key: str, urgency: int) -> Future[NDArray[np.int16]]:
        with self._lock:
            if self._closed:
                raise self._stopped(utterance.text)
            job = self._jobs.get(key)
            if job is None:
                job = self._jobs[key] = _Job(key, utterance)
                self._counter.add_asked()
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
                    self._call(self._counter.add_made)
                job.future.set_result(clip)
            except BaseException as error:  # raised again where the clip is waited for
                job.future.set_exception(error)

    def _make(self, job: _Job) -> NDArray[np.int16]:
        with self._lock:
            tell, self._tell = self._tell, None
        if tell and self._engine.online:
            name = self.profile.display_name
            self._call(lambda: tell(f"The voice {name} speaks online: the texts leave this machine, each once."))
        role, clips = job.utterance.role, []
        for text in self._split(job.utterance):
            if self._closed:  # a long text is given up between two sentences
                raise self._stopped(text)
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
        """Call a callback of the caller: if it raises, nothing more is spoken."""
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
            self._queue.put((_STOP, next(self._numbers), None))
