"""How fast, against what, and with how much memory: `python tests/bench [PART...] [--quick] [--long] [--write]`.

Figures are added to those of earlier runs in build/bench.json; `--write` makes of them the table in the README,
docs/speed.md and its picture.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from importlib import import_module
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parents[1]), str(HERE.parent), str(HERE)]
os.environ["PYTHONPATH"] = str(HERE.parents[1])  # programs that are started are of this checkout, too
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # as on a second day: nothing is compiled while it is measured

PARTS = {
    "export": (
        "exporting",
        "Exports of 20 minutes and of an hour, by what is known of them, against one thread of LAME.",
    ),
    "baselines": (
        "baselines",
        "The same sessions made in other ways, from files in which all is spoken already; w2a makes audio of workouts.",
    ),
    "memory": ("memory", "The most memory that an export takes."),
    "start": ("startup", "From Enter to the first sound, to the help, and what imports take."),
    "uses": ("uses", "What a person does besides making sound."),
    "mixing": ("mixing", "Mixing alone, on one core."),
    "compiling": ("compiling", "Compiling alone: from steps to a timeline."),
    "batch": ("batch", "Many sessions: a clinic where every client has holds of their own."),
    "clinic": ("clinic", "500 clients and 12 weeks on a Dask cluster: a sample made, the whole computed."),
    "kills": ("kills", "Commands, servers and players that are killed at any moment, and what is left of them."),
    "faults": ("faults", "Disks, caches, clocks, devices and eight processes that go wrong, and what came of that."),
    "long-play": ("long_play", "Ten minutes of `play` on a busy machine, against the export of the same session."),
    "fuzz": ("fuzzing", "Hostile inputs: what they found, and the slowest and the largest of them."),
}
"""The module of each part, and what docs/speed.md says of it."""


def main() -> None:
    """Measure the parts that are asked for, or all; then write, if asked to."""
    from records import BUSY, PATH, held, judged, keep, read, told
    from report import write
    from rows import Settings

    arguments = argparse.ArgumentParser("python tests/bench", description=__doc__.splitlines()[0])
    arguments.add_argument("parts", nargs="*", choices=[[], *PARTS], metavar="PART", help=", ".join(PARTS))
    arguments.add_argument("--quick", action="store_true", help="fewer rounds")
    arguments.add_argument("--long", action="store_true", help="an hour with pydub, 8 hours of sound, 1,000 kills …")
    arguments.add_argument("--write", action="store_true", help="write README, docs/speed.md and docs/speed.png")
    arguments.add_argument("--only-write", action="store_true", help="write them from the figures of earlier runs")
    asked = arguments.parse_args()
    settings = Settings(quick=asked.quick, long=asked.long)
    for part in () if asked.only_write else asked.parts or PARTS:
        begun = time.perf_counter()
        rows = judged(import_module(PARTS[part][0]).measure, settings)
        keep(part, rows)
        print(f"{part}, {time.perf_counter() - begun:.0f} s", BUSY * any(made.busy for made in rows), flush=True)
        for made in rows:
            print(f"  {made.what:44}{told(made):>18}  {held(made):28}{made.how}", flush=True)
    if asked.write or asked.only_write:
        write(read(), {part: said for part, (_, said) in PARTS.items()})
    else:
        print(f"kept in {PATH.name}; --only-write writes them into README and docs")


if __name__ == "__main__":
    main()
