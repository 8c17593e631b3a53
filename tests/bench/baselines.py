"""The same session made in other ways: by a script with pydub, by one filter graph of ffmpeg, and by a file for each
exercise, as workout-to-audio tools work.

All are programs of their own, and find all that sounds in files; audioguide with nothing known speaks it first.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Sequence
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
            rows += _measure(Known(Path(folder), minutes), rounds)
    return rows


def _measure(known: Known, rounds: int) -> list[Row]:
    parts, total = material.cut(known.session, known.cache, known.folder)
    command, graph_how = _graph(known, parts, total)
    by_graph, by_files = partial(seconds, command), partial(seconds, _script(known, "w2a"))
    graph, files, cold, clips = taking_turns(rounds, by_graph, by_files, known.cold, known.clips_known)
    by_pydub = partial(seconds, _script(known, "pydub"))
    pydub, cold_beside, clips_beside = taking_turns(1, by_pydub, known.cold, known.clips_known)
    _longer(known, "pydub", total, 0.2)
    laid = "silence, `overlay` of every clip, chime and hold's background from WAV files, `export` at 128 kbit/s"
    # Every file begins and ends with the encoder's own silence, which stays in when they are joined.
    longer = _longer(known, "w2a", total, known.minutes / 4)
    joined = f"a file for each exercise, encoded, then joined: no background, and {short(longer)} s longer than asked"
    name = f"{known.minutes} min"
    return [
        row(f"{name}: ffmpeg filter graph", graph, "s", graph_how),
        *_faster(name, "ffmpeg", graph, cold, clips),
        row(f"{name}: w2a's way", files, "s", joined),
        *_faster(name, "w2a's way", files, cold, clips),
        row(f"{name}: pydub", pydub, "s", laid),
        *_faster(name, "pydub", pydub, cold_beside, clips_beside, LEAST[known.minutes]),
    ]


def _faster(
    name: str,
    way: str,
    took: Sequence[float],
    cold: Sequence[float],
    clips: Sequence[float],
    least: float | None = None,
) -> list[Row]:
    how = "in the same round"
    return [
        row(f"{name}: nothing known, faster than {way}", ratios(took, cold), "x", how, least=least),
        row(f"{name}: clips known, faster than {way}", ratios(took, clips), "x", how),
    ]


def _script(known: Known, name: str) -> list[str | Path]:
    """The command of a program of this folder, which makes NAME.mp3."""
    script, made = Path(__file__).with_name(f"{name}_session.py"), known.folder / f"{name}.mp3"
    return [sys.executable, script, known.folder / "parts.json", made, find_ffmpeg()]


def _graph(known: Known, parts: list[material.Part], total: int) -> tuple[list[str | Path], str]:
    """The faster of the two graphs, and how it works. They are compared once: the slower one is slower by far."""
    made = known.folder / "graph.mp3"
    commands = {way: filter_graph.command(parts, total, made, way) for way in filter_graph.WAYS}
    once = {}
    for way, command in commands.items():
        once[way] = seconds(command)
        _longer(known, "graph", total, 0.2)
    better, worse = sorted(once, key=lambda way: once[way])
    return commands[better], f"one graph over the files pydub has: {better} ({worse}, once: {short(once[worse])} s)"


def _longer(known: Known, name: str, total: int, most: float) -> float:
    """Seconds that the file of another program is too long: it did all of the work."""
    longer = MP3(known.folder / f"{name}.mp3").info.length - total / RATE
    if abs(longer) > most:
        raise ValueError(f"{name}.mp3 is {longer:.2f} s longer than the session")
    return float(longer)
