"""A clinic whose workers, scheduler and shared store end in the middle: what is lost, and what made twice."""

from __future__ import annotations

import hashlib
import shutil
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from clinic import SAMPLE, WEEKS, Batch, Clinic, Command, sessions, write_clinic
from clinic_store import Store
from clusters import Cluster
from rows import Row

Break = Callable[[Cluster, Store], None]


@dataclass(frozen=True)
class Outcome:
    """What a broken batch left, after as many runs of the command as it asked for."""

    runs: tuple[Batch, ...]
    lost: int
    unlike: int
    twice: int
    littered: int
    outlived: int


class Watch:
    """Sees every version of the sessions in a folder: a name has more than one when a session is made again."""

    def __init__(self, out: Path) -> None:
        self._out, self._halt = out, threading.Event()
        self._seen: dict[str, set[tuple[int, int]]] = {}
        self._thread = threading.Thread(target=self._look)

    def __enter__(self) -> Watch:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._halt.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._halt.wait(0.05):
            for name, path in sessions(self._out).items():
                found = path.stat()
                self._seen.setdefault(name, set()).add((found.st_ino, found.st_mtime_ns))

    @property
    def twice(self) -> int:
        """How many sessions were made more than once."""
        return sum(len(versions) > 1 for versions in self._seen.values())


def break_all(clinic: Clinic, clients: Sequence[int] = SAMPLE) -> Iterator[Row]:
    """Each way to break it, with a short routine that greets by name; held against the same sessions of one process."""
    reference, count = clinic.folder / "reference", WEEKS * len(clients)
    store = Store(reference)
    file = write_clinic(reference, clients, routines=["short.yaml"])
    whole = Command(file, reference / "out", "--jobs", "1", **store.environment).end()
    assert (whole.code, whole.made) == (0, count), whole.err
    digests = {name: _digest(path) for name, path in sessions(reference / "out").items()}
    for what, known, broken in (
        ("a worker killed", reference / "store", _kill_worker),
        ("the scheduler killed", reference / "store", _kill_scheduler),
        ("the store gone and back", None, _lose_store),
        ("the store read-only", None, _fail_store("read-only")),
        ("the store slow", None, _fail_store("slow")),
        ("the store silent", None, _fail_store("silent")),
    ):
        found = _broken(clinic, clients, known, broken, digests)
        told = "; ".join(f"exit code {run.code}: {' '.join(run.err.splitlines()[-2:])}" for run in found.runs)
        for name, figure, how in (
            ("sessions lost, or unlike those of one process", found.lost + found.unlike, f"on 4 workers; {told}"),
            ("sessions made twice", found.twice, "looked at 20 times a second, until a last run has nothing to make"),
            ("files or processes left over", found.littered + found.outlived, "ten seconds after the end"),
        ):
            yield Row(f"{what}: {name}", figure, f"of {count}", "0", figure == 0, how)


def _broken(
    clinic: Clinic, clients: Sequence[int], store: Path | None, broken: Break, digests: dict[str, str]
) -> Outcome:
    with clinic.cluster(4) as (cluster, shared, place):
        if store:
            shutil.copytree(store, place / "store", dirs_exist_ok=True)
        file, out = write_clinic(place, clients, routines=["short.yaml"]), place / "out"
        with Watch(out) as watch:
            command = Command(file, out, "--scheduler", cluster.address, **shared.environment)
            _until(lambda: len(sessions(out)) >= 3 * len(clients) or command.process.poll() is not None)
            broken(cluster, shared)
            runs = [command.end()]
            while runs[-1].code and len(runs) < 3:
                for worker in cluster.workers:  # without a scheduler they end, when what they make is whole
                    worker.wait(600)
                cluster.mend()
                runs.append(Command(file, out, "--scheduler", cluster.address, **shared.environment).end())
            shared.fail("")
            runs.append(Command(file, out, "--scheduler", cluster.address, **shared.environment).end())
        found = sessions(out)
        littered = sum(path.is_file() and path not in found.values() for path in out.rglob("*"))
    _until(lambda: not _marked(place), 10)
    return Outcome(
        tuple(runs),
        len(digests.keys() - found.keys()),
        sum(_digest(path) != digests.get(name) for name, path in found.items()),
        watch.twice + runs[-1].made,
        littered,
        len(_marked(place)),
    )


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _kill_worker(cluster: Cluster, store: Store) -> None:
    """One ends, and five seconds later another one begins in its place."""
    cluster.workers[0].kill()
    time.sleep(5)
    cluster.mend()


def _kill_scheduler(cluster: Cluster, store: Store) -> None:
    cluster.scheduler.kill()


def _fail_store(fault: str) -> Break:
    return lambda cluster, store: store.fail(fault)


def _lose_store(cluster: Cluster, store: Store) -> None:
    store.fail("gone")
    time.sleep(5)
    store.fail("")


def _until(true: Callable[[], object], seconds: float = 1800.0) -> None:
    end = time.monotonic() + seconds
    while not true() and time.monotonic() < end:
        time.sleep(0.05)


def _marked(place: Path) -> list[int]:
    """Processes of a cluster that still run."""
    found = []
    for folder in Path("/proc").iterdir():
        try:
            alive = folder.name.isdecimal() and f"CLINIC={place}\0".encode() in (folder / "environ").read_bytes()
            if alive and (folder / "stat").read_text().rpartition(")")[2].split()[0] != "Z":
                found.append(int(folder.name))
        except OSError:  # it has just ended, or is somebody else's
            continue
    return found
