"""The playback buffer: rendered sound on its way from `RenderAhead`, which fills it, to the device, which empties it.

For a jump the renderer posts another queue of blocks: with its next request the device crossfades to it in 20 ms.
Volumes are applied to what the device takes, so a change is heard at once. Each field is written by one thread only, so
nothing here waits for a lock.
"""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from audioguide.sound.block import Block, Samples, fill_silence, is_silent_view, silence
from audioguide.sound.mixer import Stems
from audioguide.units import to_frames

# Length of every fade (pause, stop, jump, volume): short enough to feel immediate, long enough not to click.
FADE = to_frames(0.020)
_DUCKED = 0.5  # how loud an answer is while somebody speaks
PRIME = to_frames(0.2)  # the device gets silence until this much is ready, so that playback does not begin with a gap


def raised_cosine_gains(length: int, levels: NDArray[np.int64] | None = None) -> Samples:
    """The gains of a fade of `length` frames: above 0 on the first frame, exactly 1 on the last; or those of `levels`
    (0 to `length`).
    """
    levels = np.arange(1, length + 1) if levels is None else levels
    gains: Samples = (0.5 - 0.5 * np.cos(np.pi / length * levels)).astype(np.float32)
    return gains


_FADE_IN = raised_cosine_gains(FADE)[:, np.newaxis]
_FALLING = raised_cosine_gains(to_frames(0.005))[::-1, np.newaxis]  # an answer that another one follows ends in it


@dataclass(slots=True)
class Fade:
    """A raised-cosine fade that can turn back midway. `level` counts from 0 (silence) to `length` (full level)."""

    length: int
    level: int

    def apply(self, block: Block, *, rising: bool) -> None:
        """Scale `block` in place, continuing where the last call ended; exact at full level and at level 0."""
        if not rising and not self.level:
            block.fill(0.0)
        elif len(block) and not (rising and self.level == self.length):
            steps = np.arange(1, len(block) + 1)
            levels = np.clip(self.level + (steps if rising else -steps), 0, self.length)
            block *= raised_cosine_gains(self.length, levels)[:, np.newaxis]
            self.level = int(levels[-1])


@dataclass(frozen=True, slots=True)
class StemGains:
    """Amplitude factors: `voice` for voice and chimes, `background` for the background."""

    voice: float = 1.0
    background: float = 1.0

    def mix(self, stems: Stems) -> Block:
        """The mix with these gains; with both at 1, exactly `stems.mix`."""
        factors = zip(stems.parts, (self.voice, self.background, self.voice), strict=True)
        parts = (part if factor == 1 or is_silent_view(part) else part * np.float32(factor) for part, factor in factors)
        return stems.mix if self == StemGains() else Stems(*parts).mix


@dataclass(frozen=True, slots=True)
class QueuedBlock:
    """Sound that starts at session frame `position`, or, where it is not of the `session`, comes before that frame.

    `before` is the renderer's state before this block, to return to when the block is taken back.
    """

    stems: Stems
    position: int
    session: bool
    before: Any = None

    def __len__(self) -> int:
        return len(self.stems.voice)


class BlockQueue:
    """Blocks in order, from session frame `position` on. One thread puts and takes back, another one takes."""

    def __init__(self, position: int) -> None:
        self.position = position
        self.ended = False  # whether everything has been put
        self._put_frames = 0  # without those taken back
        self._taken_frames = 0
        self._waiting: deque[QueuedBlock] = deque()  # not begun
        self._current: QueuedBlock | None = None
        self._used = 0  # frames taken of the current block

    @property
    def ready(self) -> int:
        """Frames that can be taken."""
        return self._put_frames - self._taken_frames

    def put(self, block: QueuedBlock) -> None:
        """Add a block."""
        self._waiting.append(block)
        self._put_frames += len(block)

    def take_back(self, keep: int) -> QueuedBlock | None:
        """Remove the blocks that are not begun, except the first `keep`; returns the earliest one removed."""
        self.ended, first = False, None
        while len(self._waiting) > keep:
            try:
                first = self._waiting.pop()
            except IndexError:  # the device took it just now
                break
            self._put_frames -= len(first)
        return first

    def take(self, count: int) -> Iterator[QueuedBlock]:
        """Up to `count` frames, in one or more blocks."""
        while count:
            if self._current is None or self._used == len(self._current):
                try:
                    self._current, self._used = self._waiting.popleft(), 0
                except IndexError:
                    return
            whole, first = self._current, self._used
            stems = whole.stems.cut(first, min(len(whole), first + count))
            block = QueuedBlock(stems, whole.position + first * whole.session, whole.session)
            count -= len(block)
            self._used += len(block)
            self._taken_frames += len(block)
            yield block


class Playhead(NamedTuple):
    """What the device has taken so far. Replaced as a whole, so that other threads see fields that belong together.

    `position`: the next session frame. `landed`: the one that the current queue began with. `frames_played`: session
    frames taken. `beyond`: frames of anything else since the last session frame. `waiting`: whether something else
    plays because the session is not ready.
    """

    position: int = 0
    landed: int = 0
    frames_played: int = 0
    beyond: int = 0
    waiting: bool = True


class PlaybackBuffer:
    """Sound in the order it is heard; the device takes every frame of a queue exactly once.

    The player thread sets `gains` and, to fade out and stay silent, `paused`, `suspended` or `stopped` (for good), and
    posts queues. The device thread calls `take`, which writes everything else: how often it asked (`pulls`), how often
    there was nothing (`underruns`; each gap counts once), and its frames of `silence` since the last frame of sound.
    `speaks` and `sounds` tell whether voice, and background, were in what was taken last. `awake` puts a noise floor
    where nothing sounds, in a pause, too.
    """

    def __init__(self, gains: StemGains = StemGains(), awake: bool = False) -> None:
        self.gains, self._awake, self._taken = gains, awake, 0
        self.paused = self.suspended = self.stopped = False
        self.playhead = Playhead()
        self.pulls = self.underruns = self.silence = 0
        self.speaks = self.sounds = False
        self._answers = deque[Block]()  # not begun
        self._answer = silence(0)  # what is left of the last one
        self._answer_gain = 1.0
        self._posted: BlockQueue | None = None
        self._queue: BlockQueue | None = None
        self._old: BlockQueue | None = None  # fades out
        self._crossed = 0  # frames of that fade already heard
        self._gains = self._old_gains = gains
        self._gains_faded = FADE  # frames of the change from old gains to gains already heard
        self._dry = False
        self._fade = Fade(FADE, level=FADE)

    @property
    def position(self) -> int:
        """The next session frame that the device takes; after a jump, the frame jumped to."""
        queue = self._posted
        return self.playhead.position if queue is None or queue is self._queue else queue.position

    @property
    def ahead(self) -> int:
        """Frames that are ready; 0 while there is too little to begin with."""
        queue = self._posted
        return queue.ready if queue and (self._queue or queue.ended or queue.ready >= PRIME) else 0

    @property
    def ended(self) -> bool:
        """Whether everything has been put."""
        return self._posted is not None and self._posted.ended

    @property
    def finished(self) -> bool:
        """Whether every frame was taken, and no more will come."""
        queue = self._posted
        return queue is not None and queue is self._queue and queue.ended and not queue.ready

    def post(self, queue: BlockQueue) -> None:
        """Play this queue from now on. The last queue posted may still be filled."""
        self._posted = queue

    def answer(self, sound: Block) -> None:
        """Add a sound of 5 ms or more to what is taken next, in a pause, too. It ends the one before. On any thread."""
        if len(sound):
            self._answers.append(sound)

    def fade_in(self) -> None:
        """Fade in what is taken next, since nothing is heard now."""
        self._fade.level = 0

    def take(self, count: int) -> Block:
        """The next `count` frames; silence where there is nothing. For the device: it never waits and never raises."""
        self.pulls += 1
        out = silence(count)
        audible = not (self.paused or self.suspended or self.stopped)
        wanted = count if audible else min(count, self._fade.level)
        self._switch_queue(wanted)
        filled = self._fill(out[:wanted])
        self._crossfade(out[:filled])
        self._fade.apply(out[:filled], rising=audible)
        if filled < wanted and not audible:
            self._fade.level = 0
        dry = filled < wanted and self._queue is not None and not self._queue.ended
        self.underruns += dry and not self._dry
        self._dry = dry
        answered = 0 if self.stopped or self.suspended else self._add_answer(out)
        self.silence = count - max(filled, answered) + (0 if filled or answered else self.silence)
        self.playhead = self.playhead._replace(beyond=self.playhead.beyond + count - filled)
        self._taken += count
        return fill_silence(out, self._taken - count) if self._awake else out

    def _switch_queue(self, wanted: int) -> None:
        """Take up new gains, and the queue that was posted last, once it holds enough to play without a gap."""
        if self._gains_faded == FADE and self.gains != self._gains:
            self._gains, self._old_gains, self._gains_faded = self.gains, self._gains, 0
        queue, old = self._posted, self._queue
        if queue is None or queue is old or (self._old and self._old.ready and wanted):
            return
        if queue.ended or queue.ready >= (min(wanted, PRIME) if old else PRIME):
            self._old, self._crossed = (old if wanted else None), 0  # in silence there is nothing to fade out
            self.playhead = self.playhead._replace(position=queue.position, landed=queue.position)
            self._queue = queue  # last: until then `position` is that of the posted queue

    def _fill(self, out: Block) -> int:
        done, self.speaks, self.sounds = 0, False, False
        position, _, played, beyond, waiting = self.playhead
        for block in self._queue.take(len(out)) if self._queue else ():
            count = len(block)
            self._mix(block.stems, out[done : done + count])
            done += count
            self.speaks |= bool(block.stems.voice.any())
            self.sounds |= bool(block.stems.background.any())
            position, waiting = block.position + count * block.session, not block.session
            played, beyond = (played + count, 0) if block.session else (played, beyond + count)
        self.playhead = self.playhead._replace(position=position, frames_played=played, beyond=beyond, waiting=waiting)
        return done

    def _add_answer(self, out: Block) -> int:
        """Add the answer to a key, softer while somebody speaks; how many frames of it are in `out`."""
        gain = _DUCKED if self.speaks else 1.0
        while self._answers:
            rest, self._answer = self._answer[: len(_FALLING)], self._answers.popleft().copy()
            self._answer[: len(rest)] += rest * _FALLING[: len(rest)]
            self._answer_gain = self._answer_gain if len(rest) else gain
        if count := min(len(out), len(self._answer)):
            gains = np.linspace(self._answer_gain, gain, count, dtype=np.float32)[:, np.newaxis]
            self._answer_gain = gain
            # Speech and answer together stay below full scale; where they would not, it is the answer that gives way.
            out[:count] += np.clip(self._answer[:count] * gains, -1 - out[:count], 1 - out[:count])
            self._answer = self._answer[count:]
        return count

    def _mix(self, stems: Stems, out: Block) -> None:
        """Mix stems into `out`, fading from the old gains to the new ones."""
        out[:] = self._gains.mix(stems)
        if count := min(len(out), FADE - self._gains_faded):
            old = self._old_gains.mix(stems.cut(0, count))
            out[:count] = old + _FADE_IN[self._gains_faded :][:count] * (out[:count] - old)
            self._gains_faded += count

    def _crossfade(self, out: Block) -> None:
        """Add the end of the old queue, fading out, to the frames of the new one, which fades in by itself."""
        if self._old is None:
            return
        count = min(len(out), FADE - self._crossed)
        old, done = silence(count), 0
        for block in self._old.take(count):
            old[done : done + len(block)] = self._gains.mix(block.stems)
            done += len(block)
        out[:count] += (1 - _FADE_IN[self._crossed :][:count]) * old
        self._crossed += count
        if self._crossed == FADE:
            self._old = None
