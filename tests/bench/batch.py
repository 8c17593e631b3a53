"""A clinic's plan: how many sessions a minute on one core and on two, and what one more session costs when every phrase
of it is known. `clinic` has the same on a Dask cluster.

What is said is the same for all. Where holds are to the millisecond, no two sessions have a held piece in common; where
they are whole seconds, as people write them, some have.
"""

from __future__ import annotations

import os
import random
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from itertools import count
from pathlib import Path

from rows import Row, Settings, row

from audioguide.batch.job import Job, run_local
from audioguide.batch.plan import read_plan

ROUTINES = ("four-poses", "lower-back-cool-down", "hip-openers", "shoulders-and-chest")
POSES = {"four-poses": ("childs-pose", "cat-cow"), "lower-back-cool-down": ("childs-pose",)}
CLIENTS, SESSIONS = 500, 12
"""The clinic."""


def clinic(sessions: int, seed: int, digits: int = 3) -> Iterator[tuple[str, str, str]]:
    """Rows of routine, output and holds (seconds with so many digits): the first so many of the clinic's sessions."""
    chance = random.Random(seed)
    for number in range(sessions):
        client, session = divmod(number, SESSIONS)
        routine = ROUTINES[number % len(ROUTINES)]
        everywhere = f"{chance.uniform(25, 45):.{digits}f}s"
        single = [f"{pose}={chance.uniform(30, 60):.{digits}f}s" for pose in POSES.get(routine, ())]
        yield routine, f"client{client:03}/session{session + 1:02}.mp3", "; ".join([everywhere, *single])


class Clinic:
    """Plans of one clinic, in a folder, with one cache."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._seeds = count(1)

    def seconds(self, sessions: int, processes: int, digits: int = 3) -> float:
        """What a plan of so many sessions takes, which nobody had before."""
        seed = next(self._seeds)
        folder = self._folder / f"plan{seed}"
        todo = _jobs(folder, clinic(sessions, seed, digits))
        begun = time.perf_counter()
        with closing(run_local(todo, processes)) as source:
            states = [(result.state, result.error) for result in source]
        assert {state for state, _ in states} == {"made"}, states
        return time.perf_counter() - begun


def _jobs(folder: Path, rows: Iterator[tuple[str, str, str]]) -> Sequence[Job]:
    folder.mkdir()
    plan = folder / "plan.csv"
    plan.write_text("routine,output,hold\n" + "".join(",".join(one) + "\n" for one in rows), "utf-8")
    return read_plan(plan, folder)[0]


@contextmanager
def _on_cores(number: int) -> Iterator[None]:
    """What is started here has so many cores."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, sorted(before)[:number])
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def measure(settings: Settings) -> list[Row]:
    """The first sessions of the clinic, one after the other and side by side."""
    sessions = 4 * settings.rounds(6)
    with tempfile.TemporaryDirectory() as name:
        os.environ["AUDIOGUIDE_CACHE"] = f"{name}/cache"
        os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as the command has it
        clinic = Clinic(Path(name))
        spoken = clinic.seconds(len(ROUTINES), 2)
        one, two = [], []
        for _ in range(settings.rounds(2)):
            with _on_cores(1):
                one.append(clinic.seconds(sessions // 2, 1) / (sessions // 2))
            two.append(clinic.seconds(sessions, 2) / sessions)
        # One more is the difference between a plan with it and one without: starting is paid once for each plan.
        unlike = [(clinic.seconds(12, 1) - clinic.seconds(4, 1)) / 8 for _ in range(settings.rounds(2))]
        clinic.seconds(4 * sessions, 2, digits=0)
        like = [
            (clinic.seconds(12, 1, digits=0) - clinic.seconds(4, 1, digits=0)) / 8 for _ in range(settings.rounds(2))
        ]
        del os.environ["AUDIOGUIDE_CACHE"]
    faster = [alone / both for alone, both in zip(one, two, strict=True)]
    whole = [CLIENTS * SESSIONS * seconds / 3600 for seconds in two]
    known = "every phrase spoken before, every hold another"
    more = "1 process on both cores, 12 sessions against 4"
    lengths = "sessions of 9, 18, 15 and 12 minutes in turn"
    return [
        row("the first 4 sessions of a clinic", spoken, "s", f"2 processes; nothing spoken before; {lengths}"),
        row("1 process, 1 core", [60 / seconds for seconds in one], "a minute", f"{known}; {lengths}"),
        row("2 processes, 2 cores", [60 / seconds for seconds in two], "a minute", f"{known}; {lengths}"),
        row("2 processes over 1", faster, "x", "of the two above, in the same round", least=1.8),
        row("one more session, holds of whole seconds", like, "s", f"{more}; {4 * sessions} made before", most=1.2),
        row("one more session, holds that nobody has", unlike, "s", f"{more}; {known}", most=1.2),
        row("500 clients, 12 sessions each", whole, "h", "computed from 2 processes"),
    ]
