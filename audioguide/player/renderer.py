"""Renders a few seconds ahead of the device, and fills the time when the session is not ready."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from audioguide.player.buffer import FADE, BlockQueue, Fade, PlaybackBuffer, QueuedBlock, raised_cosine_gains
from audioguide.player.live_sounds import LiveSounds
from audioguide.player.source import PlayableSession
from audioguide.sound.block import Block, apply_gain, is_silent_view, silence, zeros_view
from audioguide.sound.mixer import Stems
from audioguide.sound.synth.layer import LoopedSource
from audioguide.units import to_frames

BLOCK = 1024  # frames rendered at a time
KEPT = 6  # blocks that are not taken back for a new version: the device needs them until there are new ones
AHEAD = to_frames(3.0)  # how far rendering runs ahead of the device
GATHER = to_frames(1.0)  # how much of the session has to be ready before it starts, or goes on after a wait
# When less than this is ready and the session is not, a wait begins; a wait is never rendered further ahead.
RESERVE = to_frames(0.5)
PATIENCE = to_frames(0.3)  # a wait begins with this much silence; only then does the background come in
CLOSE = to_frames(4.0)  # and after the session over this long
SWELL = to_frames(1.5)  # the background of a wait fades in, and out again, over this long: as it does in a hold


@dataclass(frozen=True, slots=True)
class _RenderState:
    """What decides the next block.

    `next` is the session's next frame. Before it come `quiet` frames of silence, and, after a jump (`lead`), a fade-in
    that leads up to it. While `gathering`, `waited` frames of a wait have been put, and its background has `level`.
    """

    next: int
    lead: bool
    quiet: int = 0
    gathering: bool = True
    waited: int = 0
    level: int = 0


class RenderAhead:
    """Renders a session into a playback buffer, from frame `start` on, and its end, which is among `sounds`. It skips
    no frame and repeats none.
    """

    def __init__(
        self,
        source: PlayableSession,
        buffer: PlaybackBuffer,
        waiting: LoopedSource | None = None,
        *,
        start: int = 0,
        sounds: LiveSounds = LiveSounds(),
    ) -> None:
        self._rest, self._bells = sounds.rest, sounds.bells
        self.preroll_frames = 0  # frames of silence that the device needs before the first sound
        self._source, self._buffer, self._waiting = source, buffer, waiting
        self._version = self._old_version = source.version  # the old one is crossfaded into the other
        self._begun = False
        self.jump(start)
        self._state = _RenderState(start, lead=start > 0)

    @property
    def rest_left(self) -> int:
        """The frames of the rest that are not rendered yet, once the session is."""
        return self._rest - self._state.waited

    def jump(self, frame: int) -> None:
        """Go on at another frame of the session, at once, at full level from the first frame."""
        self._state = _RenderState(frame, lead=True)
        self._queue = BlockQueue(frame)
        self._buffer.post(self._queue)

    def step(self) -> bool:
        """Put at most one block; False if there was nothing to do. Raises what the source failed with."""
        if self._source.failed is not None:
            raise self._source.failed
        if self._source.version is not self._version:
            self._version = self._source.version
            if removed := self._queue.take_back(keep=KEPT):
                self._state = removed.before
        if self._queue.ended:
            return False
        return self._gather() if self._state.gathering else self._render()

    def _gather(self) -> bool:
        """Begin, or end a wait, when enough is ready; otherwise wait."""
        total = self._version.frames  # read before `available`, which may grow in between
        ready = self._version.available - self._state.next
        if ready < GATHER and (total is None or self._state.next + ready < total):
            return self._wait()
        if not self._begun:
            self._begin()
        state = self._state
        if count := min(BLOCK, state.level):
            fading = self._background(count, False)
            return self._put(fading, waited=state.waited + count, level=state.level - count)
        if count := min(BLOCK, state.quiet):
            return self._put(_background_only(zeros_view(count)), quiet=state.quiet - count)
        if state.lead:
            return self._put(self._lead_up(), lead=False)
        self._state = replace(state, gathering=False, waited=0)
        self._old_version = self._version
        return True

    def _render(self) -> bool:
        total = self._version.frames  # before `available`, as above
        start, ready = self._state.next, self._version.available - self._state.next
        if total is not None and start >= total:
            done, level = self._state.waited, self._state.level
            if done >= self._rest:
                self._queue.ended = True
            elif self._queue.ready < AHEAD:
                count, rising = min(BLOCK, self._rest - done), done < self._rest - CLOSE
                level = min(CLOSE, level + count) if rising else max(0, level - count)
                chimes = silence(count)
                for first, bell in self._bells:
                    part = bell[max(0, done - first) : max(0, done + count - first)]
                    chimes[max(0, first - done) :][: len(part)] += part
                stems = replace(self._background(count, rising, CLOSE), chimes=chimes)
                return self._put(stems, waited=done + count, level=level)
        elif ready <= 0:
            self._state = replace(self._state, gathering=True)
        elif self._queue.ready < AHEAD:
            count = min(BLOCK, ready)
            stems, old = self._version.stems(start, count), self._old_version
            if old is not self._version and (common := min(FADE, count, old.available - start)) > 0:
                stems = _crossfade(old.stems(start, common), stems)
            self._old_version = self._version
            return self._put(stems, session=True, next=start + count)
        return False

    def _begin(self) -> None:
        """Plan the silence that the device needs before the first sound. The silence that it got while the session was
        compiled counts, and so does the lead-in of the session, the unneeded rest of which is skipped.
        """
        self._begun = True
        needed, start = max(0, self.preroll_frames - self._buffer.silence), self._state.next
        if not start:
            start = max(0, self._source.lead_in - needed)
            needed = max(0, needed - self._source.lead_in)
            self._queue.position = start
        self._state = replace(self._state, next=start, quiet=needed)

    def _lead_up(self) -> Stems:
        """The `FADE` frames before the frame jumped to, fading in, so that that frame has its full level."""
        stop = self._state.next
        count = min(FADE, stop) if stop <= self._version.available else 0
        parts = [silence(FADE) for _ in range(3)]
        if count:
            for part, before in zip(parts, self._version.stems(stop - count, count).parts, strict=True):
                part[FADE - count :] = before
        return Stems(*(apply_gain(part, raised_cosine_gains(FADE)) for part in parts))

    def _wait(self) -> bool:
        """Put silence first, then the background; nothing before the session's first sound."""
        waited, level = self._state.waited, self._state.level
        if not self._begun or self._queue.ready >= RESERVE:
            return False
        if waited < PATIENCE:
            count = min(BLOCK, PATIENCE - waited)
            return self._put(_background_only(zeros_view(count)), waited=waited + count)
        return self._put(self._background(BLOCK, True), waited=waited + BLOCK, level=min(SWELL, level + BLOCK))

    def _background(self, count: int, rising: bool, swell: int = SWELL) -> Stems:
        if self._waiting is None:
            return _background_only(zeros_view(count))
        block = self._waiting.block(max(0, self._state.waited - PATIENCE), count).copy()
        Fade(swell, level=self._state.level).apply(block, rising=rising)
        return _background_only(block)

    def _put(self, stems: Stems, *, session: bool = False, **changes: Any) -> bool:
        self._queue.put(QueuedBlock(stems, self._state.next, session, self._state))
        self._state = replace(self._state, **changes)
        return True


def _background_only(block: Block) -> Stems:
    nothing = zeros_view(len(block))
    return Stems(nothing, block, nothing)


def _crossfade(old: Stems, new: Stems) -> Stems:
    """`new` with its beginning crossfaded from `old`; samples that are the same in both stay bit for bit."""
    count = len(old.voice)
    gain = raised_cosine_gains(count)[:, np.newaxis]
    parts = []
    for before, after in zip(old.parts, new.parts, strict=True):
        if not (is_silent_view(before) and is_silent_view(after)):
            after = np.array(after)
            after[:count] = before + gain * (after[:count] - before)
        parts.append(after)
    return Stems(*parts)
