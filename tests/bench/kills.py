"""Exports that are killed at random moments: what is left is nothing or the whole file, and the next run makes it."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

from programs import seconds, surroundings
from rows import Row, Settings
from sessions import export, routine

SEED = 7


def measure(settings: Settings) -> list[Row]:
    """10 kills, in a long run 100: every other one with an empty cache."""
    count = 100 if settings.long else 10
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        killed, torn, unlike = _kill(folder, count, random.Random(SEED))
    how = f"{count} exports of 20 minutes, every other one with an empty cache, SIGKILL at a random moment"
    return [
        Row("killed before they ended", killed, f"of {count}", None, None, how),
        Row("files that were not whole", torn, f"of {count}", "0", torn == 0, "neither absent nor the reference"),
        Row("next exports unlike the reference", unlike, f"of {count}", "0", unlike == 0, "byte by byte, same cache"),
    ]


def _kill(folder: Path, count: int, chance: random.Random) -> tuple[int, int, int]:
    """How many were killed, left something else than the reference, and were followed by another file than it."""
    session, known, made = routine(folder, 20), folder / "known", folder / "made.mp3"
    whole = folder / "whole.mp3"
    lasts = {"cold": seconds(export(session, whole), known)}
    reference = whole.read_bytes()
    shutil.rmtree(known / "pieces")
    lasts["warm"] = seconds(export(session, whole), known)
    killed = torn = unlike = 0
    for number in range(count):
        way, cache = ("cold", "warm")[number % 2], folder / f"cache-{number}"
        if way == "warm":
            shutil.copytree(known / "clips", cache / "clips")
        made.unlink(missing_ok=True)
        killed += _killed(export(session, made), cache, chance.uniform(0, lasts[way]))
        torn += made.exists() and made.read_bytes() != reference
        seconds(export(session, made), cache)
        unlike += made.read_bytes() != reference
        shutil.rmtree(cache)
    return killed, torn, unlike


def _killed(command: list[str | Path], cache: Path, after: float) -> bool:
    """Whether the program was still at work after so many seconds; it is killed then, its children are not."""
    program = subprocess.Popen(
        command,
        env=surroundings(cache),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        program.wait(after)
    except subprocess.TimeoutExpired:
        os.kill(program.pid, signal.SIGKILL)
        program.wait()
        return True
    return False
