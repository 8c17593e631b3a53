"""Exports that are killed at random moments: what is left is nothing or the whole file, and the next run makes it."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from programs import family, seconds, surroundings
from rows import Row, Settings
from sessions import export, routine

SEED = 7


@dataclass
class Tally:
    """What became of exports that were killed."""

    killed: int = 0
    torn: int = 0
    """Left something else than nothing or the reference under the final name."""

    outlived: int = 0
    """Left a process that still ran after ten seconds."""

    unlike: int = 0
    """Were followed by another file than the reference."""

    littered: int = 0
    """Left something beside the file that is still there after the next export."""


def measure(settings: Settings) -> list[Row]:
    """10 kills, in a long run 100: every other one with an empty cache."""
    count = 100 if settings.long else 10
    with tempfile.TemporaryDirectory() as name:
        tally = _kill(Path(name), count, random.Random(SEED))
    how = f"{count} exports of 20 minutes, every other one with an empty cache, SIGKILL at a random moment"

    def none(what: str, figure: int, how: str) -> Row:
        return Row(what, figure, f"of {count}", "0", figure == 0, how)

    return [
        Row("killed before they ended", tally.killed, f"of {count}", None, None, how),
        none("files that were not whole", tally.torn, "neither absent nor the reference"),
        none("exports of which a process ran on", tally.outlived, "an encoder, or what starts them, ten seconds later"),
        none("next exports unlike the reference", tally.unlike, "byte by byte, same cache"),
        none("folders with something left in them", tally.littered, "beside the file, after the next export"),
    ]


def _kill(folder: Path, count: int, chance: random.Random) -> Tally:
    session, known, made = routine(folder, 20), folder / "known", folder / "made" / "made.mp3"
    whole, tally = folder / "whole.mp3", Tally()
    lasts = {"cold": seconds(export(session, whole), known)}
    reference = whole.read_bytes()
    shutil.rmtree(known / "pieces")
    lasts["warm"] = seconds(export(session, whole), known)
    for number in range(count):
        way, cache = ("cold", "warm")[number % 2], folder / f"cache-{number}"
        if way == "warm":
            shutil.copytree(known / "clips", cache / "clips")
        shutil.rmtree(made.parent, ignore_errors=True)
        made.parent.mkdir()
        others = _killed(export(session, made), cache, chance.uniform(0, lasts[way]))
        tally.killed += others is not None
        tally.torn += made.exists() and made.read_bytes() != reference
        tally.outlived += _outlived(others or ())
        seconds(export(session, made), cache)
        tally.unlike += made.read_bytes() != reference
        tally.littered += [path.name for path in made.parent.iterdir()] != [made.name]
        shutil.rmtree(cache)
    return tally


def _killed(command: list[str | Path], cache: Path, after: float) -> list[int] | None:
    """The processes beside it, where the program was still at work after so many seconds; it alone is killed then."""
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
        _, *others = family(program.pid)
        os.kill(program.pid, signal.SIGKILL)
        program.wait()
        return others
    return None


def _outlived(processes: Sequence[int]) -> bool:
    end = time.monotonic() + 10
    while any(Path(f"/proc/{process}").exists() for process in processes):
        if time.monotonic() > end:
            return True
        time.sleep(0.05)
    return False
