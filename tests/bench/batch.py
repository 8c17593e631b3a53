"""A clinic's plan: how many sessions a minute, with one process and with two, here and on a Dask cluster, and what one
more session costs when every phrase of it is known. Run it with PYTHONPATH=tests, and see --help.

Ratios are of one run, so that a busy machine does not count twice.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from clusters import Cluster

from audioguide.batch import Job, Journal, made_here, made_on, read_plan

ROUTINES = ("four-poses", "lower-back-cool-down", "hip-openers", "shoulders-and-chest")
POSES = {
    "four-poses": ("childs-pose", "cat-cow"),
    "lower-back-cool-down": ("childs-pose",),
    "hip-openers": (),
    "shoulders-and-chest": (),
}


@dataclass(frozen=True)
class Row:
    """One figure: sessions a minute, or seconds."""

    name: str
    figure: float
    unit: str
    ratio: float | None = None


def clinic(clients: int, sessions: int, seed: int = 1) -> Iterator[tuple[str, str, str]]:
    """Rows of routine, output and holds: every client has times of their own, in steps of a second."""
    chance = random.Random(seed)
    for client in range(clients):
        for session in range(sessions):
            routine = ROUTINES[session % len(ROUTINES)]
            everywhere = f"{chance.randint(25, 45)}s"
            single = [f"{pose}={chance.randint(30, 60)}s" for pose in POSES[routine]]
            yield routine, f"client{client:03}/session{session + 1:02}.mp3", "; ".join([everywhere, *single])


def jobs(folder: Path, rows: Iterator[tuple[str, str, str]]) -> tuple[Job, ...]:
    """The jobs of rows, below a folder."""
    folder.mkdir()
    plan = folder / "plan.csv"
    plan.write_text("routine,output,hold\n" + "".join(",".join(row) + "\n" for row in rows), "utf-8")
    return read_plan(plan, folder)


def taken(folder: Path, todo: Sequence[Job], processes: int, scheduler: str = "") -> float:
    """Seconds for jobs of which all have to be made."""
    begun = time.perf_counter()
    with Journal(folder) as journal:
        source = made_on(scheduler, todo, journal) if scheduler else made_here(todo, journal, processes)
        with closing(source):
            states = [(result.state, result.error) for result in source]
    assert {state for state, _ in states} == {"made"}, states
    return time.perf_counter() - begun


def measure(
    clients: int = 4, sessions: int = 4, cluster: bool = True, tell: Callable[[Row], None] = lambda _: None
) -> list[Row]:
    """The figures of a clinic. All phrases are spoken before, and each measure has holds that none had before."""
    rows: list[Row] = []

    def add(*facts: Any) -> None:
        rows.append(Row(*facts))
        tell(rows[-1])

    with ExitStack() as stack:
        root = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        os.environ["AUDIOGUIDE_CACHE"] = str(root / "cache")
        os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as the command has it
        seeds = iter(range(1, 100))

        def one(clients: int, sessions: int, processes: int, scheduler: str = "") -> float:
            seed = next(seeds)
            folder = root / f"measure{seed}"
            return taken(folder, jobs(folder, clinic(clients, sessions, seed)), processes, scheduler)

        begun = one(1, len(ROUTINES), 2)
        add(f"the first {len(ROUTINES)}, all to be spoken", begun, "s")
        count = clients * sessions
        speeds = [60 * count / one(clients, sessions, processes) for processes in (1, 2)]
        add("1 process", speeds[0], "a minute")
        add("2 processes", speeds[1], "a minute", speeds[1] / speeds[0])
        # One more is the difference between a plan with it and one without: starting is paid once for each plan.
        few, more = one(1, sessions, 1), one(2, sessions, 1)
        add("one more session", (more - few) / sessions, "s")
        if cluster:
            for workers in (1, 2):
                place = root / f"cluster{workers}"
                place.mkdir()
                dask = Cluster(place, workers)
                try:
                    one(workers, len(ROUTINES), workers, dask.address)  # they are there, and have loaded what they need
                    speeds.append(60 * count / one(clients, sessions, workers, dask.address))
                finally:
                    dask.close()
            add("1 Dask worker", speeds[2], "a minute", speeds[2] / speeds[0])
            add("2 Dask workers", speeds[3], "a minute", speeds[3] / speeds[2])
    return rows


def show(row: Row) -> None:
    """A line of the table."""
    ratio = "" if row.ratio is None else f" {row.ratio:5.2f} x"
    print(f"{row.name:40}{row.figure:9.2f} {row.unit:9}{ratio}", flush=True)


def main() -> None:
    """Print a table."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--clients", type=int, default=500)
    arguments.add_argument("--sessions", type=int, default=12, help="of each client")
    arguments.add_argument("--no-cluster", action="store_true", help="leave the Dask workers out")
    asked = arguments.parse_args()
    measure(asked.clients, asked.sessions, not asked.no_cluster, show)


if __name__ == "__main__":
    main()
