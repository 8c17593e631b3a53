"""A session in the making: spoken and compiled on a thread of its own while what is finished is already used.

A wish while it is heard makes another take, on a thread that then goes on with it. The one before is in force until the
other has what is heard now.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from types import TracebackType

from audioguide.errors import EnvironmentFailure
from audioguide.mixer import Mixer, Stems
from audioguide.speech.voice import Voice
from audioguide.take import Take
from audioguide.timeline.changes import Changes
from audioguide.timeline.compile import LEAD_IN, Compiler
from audioguide.timeline.keeping import Changed, changed
from audioguide.timeline.model import Section, Utterance
from audioguide.timeline.wishing import NOTHING_HERE, Moment, Wish, wished
from audioguide.units import frames

MARGIN = frames(0.3)
"""From the frame that the device takes next until a change: time to make it, and to replace what is ready to be heard.
Where it was not enough, twice as long is tried next.
"""

FIRST = 8
"""Utterances that are spoken ahead before the first section is made, which has no more than these as a rule."""

Tell = Callable[[str], None]


class Live:
    """The mix of sections as they come. A context manager: inside it they are made, at its end the making stops.

    `name_of` tells the name of an utterance's clip (`Voice.name`).

    `take` is the version in force: it grows until its `frames` are known, and another takes its place when a hold was
    changed. What the making failed with is kept in `failed`. `tell` is told, on any thread, what became of a change
    that could not be made after all.
    """

    lead_in = LEAD_IN

    def __init__(
        self,
        speaker: Voice,
        ahead: Iterable[Utterance],
        compiler: Compiler,
        *,
        beyond_limits: bool = False,
        tell: Tell | None = None,
    ) -> None:
        self.take = Take(compiler, Mixer(speaker.clip))
        self.name_of = speaker.name
        self.failed: BaseException | None = None
        self._speaker = speaker
        self._ahead = ahead
        self._routine = compiler.routine
        self._beyond_limits = beyond_limits
        self._told = tell or (lambda message: None)
        self._wishes: list[Wish] = []
        """What is not fulfilled yet. While there is any, a thread is at it."""
        self._stopping = False
        self._news = threading.Condition()
        self._threads: list[threading.Thread] = []

    @property
    def sections(self) -> Sequence[Section]:
        """Those of the version in force."""
        return self.take.sections

    @property
    def available(self) -> int:
        """Frames that can be had now."""
        return self.take.available

    @property
    def frames(self) -> int | None:
        """Length of the session, once it is known."""
        return self.take.frames

    def stems(self) -> Iterator[Stems]:
        """The whole session in blocks, each as soon as it can be had. Raises what the making failed with."""
        done = 0
        while (available := self.reach(done + 1)) > done:
            yield from self.take.blocks(done, available)
            done = available

    def reach(self, frame: int) -> int:
        """Wait until it is made up to `frame`, or to its end; how far it is made then. Raises what that failed with."""
        with self._news:
            self._news.wait_for(
                lambda: self.available >= frame or self.frames is not None or self.failed is not None or self._stopping
            )
        if self.failed is not None:
            raise self.failed
        if self.available < frame and self.frames is None:
            raise EnvironmentFailure("The session was stopped before it was made.")
        return self.available

    def change(self, wish: Wish, position: Callable[[], int]) -> str:
        """Change the hold that is heard, or the next one in its section, or the rest that is heard.

        Returns at once, with what a listener is told of it; the take follows. `position` tells, at any time, the next
        frame that the device will take.
        """
        with self._news:
            _, _, before, _ = self._fulfilled(self._wishes, position(), MARGIN)
            _, _, after, message = self._fulfilled([*self._wishes, wish], position(), MARGIN)
            if after != before:
                self._wishes.append(wish)
                if len(self._wishes) == 1:
                    self._start(lambda: self._change(position))
        return message

    def changed(self) -> tuple[Changed, ...]:
        """What was changed so far: of each step, what its holds were and the last that they became."""
        return changed(self._routine, self.take.changes)

    def __enter__(self) -> Live:
        self._start(self._begin)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._news:  # no thread is started after this
            self._stopping = True
            self._news.notify_all()
        self._speaker.close()
        for thread in self._threads:
            thread.join()

    def _start(self, work: Callable[[], None]) -> None:
        def run() -> None:
            try:
                work()
            except BaseException as error:  # also of `tell` and `position`: whoever plays or writes gets to know
                self.failed = error
                self._tell()

        self._threads = [thread for thread in self._threads if thread.is_alive()]
        if not self._stopping:
            self._threads.append(threading.Thread(target=run, name="session", daemon=True))
            self._threads[-1].start()

    def _begin(self) -> None:
        """Make the session. What is not heard at once is not even told before what is."""
        ahead = iter(self._ahead)
        self._speaker.prefetch(islice(ahead, FIRST))
        self._make(self.take, ahead)

    def _make(self, take: Take, ahead: Iterable[Utterance] = ()) -> None:
        """Make the sections of a take, as long as it is in force; `ahead` is what else is to be spoken for them."""
        try:
            while not self._stopping and take is self.take and take.extend():
                self._tell()
                self._speaker.prefetch(ahead)
            if take is self.take and not self._stopping:
                self._speaker.rest()
        except BaseException as error:  # whoever plays or writes gets to know
            if take is self.take:
                self.failed = error
        self._tell()

    def _fulfilled(self, wishes: Sequence[Wish], position: int, margin: int) -> tuple[int, int, Changes, str]:
        """The section that wishes are for, the frame it changes from, the changes, and what is told of them."""
        since, changes, message = position + margin, self.take.changes, NOTHING_HERE
        index = self.take.index(since)
        if index >= 0:
            section, at = self.take.sections[index], Moment(position, since)
            for wish in wishes:
                changes, message = wished(self._routine, section, changes, wish, at, beyond_limits=self._beyond_limits)
        return index, since, changes, message

    def _change(self, position: Callable[[], int]) -> None:
        """Fulfil the wishes, all that there are by then, and go on with the take that they make."""
        started = made = self.take
        margin = MARGIN
        there = True
        while there:
            before, count = self.take, len(self._wishes)
            try:
                index, since, changes, message = self._fulfilled(self._wishes[:count], position(), margin)
                take = before if changes == before.changes else before.changed(changes, index, since)
            except Exception as error:  # the session goes on as it was
                take, since, message = before, 0, str(error)
            if take is before and not self._stopping:
                self._told(message)
            with self._news:
                if take is before or position() < since:
                    self.take = take
                    made = made if take is before else take
                    del self._wishes[:count]
                margin = MARGIN if self.take is take else 2 * margin
                there = bool(self._wishes) and not self._stopping
                self._news.notify_all()
        if made is not started:
            self._make(made)

    def _tell(self) -> None:
        with self._news:
            self._news.notify_all()
