"""Options as plain data, with the same words as on the command line: `wishes.py` reads what is made here."""

from __future__ import annotations

from typing import Any

from audioguide.routine.customise import Options
from audioguide.routine.model import Length
from audioguide.units import parse_duration, plain


def as_written(options: Options) -> dict[str, Any]:
    """The data that `OptionsForm` reads; what is not set has no key."""
    written = {
        "hold": options.hold and _length(options.hold),
        "holds": {pose: _length(length) for pose, length in options.holds},
        "scale": options.scale,
        "length": options.length and _seconds(options.length),
        "breath": options.breath and str(options.breath),
        "level": options.level,
        "background": options.background,
        "chime": options.chime,
        "voice": options.voice,
        "fallback": options.fallback,
        "skip": list(options.skip),
        "beyond-limits": options.beyond_limits,
    }
    return {key: value for key, value in written.items() if value}


def _length(length: Length) -> str:
    return str(length) if length.unit == "breaths" else _seconds(length.amount)


def _seconds(amount: float) -> str:
    """As a person writes it, if that is the very same length of time."""
    text = plain(amount)
    try:
        return text if parse_duration(text) == amount else f"{amount:.12f}s"
    except ValueError:
        return f"{amount:.12f}s"
