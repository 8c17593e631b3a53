"""What speaks the utterances of a session: one speaker, or one with another that stands in for it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol, Self

import numpy as np
from numpy.typing import NDArray

from audioguide.errors import RequestError
from audioguide.model.timeline import Utterance


class Voice(Protocol):
    """A voice at work: a context manager, to be used from any number of threads. `Speaker` says what each does."""

    def known(self, utterance: Utterance) -> bool:
        """Whether the clip is there already."""

    def measure(self, utterance: Utterance) -> int:
        """The clip's length in frames."""

    def clip(self, utterance: Utterance) -> NDArray[np.float32]:
        """The clip at its final level: float32, mono, shape (frames,), as long as was measured."""

    def name(self, utterance: Utterance) -> str:
        """The name of the clip, once it was measured: clips of one name have the same samples."""

    def estimate(self, utterance: Utterance) -> int:
        """A guess at the clip's length in frames from the text alone."""

    def refusal(self, utterance: Utterance) -> RequestError | None:
        """Why it cannot be said, as far as that can be told from the text."""

    def prefetch(self, utterances: Iterable[Utterance]) -> None:
        """Have these clips made ahead, in this order."""

    def rest(self) -> None:
        """Let go of what is only needed to make clips."""

    def close(self) -> None:
        """End what is under way."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
