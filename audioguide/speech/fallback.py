"""A voice with others to stand in for it: where it cannot say a text, and from when on it fails."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from audioguide.errors import EnvironmentFailure, RequestError
from audioguide.model.timeline import Utterance
from audioguide.speech.engines.engine import EngineFailure
from audioguide.speech.protocol import Voice
from audioguide.speech.speaker import Counts, Progress, Speaker, Tell
from audioguide.speech.voices import Profile, profile

T = TypeVar("T")


class VoiceAssignment:
    """Which voice says what in a run, by number: a clip is measured and heard in the same one.

    The voices before `first` have failed; what is not decided by then is said by the others.
    """

    def __init__(self) -> None:
        self.first = 0
        self.decided: dict[Utterance, int] = {}
        self._lock = threading.Lock()

    def fail(self, number: int) -> bool:
        """A voice has failed; whether that is news."""
        with self._lock:
            news, self.first = self.first <= number, max(self.first, number + 1)
            return news


@dataclass(frozen=True)
class Standbys:
    """The voices that stand in for one, in order, and who said what in this run so far."""

    profiles: tuple[Profile, ...] = ()
    casting: VoiceAssignment = field(default_factory=VoiceAssignment)


class FallbackVoice(Voice):
    """The first voice speaks; what it refuses, and all that is not spoken when it fails, is spoken by the next.

    Each keeps its own pace, gains and clips. Only a failure of the environment hands over: a request that is wrong
    stays wrong. `casting` is the run's, which may have several of these one after the other.
    """

    def __init__(
        self, voices: Sequence[Voice], names: Sequence[str], casting: VoiceAssignment, tell: Tell | None = None
    ) -> None:
        self._voices, self._names, self._casting, self._tell = voices, names, casting, tell
        self._ahead: dict[Utterance, None] = {}
        self._closed = False

    def known(self, utterance: Utterance) -> bool:
        """Whether the clip of whoever says it is there already."""
        return self._voices[self._who(utterance)].known(utterance)

    def measure(self, utterance: Utterance) -> int:
        """The clip's length in frames. Raises as `Speaker.measure` does, when the last voice fails, too."""
        return self._said(utterance, lambda voice: voice.measure(utterance))

    def clip(self, utterance: Utterance) -> NDArray[np.float32]:
        """The clip, in the voice that it was measured in."""
        return self._said(utterance, lambda voice: voice.clip(utterance))

    def name(self, utterance: Utterance) -> str:
        """The name of the clip of whoever says it."""
        return self._said(utterance, lambda voice: voice.name(utterance))

    def estimate(self, utterance: Utterance) -> int:
        """A guess at the clip's length in frames."""
        return self._voices[self._who(utterance)].estimate(utterance)

    def refusal(self, utterance: Utterance) -> RequestError | None:
        """Why no voice can say it: what the first one has against it."""
        refusals = [voice.refusal(utterance) for voice in self._voices]
        return refusals[0] if all(refusals) else None

    def prefetch(self, utterances: Iterable[Utterance]) -> None:
        """Have the clips made ahead, each by whoever says it."""
        wanted = dict.fromkeys(utterances)
        self._ahead |= wanted
        shares: dict[int, list[Utterance]] = {}
        for utterance in wanted:
            shares.setdefault(self._who(utterance), []).append(utterance)
        for number, share in shares.items():
            try:
                if number >= self._casting.first:
                    self._voices[number].prefetch(share)
            except EnvironmentFailure as failure:  # it is not installed
                self._hand_over(number, failure)

    def rest(self) -> None:
        """Let go of the engines until they are needed again."""
        for voice in self._voices:
            voice.rest()

    def close(self) -> None:
        """End all of them."""
        self._closed = True
        for voice in self._voices:
            voice.close()

    def _who(self, utterance: Utterance) -> int:
        """The number of the voice that says it: decided already, or the first that does not refuse it."""
        left = range(self._casting.first, len(self._voices))
        willing = (number for number in left if not self._voices[number].refusal(utterance))
        decided = self._casting.decided.get(utterance)
        return next(willing, left[0]) if decided is None else decided

    def _said(self, utterance: Utterance, act: Callable[[Voice], T]) -> T:
        while True:
            number = self._who(utterance)
            try:
                done = act(self._voices[number])
            except EnvironmentFailure as failure:
                if utterance in self._casting.decided:
                    raise
                self._hand_over(number, failure)
            else:
                if self._casting.decided.setdefault(utterance, number) == number:
                    return done

    def _hand_over(self, number: int, failure: EnvironmentFailure) -> None:
        """Let the next voice speak from now on. Raises the failure where there is none, or all is being ended."""
        if self._closed or number + 1 == len(self._voices):
            raise failure
        if self._casting.fail(number):
            reason = failure.reason if isinstance(failure, EngineFailure) else str(failure)
            if self._tell:
                self._tell(f"{reason} From here on, {self._names[number + 1]} speaks.")
            self._voices[number].close()
            self.prefetch(tuple(self._ahead))


def standbys_of(voice: Profile, fallback: str | None, find: Callable[[str], Profile] = profile) -> Standbys:
    """Who stands in for a voice, first the fallbacks of the profiles themselves, then the one that is asked for.

    RequestError when there is no voice of such a name.
    """
    found = {voice.name: voice}
    while (last := [*found.values()][-1].fallback) and last not in found:
        found[last] = find(last)
    if fallback and fallback not in found:
        found[fallback] = find(fallback)
    return Standbys(tuple(found.values())[1:])


def build_speaker(
    voice: Profile, standbys: Standbys, *, progress: Progress | None = None, tell: Tell | None = None
) -> Voice:
    """The voice at work, with its standbys behind it, each at its own pace and level."""
    profiles, counts = (voice, *standbys.profiles), Counts(progress)
    speakers = [Speaker(profile, progress=counts, tell=tell) for profile in profiles]
    if len(speakers) == 1:
        return speakers[0]
    return FallbackVoice(speakers, [voice.title or voice.name for voice in profiles], standbys.casting, tell)
