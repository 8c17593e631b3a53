"""The most memory that an export with an empty cache uses: the program and its children together."""

from __future__ import annotations

import tempfile
from pathlib import Path

from programs import peak_memory
from rows import Row, Settings, row
from sessions import export, repeated, timeline

HOW = "sum of the proportional set sizes of the program and its children, looked at 20 times a second; empty cache"


def measure(settings: Settings) -> list[Row]:
    """20 minutes, an hour, and in a long run 8 hours."""
    rows: list[Row] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        once = timeline(repeated(folder, 1), folder / "lengths")["duration"]
        lengths = {"20 min": 1 / 3, "1 h": 1.0} | ({"8 h": 8.0} if settings.long else {})
        for what, hours in lengths.items():
            session = repeated(folder, max(1, round(hours * 3600 / once)))
            peaks = [_peak(folder, session) for _ in range(1 if hours > 1 else settings.rounds(3))]
            rows.append(row(f"peak memory, {what}", peaks, "MB", HOW, most=280))
            if hours > 1:
                more = 100 * (rows[-1].figure / rows[0].figure - 1)
                rows.append(row(f"peak memory, {what} over 20 min", more, "%", "of the two above", most=5))
    return rows


def _peak(folder: Path, session: Path) -> float:
    with tempfile.TemporaryDirectory(dir=folder) as empty:
        return peak_memory(export(session, folder / "memory.mp3"), Path(empty))
