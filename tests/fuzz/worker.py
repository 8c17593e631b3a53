"""Runs inputs in a process of its own, under limits: what hangs or fills the memory is a find and not the end."""

from __future__ import annotations

import contextlib
import mmap
import os
import resource
import signal
import struct
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from random import Random
from time import process_time
from typing import Any

from audioguide.system import paths
from fuzz.mutator import mutate
from fuzz.target import LARGEST, MOST_MEMORY, MOST_SECONDS, Outcome, TooMuch, outcome, targets

SIZE = LARGEST + 16  # of what a worker and the runner share: the number of the input, its size, the input


@dataclass(frozen=True)
class Batch:
    """Inputs `first` to `end` of a target, made with this seed from this pool; shapes that are `known` are not news."""

    target: str
    seed: int
    first: int
    end: int
    pool: tuple[bytes, ...]
    known: frozenset[str]


@dataclass(frozen=True)
class News:
    """An input that came out as none before. `seconds` are of processor time."""

    number: int
    data: bytes
    outcome: Outcome
    seconds: float


@dataclass(frozen=True)
class Done:
    """How a batch, or what is told of it so far, came out."""

    accepted: int
    refused: int
    finds: int
    slowest: float
    largest: bytes
    """The input that took the longest."""

    busy: float
    """Seconds of processor time, with the making of inputs."""

    memory: int
    """The most bytes that the process has had in memory, beyond those before the first input."""


def work(connection: Connection, shared: str) -> None:
    """Run batches until the connection ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGPROF, _stop)
    with contextlib.suppress(OSError):
        os.setsid()
    ready, begun = targets(), 0
    paths._yaml_files = _by_folders(paths._yaml_files)
    with Path(shared).open("r+b") as file, mmap.mmap(file.fileno(), SIZE) as note:
        while True:
            try:
                batch: Batch = connection.recv()
            except EOFError:
                return
            if not begun:
                outcome(ready[batch.target].run, batch.pool[0])  # imports what is imported late
                begun = bound_memory()
            connection.send(_run(batch, connection, note, begun))


def bound_memory() -> int:
    """Let this process take no more than `MOST_MEMORY` beyond what it has; returns what it has, in bytes."""
    pages = Path("/proc/self/statm").read_text().split()
    size, resident = (int(count) * mmap.PAGESIZE for count in pages[:2])
    resource.setrlimit(resource.RLIMIT_AS, (size + MOST_MEMORY, resource.RLIM_INFINITY))
    return resident


def _by_folders(find: Callable[..., Any]) -> Callable[..., Any]:
    """The names of files are looked up anew only where a folder has changed: that took a third of the time."""
    found: dict[Any, Any] = {}

    def look_up(*folders: Path) -> Any:
        key = tuple((folder, folder.stat().st_mtime_ns if folder.is_dir() else 0) for folder in folders)
        if key not in found:
            found[key] = find(*folders)
        return dict(found[key])

    return look_up


def _stop(*_: object) -> None:
    raise TooMuch


def _run(batch: Batch, connection: Connection, note: mmap.mmap, begun: int) -> Done:
    target, pool, known = targets()[batch.target], list(batch.pool), set(batch.known)
    started = process_time()
    counts, slowest, worst = {"accepted": 0, "refused": 0, "find": 0}, 0.0, b""
    for number in range(batch.first, batch.end):
        chance = Random(f"{batch.seed} {target.name} {number}")
        data = make_input(number, pool, chance, target.words, target.kind)
        note[: 16 + len(data)] = struct.pack("<QQ", number, len(data)) + data
        came, seconds = run_limited(target.run, data)
        counts[came.kind] += 1
        if seconds > slowest:
            slowest, worst = seconds, data
        if came.shape not in known:
            known.add(came.shape)
            if came.kind != "find":
                pool.append(data)
            connection.send(News(number, data, came, seconds))
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 - begun
    return Done(*counts.values(), slowest, worst, process_time() - started, memory)


def make_input(number: int, pool: list[bytes], chance: Random, words: tuple[str, ...], kind: str) -> bytes:
    """The first inputs are the pool; later ones are made of it, more often of what was found last, and is short."""
    if number < len(pool):
        return pool[number][:LARGEST]
    late = len(pool) // 2 if chance.random() < 0.5 else 0
    one, other = (pool[chance.randrange(late, len(pool))] for _ in range(2))
    return mutate(min(one, other, key=len) if chance.random() < 0.7 else one, chance, pool, words, kind)[:LARGEST]


def run_limited(run: Any, data: bytes) -> tuple[Outcome, float]:
    """How an input comes out within its processor time, and the time; what cannot be stopped ends the process."""
    begun = process_time()
    resource.setrlimit(resource.RLIMIT_CPU, (int(begun) + 3 * MOST_SECONDS, resource.RLIM_INFINITY))
    signal.setitimer(signal.ITIMER_PROF, MOST_SECONDS, 1)
    try:
        came = outcome(run, data)
        signal.setitimer(signal.ITIMER_PROF, 0)
    except TooMuch:  # while its own traceback was being written
        signal.setitimer(signal.ITIMER_PROF, 0)
        came = Outcome("find", "TooMuch", "It could not be stopped in time.")
    seconds = process_time() - begun
    if came.kind != "find" and seconds > MOST_SECONDS:
        came = Outcome("find", "TooMuch", f"It took {seconds:.1f} s.")
    return came, seconds
