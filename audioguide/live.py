"""A session in the making: spoken and compiled on a thread of its own while what is finished is already used."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from types import TracebackType

from audioguide.mixer import GRID, Mixer, Stems
from audioguide.sound.block import Block
from audioguide.speech.voice import Voice
from audioguide.timeline.compile import LEAD_IN
from audioguide.timeline.model import Section, Utterance


class Live:
    """The mix of sections as they come. A context manager: inside it they are made, at its end the making stops.

    `sections` grows until `frames` is known. What the making failed with is kept in `failed`.
    """

    lead_in = LEAD_IN

    def __init__(self, speaker: Voice, ahead: Iterable[Utterance], sections: Iterable[Section]) -> None:
        self.sections: list[Section] = []
        self.frames: int | None = None
        self.failed: BaseException | None = None
        self._speaker = speaker
        self._ahead = ahead
        self._coming = sections
        self._mixer = Mixer(speaker.clip)
        self._stopping = False
        self._news = threading.Condition()
        self._thread = threading.Thread(target=self._make, name="session", daemon=True)

    @property
    def available(self) -> int:
        """Frames that can be had now."""
        return self._mixer.available

    def block(self, start: int, count: int) -> Block:
        """`count` frames of the mix from `start`."""
        return self._mixer.block(start, count)

    def stems(self) -> Iterator[Stems]:
        """The whole session in blocks, each as soon as it can be had. Raises what the making failed with."""
        done = 0
        while self.failed is None and done != self.frames:
            self._await(done)
            while done < self.available:
                count = min(GRID, self.available - done)
                yield self._mixer.stems(done, count)
                done += count
        if self.failed is not None:
            raise self.failed

    def __enter__(self) -> Live:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopping = True
        self._speaker.close()
        self._thread.join()

    def _make(self) -> None:
        try:
            self._speaker.prefetch(self._ahead)
            for section in self._coming:
                if self._stopping:
                    return
                self.sections.append(section)
                self._mixer.add(section)
                self._tell()
            self.frames = self._mixer.available
            self._speaker.rest()
        except BaseException as error:  # whoever plays or writes gets to know
            self.failed = error
        self._tell()

    def _await(self, done: int) -> None:
        """Wait until there is more than `done` frames, or there will be no more."""
        with self._news:
            self._news.wait_for(lambda: self.available > done or self.frames is not None or self.failed is not None)

    def _tell(self) -> None:
        with self._news:
            self._news.notify_all()
