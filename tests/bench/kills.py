"""Every program that writes, ended at random moments: what is left is whole, and the next run makes the rest."""

from __future__ import annotations

import shutil
import signal
import tempfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from random import Random

from killing import CASES, Killing, Tally, shared_memory, signals
from killing_record import Recording
from killing_server import Server
from killing_services import Service
from killing_terminal import Playing
from rows import Progress, Row, Settings, tell

SEED = 7
KINDS = {
    "files that were not whole": ("neither the old one", "torn", "damaged"),
    "tracebacks and other exit codes": ("traceback", "exit code"),
    "left-overs": ("left", "ran on", "there is still"),
    "changes, notes and takes that were lost": ("is lost",),
    "next runs that failed or made something else": ("the next one",),
}
"""What is counted, and the words in which each such fault is told."""


LASTING = {Server: (6, 60), Playing: (4, 60), Recording: (2, 30)}
"""Programs that last, and how often each of them is killed in a usual and in a long run."""


def measure(settings: Settings) -> list[Row]:
    """60 kills, in a long run 1,000, of which 12 and 150 are of programs that last; two at a time."""
    signal.signal(signal.SIGINT, signal.default_int_handler)  # in a shell's background it is ignored
    count, before = 1000 if settings.long else 60, shared_memory()
    lasting = {one: many[settings.long] for one, many in LASTING.items() if all(map(shutil.which, one.needs))}
    for one in LASTING.keys() - lasting.keys():
        tell(f"{one.name} is not killed: it needs {', '.join(one.needs)}")
    commands = count - sum(lasting.values())
    with tempfile.TemporaryDirectory() as name, ThreadPoolExecutor(2) as threads:
        halves = [threads.submit(_kill, Path(name, str(half)), commands // 2, lasting, half) for half in range(2)]
        tallies = [tally for half in halves for tally in half.result()]
    faults = [fault for tally in tallies for fault in tally.faults]
    faults += [f"left {name} in shared memory" for name in shared_memory() - before if name.startswith("sem.mp-")]
    killed = sum(tally.killed for tally in tallies)
    programs = ", ".join(f"{one.name} {many} times" for one, many in lasting.items())
    how = f"{len(CASES)} commands in turns and {programs}; three of five by SIGKILL, the others by SIGTERM and Ctrl-C"
    found = {what: sum(any(word in fault for word in words) for fault in faults) for what, words in KINDS.items()}
    known = [word for words in KINDS.values() for word in words]
    found["other faults"] = sum(not any(word in fault for word in known) for fault in faults)
    seen = "looked at after the kill, and after the same command once more"
    return [
        Row("killed before they ended", killed, f"of {count}", None, None, how),
        *(Row(what, many, f"of {count}", "0", not many, seen) for what, many in found.items()),
    ]


def _kill(folder: Path, count: int, lasting: dict[type[Service], int], half: int) -> list[Tally]:
    chance = Random(SEED + half)
    killing, order, told = Killing(folder, chance), [*CASES], 0
    progress = Progress(count + sum(lasting.values()) // 2, f"kills, half {half + 1}")
    for number, sent in enumerate(signals(count)):
        progress(number)
        if not number % len(order):
            chance.shuffle(order)
        killing.kill(order[number % len(order)], signal.Signals(sent))
        told = _tell_new(killing.tally, told)
    tallies = [killing.tally]
    for kind, many in lasting.items():
        with closing(kind(folder / kind.__name__, chance)) as service:
            tallies.append(service.tally)
            told = 0
            for sent in signals(many // 2):
                progress(count)
                service.kill(sent)
                told = _tell_new(service.tally, told)
                count += 1
    return tallies


def _tell_new(tally: Tally, told: int) -> int:
    """Tell the faults that were found since; how many there are."""
    for fault in tally.faults[told:]:
        tell(fault)
    return len(tally.faults)
