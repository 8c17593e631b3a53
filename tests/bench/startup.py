"""How long it takes until something happens: `PYTHONPATH=tests python tests/bench/startup.py [ROUNDS] [ROUTINE]`.

Programs are started as a person starts them, one of each in turn, with their modules compiled beforehand. Seconds by
the clock and of the processor, children included, the least of all rounds (a busy machine only adds to them), and the
ratio to `python -c "import click"`. Then the first sound of `play` on PulseAudio's null sink, from the program's start
to the first frame that is not silent in the recording, with every clip known and with none. The recorder's own delay
is in that figure, and the quiet with which the session begins.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from statistics import median

import numpy as np
from programs import AUDIOGUIDE, seconds, taking_turns
from pulse import SoundServer, wait_until
from rows import Row, Settings, row

from audioguide.units import RATE

PYTHON = (sys.executable, "-c")
ROUTINE = "lower-back-cool-down"
KNOWN, UNKNOWN = "every clip known", "none known"
ALONE, CLICK = "python -c pass", 'python -c "import click"'


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
        quiet = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.DEVNULL)
        player = subprocess.Popen([*AUDIOGUIDE, "play", routine], env=environment, **quiet)
        try:
            wait_until(lambda: recording.frames[begin:].any(), "the first sound")
        finally:
            player.kill()
            player.wait()
        return int(np.flatnonzero(recording.frames[begin:].any(axis=1))[0]) / RATE


def programs(rounds: int, routine: str, cache: Path) -> None:
    """Prints what each program takes."""
    commands: dict[str, tuple[str, ...]] = {
        ALONE: (*PYTHON, "pass"),
        CLICK: (*PYTHON, "import click"),
        'python -c "import numpy, pydantic"': (*PYTHON, "import numpy, pydantic"),
        "audioguide --help": (*AUDIOGUIDE, "--help"),
        "audioguide list": (*AUDIOGUIDE, "list"),
        f"audioguide show {routine}": (*AUDIOGUIDE, "show", routine),
        "import audioguide.cli.commands.play": (*PYTHON, "import audioguide.cli.commands.play"),
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


@contextmanager
def apart(folder: Path, routine: str) -> Iterator[Path]:
    """Compiled modules and a home of their own; gives the cache of a session that was exported."""
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    before = os.environ.copy()
    os.environ["PYTHONPYCACHEPREFIX"] = f"{folder}/compiled"  # nothing is left beside the sources
    os.environ["AUDIOGUIDE_HOME"] = f"{folder}/home"
    try:
        seconds((*AUDIOGUIDE, "export", routine, "-o", f"{folder}/session.wav"), folder / "known")
        yield folder / "known"
    finally:
        os.environ.clear()
        os.environ.update(before)


def first_sounds(folder: Path, rounds: int, routine: str) -> dict[str, list[float]]:
    """Seconds to the first sound with every clip known and with none, taking turns; inside `apart`."""
    (folder / "server").mkdir()
    server, unknown = SoundServer(folder / "server"), folder / "unknown"
    os.environ.update({name: value for name, value in server.environment.items() if name != "HOME"})
    taken: dict[str, list[float]] = {KNOWN: [], UNKNOWN: []}
    try:
        for _ in range(rounds):
            taken[KNOWN].append(first_sound(server, routine, folder / "known"))
            shutil.rmtree(unknown, ignore_errors=True)
            taken[UNKNOWN].append(first_sound(server, routine, unknown))
            time.sleep(0.2)
    finally:
        server.stop()
    return taken


def measure(settings: Settings) -> list[Row]:
    """First sound, `--help` and imports."""
    shown, click = (*AUDIOGUIDE, "--help"), (*PYTHON, "import click")
    package, player = ((*PYTHON, f"import {name}") for name in ("audioguide", "audioguide.cli.commands.play"))
    timeline = (*AUDIOGUIDE, "show", ROUTINE)
    with tempfile.TemporaryDirectory() as name, apart(Path(name), ROUTINE) as cache:
        commands = [partial(seconds, command, cache) for command in (shown, click, package, player, timeline)]
        for command in commands:
            command()  # compiles the modules
        times = taking_turns(settings.rounds(20), *commands)
        sounds = first_sounds(Path(name), settings.rounds(9), ROUTINE)
    more = [1000 * (one - other) for one, other in zip(*times[:2], strict=True)]
    how = "from the start of `play` to the first frame that is not silent in the sound server's recording"
    whole = "a whole program, as a person starts it, modules compiled before"
    return [
        row("first sound, empty cache", sounds[UNKNOWN], "s", how, most=0.9),
        row("first sound, clips known", sounds[KNOWN], "s", how, most=0.35),
        row("--help, over import click", more, "ms", 'over `python -c "import click"` in the same round', most=50),
        row("--help", times[0], "s", whole),
        row(f"show {ROUTINE}, clips known", times[4], "s", whole, most=0.25),
        row("python -c 'import click'", times[1], "s", whole),
        row("python -c 'import audioguide'", times[2], "s", whole),
        row(
            "python -c 'import audioguide.cli.commands.play'",
            times[3],
            "s",
            f"what `play` needs at first; {whole}",
        ),
    ]


def main(rounds: int, routine: str) -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as folder, apart(Path(folder), routine) as known:
        programs(rounds, routine, known)
        for name, sounds in first_sounds(Path(folder), rounds, routine).items():
            print(f"first sound, {name:17} {1000 * min(sounds):5.0f} ms at best, {1000 * median(sounds):5.0f} ms")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10, sys.argv[2] if len(sys.argv) > 2 else ROUTINE)
