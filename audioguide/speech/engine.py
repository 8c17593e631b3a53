"""What a speech engine is: text in, raw samples out. Everything else (cache, level, trim, threads) lies above it."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from audioguide.errors import EnvironmentFailure, RequestError
from audioguide.speech.lexicon import Notation


class EngineFailure(EnvironmentFailure):
    """An engine that does not go on; `reason` is why, without what to do about it."""

    def __init__(self, reason: str, hint: str) -> None:
        self.reason = reason
        super().__init__(f"{reason} {hint}")


class Engine(Protocol):
    """One way of turning text into sound; made cheaply, it loads its model when it first speaks.

    Any number of threads may call one engine. The same text, rate and version give the same samples.
    """

    @property
    def name(self) -> str:
        """The name that profiles call it by."""

    @property
    def version(self) -> str:
        """Changes whenever the samples may; known without loading the model."""

    @property
    def sample_rate(self) -> int:
        """Samples a second of what `speak` returns."""

    @property
    def online(self) -> bool:
        """Whether the text leaves the machine."""

    @property
    def reads_whole(self) -> bool:
        """Whether a text reaches `speak` whole, as recordings want it, and not a sentence at a time."""

    @property
    def notation(self) -> Notation | None:
        """How it takes the lexicon's readings: as sounds, which it looks up itself, or respelled in what it is given.

        None where readings are no matter, as to recordings.
        """

    def refusal(self, text: str) -> RequestError | None:
        """Why `speak` would refuse a text, as far as that can be told without loading the model; else None."""

    def unload(self) -> None:
        """Give the model's memory back; `speak` loads it again."""

    def speak(self, text: str, rate: float) -> NDArray[np.float32]:
        """The text as float32 mono samples, shape (samples,), within ±1; rate 1.0 is the model's own pace.

        Raises RequestError when there is nothing in the text that this engine can say.
        """
