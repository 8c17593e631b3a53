"""A session in the making: spoken and compiled on a thread of its own while what is finished is already used.

A wish while it is heard makes another take, on a thread that then goes on with it. The one before is in force until the
other has what is heard now.
"""

from __future__ import annotations

import threading
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from types import TracebackType
from typing import Literal, NamedTuple

from audioguide.errors import EnvironmentFailure
from audioguide.model.timeline import Cue, Section, Utterance
from audioguide.sound.mixer import Mixer, Stems
from audioguide.speech.speaker import Speaker
from audioguide.timeline.compiler import LEAD_IN, SESSION_START, Compiler, SectionStart
from audioguide.timeline.edit_hold import (
    NOTHING_HERE,
    TOO_LATE,
    EditCommand,
    EditTime,
    apply_edit,
    end_open_hold,
    find_target,
)
from audioguide.timeline.edits import NO_EDITS, EditedHold, HoldEdits, PlayedCues, summarize_edits
from audioguide.units import to_frames


class StreamVersion:
    """A session with certain changes. It grows; what is there stays. One thread may extend it while others read."""

    def __init__(self, compiler: Compiler, mixer: Mixer, changes: HoldEdits = NO_EDITS) -> None:
        self.changes = changes
        self.sections: list[Section] = []
        self.frames: int | None = None
        """Length of the session, once it is known."""
        self._compiler = compiler
        self._mixer = mixer
        self._points: list[SectionStart] = []
        self._next: SectionStart | None = SESSION_START

    @property
    def available(self) -> int:
        """Frames that can be had now."""
        return self._mixer.available

    def stems(self, start: int, count: int) -> Stems:
        """`count` frames of the mix from `start`."""
        return self._mixer.stems(start, count)

    def blocks(self, start: int, stop: int) -> Iterator[Stems]:
        """The frames from `start` to `stop`, as `Mixer.blocks` has them."""
        return self._mixer.blocks(start, stop)

    def mixer(self) -> Mixer:
        """What mixes it, for a thread that goes through a part of it while others go through other parts."""
        return self._mixer.clone()

    def extend(self) -> bool:
        """Make the next section; whether there is any left after it. Raises what compiling it raises."""
        if self._next:
            section, following = self._compiler.compile_section(self._next, self.changes)
            self.sections.append(section)
            self._points.append(self._next)
            self._mixer.add(section)
            self._next = following
        if self._next is None:
            self.frames = self.available
        return self._next is not None

    def index(self, frame: int) -> int:
        """The number of the section that a frame is in; the last one, where that is not made yet."""
        return bisect_right(self.sections, frame, key=lambda section: section.chapter.start) - 1

    def changed(self, changes: HoldEdits, index: int, since: int) -> StreamVersion:
        """This one, with other changes from the frame `since` on, in the section `index`: the last one that is made.

        Up to `since` it is the same, cue by cue; and sample by sample, as `Mixer.changed` says.
        """
        point = self._points[index]
        section, following = self._compiler.compile_section(
            point, changes, PlayedCues.from_section(self.sections[index], since)
        )
        made = StreamVersion(self._compiler, self._mixer.with_changed(section, since), changes)
        made.sections, made._points = [*self.sections[:index], section], self._points[: index + 1]
        made._next = following
        if following is None:
            made.frames = made.available
        return made


MARGIN = to_frames(0.3)
"""From the frame that the device takes next until a change: time to make it, and to replace what is ready to be heard.
Where it was not enough, twice as long is tried next.
"""

PATIENCE = 0.5
"""Seconds that a player waits for a hold to be let go: it has the sound to see to."""

FIRST = 8
"""Utterances that are spoken ahead before the first section is made, which has no more than these as a rule."""

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class _Wished:
    """What was asked, for which hold or rest, and what the listener was told then."""

    wish: EditCommand | Literal["let go"]
    cue: Cue | None = None
    told: str = ""


class _Plan(NamedTuple):
    """What wishes come to: the number of the section that changes, the frame from which on, the hold or rest that is
    meant there, and after each wish all changes and what a listener is told of it.
    """

    section: int
    since: int
    cue: Cue | None
    steps: list[tuple[HoldEdits, str]]


class SessionStream:
    """The mix of sections as they come. A context manager: inside it they are made, at its end the making stops.

    `name_of` tells the name of an utterance's clip (`Speaker.clip_key`).

    `version` is the one in force: it grows until its `frames` are known, and another takes its place when a hold was
    changed. What the making failed with is kept in `failed`. `tell` is told, on any thread, what became of a change
    that could not be made after all.
    """

    lead_in = LEAD_IN

    def __init__(
        self,
        speaker: Speaker,
        ahead: Iterable[Utterance],
        compiler: Compiler,
        *,
        beyond_limits: bool = False,
        tell: Tell | None = None,
    ) -> None:
        self.version = StreamVersion(compiler, Mixer(speaker.clip_for))
        self.name_of = speaker.clip_key
        self.failed: BaseException | None = None
        self._speaker = speaker
        self._ahead = ahead
        self._routine = compiler.routine
        self._beyond_limits = beyond_limits
        self._told = tell or (lambda message: None)
        self._wishes: list[_Wished] = []
        """What is not fulfilled yet. While there is any, a thread is at it."""
        self._stopping = False
        self._news = threading.Condition()
        self._threads: list[threading.Thread] = []

    @property
    def sections(self) -> Sequence[Section]:
        """Those of the version in force."""
        return self.version.sections

    @property
    def available(self) -> int:
        """Frames that can be had now."""
        return self.version.available

    @property
    def frames(self) -> int | None:
        """Length of the session, once it is known."""
        return self.version.frames

    def mixer(self) -> Mixer:
        """What mixes the version in force, for a thread of its own."""
        return self.version.mixer()

    def stems(self) -> Iterator[Stems]:
        """The whole session in blocks, each as soon as it can be had. Raises what the making failed with."""
        done = 0
        while (available := self.reach(done + 1)) > done:
            yield from self.version.blocks(done, available)
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

    def edit_hold(self, command: EditCommand, position: Callable[[], int]) -> str:
        """Change the hold that is heard, or the next one in its section, or the rest that is heard.

        Returns at once, with what a listener is told of it; the take follows. `position` tells, at any time, the next
        frame that the device will take. What does not become true after all, `tell` is told.
        """
        with self._news:
            plan = self._planned([*self._wishes, _Wished(command)], position())
            changes, message = plan.steps[-1]
            if changes != (plan.steps[-2][0] if self._wishes else self.version.changes):
                self._ask(_Wished(command, plan.cue, message), position)
        return message

    def end_open_hold(self, position: Callable[[], int]) -> None:
        """End the hold that is kept going, since the listener leaves its section; returns when the take is in force.

        Otherwise its hour in reserve would stay in the session. What was asked before is done before.
        """
        with self._news:
            self._news.wait_for(self._settled, PATIENCE)
            if any(change.open_ended for change in self.version.changes.values()):
                self._ask(_Wished("let go"), position)
                self._news.wait_for(self._settled, PATIENCE)

    def _settled(self) -> bool:
        return not self._wishes or self._stopping or self.failed is not None

    def _ask(self, asked: _Wished, position: Callable[[], int]) -> None:
        self._wishes.append(asked)
        if len(self._wishes) == 1:
            self._start(lambda: self._change(position))

    def changed(self) -> tuple[EditedHold, ...]:
        """What was changed so far: of each step, what its holds were and the last that they became."""
        return summarize_edits(self._routine, self.version.changes)

    def __enter__(self) -> SessionStream:
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
        self._make(self.version, ahead)

    def _make(self, take: StreamVersion, ahead: Iterable[Utterance] = ()) -> None:
        """Make the sections of a take, as long as it is in force; `ahead` is what else is to be spoken for them."""
        try:
            while not self._stopping and take is self.version and take.extend():
                self._tell()
                self._speaker.prefetch(ahead)
            if take is self.version and not self._stopping:
                self._speaker.unload()
        except BaseException as error:  # whoever plays or writes gets to know
            if take is self.version:
                self.failed = error
        self._tell()

    def _planned(self, wishes: Sequence[_Wished], position: int, margin: int = MARGIN) -> _Plan:
        """What wishes come to at a position; a wish that was told is for the hold that it was told of, and no other."""
        since, changes, cue = position + margin, self.version.changes, None
        index, steps = self.version.index(since), []
        for asked in wishes if index >= 0 else ():
            section = self.version.sections[index]
            cue = find_target(section, EditTime(position, since))
            message = TOO_LATE
            if asked.wish == "let go":
                changes = end_open_hold(self._routine, section, changes, since)
                message = asked.told
            elif asked.cue is None or (cue and _same(cue, asked.cue)):
                at = EditTime(position, since)
                changes, message = apply_edit(
                    self._routine, section, changes, asked.wish, at, beyond_limits=self._beyond_limits
                )
            steps.append((changes, message))
        return _Plan(index, since, cue, steps or [(changes, NOTHING_HERE)])

    def _change(self, position: Callable[[], int]) -> None:
        """Fulfil the wishes, all that there are by then, and go on with the take that they make."""
        started = made = self.version
        margin = MARGIN
        there = True
        while there:
            before, wishes, at = self.version, self._wishes[:], position()
            take, since = before, at
            try:
                index, since, _, steps = self._planned(wishes, at, margin)
                if steps[-1][0] != before.changes:
                    take = before.changed(steps[-1][0], index, since)
                messages = [message for _, message in steps]
            except Exception as error:  # the session goes on as it was
                messages = [f"The hold stays as it was. {error}"] * len(wishes)
            with self._news:
                in_time = take is before or at <= position() < since  # and not before a jump either
                if in_time:
                    self.version = take
                    made = made if take is before else take
                    del self._wishes[: len(wishes)]
                margin = MARGIN if in_time else 2 * margin
                there = bool(self._wishes) and not self._stopping
                self._news.notify_all()
            otherwise = [message for message in messages if message not in [asked.told for asked in wishes]]
            for message in dict.fromkeys(otherwise) if in_time and not self._stopping else ():
                self._told(message)
        if made is not started:
            self._make(made)

    def _tell(self) -> None:
        with self._news:
            self._news.notify_all()


def _same(cue: Cue, other: Cue) -> bool:
    """Whether it is the same hold or rest, however long it is by now."""
    return (cue.kind, cue.step, cue.round, cue.side) == (other.kind, other.step, other.round, other.side)
