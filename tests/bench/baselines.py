"""The same session made in other ways: by a script with pydub, and by one filter graph of ffmpeg.

Both are programs of their own, and find all that sounds in files; audioguide with nothing known speaks it first.
"""

from __future__ import annotations

import sys
import tempfile
from functools import partial
from pathlib import Path

import filter_graph
import material
from exporting import Known
from mutagen.mp3 import MP3
from programs import seconds, taking_turns
from rows import Row, Settings, ratios, row, short

from audioguide.system.ffmpeg import find_ffmpeg
from audioguide.units import RATE

LEAST = {20: 6.0, 60: 20.0}
"""How many times faster than pydub an export was promised to be."""


def measure(settings: Settings) -> list[Row]:
    """20 minutes, and in a long run an hour, which takes these half an hour."""
    rows = []
    for minutes, rounds in ((20, settings.rounds(3)), *(((60, 1),) if settings.long else ())):
        with tempfile.TemporaryDirectory() as folder:
            known = Known(Path(folder), minutes)
            parts, total = material.cut(known.session, known.cache, known.folder)
            rows += _ffmpeg(known, parts, total, rounds) + _pydub(known, total, rounds)
    return rows


def _pydub(known: Known, total: int, rounds: int) -> list[Row]:
    script, made = Path(__file__).with_name("pydub_session.py"), known.folder / "pydub.mp3"
    command = [sys.executable, script, known.folder / "parts.json", made, find_ffmpeg()]
    pydub, cold, clips = taking_turns(rounds, lambda: seconds(command), known.cold, known.clips_known)
    _check(made, total)
    name, least = f"{known.minutes} min", LEAST[known.minutes]
    how = "silence, `overlay` of every clip, chime and hold's background from WAV files, `export` at 128 kbit/s"
    return [
        row(f"{name}: pydub", pydub, "s", how),
        row(f"{name}: nothing known, faster than pydub", ratios(pydub, cold), "x", "in the same round", least=least),
        row(f"{name}: clips known, faster than pydub", ratios(pydub, clips), "x", "in the same round"),
    ]


def _ffmpeg(known: Known, parts: list[material.Part], total: int, rounds: int) -> list[Row]:
    made = known.folder / "graph.mp3"
    commands = {way: filter_graph.command(parts, total, made, way) for way in filter_graph.WAYS}
    # Compared once: the slower way is slower by far.
    once = {}
    for way, command in commands.items():
        once[way] = seconds(command)
        _check(made, total)
    better, worse = sorted(once, key=lambda way: once[way])
    command = commands[better]
    graph, cold, clips = taking_turns(rounds, partial(seconds, command), known.cold, known.clips_known)
    name = f"{known.minutes} min"
    how = f"one graph over the files pydub has: {better} ({worse}, once: {short(once[worse])} s)"
    return [
        row(f"{name}: ffmpeg filter graph", graph, "s", how),
        row(f"{name}: nothing known, faster than ffmpeg", ratios(graph, cold), "x", "in the same round"),
        row(f"{name}: clips known, faster than ffmpeg", ratios(graph, clips), "x", "in the same round"),
    ]


def _check(made: Path, total: int) -> None:
    """The other program did all of the work."""
    length = MP3(made).info.length
    if abs(length - total / RATE) > 0.2:
        raise ValueError(f"{made.name} is {length:.2f} s long, and the session {total / RATE:.2f} s")
