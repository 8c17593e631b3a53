"""The player: one thread that makes the sound run, does what the person asks, and stays with the device."""

from __future__ import annotations

import threading
from concurrent.futures import wait
from contextlib import suppress
from dataclasses import dataclass
from queue import Empty, Queue
from typing import Literal

from audioguide.errors import EnvironmentFailure
from audioguide.player.buffer import PlaybackBuffer, StemGains
from audioguide.player.commands import Command, SeekTo
from audioguide.player.devices.device import Device
from audioguide.player.renderer import RenderAhead
from audioguide.player.source import SessionSource
from audioguide.player.transport import (
    EndReason,
    Event,
    HoldChange,
    Jump,
    Message,
    PlayerState,
    TimelinePosition,
    TransportState,
    apply_command,
    leaves_open_hold,
    shift_frame,
)
from audioguide.sound.synth.layer import LoopedSource
from audioguide.system.process import run_in_daemon_thread
from audioguide.units import db_to_amplitude, to_frames

TAIL = to_frames(0.25)
"""Silence given to the device after the last frame, beyond its own buffer: the system has buffers too."""

_TURN = 0.05  # seconds between two looks when there is nothing to do
_RETRY = 20  # such turns between two tries to get hold of a device
_PATIENCE = 30  # looks at most for a fade to be heard
_LOOK = 0.01  # seconds between two of them

_LOST = "The sound device has gone. Looking for another."


@dataclass(frozen=True, slots=True)
class Outcome:
    """How playing ended: session frames that sounded, the frame it ended at, gaps that were heard, why it is over."""

    frames_played: int
    position: int
    underruns: int
    end: EndReason


class Player:
    """Plays a session on a device while it is still in the making. A context manager: inside it, it plays in a thread
    of its own; leaving it before the end stops it, with a fade. Whatever makes the session has to be running.

    It begins at frame `start`, as soon as a second is there from that on. When the session is not ready in time,
    `waiting` sounds instead, and then it goes on where it was. When the device goes, it looks for one once a second,
    and goes on at the frame that was heard last.
    """

    def __init__(
        self, source: SessionSource, device: Device, *, waiting: LoopedSource | None = None, start: int = 0
    ) -> None:
        self._source = source
        self._device = device
        self._waiting = waiting
        self._state = TransportState()
        self._lost = self._begun = False
        self._looked = 0  # turns since it last looked for a device
        self._failed: BaseException | None = None
        self._told = (0, "")
        self._before = (0, 0)  # session frames and underruns of the feeds before this one
        self._feed, self._pump = self._supply(start)
        self._asked: Queue[Command | SeekTo | Message | Literal["leave"]] = Queue()
        self._end: EndReason | None = None
        self._over = threading.Event()
        self._hurry = threading.Event()
        self._thread = threading.Thread(target=self._run, name="player", daemon=True)

    def do(self, command: Command | SeekTo) -> None:
        """Ask for something, from any thread; it is done at once."""
        self._asked.put(command)

    def tell(self, message: str) -> None:
        """Let the person know something, from any thread."""
        self._asked.put(Message(message))

    def now(self) -> PlayerState:
        """How things are, from any thread."""
        feed, (told, message) = self._feed, self._told
        return PlayerState(
            version=self._source.version,
            position=self._sounding(feed),
            transport=self._state,
            waiting=feed.playhead.waiting or not self._begun,
            frames_played=self._before[0] + feed.playhead.frames_played,
            underruns=self._before[1] + feed.underruns + self._device.underruns,
            message=message,
            message_count=told,
            end=self._end if self._over.is_set() else None,
            lost=self._lost,
        )

    def wait(self, timeout: float) -> bool:
        """Whether it is over, for which it waits so many seconds at most."""
        return self._over.wait(timeout)

    @property
    def outcome(self) -> Outcome:
        """How it ended, once it is over. Raises what it failed with: EnvironmentFailure without a device, say."""
        self._thread.join()
        if self._failed is not None:
            raise self._failed
        now = self.now()
        return Outcome(now.frames_played, now.position, now.underruns, now.end or "interrupted")

    def suspend(self) -> None:
        """Fade to silence and wait until that is heard, 0.3 s at most: before the process is stopped (Ctrl-Z)."""
        feed = self._feed
        feed.suspended = True
        for _ in range(_PATIENCE):
            if self._over.is_set() or feed.silence >= self._device.latency:
                break
            self._over.wait(_LOOK)

    def resume(self) -> None:
        """Go on after `suspend`."""
        self._feed.suspended = False

    def __enter__(self) -> Player:
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._asked.put("leave")
        try:
            self._thread.join()
        except BaseException:  # a second Ctrl-C: out of here, without the fade
            self._hurry.set()
            self._thread.join()
            raise

    def _run(self) -> None:
        try:
            self._open_first()
            while self._end is None:
                self._turn()
            if self._end != "finished":
                self._fade_out()
        except BaseException as error:  # raised again where the session is played
            self._failed = error
            self._fade_out()
        finally:
            self._device.close()
            self._over.set()

    def _supply(self, start: int, suspended: bool = False) -> tuple[PlaybackBuffer, RenderAhead]:
        """A feed that begins at a frame, and what fills it."""
        feed = PlaybackBuffer(_gains(self._state))
        feed.paused, feed.suspended = self._state.paused, suspended
        return feed, RenderAhead(self._source, feed, self._waiting, start=start)

    def _open_first(self) -> None:
        """Get hold of the device. That may take seconds, in which what is asked is done: nobody waits to leave."""
        opening = run_in_daemon_thread(self._open)
        while not wait([opening], _TURN).done:
            with suppress(Empty):
                self._obey(self._asked.get_nowait())
            if self._end is not None:
                return
        opening.result()

    def _open(self) -> None:
        """Get hold of the device."""
        self._device.open()
        self._pump.preroll_frames = self._device.preroll_frames

    def _begin(self) -> None:
        """Let the device take sound as soon as there is any: what it has in hand by then would only come before it.

        One that has to be given silence for long gets it at once.
        """
        if self._feed.ahead or self._device.preroll_frames > self._source.lead_in:
            self._device.start(self._feed)
            self._begun = True

    def _turn(self) -> None:
        """Do what was asked, put what is due, and look after the device; or wait a moment when all is done."""
        busy = not self._lost and self._pump.step()
        if not self._begun:
            self._begin()
        with suppress(Empty):
            self._obey(self._asked.get(timeout=0 if busy else _TURN))
        if not busy:
            self._attend()
        if self._end is None and self._feed.finished and self._feed.silence >= self._rest():
            self._end = "finished"

    def _rest(self) -> int:
        """Frames of silence that push the last of the session out of the device; a file holds nothing back."""
        return self._device.latency + TAIL if self._device.latency else 0

    def _obey(self, asked: Command | SeekTo | Message | Literal["leave"]) -> None:
        if asked == "leave":
            self._end = "interrupted"
        elif isinstance(asked, Message):
            self._tell(asked.text)
        else:
            self._steer(asked)

    def _steer(self, command: Command | SeekTo) -> None:
        place = self._place()
        state, events = apply_command(self._state, command, place)
        self._feed.gains, self._feed.paused = _gains(state), state.paused
        for event in events:
            self._perform(event, place)
        if state.stopped:
            self._end = "stopped"
        self._state = state  # last: who sees it finds it done

    def _place(self) -> TimelinePosition:
        take = self._source.version
        whole = take.frames is not None  # before `available`, which can only have grown since
        return TimelinePosition(self._feed.position, take.sections, take.available, whole)

    def _perform(self, event: Event, place: TimelinePosition) -> None:
        match event:
            case Jump(frame):
                if leaves_open_hold(frame, place):
                    self._source.end_open_hold(lambda: self._feed.position)
                    frame = shift_frame(frame, place, self._place())
                self._pump.jump(frame)
            case HoldChange(wish):
                self._tell(self._source.edit_hold(wish, lambda: self._feed.position))
            case Message(message):
                self._tell(message)

    def _tell(self, message: str) -> None:
        self._told = (self._told[0] + 1, message)

    def _attend(self) -> None:
        """See whether the device is there, and look for one when it is not."""
        if not self._lost:
            if self._device.lost:
                self._lose()
            return
        self._looked += 1
        if self._looked >= _RETRY:
            self._looked = 0
            self._look_for_device()

    def _lose(self) -> None:
        """The device has gone: what it had taken and not yet let out was not heard. It may still hang on its feed."""
        self._lost, self._looked = True, 0
        self._device.close()
        if self._device.failed is not None:
            raise self._device.failed
        old = self._feed
        self._before = (self._before[0] + old.playhead.frames_played, self._before[1] + old.underruns)
        self._feed, self._pump = self._supply(self._sounding(old), old.suspended)
        self._tell(_LOST)

    def _look_for_device(self) -> None:
        try:
            self._open()
            self._device.start(self._feed)
        except EnvironmentFailure:
            self._device.close()
            return
        self._lost = False
        self._tell(f"The sound comes out of {self._device.name} now.")

    def _fade_out(self) -> None:
        """Wait until the fade has been heard, though not for a device that is gone."""
        self._feed.stop()
        for _ in range(_PATIENCE + self._device.latency // to_frames(_LOOK) if self._feed.pulls else 0):
            if self._lost or self._hurry.is_set() or self._feed.silence >= self._device.latency:
                break
            self._hurry.wait(_LOOK)

    def _sounding(self, feed: PlaybackBuffer) -> int:
        """The frame of the session that is heard now; right after a jump, the one that was jumped to."""
        mark, position = feed.playhead, feed.position
        if position != mark.position:
            return position
        return max(mark.landed, position - max(0, self._device.latency - mark.beyond))


def _gains(state: TransportState) -> StemGains:
    if state.muted:
        return StemGains(0.0, 0.0)
    return StemGains(db_to_amplitude(state.voice), db_to_amplitude(state.background))
