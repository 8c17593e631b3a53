"""What can be told of a session at a glance: what is said in it, and whether anything depends on when.

Timing a session is most of the work of checking it, and few routines have long silences or prompts of their own.
"""

from __future__ import annotations

from collections.abc import Iterator

from audioguide.routine import holds
from audioguide.routine.model import BreatheStep, BreathPattern, PoseStep, RestStep, Routine, SayStep, Step

LONG_REST = 55.0
"""Seconds. With the breathers around it, a silence of less than a minute."""

LONG_PAUSE = 45.0
"""Seconds. With a start chime, a hold of under 10 s without a word and the chime at its end, less than a minute."""

LONG_HOLD = 2 * LONG_REST
"""Seconds. In a still hold of 20 s and more there is "halfway", or a prompt in its place."""

SURELY_VOICED = 2.0
"""Seconds of a breath's phase that the words for it fit into."""

LONG_SESSION = 6 * 3600.0
"""Seconds: half of what a session may take at most."""

_SLOWEST = 0.2
"""Seconds that a character takes at the slowest pace; ten times what it takes at the usual one."""


def texts(step: Step) -> Iterator[str]:
    """What is said in a step at its level, as it is written, but for prompts of the session's own."""
    match step:
        case SayStep():
            yield step.text
        case PoseStep(pose=pose):
            yield pose.name
            yield from pose.sides
            yield from (text for text in (pose.instructions.at(step.level), pose.begin, pose.release) if text)
            if caution := pose.caution and pose.caution.at(step.level):
                yield caution
            if pose.breath_words:
                yield from (pose.breath_words.inhale, pose.breath_words.exhale)
            yield from (prompt.say for prompt in step.prompts)


def needs_timing(routine: Routine) -> bool:
    """Whether a prompt may get lost, a silence of a minute may lie, or the longest session may be passed in it."""
    total = 0.0
    for step in routine.steps:
        said = [*texts(step)]
        length, longest, times = _pauses(step)
        if longest or any("{pause" in text for text in said) or _has_own_prompts(step):
            return True
        total += (length + (len("".join(said)) + 200) * _SLOWEST) * times
    return total > LONG_SESSION


def _has_own_prompts(step: Step) -> bool:
    """Whether a step has prompts that its routine wrote; a pose of the library answers for its own."""
    return isinstance(step, PoseStep) and len(step.prompts) > (len(step.pose.prompts) if step.listed else 0)


def _pauses(step: Step) -> tuple[float, bool, int]:
    """Seconds without words in a step, whether one of its pauses is long, and how many times they come."""
    match step:
        case RestStep():
            return step.length, step.length > LONG_REST, 1
        case BreatheStep(pattern=pattern):
            return pattern.cycle, _unspoken(pattern, pattern.cycle * step.rounds) > LONG_PAUSE, step.rounds
        case PoseStep():
            hold, settle = holds.asked(step), step.settle or 0.0
            times = step.rounds * max(1, len(step.pose.sides))
            if step.pose.reps:
                long = sum(step.pose.tempo) > LONG_PAUSE  # every rep is counted aloud
            elif step.pose.breath_words and step.breath:
                long = _unspoken(step.breath, hold) > LONG_PAUSE
            else:
                long = hold > LONG_HOLD
            long = long or settle > LONG_PAUSE or step.rest > LONG_REST
            return hold + settle + step.rest + 10, long, times
    return 0.0, False, 1


def _unspoken(pattern: BreathPattern, hold: float) -> float:
    """Seconds without a word in a hold of which every breath is voiced, if there is time for the words."""
    return pattern.cycle if min(pattern.inhale, pattern.exhale) >= SURELY_VOICED else hold
