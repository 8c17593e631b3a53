"""How long it takes until something happens: `PYTHONPATH=tests python tests/bench/startup.py [ROUNDS] [ROUTINE]`.

Programs are started as a person starts them, one of each in turn, with their modules compiled beforehand. Seconds by
the clock and of the processor, children included, the least of all rounds (a busy machine only adds to them), and the
ratio to `python -c "import click"`. Then the first sound of `play` on PulseAudio's null sink, from the program's start
to the first frame that is not silent in the recording: with every clip known, with no clip known, and with nothing kept
at all (no notes of what was read either). The recorder's own delay is in that figure, and the quiet with which the
session begins. At the end, what is promised against what was measured.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median

import numpy as np
from programs import AUDIOGUIDE, seconds
from pulse import SoundServer, wait_until

from audioguide.units import RATE

PYTHON = (sys.executable, "-c")
ALONE, CLICK, HELP = "python -c pass", 'python -c "import click"', "audioguide --help"

MOST = {
    f"{HELP}, over import click": 0.05,
    "first sound, every clip known": 0.4,
    "first sound, no clip known": 1.0,
    "first sound, nothing kept": 1.0,
    "export again, to the first export": 0.06,
}
"""Seconds, and a share, that are promised at most; the last for a session of which nothing or one hold changed."""


def started(command: Sequence[str], cache: Path) -> tuple[float, float]:
    """Seconds by the clock and of the processor that a program takes."""
    before = os.times()
    took = seconds(command, cache)
    after = os.times()
    return took, after.children_user + after.children_system - before.children_user - before.children_system


def first_sound(server: SoundServer, routine: str, cache: Path) -> float:
    """Seconds from the start of `play` to its first sound in the recording."""
    environment = os.environ | {"AUDIOGUIDE_CACHE": str(cache)}
    with server.recording() as recording:
        begin = len(recording.frames)
        player = subprocess.Popen(
            [*AUDIOGUIDE, "play", routine],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            wait_until(lambda: recording.frames[begin:].any(), "the first sound")
        finally:
            player.kill()
            player.wait()
        return int(np.flatnonzero(recording.frames[begin:].any(axis=1))[0]) / RATE


def programs(rounds: int, routine: str, cache: Path, folder: Path) -> dict[str, float]:
    """Prints what each program takes; returns what is promised of them."""
    again = (*AUDIOGUIDE, "export", routine, "-o", str(folder / "again.mp3"))
    first = min(started(again, folder / f"first-{number}")[0] for number in range(2))
    commands: dict[str, tuple[str, ...]] = {
        ALONE: (*PYTHON, "pass"),
        CLICK: (*PYTHON, "import click"),
        'python -c "import numpy, pydantic"': (*PYTHON, "import numpy, pydantic"),
        HELP: (*AUDIOGUIDE, "--help"),
        "audioguide list": (*AUDIOGUIDE, "list"),
        f"audioguide show {routine}": (*AUDIOGUIDE, "show", routine),
        "import audioguide.cli.play_": (*PYTHON, "import audioguide.cli.play_"),
        "import audioguide.cli.export_": (*PYTHON, "import audioguide.cli.export_"),
        f"audioguide export {routine}, again": again,
    }
    figures: dict[str, list[tuple[float, float]]] = {name: [] for name in commands}
    for _ in range(rounds):
        for name, command in commands.items():
            figures[name].append(started(command, cache))
    click = min(figures[CLICK])[0]
    for name, taken in figures.items():
        clock, processor = min(clock for clock, _ in taken), min(processor for _, processor in taken)
        print(
            f"{name:40} {1000 * clock:5.0f} ms  {1000 * processor:5.0f} ms of processor  {clock / click:5.1f} x click"
        )
    return {
        f"{HELP}, over import click": min(figures[HELP])[0] - click,
        "export again, to the first export": min(figures[f"audioguide export {routine}, again"])[0] / first,
    }


def main(rounds: int, routine: str) -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
        os.environ["PYTHONPYCACHEPREFIX"] = f"{folder}/compiled"  # nothing is left beside the sources
        os.environ["AUDIOGUIDE_HOME"] = f"{folder}/home"
        known, unknown, nothing = Path(folder, "known"), Path(folder, "unknown"), Path(folder, "nothing")
        seconds((*AUDIOGUIDE, "export", routine, "-o", f"{folder}/session.wav"), known)
        found = programs(rounds, routine, known, Path(folder))
        Path(folder, "server").mkdir()
        server = SoundServer(Path(folder, "server"))
        os.environ.update({name: value for name, value in server.environment.items() if name != "HOME"})
        try:
            taken: dict[str, list[float]] = {"every clip known": [], "no clip known": [], "nothing kept": []}
            for _ in range(rounds):
                taken["every clip known"].append(first_sound(server, routine, known))
                shutil.rmtree(unknown, ignore_errors=True)
                shutil.copytree(known, unknown, ignore=shutil.ignore_patterns("clips"))
                taken["no clip known"].append(first_sound(server, routine, unknown))
                shutil.rmtree(nothing, ignore_errors=True)
                taken["nothing kept"].append(first_sound(server, routine, nothing))
                time.sleep(0.2)
            for name, sounds in taken.items():
                print(f"first sound, {name:17} {1000 * min(sounds):5.0f} ms at best, {1000 * median(sounds):5.0f} ms")
                found[f"first sound, {name}"] = median(sounds)
            for name, most in MOST.items():
                print(f"{name:40} {found[name]:6.3f} of {most} at most{'' if found[name] <= most else ': MISSED'}")
        finally:
            server.stop()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10, sys.argv[2] if len(sys.argv) > 2 else "lower-back-cool-down")
