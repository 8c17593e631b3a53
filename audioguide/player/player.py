"""The player: plays a session on a device, and does what the listener asks.

screen, status line    Player.do, tell, now, wait: any thread; commands wait in a queue
| commands
player thread          Player._run: carries out commands, lets RenderAhead render the next block, watches the device
| blocks
PlaybackBuffer         up to 3 s of sound; each field is written by one thread only, so there are no locks
| frames
device thread          asks the buffer for sound as fast as it is heard; it never waits and never raises
"""

from __future__ import annotations

import math
import sys
import threading
import time
from concurrent.futures import wait
from contextlib import suppress
from functools import partial
from queue import Empty, Queue
from typing import Literal

from audioguide.errors import EnvironmentFailure
from audioguide.player import transport
from audioguide.player.buffer import PlaybackBuffer, StemGains
from audioguide.player.commands import Adjust, Command, SeekTo
from audioguide.player.devices.device import Device
from audioguide.player.live_sounds import LiveSounds, Timed, make_answer
from audioguide.player.renderer import RenderAhead
from audioguide.player.source import PlayableSession
from audioguide.sound.block import Block
from audioguide.sound.synth.layer import LoopedSource
from audioguide.system.process import is_busy, run_in_daemon_thread
from audioguide.timeline.edit_hold import AT_LIMIT
from audioguide.units import RATE, db_to_amplitude, to_frames

# Silence given to the device after the last frame, beyond its own buffer: the system has buffers too.
TAIL = to_frames(0.25)
_IDLE = 0.05  # seconds that an idle turn waits for a command
_RETRY_TURNS = 20  # idle turns between two attempts to open a lost device
_FIRST_TURNS = 100  # idle turns after which there is none for what has not begun
_ASLEEP = 3.0  # seconds without a turn after which the machine was asleep
# A clock that goes on while the machine sleeps; on Linux one that nobody sets, so that setting the time halts nothing.
_sleepless = partial(time.clock_gettime, time.CLOCK_BOOTTIME) if sys.platform == "linux" else time.time
_WARNING = 2.0  # seconds from the warning until it goes on
_POLL = 0.01  # seconds between two checks whether a fade was heard
_FADE_POLLS = 30  # such checks at most


class Player:
    """Plays a session on a device, from frame `start` on, while the session is still being compiled.

    A context manager: inside it, a thread of its own plays; leaving it before the end fades out and stops. When the
    session is not ready in time, `waiting` plays instead. When the device is lost, the player looks for one once a
    second, and goes on at the frame that was heard last. `awake` is as `PlaybackBuffer` has it. `sounds` are heard
    besides the session.
    """

    def __init__(
        self,
        source: PlayableSession,
        device: Device,
        *,
        waiting: LoopedSource | None = None,
        start: int = 0,
        awake: bool = False,
        sounds: LiveSounds = LiveSounds(),
    ) -> None:
        self._sounds = sounds
        # Until when it is silent though it is not paused, and what is heard when in that time.
        self._until, self._due = 0.0, list[tuple[float, Block]]()
        self._looked = _sleepless()  # when the last turn was
        self._source, self._device, self._waiting, self._awake = source, device, waiting, awake
        self._state = transport.TransportState()
        self._lost = self._started = False
        self._idle_turns = 0  # since the last attempt to open a lost device
        self._failure: BaseException | None = None
        self._message = (0, "")  # how many messages there were, and the last one
        self._played_before = (0, 0)  # session frames and underruns of earlier buffers
        self._buffer, self._renderer = self._create_buffer(start)
        self._requests: Queue[Command | SeekTo | Adjust | transport.Message | Literal["leave"]] = Queue()
        self._end: transport.EndReason | None = None
        self._over, self._skip_fade = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._run, name="player", daemon=True)

    def do(self, command: Command | SeekTo | Adjust) -> None:
        """Ask for something, from any thread; the player does it at once."""
        self._requests.put(command)

    def tell(self, message: str) -> None:
        """Show the listener a message, from any thread."""
        self._requests.put(transport.Message(message))

    def now(self) -> transport.PlayerState:
        """A snapshot of the player, from any thread."""
        buffer, (message_count, message) = self._buffer, self._message
        return transport.PlayerState(
            version=self._source.version,
            position=self._audible_position(buffer),
            transport=self._state,
            waiting=buffer.playhead.waiting or not self._started,
            frames_played=self._played_before[0] + buffer.playhead.frames_played,
            underruns=self._played_before[1] + buffer.underruns + self._device.underruns,
            message=message,
            message_count=message_count,
            end=self._end if self._over.is_set() else None,
            lost=self._lost,
            starts_in=max(0.0, self._until - time.monotonic()),
            rest=self._find_rest(),
        )

    def wait(self, timeout: float) -> bool:
        """Whether playback is over; waits up to `timeout` seconds for that."""
        return self._over.wait(timeout)

    @property
    def outcome(self) -> transport.PlayerState:
        """How playback ended; waits until it has. Raises what it failed with: EnvironmentFailure without a device."""
        self._thread.join()
        if self._failure is not None:
            raise self._failure
        return self.now()

    def suspend(self) -> None:
        """Fade to silence and wait until it is heard, 0.3 s at most: before the process is stopped (Ctrl-Z)."""
        self._buffer.suspended = True
        self._wait_for_silence(_FADE_POLLS, self._over)

    def resume(self) -> None:
        """Go on after `suspend`."""
        self._looked = _sleepless()
        self._buffer.suspended = False

    def __enter__(self) -> Player:
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._requests.put("leave")
        try:
            self._thread.join()
        except BaseException:  # a second Ctrl-C: end without the fade
            self._skip_fade.set()
            self._thread.join()
            raise

    def _run(self) -> None:
        try:
            self._open_first()
            while self._end is None:
                self._turn()
            if self._end != "finished" or self._state.stopped:
                self._fade_out()
        except BaseException as error:  # `outcome` raises it
            self._failure = error
            self._fade_out()
        finally:
            self._device.close()
            self._over.set()

    def _create_buffer(self, start: int, suspended: bool = False) -> tuple[PlaybackBuffer, RenderAhead]:
        buffer = PlaybackBuffer(_find_gains(self._state), self._awake)
        buffer.paused, buffer.suspended = self._state.paused, suspended
        return buffer, RenderAhead(self._source, buffer, self._waiting, start=start, sounds=self._sounds)

    def _open_first(self) -> None:
        """Open the device, and carry out commands meanwhile: it may take seconds, and the listener may want to stop."""
        opening = run_in_daemon_thread(self._open)
        while self._end is None:
            if wait([opening], _IDLE).done:
                opening.result()
                return
            self._handle_request()

    def _open(self) -> None:
        self._device.open()
        self._renderer.preroll_frames = self._device.preroll_frames

    def _turn(self) -> None:
        """Render one block, carry out one command, check the device; wait for a command when there is nothing to do."""
        self._keep_time()
        busy = not self._lost and self._renderer.step()
        # The device starts as soon as there is sound to fill it, which it asks for at once, and as much again where the
        # next may be late: silence taken earlier would only delay it. One that needs much silence first starts at once.
        enough = self._device.latency * (2 if is_busy() else 1)
        fills = self._buffer.ahead > enough or (self._buffer.ahead and self._buffer.ended)
        waits = self._device.preroll_frames > self._source.lead_in
        if not self._started and not self._lost and (fills or waits):
            self._hold_back(self._sounds.start_in, self._sounds.before)
            try:
                self._device.start(self._buffer)
                self._started = True
            except EnvironmentFailure:  # it may have gone since it was opened
                self._give_up_device()
        self._handle_request(0 if busy else _POLL if self._until else _IDLE)
        if not busy:
            self._check_device()
        # Silence pushes the end of the session out of the device; a file has no latency and needs none.
        rest = self._device.latency + TAIL if self._device.latency else 0
        if self._end is None and self._buffer.finished and self._buffer.silence >= rest:
            self._end = "finished"

    def _hold_back(self, seconds: float, sounds: Timed) -> None:
        """Keep the session back for so long, as in a pause, in which sounds are heard."""
        if sounds and not self._state.paused and not self._until:
            begin = time.monotonic() + self._device.preroll_frames / RATE
            self._until, self._due = begin + seconds, [(begin + at, sound) for at, sound in sounds]
            self._buffer.paused = True
            if not self._buffer.pulls:
                self._buffer.fade_in()

    def _keep_time(self) -> None:
        """Have heard what is due, and go on when it is time. After the machine slept, warn before it goes on."""
        before, self._looked = self._looked, _sleepless()
        if self._started and self._looked - before > _ASLEEP and not self._buffer.suspended:
            self._hold_back(_WARNING, self._sounds.warning)
        while self._due and self._due[0][0] <= time.monotonic():
            self._buffer.answer(self._due.pop(0)[1])
        if self._until and time.monotonic() >= self._until:
            self._go_on()

    def _go_on(self) -> None:
        self._until, self._due, self._buffer.paused = 0.0, [], self._state.paused

    def _handle_request(self, timeout: float = 0) -> None:
        """Carry out the next request, if one comes within `timeout` seconds."""
        with suppress(Empty):
            match self._requests.get(timeout=timeout):
                case "leave":
                    self._end = "interrupted"
                case transport.Message(text):
                    self._show(text)
                case Command() | SeekTo() | Adjust() as command:
                    self._apply(command)

    def _apply(self, command: Command | SeekTo | Adjust) -> None:
        place = self._find_place()
        if self._until and command in (Command.PAUSE, Adjust("paused", False)):
            self._go_on()
            return
        state, events = transport.apply_command(self._state, command, place)
        self._buffer.gains, self._buffer.paused = _find_gains(state), state.paused or bool(self._until)
        for event in events:
            match event:
                case transport.Jump(frame):
                    if transport.leaves_open_hold(frame, place):
                        self._source.end_open_hold(lambda: self._buffer.position)
                        frame = transport.shift_frame(frame, place, self._find_place())
                    self._renderer.jump(frame)
                case transport.HoldChange(edit, ended):
                    before = self._source.version
                    message = self._source.edit_hold(edit, lambda: self._buffer.position, ended)
                    if ended is not None and self._source.version is not before:
                        self._renderer.jump(ended - 1)
                    if message != self._message[1] or AT_LIMIT not in message:  # which is told once
                        self._show(message)
                    events += (transport.Message(message),)
                case transport.Message(text):
                    self._show(text)
        if self._sounds.keys:
            self._buffer.answer(make_answer(command, (self._state, state), place.position, events, self._buffer))
        if state.stopped:
            self._end = "stopped" if self._find_rest() is None else "finished"
        self._state = state  # last: whoever sees the new state finds everything done

    def _find_place(self) -> transport.TimelinePosition:
        version = self._source.version
        complete = version.frames is not None  # read before `available`, which may grow in between
        heard, landed = self._audible_position(self._buffer), self._buffer.playhead.landed
        place = version.sections, version.available, complete
        return transport.TimelinePosition(self._buffer.position, *place, heard, landed, time.monotonic())

    def _show(self, message: str) -> None:
        self._message = (self._message[0] + 1, message)

    def _check_device(self) -> None:
        """Notice that the device has disappeared; while it is gone, try to open one every `_RETRY_TURNS` idle turns."""
        if not self._lost:
            if self._device.lost:
                self._give_up_device()
            elif self._device.outgrown and (self._device.underruns or not self._buffer.speaks):
                self.suspend()
                self.resume()
                with suppress(EnvironmentFailure):  # it is lost then
                    self._device.change_over(self._buffer)
            return
        self._idle_turns += 1
        if self._idle_turns % _RETRY_TURNS:
            return
        try:
            self._open()
            self._hold_back(_WARNING, self._sounds.warning)
            self._device.start(self._buffer)
        except EnvironmentFailure:
            self._device.close()
            if not self._started and self._idle_turns > _FIRST_TURNS:
                raise
        else:
            self._lost, self._started = False, True
            self._show(f"The sound now plays on {self._device.name}.")

    def _give_up_device(self) -> None:
        """Close a lost device. It may still use its buffer, so a new one begins at the frame that was heard last."""
        self._lost, self._idle_turns = True, 0
        self._device.close()
        if self._device.failed is not None:
            raise self._device.failed
        old = self._buffer
        frames, underruns = self._played_before
        self._played_before = (frames + old.playhead.frames_played, underruns + old.underruns)
        self._buffer, self._renderer = self._create_buffer(self._audible_position(old), old.suspended)
        self._show("The sound device has gone. Looking for another.")

    def _fade_out(self) -> None:
        """Fade out and wait until that was heard, unless the device is gone or has not asked for anything."""
        self._buffer.stopped = True
        if self._buffer.pulls and not self._lost:
            self._wait_for_silence(_FADE_POLLS + self._device.latency // to_frames(_POLL), self._skip_fade)

    def _wait_for_silence(self, polls: int, skip: threading.Event) -> None:
        while polls and self._buffer.silence < self._device.latency and not skip.wait(_POLL):
            polls -= 1

    def _find_rest(self) -> int | None:
        """The frames that are left of the end, once the session is over."""
        over = self._audible_position(self._buffer) >= (self._source.version.frames or math.inf)
        return self._renderer.rest_left + self._buffer.ahead if over else None

    def _audible_position(self, buffer: PlaybackBuffer) -> int:
        """The session frame that is heard now; right after a jump, the frame that was jumped to."""
        playhead, position = buffer.playhead, buffer.position
        if position != playhead.position:
            return position
        return max(playhead.landed, position - max(0, self._device.latency - playhead.beyond))


def _find_gains(state: transport.TransportState) -> StemGains:
    whole = 0.0 if state.muted else state.volume**3  # as mpv and PulseAudio have it: the ear's measure
    return StemGains(whole * db_to_amplitude(state.voice), whole * db_to_amplitude(state.background))
