"""A session in the making: spoken and compiled on a thread of its own while what is finished is already played."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from types import TracebackType

from audioguide.mixer import Mixer
from audioguide.sound.block import Block
from audioguide.speech.speaker import Speaker
from audioguide.timeline.compile import LEAD_IN
from audioguide.timeline.model import Section, Utterance


class Live:
    """The mix of sections as they come. A context manager: inside it they are made, at its end the making stops.

    `sections` grows while it is played. What the making failed with is kept in `failed`.
    """

    lead_in = LEAD_IN

    def __init__(self, speaker: Speaker, ahead: Iterable[Utterance], sections: Iterable[Section]) -> None:
        self.sections: list[Section] = []
        self.frames: int | None = None
        self.failed: BaseException | None = None
        self._speaker = speaker
        self._ahead = ahead
        self._coming = sections
        self._mixer = Mixer(speaker.clip)
        self._stopping = False
        self._thread = threading.Thread(target=self._make, name="session", daemon=True)

    @property
    def available(self) -> int:
        """Frames that can be had now."""
        return self._mixer.available

    def block(self, start: int, count: int) -> Block:
        """`count` frames of the mix from `start`."""
        return self._mixer.block(start, count)

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
            self.frames = self._mixer.available
        except BaseException as error:  # whoever plays gets to know
            self.failed = error
