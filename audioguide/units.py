"""Durations, frames and decibels: parse, convert, print.

A *frame* is one sample of every channel at `RATE`. Positions and lengths inside the program are whole frames;
seconds appear only where a person writes or reads them.
"""

from __future__ import annotations

import math
import re

RATE = 44_100  # frames per second of every timeline, mix and export
MP3_FRAME = 1152  # audio frames in one MPEG-1 Layer III frame: the grid that chapters start on
LONGEST_SESSION = 12 * 3600.0  # the longest session, and so the longest duration of any kind, in seconds

_CLOCK = re.compile(r"(?:(\d+):)?(\d{1,3}):(\d{2}(?:\.\d+)?)")
_NUMBER = r"(\d+(?:\.\d+)?)"
_PARTS = re.compile(
    rf"(?:{_NUMBER}\s*(?:h|hours?))?\s*(?:{_NUMBER}\s*(?:m|mins?|minutes?))?\s*(?:{_NUMBER}\s*(?:s|secs?|seconds?)?)?",
    re.IGNORECASE,
)


def to_frames(seconds: float) -> int:
    """Seconds to whole frames, to the nearest."""
    return round(seconds * RATE)


def align_to_grid(frame: int) -> int:
    """The first multiple of `MP3_FRAME` at or after `frame`."""
    return -(-frame // MP3_FRAME) * MP3_FRAME


def db_to_amplitude(decibels: float) -> float:
    """Decibels to a factor of amplitude."""
    return float(10.0 ** (decibels / 20.0))


def parse_duration(text: str | float) -> float:
    """`45`, `45s`, `1m30s`, `1:30`, `1:02:03`, `2 min` to seconds, above 0 and at most `LONGEST_SESSION`.

    Raises ValueError with a plain sentence.
    """
    value = parse_pause(text)
    if value == 0:
        raise ValueError(f"{text} is not a length of time: it has to be more than 0 seconds.")
    return value


def parse_pause(text: str | float) -> float:
    """As `parse_duration`, but 0 is allowed: `0`, `0 s`, `0:00`."""
    value = _parse(text.strip()) if isinstance(text, str) else _to_float(text)
    shown = text if isinstance(text, str) else f"{value:.12g}"
    if not value >= 0:  # nor is what is no number
        raise ValueError(f"{shown} is not a length of time: it has to be more than 0 seconds.")
    if value > LONGEST_SESSION:
        raise ValueError(f"{shown} is longer than a session may be (12 hours).")
    return value


def _to_float(number: float) -> float:
    try:
        return float(number)
    except OverflowError:  # a whole number of over 308 digits
        return math.inf if number > 0 else -math.inf


def _parse(text: str) -> float:
    clock = _CLOCK.fullmatch(text)
    if text and (match := clock or _PARTS.fullmatch(text)):
        hours, minutes, rest = (float(part or 0) for part in match.groups())
        if clock and (rest >= 60 or (clock[1] and minutes >= 60)):
            raise ValueError(f"{text} is not a length of time: minutes and seconds go up to 59.")
        return hours * 3600 + minutes * 60 + rest
    if re.fullmatch(r"-[\d.]+(e[-+]?\d+)?\s*[a-z]*", text, re.IGNORECASE):
        return -1.0
    raise ValueError(f"{text!r} is not a length of time. Write 45s, 1m30s, 1:30 or 2 min.")


def format_clock(count: int) -> str:
    """Frames as a clock shows them, rounded to the second: `0:45`, `17:04`, `1:02:03`."""
    minutes, rest = divmod(round(count / RATE), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def format_duration(duration: float) -> str:
    """Seconds as a person writes them: `45s`, `1m30s`, `2m`, `1h`, `7.5s`."""
    minutes, rest = divmod(round(duration, 3), 60)
    hours, minutes = divmod(int(minutes), 60)
    parts = [f"{value:g}{unit}" for value, unit in ((hours, "h"), (minutes, "m"), (rest, "s")) if value]
    return "".join(parts) or "0s"


def format_megabytes(count: int) -> str:
    """Bytes as megabytes: `17.2 MB`."""
    return f"{count / 1e6:.1f} MB"
