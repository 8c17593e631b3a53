"""The speaker of a session: its voice, and the fallbacks for what that voice cannot say or fails at."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import TypeVar

from audioguide.arrays import NDArray, np
from audioguide.errors import EnvironmentFailure, RequestError
from audioguide.model.timeline import Utterance
from audioguide.speech.engines.engine import EngineFailure, engine_class
from audioguide.speech.voice_speaker import Progress, ProgressCounter, Tell, VoiceSpeaker
from audioguide.speech.voices import VoiceProfile, find_profile
from audioguide.units import db_to_amplitude

T = TypeVar("T")


@dataclass(eq=False)
class Fallbacks:
    """The voices that speak where the session's voice cannot, in order, and which voice speaks what in this run.

    `decided` has the number of each utterance's voice, 0 for the session's own: it is played as it was measured. The
    voices before `first` have failed: they speak only what is decided already.
    """

    profiles: tuple[VoiceProfile, ...] = ()
    first: int = 0
    decided: dict[Utterance, int] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def fail(self, number: int) -> bool:
        """Note that a voice has failed. Returns whether that was unknown."""
        with self._lock:
            is_new, self.first = self.first <= number, max(self.first, number + 1)
            return is_new


class Speaker(AbstractContextManager["Speaker"]):
    """Speaks the utterances of a session. A context manager, to be used from any number of threads.

    The first of `voices` speaks. The next one speaks what it cannot say, and the rest when it fails with an
    EnvironmentFailure: then `tell` is called, on any thread. A RequestError is raised at once. `fallbacks` belong to
    the run, which may have several speakers one after the other. All clips are louder by `level` LU.
    """

    def __init__(
        self, voices: Sequence[VoiceSpeaker], fallbacks: Fallbacks, tell: Tell | None = None, level: float = 0.0
    ) -> None:
        self._voices, self._fallbacks, self._tell, self._level = voices, fallbacks, tell, level
        self._prefetched: dict[Utterance, None] = {}
        self._closed = False

    def is_cached(self, utterance: Utterance) -> bool:
        """Whether the clip exists already."""
        return self._voices[self._choose(utterance)].is_cached(utterance)

    def measure(self, utterance: Utterance) -> int:
        """The clip's length in frames. Raises as `VoiceSpeaker.measure`, once the last voice fails."""
        return self._call(utterance, lambda voice: voice.measure(utterance))

    def clip_for(self, utterance: Utterance) -> NDArray[np.float32]:
        """The clip at its final level, in the voice that it was measured in: float32, mono, shape (frames,)."""
        clip = self._call(utterance, lambda voice: voice.clip_for(utterance))
        return clip * np.float32(db_to_amplitude(self._level)) if self._level else clip

    def clip_key(self, utterance: Utterance) -> str:
        """The key of the clip: clips of one key have the same samples."""
        key = self._call(utterance, lambda voice: voice.clip_key(utterance))
        return f"{key} {self._level:g}" if self._level else key

    def estimate(self, utterance: Utterance) -> int:
        """A guess at the clip's length in frames from the text alone."""
        return self._voices[self._choose(utterance)].estimate(utterance)

    def cannot_say(self, utterance: Utterance) -> RequestError | None:
        """Why no voice can say the utterance, as far as its text shows: the reason of the first one; else None."""
        refusals = [voice.cannot_say(utterance) for voice in self._voices]
        return refusals[0] if all(refusals) else None

    def prefetch(self, utterances: Iterable[Utterance]) -> None:
        """Make these clips ahead, in order, while `utterances` generates. Errors are raised when one is asked for."""
        for utterance in utterances:
            if utterance not in self._prefetched:
                self._prefetched[utterance] = None
                self._prefetch(utterance)

    def unload(self) -> None:
        """Free the memory of the engines until they are needed again."""
        for voice in self._voices:
            voice.unload()

    def close(self) -> None:
        """Stop speaking, and drop the clips that are not begun."""
        self._closed = True
        for voice in self._voices:
            voice.close()

    def __exit__(self, *_: object) -> None:
        self.close()

    def _choose(self, utterance: Utterance) -> int:
        """The number of the voice that speaks it: as decided before, or the first that can say it."""
        if (decided := self._fallbacks.decided.get(utterance)) is not None:
            return decided
        left = range(self._fallbacks.first, len(self._voices))
        if len(left) == 1:
            return left[0]
        able = (number for number in left if not self._voices[number].cannot_say(utterance))
        return next(able, left[0])

    def _call(self, utterance: Utterance, act: Callable[[VoiceSpeaker], T]) -> T:
        while True:
            number = self._choose(utterance)
            try:
                answer = act(self._voices[number])
            except EnvironmentFailure as failure:
                if utterance in self._fallbacks.decided:
                    raise
                self._hand_over(number, failure)
            else:
                if self._fallbacks.decided.setdefault(utterance, number) == number:
                    return answer

    def _prefetch(self, utterance: Utterance) -> None:
        number = self._choose(utterance)
        if number >= self._fallbacks.first:
            try:
                self._voices[number].prefetch(utterance)
            except EnvironmentFailure as failure:  # its engine is not installed
                self._hand_over(number, failure)

    def _hand_over(self, number: int, failure: EnvironmentFailure) -> None:
        """Let the next voice speak from now on. Raises the failure if there is no next one, or after `close`."""
        if self._closed or number + 1 == len(self._voices):
            raise failure
        if self._fallbacks.fail(number):
            if self._tell:
                reason = failure.reason if isinstance(failure, EngineFailure) else str(failure)
                self._tell(f"{reason} From here on, {self._voices[number + 1].profile.display_name} speaks.")
            self._voices[number].close()
            for utterance in tuple(self._prefetched):
                self._prefetch(utterance)


def find_fallbacks(
    voice: VoiceProfile, named: str | None, find: Callable[[str], VoiceProfile] = find_profile
) -> Fallbacks:
    """The voices along the profiles' `fallback`, then the one the user `named`. RequestError where one is missing."""
    found = {voice.name: voice}
    while (last := [*found.values()][-1].fallback) and last not in found:
        found[last] = find(last)
    if named and named not in found:
        found[named] = find(named)
    return Fallbacks(tuple(found.values())[1:])


def build_speaker(
    voice: VoiceProfile,
    fallbacks: Fallbacks,
    *,
    pace: float = 1.0,
    level: float = 0.0,
    progress: Progress | None = None,
    tell: Tell | None = None,
) -> Speaker:
    """The speaker of a voice and its fallbacks, with the narration at another pace where their engines can do that."""
    counter = ProgressCounter(progress)
    profiles = (one.at_pace(pace) if engine_class(one).paced else one for one in (voice, *fallbacks.profiles))
    voices = [VoiceSpeaker(profile, progress=counter, tell=tell) for profile in profiles]
    return Speaker(voices, fallbacks, tell, level)
