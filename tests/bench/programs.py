"""Programs as a person starts them: how long they take, and how much memory they and their children use."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median

AUDIOGUIDE = (sys.executable, "-m", "audioguide")


def seconds(command: Sequence[str | Path], cache: Path | None = None) -> float:
    """Wall-clock seconds of a program that succeeds."""
    begin = time.perf_counter()
    subprocess.run(command, env=surroundings(cache), stdin=subprocess.DEVNULL, capture_output=True, check=True)
    return time.perf_counter() - begin


def peak_memory(command: Sequence[str | Path], cache: Path) -> float:
    """The most megabytes that a program and all its children hold at a time, looked at 20 times a second.

    It is the sum of their proportional set sizes: what two processes share is counted once.
    """
    process = subprocess.Popen(
        command, env=surroundings(cache), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    most = 0.0
    while process.poll() is None:
        most = max(most, sum(map(_memory, family(process.pid))))
        time.sleep(0.05)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    return most


def taking_turns(rounds: int, *measures: Callable[[], float]) -> list[list[float]]:
    """The figures of each measure, taken in turn, so that a busy minute of the machine meets all of them."""
    turns = [[measure() for measure in measures] for _ in range(rounds)]
    return [list(figures) for figures in zip(*turns, strict=True)]


def summary(figures: Sequence[float], unit: str = "s") -> str:
    """The median, and how far the figures lie apart."""
    return f"{median(figures):7.2f} {unit} ({min(figures):.2f} to {max(figures):.2f})"


def surroundings(cache: Path | None = None) -> dict[str, str]:
    """This environment, with a clip cache of its own if one is given."""
    return os.environ | ({"AUDIOGUIDE_CACHE": str(cache)} if cache else {})


def family(parent: int) -> list[int]:
    """A process and its children and theirs."""
    try:
        children = [
            int(child) for task in Path(f"/proc/{parent}/task").iterdir() for child in _read(task / "children").split()
        ]
    except OSError:  # it has just ended
        return []
    return [parent, *(pid for child in children for pid in family(child))]


def _memory(pid: int) -> float:
    """The proportional set size in megabytes, which the system gives in units of 1024 bytes."""
    lines = (line.split() for line in _read(Path(f"/proc/{pid}/smaps_rollup")).splitlines())
    return sum(int(words[1]) for words in lines if words[0] == "Pss:") * 1024 / 1e6


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:  # the process has just ended
        return ""
