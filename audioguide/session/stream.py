"""A session that is spoken and compiled on a thread of its own, while what is finished is already played or exported.

Changing a hold during playback compiles a new version on another thread, which then goes on with it. The old version
stays in force until the new one covers the current position.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Self

import numpy as np

from audioguide.errors import EnvironmentFailure
from audioguide.model.timeline import Section, Utterance
from audioguide.sound.block import Block
from audioguide.sound.mixer import Mixer, Stems
from audioguide.speech.speaker import Speaker
from audioguide.speech.voice_speaker import Tell
from audioguide.timeline import edit_hold
from audioguide.timeline.compiler import LEAD_IN, SESSION_START, Compiler, SectionStart
from audioguide.timeline.edit_hold import EditCommand, EditTime
from audioguide.timeline.edits import NO_EDITS, EditedHold, EditHistory, HoldEdits, HoldId, PlayedCues, summarize_edits
from audioguide.timeline.resume import find_section
from audioguide.units import to_frames

# From the frame that the device takes next to the first one that changes: time to compile the new version and to
# replace what is buffered. Where it was not enough, twice as long is tried next.
MARGIN = to_frames(0.3)
EDIT_TIMEOUT = 0.5  # seconds until an open-ended hold has ended: so long the player does not fill its buffer
FIRST_UTTERANCES = 8  # they are spoken before the first section is compiled, which rarely has more


class StreamVersion:
    """A session with certain edits. It only ever grows. One thread may extend it while others read it."""

    def __init__(self, compiler: Compiler, mixer: Mixer, edits: HoldEdits = NO_EDITS) -> None:
        self.edits, self.mixer = edits, mixer
        self.sections: list[Section] = []
        self.frames: int | None = None  # the length of the session, once it is known
        self._compiler = compiler
        self._starts: list[SectionStart] = []
        self._next: SectionStart | None = SESSION_START

    @property
    def available(self) -> int:
        """Frames that can be mixed now."""
        return self.mixer.available

    def stems(self, start: int, count: int) -> Stems:
        """`count` frames of the mix from `start`."""
        return self.mixer.stems(start, count)

    def extend(self) -> bool:
        """Compile the next section; whether there is any left after it. Raises as `Compiler.compile_section`."""
        if self._next:
            section, following = self._compiler.compile_section(self._next, self.edits)
            self.sections.append(section)
            self._starts.append(self._next)
            self.mixer.add(section)
            self._next = following
        if self._next is None:
            self.frames = self.available
        return self._next is not None

    def with_edits(self, edits: HoldEdits, index: int, change_frame: int) -> StreamVersion:
        """A version with other edits, compiled up to the section `index`. That one changes from `change_frame` on.

        Up to there both versions have the same cues, and the same samples as far as `Mixer.with_changed` says.
        """
        played = PlayedCues.from_section(self.sections[index], change_frame)
        section, following = self._compiler.compile_section(self._starts[index], edits, played)
        version = StreamVersion(self._compiler, self.mixer.with_changed(section, change_frame), edits)
        version.sections, version._starts = [*self.sections[:index], section], self._starts[: index + 1]
        version._next = following
        if following is None:
            version.frames = version.available
        return version

    def replay(self, history: EditHistory) -> StreamVersion:
        """The version with changes that were made before, compiled as far as they reach."""
        version = self
        for edits, frame in history:
            version.cover(frame)
            version = version.with_edits(edits, find_section(version.sections, frame), frame)
        return version

    def cover(self, frame: int) -> None:
        """Compile up to a frame, or to the end."""
        while self.available <= frame and self.extend():
            pass


@dataclass(frozen=True, slots=True)
class _PendingEdit:
    """A command (None ends the open-ended hold), the hold it is for, and the message that the listener got."""

    command: EditCommand | None
    target: HoldId | None = None
    message: str = ""


class SessionStream:
    """A session while it is compiled. A context manager: a thread compiles the session inside it, and stops at its end.

    `name_of` names the clip of an utterance. `history` are the changes that it begins with. `version` is in force; a
    changed hold puts another one in its place.
    `failed` is the error that ended the work. `tell` is called, on any thread, about each edit that could not be made.
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
        history: EditHistory = (),
    ) -> None:
        self.version, self._compiler = StreamVersion(compiler, Mixer(speaker.clip_for)), compiler
        self.name_of = speaker.clip_key
        self.failed: BaseException | None = None
        self._speaker, self._ahead, self._history = speaker, ahead, history
        self.routine, self._beyond_limits = compiler.routine, beyond_limits
        self._tell = tell or (lambda message: None)
        self._pending: list[_PendingEdit] = []  # while there are any, one thread works on them
        self._stopping = False
        self._condition = threading.Condition()
        self._threads: list[threading.Thread] = []

    @property
    def sections(self) -> Sequence[Section]:
        """Those of the version in force."""
        return self.version.sections

    @property
    def available(self) -> int:
        """Frames that can be mixed now."""
        return self.version.available

    @property
    def frames(self) -> int | None:
        """Length of the session, once it is known."""
        return self.version.frames

    def mixer(self) -> Mixer:
        """A mixer of the version in force, for one thread."""
        return self.version.mixer.clone()

    def stems(self) -> Iterator[Stems]:
        """The whole session in blocks, each as soon as it can be mixed. Raises as `reach`."""
        done = 0
        while (available := self.reach(done + 1)) > done:
            yield from self.version.mixer.blocks(done, available)
            done = available

    def reach(self, frame: int) -> int:
        """Wait until `frame` or the end is compiled; the frames available then. Raises what ended the work."""
        with self._condition:
            self._condition.wait_for(
                lambda: self.available >= frame or self.frames is not None or self.failed is not None or self._stopping
            )
        if self.failed is not None:
            raise self.failed
        if self.available < frame and self.frames is None:
            raise EnvironmentFailure("The session was stopped before it was made.")
        return self.available

    def edit_hold(self, command: EditCommand, position: Callable[[], int], ended: int | None = None) -> str:
        """Change the current hold or rest, or else the next hold in its section; returns a message for the listener.

        The new version follows. `position` gives, at any time, the next frame that the device will take. With `ended`,
        the end of a hold that is over, it is that one which changes, as if its last frame were still to come.
        """
        if ended is not None:
            with self._condition:
                self._condition.wait_for(self.is_settled, EDIT_TIMEOUT)
                message = self.edit_hold(command, lambda: ended - 1 - MARGIN)
                self._condition.wait_for(self.is_settled, EDIT_TIMEOUT)
            return message
        with self._condition:
            _, _, target, results = self._plan([*self._pending, _PendingEdit(command)], position())
            edits, message = results[-1]
            if edits != (results[-2][0] if self._pending else self.version.edits):
                self._add_pending(_PendingEdit(command, target, message), position)
        return message

    def end_open_hold(self, position: Callable[[], int]) -> None:
        """End the open-ended hold, since the listener leaves its section; returns when the new version is in force.

        Otherwise its hour in reserve would stay in the session. Edits that are pending come first.
        """
        with self._condition:
            self._condition.wait_for(self.is_settled, EDIT_TIMEOUT)
            if any(edit.open_ended for edit in self.version.edits.values()):
                self._add_pending(_PendingEdit(None), position)
                self._condition.wait_for(self.is_settled, EDIT_TIMEOUT)

    def speak(self, text: str) -> Block:
        """A text that is said besides the session, in its voice. Raises as `Speaker.clip_for`."""
        return np.repeat(self._speaker.clip_for(Utterance(text, "say"))[:, np.newaxis], 2, axis=1)

    def is_settled(self) -> bool:
        """Whether no edit is pending."""
        return not self._pending or self._stopping or self.failed is not None

    def list_edited_holds(self) -> tuple[EditedHold, ...]:
        """The edits so far, by step: the holds as written, and their last length."""
        return summarize_edits(self.routine, self.version.edits)

    def __enter__(self) -> Self:
        self._start_thread(self._begin)
        return self

    def __exit__(self, *exception: object) -> None:
        with self._condition:  # no thread is started after this
            self._stopping = True
            self._condition.notify_all()
        self._speaker.close()
        for thread in self._threads:
            thread.join()

    def _add_pending(self, edit: _PendingEdit, position: Callable[[], int]) -> None:
        self._pending.append(edit)
        if len(self._pending) == 1:
            self._start_thread(lambda: self._apply_pending(position))

    def _start_thread(self, work: Callable[[], None]) -> None:
        def run() -> None:
            try:
                work()
            except BaseException as error:  # also of `tell` and `position`: `reach` raises it
                self.failed = error
                self._notify()

        self._threads = [thread for thread in self._threads if thread.is_alive()]
        if not self._stopping:
            self._threads.append(threading.Thread(target=run, name="session", daemon=True))
            self._threads[-1].start()

    def _begin(self) -> None:
        """Compile the session. What is said later is not even normalized before the first words are spoken."""
        ahead = iter(self._ahead)
        self._speaker.prefetch(islice(ahead, FIRST_UTTERANCES))
        if self._history:  # apart, since what is compiled before a change is not to be taken for the session
            self.version = StreamVersion(self._compiler, Mixer(self._speaker.clip_for)).replay(self._history)
        self._compile(self.version, ahead)

    def _compile(self, version: StreamVersion, ahead: Iterable[Utterance] = ()) -> None:
        """Compile the sections of a version as long as it is in force, and have `ahead` spoken for them."""
        try:
            while not self._stopping and version is self.version and version.extend():
                self._notify()
                self._speaker.prefetch(ahead)
            if version is self.version and not self._stopping:
                self._speaker.unload()
        except BaseException as error:
            if version is self.version:
                self.failed = error
        self._notify()

    def _plan(
        self, pending: Sequence[_PendingEdit], position: int, margin: int = MARGIN
    ) -> tuple[int, int, HoldId | None, list[tuple[HoldEdits, str]]]:
        """The index of the section that changes, from which frame on, the hold that can be changed there, and after
        each edit all edits and the message. A pending edit is made to its own target only.
        """
        change_frame, edits, target = position + margin, self.version.edits, None
        index, results = find_section(self.version.sections, change_frame), []
        for edit in pending if index >= 0 else ():
            section, time = self.version.sections[index], EditTime(position, change_frame)
            cue = edit_hold.find_target(section, time)
            target = edit_hold.name_hold(section, cue) if cue else None
            message = edit_hold.TOO_LATE
            if edit.command is None:
                edits = edit_hold.end_open_hold(self.routine, section, edits, change_frame)
                message = edit.message
            elif edit.target is None or edit.target == target:
                edits, message = edit_hold.apply_edit(
                    self.routine, section, edits, edit.command, time, beyond_limits=self._beyond_limits
                )
            results.append((edits, message))
        return index, change_frame, target, results or [(edits, edit_hold.NOTHING_HERE)]

    def _apply_pending(self, position: Callable[[], int]) -> None:
        """Compile versions with all pending edits until none is pending, then go on with the last version."""
        changed: StreamVersion | None = None
        margin, is_pending = MARGIN, True
        while is_pending:
            before, pending, planned_at = self.version, self._pending[:], position()
            version, change_frame = before, planned_at
            try:
                index, change_frame, _, results = self._plan(pending, planned_at, margin)
                messages = [message for _, message in results]
                if results[-1][0] != before.edits:
                    version = before.with_edits(results[-1][0], index, change_frame)
            except Exception as error:  # the session goes on as it was
                messages = [f"The hold stays as it was. {error}"]
            with self._condition:
                in_time = version is before or planned_at <= position() < change_frame  # False after a jump, too
                if in_time:
                    if version is not before:
                        changed = self.version = version
                    del self._pending[: len(pending)]
                margin = MARGIN if in_time else 2 * margin
                is_pending = bool(self._pending) and not self._stopping
                self._condition.notify_all()
            if in_time and not self._stopping:
                expected = [edit.message for edit in pending]
                for message in dict.fromkeys(messages):
                    if message not in expected:
                        self._tell(message)
        if changed:
            self._compile(changed)

    def _notify(self) -> None:
        with self._condition:
            self._condition.notify_all()
