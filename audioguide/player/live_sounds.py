"""What is heard besides the session while it plays: answers to keys, a start that waits, a warning, an end."""

from collections.abc import Sequence
from dataclasses import dataclass

from audioguide.player.buffer import PlaybackBuffer
from audioguide.player.commands import Adjust, Command
from audioguide.player.transport import VOLUME_STEPS, Event, Jump, Message, TransportState
from audioguide.sound.block import Block, silence
from audioguide.sound.chimes import Answer, render_answer
from audioguide.timeline.edit_hold import is_at_limit
from audioguide.units import db_to_amplitude

Timed = tuple[tuple[float, Block], ...]
_HOLDS: dict[object, Answer] = {Command.LONGER: "up", Command.SHORTER: "down"}


@dataclass(frozen=True, slots=True)
class LiveSounds:
    """`keys`: whether keys are answered. The session begins after `start_in` seconds, with sounds `before`, and goes on
    2 s after a `warning` when the machine slept or the device was lost: sounds with their seconds. After it the
    background swells and fades for `rest` frames, with `bells` at some of them.
    """

    keys: bool = False
    start_in: float = 0.0
    before: Timed = ()
    warning: Timed = ()
    rest: int = 0
    bells: tuple[tuple[int, Block], ...] = ()


def make_answer(
    command: object, states: Sequence[TransportState], position: int, events: Sequence[Event], buffer: PlaybackBuffer
) -> Block:
    """The answer to a command at a position: from the states before and after, and the events that came of it, with
    what was said of a hold as a Message. No sound where a new volume is heard by itself, and while it is muted.
    """
    (before, after), jumps = states, [event.frame for event in events if isinstance(event, Jump)]
    answer, (sets, step, _, _) = _HOLDS.get(command, "double"), VOLUME_STEPS.get(command, ("", 0.0, 0.0, 0.0))
    if (before.paused, before.muted) != (after.paused, after.muted):
        answer = "back" if after.paused > before.paused or after.muted > before.muted else "on"
    elif after.stopped or after.muted or isinstance(command, Adjust):
        return silence(0)
    elif jumps:
        answer = "on" if jumps[0] > position else "back"
    elif any(isinstance(event, Message) and is_at_limit(event.text) for event in events):
        answer = "double"
    elif sets and before != after:
        if buffer.speaks if sets == "voice" else buffer.sounds:
            return silence(0)
        answer = "up" if step > 0 else "down"
    return render_answer(answer) * (after.volume**3 * db_to_amplitude(getattr(after, sets or "voice")))
