"""A clinic of 500 clients and 12 weeks on a Dask cluster of this machine, and what a hundred machines would do.

Every client has a routine, holds and growth of their own; every fifth is greeted by name. Each worker has a cache of
its own, as on a machine of its own, and all share a store. Sessions are made by the command, as a person starts it.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import product
from math import ceil
from pathlib import Path

from clinic_store import Store
from clusters import Cluster
from programs import AUDIOGUIDE
from rows import Row, Settings, row, tell

CLIENTS, WEEKS = 500, 12
SAMPLE = range(0, CLIENTS, 29)
"""18 clients, from the first to the last: 216 sessions."""

COMPARED = SAMPLE[::3]
"""6 of them, whose 72 sessions are made by one worker, two and four."""

ROUTINES = ("four-poses", "lower-back-cool-down", "hip-openers", "shoulders-and-chest", "greeting.yaml")
GREETING = """title: Evening for {client}
steps:
  - say: Hello {client}, welcome to week {week}.
  - include: four-poses
  - say: Well done, {client}.
"""
FIRST = ("Anna", "Ben", "Clara", "David", "Emma", "Felix", "Grace", "Henry", "Irene", "Jack")
LAST = ("Berg", "Lee", "Stone", "Rivers", "Baker", "Young", "Miller", "Wood", "Hill", "Carter")

MACHINES = (1, 10, 100)
CORES = 4
NETWORKS = (1, 10)
"""Gbit/s to the store and to the folder of the sessions together."""


SHORT = """title: Evening for {client}
steps:
  - say: Hello {client}, welcome to week {week}.
  - pose: {name: Bridge, hold: 10s, limits: 5s..60s}
"""


def write_clinic(
    folder: Path, clients: Iterable[int], weeks: str = f"1..{WEEKS}", routines: Sequence[str] = ROUTINES
) -> Path:
    """The batch file of some clients, beside the routines that are the clinic's own."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "greeting.yaml").write_text(GREETING)
    (folder / "short.yaml").write_text(SHORT)
    lines = ["client,routine,weeks,hold,progress"]
    for number in clients:
        name = f"{FIRST[number % 10]} {LAST[number // 10 % 10]} {number}"
        lines.append(f"{name},{routines[number % len(routines)]},{weeks},{15 + number * 7 % 31}s,+{1 + number % 4}s")
    file = folder / "clinic.csv"
    file.write_text("\n".join(lines) + "\n")
    return file


@dataclass(frozen=True)
class Batch:
    """What the command did: its exit code and lines, its seconds, those of its own processor, and its most memory."""

    code: int
    out: tuple[str, ...]
    err: str
    seconds: float
    processor: float
    megabytes: float

    @property
    def made(self) -> int:
        """Sessions that it tells as made."""
        return sum(not line.endswith("  unchanged") for line in self.out)


class Command:
    """`audioguide batch` in a process of its own."""

    def __init__(self, file: Path, out: Path, *options: str, **environment: str) -> None:
        self._files = [tempfile.TemporaryFile("w+") for _ in range(2)]  # noqa: SIM115 – closed when they are read
        self._begun = time.perf_counter()
        self.process = subprocess.Popen(
            [*AUDIOGUIDE, "batch", str(file), "-o", str(out), *options],
            env=os.environ | environment,
            stdin=subprocess.DEVNULL,
            stdout=self._files[0],
            stderr=self._files[1],
        )

    def end(self) -> Batch:
        """Wait for it."""
        _, status, used = os.wait4(self.process.pid, 0)
        seconds = time.perf_counter() - self._begun
        self.process.returncode = os.waitstatus_to_exitcode(status)
        out, err = (self._read(file) for file in self._files)
        processor = used.ru_utime + used.ru_stime
        return Batch(self.process.returncode, tuple(out.splitlines()), err, seconds, processor, used.ru_maxrss / 1024)

    @staticmethod
    def _read(file: tempfile._TemporaryFileWrapper[str]) -> str:
        file.seek(0)
        text = file.read()
        file.close()
        return text


def processor_seconds(processes: Iterable[subprocess.Popen[bytes]]) -> float:
    """What processes and their children that have ended have worked so far."""
    ticks = 0
    for process in processes:
        fields = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
        ticks += sum(map(int, fields[11:15]))
    return ticks / os.sysconf("SC_CLK_TCK")


def sessions(out: Path) -> dict[str, Path]:
    """The sessions in a folder, by their names in it."""
    return {str(path.relative_to(out)): path for path in sorted(out.rglob("*.mp3")) if not path.name.startswith(".")}


@dataclass(frozen=True)
class Measured:
    """A batch on a cluster: processor seconds of workers and scheduler, bytes through the store and in the files."""

    batch: Batch
    count: int
    workers: float
    scheduler: float
    got: int
    put: int
    written: int

    @property
    def a_minute(self) -> float:
        """Sessions a minute."""
        return 60 * self.count / self.batch.seconds


class Clinic:
    """The clinic in a folder, with a store in which every sentence is, and no session."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.spoken = folder / "spoken"
        self._number = 0

    def speak(self) -> Batch:
        """Say what all clients hear, with two processes: a session of each routine."""
        file = write_clinic(self.folder / "first", range(5), "1")
        store = Store(self.folder / "first")
        known = {"AUDIOGUIDE_CACHE": str(self.folder / "first" / "cache")}
        made = Command(file, self.folder / "first" / "out", **store.environment, **known).end()
        assert made.code == 0, made.err
        shutil.copytree(self.folder / "first" / "store" / "clips", self.spoken)
        return made

    @contextmanager
    def cluster(self, workers: int) -> Iterator[tuple[Cluster, Store, Path]]:
        """A cluster with a store of its own, and its folder."""
        self._number += 1
        place = self.folder / f"cluster{self._number}"
        store = Store(place)
        shutil.copytree(self.spoken, place / "store" / "clips")
        cluster = Cluster(place, workers, apart=True, CLINIC=str(place), **store.environment)
        try:
            yield cluster, store, place
        finally:
            cluster.close()

    def measure(self, workers: int, more: Sequence[int] = ()) -> list[Measured]:
        """The compared sessions on so many workers, and then those of `more` clients, each with its weeks."""
        with self.cluster(workers) as (cluster, store, place):
            warm = write_clinic(place / "warm", range(1, 1 + 4 * workers), "1")
            Command(warm, place / "warm" / "out", "--scheduler", cluster.address).end()
            found = []
            for number, clients in enumerate((COMPARED, more)[: 1 + bool(more)]):
                file, out = write_clinic(place / str(number), clients), place / f"out{number}"
                before, (got, put) = self._worked(cluster), store.passed()
                made = Command(file, out, "--scheduler", cluster.address).end()
                assert (made.code, made.made) == (0, WEEKS * len(clients)), made
                worked, (got_after, put_after) = self._worked(cluster), store.passed()
                spent = [after - one for after, one in zip(worked, before, strict=True)]
                written = sum(path.stat().st_size for path in sessions(out).values())
                passed = got_after - got, put_after - put
                found.append(Measured(made, made.made, *spent, *passed, written))
                tell(f"{workers} workers: {made.made} sessions in {made.seconds:.0f} s")
        return found

    def _worked(self, cluster: Cluster) -> tuple[float, float]:
        return processor_seconds(cluster.workers), processor_seconds([cluster.scheduler])


def plan(folder: Path) -> Batch:
    """The command with the batch file of the whole clinic and a last row that is wrong: it reads, checks and ends."""
    file = write_clinic(folder, range(CLIENTS))
    file.write_text(file.read_text() + "Nobody,four-poses,1,20s,+1s\n".replace("20s", "20h"))
    planned = Command(file, folder / "out").end()
    assert (planned.code, (folder / "out").exists()) == (2, False), planned.err
    return planned


def _measured(planned: Batch, one: Measured, two: Measured, four: Measured, others: Measured) -> list[Row]:
    count, all_made = one.count, four.count + others.count
    known = f"{count} sessions of {len(COMPARED)} clients, every sentence known but the greetings by name"
    got, put, written = (
        sum(getattr(part, name) for part in (four, others)) / all_made / 1e6 for name in ("got", "put", "written")
    )
    return [
        row("plan all 6,000 sessions", planned.seconds, "s", "500 rows of 12 weeks: read, checked, no session made"),
        row("plan all 6,000 sessions: processor", planned.processor, "s", "the same"),
        row("plan all 6,000 sessions: memory", planned.megabytes, "MB", "the same"),
        *(
            row(f"{name}", made.a_minute, "a minute", f"{known}; on 2 cores")
            for name, made in (("1 worker", one), ("2 workers", two), ("4 workers", four))
        ),
        row("2 workers over 1", two.a_minute / one.a_minute, "x", "the same sessions"),
        row("4 workers over 1", four.a_minute / one.a_minute, "x", "the same sessions, on 2 cores"),
        *(
            row(f"processor of {name}, a session", made.workers / made.count, "s", "of the workers and their encoders")
            for name, made in (("1 worker", one), ("2 workers", two), ("4 workers", four))
        ),
        row("sessions of the sample", all_made, "", "made by 4 workers: 18 clients, all 12 weeks"),
        row("processor of the scheduler, a session", 1000 * _costs(planned, four, others)["scheduler"], "ms", "of all"),
        row("processor of the command, a session", 1000 * _costs(planned, four, others)["client"], "ms", CLIENT),
        row("read from the store, a session", got, "MB", "by 4 workers, none of which has the others' cache"),
        row("written to the store, a session", put, "MB", "the same"),
        row("written to the folder, a session", written, "MB", "the files"),
    ]


CLIENT = "144 sessions against 72, so without what it takes to begin; their checks are in it"


def _costs(planned: Batch, four: Measured, others: Measured) -> dict[str, float]:
    """Seconds of the plan, and a session's processor seconds and bytes."""
    count = four.count + others.count
    return {
        "plan": planned.seconds,
        "worker": (four.workers + others.workers) / count,
        "client": max(0.0, (others.batch.processor - four.batch.processor) / (others.count - four.count)),
        "scheduler": (four.scheduler + others.scheduler) / count,
        "bytes": sum(part.got + part.put + part.written for part in (four, others)) / count,
    }


def projected(machines: int, gigabits: int, costs: Mapping[str, float]) -> dict[str, float]:
    """Seconds for which each is busy with the whole clinic; all work at once, after the plan."""
    count = CLIENTS * WEEKS
    return {
        "workers": ceil(count / (machines * CORES)) * costs["worker"],
        "the command": count * costs["client"],
        "the scheduler": count * costs["scheduler"],
        "the network": count * costs["bytes"] * 8e-9 / gigabits,
    }


def _projected(planned: Batch, four: Measured, others: Measured) -> Iterator[Row]:
    costs = _costs(planned, four, others)
    for gigabits, machines in product(NETWORKS, MACHINES):
        parts = projected(machines, gigabits, costs)
        longest = max(parts, key=lambda part: parts[part])
        told = ", ".join(f"{part} {seconds:.0f} s" for part, seconds in parts.items())
        how = f"computed: the plan {costs['plan']:.0f} s, then at once {told}; longest: {longest}"
        what = f"all 6,000 on {machines} machines of {CORES} cores, {gigabits} Gbit/s"
        yield row(what.replace("1 machines", "1 machine"), costs["plan"] + parts[longest], "s", how)


def measure(settings: Settings) -> list[Row]:
    """Plan all, make the sample, compute the rest; with --long, end and break what takes part in it."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        os.environ["AUDIOGUIDE_CACHE"] = f"{name}/here"
        os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
        try:
            planned = plan(folder / "plan")
            tell(f"planned in {planned.seconds:.0f} s")
            clinic = Clinic(folder)
            tell(f"spoken in {clinic.speak().seconds:.0f} s")
            rest = [one for one in SAMPLE if one not in COMPARED]
            (one,), (two,), (four, others) = clinic.measure(1), clinic.measure(2), clinic.measure(4, rest)
            rows = [*_measured(planned, one, two, four, others), *_projected(planned, four, others)]
            if settings.long:
                from clinic_faults import break_all

                for made in break_all(clinic):
                    tell(f"{made.what}: {made.figure:.0f}; {made.how}")
                    rows.append(made)
        finally:
            del os.environ["AUDIOGUIDE_CACHE"]
    return rows
