"""Every command that writes, ended at random moments: what is left is whole, and the same command makes the rest."""

from __future__ import annotations

import signal
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from random import Random

from killing import CASES, Killing, Tally, shared_memory, signals
from rows import Progress, Row, Settings, tell

SEED = 7
KINDS = {
    "files that were not whole": ("neither the old one", "torn", "damaged"),
    "tracebacks and other exit codes": ("traceback", "exit code"),
    "left-overs": ("left", "ran on", "there is still"),
    "next runs that failed or made something else": ("the next one",),
}
"""What is counted, and the words in which each such fault is told."""


def measure(settings: Settings) -> list[Row]:
    """60 kills, in a long run 1,000, in turns of all commands; two at a time."""
    count, before = 1000 if settings.long else 60, shared_memory()
    with tempfile.TemporaryDirectory() as name, ThreadPoolExecutor(2) as threads:
        halves = [threads.submit(_kill, Path(name, str(half)), count // 2, half) for half in range(2)]
        tallies = [half.result() for half in halves]
    faults = [fault for tally in tallies for fault in tally.faults]
    faults += [f"left {name} in shared memory" for name in shared_memory() - before if name.startswith("sem.mp-")]
    for fault in faults:
        tell(fault)
    killed = sum(tally.killed for tally in tallies)
    how = f"{len(CASES)} commands in turns, three of five by SIGKILL, the others by SIGTERM and Ctrl-C"
    found = {what: sum(any(word in fault for word in words) for fault in faults) for what, words in KINDS.items()}
    known = [word for words in KINDS.values() for word in words]
    found["other faults"] = sum(not any(word in fault for word in known) for fault in faults)
    seen = "looked at after the kill, and after the same command once more"
    return [
        Row("killed before they ended", killed, f"of {count}", None, None, how),
        *(Row(what, many, f"of {count}", "0", not many, seen) for what, many in found.items()),
    ]


def _kill(folder: Path, count: int, half: int) -> Tally:
    chance = Random(SEED + half)
    killing, order, progress = Killing(folder, chance), [*CASES], Progress(count, f"kills, half {half + 1}")
    for number, sent in enumerate(signals(count)):
        progress(number)
        if not number % len(order):
            chance.shuffle(order)
        killing.kill(order[number % len(order)], signal.Signals(sent))
    return killing.tally
