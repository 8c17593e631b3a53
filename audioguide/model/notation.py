"""Parses the notations of a routine: `4-7-8`, `2 breaths`, `10s..60s`, `-5s`. Wrong ones raise ValueError."""

import re
from functools import partial

from audioguide.model.routine import SHORTEST_HOLD, BreathPattern, Length, LengthChange, Limits
from audioguide.units import format_duration, parse_duration, parse_pause

_BREATHS = re.compile(r"(\d{1,4})\s*breaths?", re.IGNORECASE)
_SECOND_INHALE = re.compile(r"\s*(\d+(?:\.\d+)?)\s*\+\s*(\d+(?:\.\d+)?)\s*(-.+)")
_DASHED = re.compile(r"\d+(?:\.\d+)?(?:\s*-\s*\d+(?:\.\d+)?)*")
_PAUSE = re.compile(r"\{\s*(pause|until)\b([^{}]*)\}", re.IGNORECASE)
MOST_TIMES = 999  # most rounds or reps of a pose
MOST_SIDES = 8
LONGEST_TITLE = 120  # characters
CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202d\u202e\ud800-\udfff]")
"""What cannot stand in a text: it acts on a terminal, breaks the line, makes a name show as another one (the two that
make what follows read backwards), or cannot be written to a file. Joiners (of emoji, of Persian), spaces of any width
and letters that this Python does not know yet do no harm, unlike what `str.isprintable` says.
"""
SHORTEST_PHASE, LONGEST_PHASE = 0.5, 120.0  # seconds of a part of a breath: values outside are taken for mistakes


def parse_length(text: str | float) -> Length:
    """A hold: a duration, or `5 breaths`."""
    if isinstance(text, str) and (breaths := _BREATHS.fullmatch(text.strip())):
        if not int(breaths[1]):
            raise ValueError(f"{text!r} is no time at all: write at least 1 breath.")
        return Length(int(breaths[1]), "breaths")
    return Length(_parse_at_least_a_second("a hold", text))


def parse_hold(text: str | float) -> Length | LengthChange:
    """A hold, or how much longer or shorter it becomes: `+5s`, `-2 breaths`."""
    written = text.strip() if isinstance(text, str) else ""
    if not written.startswith(("+", "-", "−")):
        return parse_length(text)
    sign, breaths = 1 if written[0] == "+" else -1, _BREATHS.fullmatch(written[1:].strip())
    if breaths:
        return LengthChange(sign * int(breaths[1]), "breaths")
    return LengthChange(sign * parse_pause(written[1:]))


def parse_count(text: str | float) -> int:
    """A number of rounds or reps."""
    try:
        count = int(str(text))
    except ValueError:
        raise ValueError(f"{text!r} is no number of times. Write a whole number from 1 to {MOST_TIMES}.") from None
    if not 1 <= count <= MOST_TIMES:
        raise ValueError(f"{text} times cannot be done here. Write a whole number from 1 to {MOST_TIMES}.")
    return count


def parse_sides(text: str) -> tuple[str, ...]:
    """Sides in the order in which they are done: `left,left,right`."""
    sides = tuple(side.strip() for side in str(text).split(","))
    if not all(sides) or len(sides) > MOST_SIDES:
        raise ValueError(f"{text!r} names no sides. Write left, or several as left,left,right, {MOST_SIDES} at most.")
    return sides


def parse_title(text: str) -> str:
    """A name that players show."""
    title = " ".join(str(text).split())
    if not title or len(title) > LONGEST_TITLE or CONTROLS.search(title):
        raise ValueError(f"{text!r} cannot be shown as a name. Write 1 to {LONGEST_TITLE} letters.")
    return title


def parse_number(what: str, least: float, most: float, example: str, text: str | float) -> float:
    """A number from `least` to `most`, which messages call a `what`."""
    try:
        number = float(text)
    except (ValueError, OverflowError):
        raise ValueError(f"{text!r} is no {what}. Write a number from {least:g} to {most:g}, as {example}.") from None
    if not least <= number <= most:  # nor what is no number
        raise ValueError(f"A {what} of {number:g} is too far out. Give one from {least:g} to {most:g}, as {example}.")
    return number


parse_factor = partial(parse_number, "factor", 0.1, 10, "1.25")  # what holds are multiplied by


def _parse_at_least_a_second(what: str, text: str | float) -> float:
    seconds = parse_duration(text)
    if seconds < SHORTEST_HOLD:
        raise ValueError(f"{text} is too short for {what}: {format_duration(SHORTEST_HOLD)} is the least.")
    return seconds


parse_interval = partial(_parse_at_least_a_second, "`every`")  # of a prompt


def parse_limits(text: str) -> Limits:
    """`10s..60s`: the shortest and the longest hold."""
    shortest, dots, longest = str(text).partition("..")
    if not dots:
        raise ValueError(f"{text!r} is no pair of limits. Write the shortest and the longest: 10s..60s.")
    limits = Limits(*(_parse_at_least_a_second("a limit", part) for part in (shortest, longest)))
    if limits.shortest > limits.longest:
        raise ValueError(f"The shortest of {text!r} is longer than the longest.")
    return limits


def parse_pattern(text: str) -> BreathPattern:
    """`4-6` in-out, `4-7-8` in-hold-out, `4-4-4-4` in-hold-out-hold, in seconds; `2+1-6` with a second inhale."""
    second = _SECOND_INHALE.fullmatch(text) if isinstance(text, str) else None
    written = second[1] + second[3] if second else text
    parts = _split_at_dashes(written, (2, 3, 4), "a breath pattern", "4-6, 4-7-8 or 4-4-4-4")
    more = _split_at_dashes(second[2], (1,), "a second inhale", "2+1-6") if second else []
    inhale, hold, exhale, rest = (parts[0], 0.0, parts[1], 0.0) if len(parts) == 2 else (*parts, 0.0)[:4]
    if not (inhale and exhale):
        raise ValueError(f"{text!r} has no in-breath or no out-breath.")
    if min((*filter(None, parts), *more)) < SHORTEST_PHASE:
        raise ValueError(f"{text!r} has a part of under {SHORTEST_PHASE:g} seconds.")
    return BreathPattern(inhale, hold, exhale, rest, *more)


def parse_tempo(text: str) -> tuple[float, float, float]:
    """`2-1-2`: seconds of effort, pause and return in one rep."""
    example = "effort, pause and return in seconds: 2-1-2"
    effort, pause, back = _split_at_dashes(text, (3,), "a tempo", example)
    if effort + pause + back < SHORTEST_PHASE:
        raise ValueError(f"{text!r} is quicker than anybody counts: {SHORTEST_PHASE:g} seconds are the least.")
    return effort, pause, back


def parse_at(text: str | float) -> float | str:
    """When a prompt is said: `10s` into the hold, `-5s` before its end, or `half`."""
    written = str(text).strip()
    if written == "half":
        return written
    if written.startswith("-"):
        return -parse_duration(written[1:])
    return parse_pause(written)


class Until(float):
    """`{until 30s}`: what follows begins so many seconds after the text does."""


def has_pause(text: str) -> bool:
    """Whether a text has a `{pause 2s}` or an `{until 30s}` in it."""
    return _PAUSE.search(text) is not None


def split_pauses(text: str) -> list[str | float]:
    """A spoken text at its marks: words, seconds of `{pause 2s}`, `Until`. ValueError for a length of no time."""
    parts: list[str | float] = []
    kind: type[float] = float
    for index, part in enumerate(_PAUSE.split(text)):
        if index % 3 == 1:
            kind = Until if part.lower() == "until" else float
        elif index % 3:
            parts.append(kind(parse_duration(part)))
        elif any(letter.isalnum() for letter in part):  # a lone full stop between two pauses is not said
            parts.append(part.strip())
    return parts


def _split_at_dashes(text: str, counts: tuple[int, ...], what: str, example: str) -> list[float]:
    written = text if isinstance(text, str) and _DASHED.fullmatch(text.strip()) else ""
    parts = [float(part) for part in written.split("-") if part]
    if len(parts) not in counts:
        raise ValueError(f"{text!r} is not {what}. Write {example}.")
    if max(parts) > LONGEST_PHASE:
        raise ValueError(f"{text!r} has a part of over {LONGEST_PHASE:g} seconds.")
    return parts
