"""Speaks with one voice: clips come from the cache, or are made on worker threads, awaited ones first."""

from __future__ import annotations

import itertools
import re
import threading
from collections.abc import Callable
from concurrent.futures import CancelledError, Future
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from queue import PriorityQueue

from audioguide.arrays import NDArray, np
from audioguide.errors import EnvironmentFailure, RequestError
from audioguide.model.timeline import Utterance
from audioguide.speech.clip import (
    ANY_GAIN,
    CACHE_BYTES,
    EVENING,
    ClipCache,
    RecentClips,
    cache_folder,
    even_narration,
    join_clips,
    make_clip,
    to_float,
)
from audioguide.speech.engines.engine import Engine, make_engine
from audioguide.speech.lexicon import find_lexicon
from audioguide.speech.normalize import normalize, split_sentences
from audioguide.speech.numbers import SpokenForms, load_spoken_forms
from audioguide.speech.voices import VoiceProfile, part_of
from audioguide.system.cache import cache_key, size_limit
from audioguide.system.process import cores
from audioguide.units import db_to_amplitude, to_frames

Progress = Callable[[int, int], None]  # called on a worker thread with how many clips are made and requested so far
Tell = Callable[[str], None]  # called on any thread with a message for the listener

# The order of the queue: the end of a worker, a clip that a caller waits for, a clip that is made ahead.
_STOP, _AWAITED, _AHEAD = range(3)

# Seconds at rate 1.0, fitted by least squares on the clips of 200 calm sentences in the `heart` voice: single clips
# are within 10 % (RMS), whole sessions within 2 %. `tests/bench/voice_level.py` prints the current errors. Other voices
# differ in how fast they speak, which is in their profiles, and little in the rest.
_COMMA_SECONDS, _SENTENCE_SECONDS = 0.151, 0.371
_COMMAS = re.compile(r"[,;:—]")


class ProgressCounter:
    """Counts the clips of all voices of a run; `progress` is called after each one."""

    def __init__(self, progress: Progress | None = None) -> None:
        self._progress = progress
        self._lock = threading.Lock()
        self._made = self._requested = 0

    def count(self, *, requested: int = 0, made: int = 0) -> None:
        """Count clips that are requested, or that are made or have failed."""
        with self._lock:
            self._requested, self._made = self._requested + requested, self._made + made
            counts = self._made, self._requested
        if made and self._progress:
            self._progress(*counts)


@dataclass(slots=True)
class _Job:
    """A clip to make. It may be in the queue twice: made ahead, and awaited."""

    key: str
    utterance: Utterance
    future: Future[NDArray[np.int16]] = field(default_factory=Future)
    started: bool = False


def estimate_clip(profile: VoiceProfile, forms: SpokenForms | None, utterance: Utterance) -> int:
    """An estimate of a clip's length in frames, from the text and the voice's profile alone."""
    texts = split_sentences(normalize(utterance.text, forms))
    letters = sum(map(str.isalnum, "".join(texts)))
    commas = sum(len(_COMMAS.findall(text)) for text in texts)
    spoken = _SENTENCE_SECONDS * len(texts) + letters / profile.letters + _COMMA_SECONDS * commas
    return to_frames(spoken / profile.rate.of(utterance.role) + profile.pause * (len(texts) - 1))


class VoiceSpeaker(AbstractContextManager["VoiceSpeaker"]):
    """Speaks with one voice. A context manager, to be used from any number of threads.

    The engine is loaded when a clip is missing from the cache. An exception from `progress` or `tell` ends the workers,
    and is raised again for the next clip. RoutineError when a file of the voice's language is wrong, RequestError when
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
        # Read now, so that a mistake in these files is not reported as one in the first step of a routine.
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
        """Whether the clip exists already."""
        try:
            return self._cached_frames(self.clip_key(utterance)) is not None
        except EnvironmentFailure:  # the engine is not installed
            return False

    def measure(self, utterance: Utterance) -> int:
        """The clip's length in frames. A missing clip is made next. RequestError when the voice cannot say the text."""
        key = self.clip_key(utterance)
        cached = self._cached_frames(key)
        return len(self._wait(utterance, key)) if cached is None else cached

    def clip_for(self, utterance: Utterance) -> NDArray[np.float32]:
        """The clip at its final level: float32, mono, shape (frames,), read-only. Raises as `measure`."""
        key = self.clip_key(utterance)
        if (recent := self._recent.get(key)) is not None:
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
        """The key of the clip in the cache: a digest of everything that its samples depend on."""
        if (key := self._keys.get(utterance)) is None:
            profile, role = self.profile, utterance.role
            maker = (profile.engine, self._engine.version, profile.model, profile.language, profile.seed)
            texts = self._split(utterance)
            pause = profile.pause if len(texts) > 1 else 0.0
            readings = self._lexicon.find_readings(" ".join(texts)) if self._engine.lexicon_format == "ipa" else ()
            key = cache_key(
                *maker,
                profile.rate.of(role),
                profile.gain.of(role) if profile.gain else "each",
                pause,
                *texts,
                *readings,
            )
            self._keys[utterance] = key
        return key

    def estimate(self, utterance: Utterance) -> int:
        """An estimate of the clip's length in frames from the text alone."""
        return estimate_clip(self.profile, self._spoken_forms, utterance)

    def cannot_say(self, utterance: Utterance) -> RequestError | None:
        """Why the voice cannot say it, as far as that is known without loading the engine; else None."""
        return self._engine.cannot_say(normalize(utterance.text, self._spoken_forms))

    def prefetch(self, utterance: Utterance) -> None:
        """Make the clip ahead, if it is missing. An error is raised when the clip is asked for."""
        key = self.clip_key(utterance)
        if self._cached_frames(key) is None:
            self._request(utterance, key, _AHEAD)

    def unload(self) -> None:
        """Free the engine's memory until it is needed again."""
        self._engine.unload()

    def close(self) -> None:
        """Drop the clips that are not begun and end the workers; each finishes its sentence at most."""
        self._stop()
        for worker in self._workers:
            worker.join()

    def __exit__(self, *_: object) -> None:
        self.close()

    def _split(self, utterance: Utterance) -> tuple[str, ...]:
        """The texts that the engine speaks, one at a time."""
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
            raise self._stop_error(utterance.text) from None

    def _stop_error(self, text: str) -> BaseException:
        return self._failure or EnvironmentFailure(f"Stopped before {text!r} was spoken.")

    def _request(self, utterance: Utterance, key: str, urgency: int) -> Future[NDArray[np.int16]]:
        with self._lock:
            if self._closed:
                raise self._stop_error(utterance.text)
            if (job := self._jobs.get(key)) is None:
                job = self._jobs[key] = _Job(key, utterance)
                self._counter.count(requested=1)
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
                    self._call(lambda: self._counter.count(made=1))
                job.future.set_result(clip)
            except BaseException as error:  # raised again for those who wait for the clip
                job.future.set_exception(error)

    def _make(self, job: _Job) -> NDArray[np.int16]:
        if job.key in self._lengths and (made := self._cache.load(job.key)) is not None:
            return made  # between the look into the cache and the request
        with self._lock:
            tell, self._tell = self._tell, None
        if tell and self._engine.online:
            name = self.profile.display_name
            self._call(lambda: tell(f"The voice {name} speaks online: the texts leave this machine, each once."))
        profile, role, rate = self.profile, job.utterance.role, self._engine.sample_rate
        texts, gain = self._split(job.utterance), profile.gain_of(role)
        raws, clips = [], []
        for text in texts:
            if self._closed:  # between two sentences of a long text
                raise self._stop_error(text)
            raws.append(self._engine.speak(text, profile.rate.of(role)))
        if profile.gain is None or part_of(role) == "narration":
            most = EVENING if profile.gain else ANY_GAIN
            gain += even_narration(np.concatenate(raws) * np.float32(db_to_amplitude(gain)), rate, most)
        for text, raw in zip(texts, raws, strict=True):
            try:
                clips.append(make_clip(raw, rate, gain))
            except ValueError as silence:
                raise RequestError(f"The voice made no sound for {text!r}.", "Write it in words.") from silence
        clip = join_clips(clips, to_frames(profile.pause))
        self._cache.store(job.key, clip)
        self._lengths.setdefault(job.key, len(clip))
        return clip

    def _call(self, callback: Callable[[], None]) -> None:
        try:
            callback()
        except BaseException as error:  # no more is spoken
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
            self._engine.unload()  # ends a call of the engine that waits, too
        for job in jobs:
            job.future.cancel()
        for _ in range(workers):
            self._queue.put((_STOP, next(self._numbers), None))
