"""How often the sound of the last session broke off: kept, so that one can look into it afterwards."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from audioguide import resources
from audioguide.errors import AudioguideError
from audioguide.files import write_text


@dataclass(frozen=True, slots=True)
class Gaps:
    """How many there were, and when that session ended."""

    count: int
    ended: datetime


def broke_off(count: int) -> str:
    """So many gaps, in words: "The sound broke off 3 times"."""
    return f"The sound broke off {'once' if count == 1 else f'{count} times'}"


def keep_gaps(count: int, ended: datetime) -> None:
    """Note them, in the place of those before; where nothing can be written, or there is no folder, they are not."""
    with contextlib.suppress(AudioguideError, OSError):
        write_text(_file(), f"{count} {ended.isoformat(timespec='minutes')}\n")


def last_gaps() -> Gaps | None:
    """Those of the last session; None where none was noted."""
    try:
        count, ended = _file().read_text("utf-8").split()
        return Gaps(int(count), datetime.fromisoformat(ended))
    except (OSError, ValueError):
        return None


def _file() -> Path:
    return resources.roots()[0] / "gaps.txt"
