"""A voice with another one to stand in for it: where it has no words, and from when on it fails."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from audioguide.errors import EnvironmentFailure, RequestError
from audioguide.speech.engine import EngineFailure
from audioguide.speech.profile import Profile, profile
from audioguide.speech.speaker import Progress, Speaker, Tell
from audioguide.speech.voice import Voice
from audioguide.timeline.model import Utterance

T = TypeVar("T")


class Casting:
    """Who says what in a run, decided once an utterance: a clip is measured and heard in the same voice.

    `failed` is set when the first voice has failed; what is not decided by then is the second one's.
    """

    def __init__(self) -> None:
        self.failed = False
        self._lock = threading.Lock()
        self._seconds: dict[Utterance, bool] = {}

    def is_second(self, utterance: Utterance) -> bool | None:
        """Whether the second voice says it; None while that is open."""
        with self._lock:
            return self._seconds.setdefault(utterance, True) if self.failed else self._seconds.get(utterance)

    def decide(self, utterance: Utterance, *, second: bool) -> bool:
        """Who says it: as asked, unless that is decided already. Returns whether it is the second voice."""
        with self._lock:
            return self._seconds.setdefault(utterance, second)

    def fail(self) -> bool:
        """The first voice has failed; whether that is news."""
        with self._lock:
            news, self.failed = not self.failed, True
            return news


class FallbackVoice:
    """The first voice speaks; what it refuses, and all that is not spoken when it fails, is spoken by the second.

    Each keeps its own pace, gains and clips. Only a failure of the environment hands over: a request that is wrong
    stays wrong. `casting` is the run's, which may have several of these one after the other.
    """

    def __init__(
        self,
        first: Voice,
        second: Voice,
        second_name: str,
        casting: Casting | None = None,
        tell: Tell | None = None,
    ) -> None:
        self._first, self._second, self._name = first, second, second_name
        self._casting = casting or Casting()
        self._tell = tell
        self._ahead: list[Utterance] = []
        self._closed = False

    def known(self, utterance: Utterance) -> bool:
        """Whether the clip of whoever says it is there already."""
        return self._likely(utterance).known(utterance)

    def measure(self, utterance: Utterance) -> int:
        """The clip's length in frames. Raises as `Speaker.measure` does, when the second voice fails, too."""
        return self._said(utterance, lambda voice: voice.measure(utterance))

    def clip(self, utterance: Utterance) -> NDArray[np.float32]:
        """The clip, in the voice that it was measured in."""
        return self._said(utterance, lambda voice: voice.clip(utterance))

    def name(self, utterance: Utterance) -> str:
        """The name of the clip of whoever says it."""
        return self._said(utterance, lambda voice: voice.name(utterance))

    def estimate(self, utterance: Utterance) -> int:
        """A guess at the clip's length in frames."""
        return self._likely(utterance).estimate(utterance)

    def refusal(self, utterance: Utterance) -> RequestError | None:
        """Why neither voice can say it: what the first one has against it."""
        refused = self._first.refusal(utterance)
        return refused if refused and self._second.refusal(utterance) else None

    def prefetch(self, utterances: Iterable[Utterance]) -> None:
        """Have the clips made ahead, each by whoever says it."""
        wanted = list(dict.fromkeys(utterances))
        self._ahead += wanted
        firsts = [utterance for utterance in wanted if self._likely(utterance) is self._first]
        taken = set(firsts)
        self._second.prefetch(utterance for utterance in wanted if utterance not in taken)
        try:
            self._first.prefetch(firsts)
        except EnvironmentFailure as failure:  # it is not installed
            if self._closed:
                raise
            self._hand_over(failure)

    def rest(self) -> None:
        """Let go of both engines until they are needed again."""
        self._first.rest()
        self._second.rest()

    def close(self) -> None:
        """End both."""
        self._closed = True
        self._first.close()
        self._second.close()

    def __enter__(self) -> FallbackVoice:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _likely(self, utterance: Utterance) -> Voice:
        second = self._casting.is_second(utterance)
        if second is None:
            second = self._refused(utterance)
        return self._second if second else self._first

    def _refused(self, utterance: Utterance) -> bool:
        """Whether the first voice refuses it and the second does not."""
        return bool(self._first.refusal(utterance)) and not self._second.refusal(utterance)

    def _said(self, utterance: Utterance, act: Callable[[Voice], T]) -> T:
        second = self._casting.is_second(utterance)
        if second is None and self._refused(utterance):
            second = self._casting.decide(utterance, second=True)
        if second is None:
            try:
                done = act(self._first)
            except EnvironmentFailure as failure:
                if self._closed:
                    raise
                self._hand_over(failure)
            else:
                if not self._casting.decide(utterance, second=False):
                    return done
            second = self._casting.is_second(utterance)
        return act(self._second if second else self._first)

    def _hand_over(self, failure: EnvironmentFailure) -> None:
        if not self._casting.fail():
            return
        reason = failure.reason if isinstance(failure, EngineFailure) else str(failure)
        if self._tell:
            self._tell(f"{reason} From here on, {self._name} speaks.")
        self._first.close()
        self._second.prefetch([utterance for utterance in self._ahead if self._casting.is_second(utterance)])


@dataclass(frozen=True, slots=True)
class Standby:
    """A voice that stands in for the one before it, and who said what in this run so far."""

    profile: Profile
    casting: Casting = field(default_factory=Casting)


def standbys_of(voice: Profile, fallback: str | None, find: Callable[[str], Profile] = profile) -> tuple[Standby, ...]:
    """Who stands in for a voice, first the fallbacks of the profiles themselves, then the one that is asked for.

    RequestError when there is no voice of such a name.
    """
    found = {voice.name: voice}
    while (last := [*found.values()][-1].fallback) and last not in found:
        found[last] = find(last)
    if fallback and fallback not in found:
        found[fallback] = find(fallback)
    return tuple(map(Standby, [*found.values()][1:]))


def voiced(
    voice: Profile,
    standbys: Sequence[Standby],
    *,
    progress: Progress | None = None,
    niceness: int = 0,
    tell: Tell | None = None,
) -> Voice:
    """The voice at work, with its standbys behind it, each at its own pace and level."""
    profiles = (voice, *(standby.profile for standby in standbys))
    progresses = summed(progress, len(profiles)) if progress else [None] * len(profiles)
    *speakers, joined = (
        Speaker(profile, progress=progress, niceness=niceness, tell=tell)
        for profile, progress in zip(profiles, progresses, strict=True)
    )
    whole: Voice = joined
    for speaker, standby in reversed([*zip(speakers, standbys, strict=True)]):
        name = standby.profile.title or standby.profile.name
        whole = FallbackVoice(speaker, whole, name, standby.casting, tell)
    return whole


def summed(progress: Progress, count: int) -> list[Progress]:
    """A progress for each of `count` speakers that work side by side; together they tell `progress`."""
    lock = threading.Lock()
    figures = [(0, 0)] * count

    def of(number: int) -> Progress:
        def tell(made: int, asked: int) -> None:
            with lock:
                figures[number] = (made, asked)
                total = (sum(made for made, _ in figures), sum(asked for _, asked in figures))
            progress(*total)

        return tell

    return [of(number) for number in range(count)]
