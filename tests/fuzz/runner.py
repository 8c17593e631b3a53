"""Hands inputs out to worker processes, counts how they come out, and keeps what is found."""

from __future__ import annotations

import multiprocessing
import os
import struct
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from math import ceil
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any

from fuzz.target import Outcome, Target, kept, targets
from fuzz.worker import SIZE, Batch, Done, News, work

BATCH = 1000  # inputs
MOST_POOL = 600  # inputs that others are made from
STANDS_STILL = 600  # seconds without a new input, after which a worker is ended


@dataclass
class Find:
    """What went wrong, the first input that showed it, and by how many inputs it was shown at least."""

    target: str
    outcome: Outcome
    data: bytes
    number: int


@dataclass
class Tally:
    """What became of the inputs of a target."""

    target: Target
    wanted: int
    pool: list[bytes]
    known: set[str] = field(default_factory=set)
    inputs: int = 0
    accepted: int = 0
    refused: int = 0
    failed: int = 0
    slowest: float = 0.0
    worst: bytes = b""
    memory: int = 0
    busy: float = 0.0
    """Seconds of processor time that it took."""

    finds: list[Find] = field(default_factory=list)

    def batch(self, seed: int) -> Batch:
        """What is to be run next."""
        end = min(self.inputs + BATCH, self.wanted)
        return Batch(self.target.name, seed, self.inputs, end, tuple(self.pool), frozenset(self.known))

    def hear(self, news: News) -> None:
        """Keep an input that came out as none before."""
        self.known.add(news.outcome.shape)
        if news.outcome.kind == "find":
            self.finds.append(Find(self.target.name, news.outcome, news.data, news.number))
        elif len(self.pool) < MOST_POOL:
            self.pool.append(news.data)

    def add(self, done: Done) -> None:
        """Count a batch."""
        self.inputs += done.accepted + done.refused + done.finds
        self.accepted, self.refused = self.accepted + done.accepted, self.refused + done.refused
        self.busy += done.busy
        self.failed, self.memory = self.failed + done.finds, max(self.memory, done.memory)
        if done.slowest > self.slowest:
            self.slowest, self.worst = done.slowest, done.largest


class _Worker:
    """A process that runs batches, of one target at a time."""

    def __init__(self, context: Any, folder: Path, name: int) -> None:
        self.context, self.shared = context, folder / f"worker-{name}"
        self.shared.write_bytes(bytes(SIZE))
        self.tally: Tally | None = None
        self.moved = 0.0
        self.number = -1
        self.start()

    def start(self) -> None:
        self.connection, theirs = self.context.Pipe()
        self.process = self.context.Process(target=work, args=(theirs, str(self.shared)), daemon=True)
        self.process.start()
        theirs.close()

    def give(self, tally: Tally, seed: int) -> None:
        self.tally, self.moved = tally, time.monotonic()
        self.batch = tally.batch(seed)
        self.connection.send(self.batch)

    def current(self) -> tuple[int, bytes]:
        """The number of the input that is being run, and the input."""
        raw = self.shared.read_bytes()
        number, size = struct.unpack("<QQ", raw[:16])
        return number, raw[16 : 16 + size]

    def stands_still(self) -> bool:
        with self.shared.open("rb") as file:
            number = struct.unpack("<Q", file.read(8))[0]
        if number != self.number:
            self.number, self.moved = number, time.monotonic()
        return time.monotonic() - self.moved > STANDS_STILL

    def end(self) -> None:
        self.process.kill()
        self.process.join()
        self.connection.close()


def fuzz(
    wanted: Mapping[str, int],
    *,
    seed: int = 1,
    workers: int = 2,
    told: Callable[[Find], None] = lambda find: None,
    progress: Callable[[int], None] = lambda inputs: None,
    until: float = float("inf"),
) -> dict[str, Tally]:
    """Run so many inputs of each target; a target is run by one worker at a time. `until` is of the monotonic clock.

    `told` hears of each find, and `progress` now and then how many inputs were run.
    """
    known = targets()
    tallies = {
        name: Tally(known[name], count, [*dict.fromkeys((*kept(known[name]).values(), *known[name].seeds()))])
        for name, count in wanted.items()
        if count
    }
    context = multiprocessing.get_context("spawn")
    with tempfile.TemporaryDirectory() as folder:
        own = {"AUDIOGUIDE_HOME": f"{folder}/home", "AUDIOGUIDE_CACHE": f"{folder}/cache"}
        before = {name: os.environ.get(name) for name in own}
        os.environ.update(own)
        team = [_Worker(context, Path(folder), number) for number in range(workers)]
        try:
            with suppress(KeyboardInterrupt):  # what was run until then counts
                _lead(team, tallies, seed, told, progress, until)
        finally:
            for worker in team:
                worker.end()
            for name, value in before.items():
                os.environ.pop(name) if value is None else os.environ.__setitem__(name, value)
    return tallies


def _lead(
    team: list[_Worker],
    tallies: Mapping[str, Tally],
    seed: int,
    told: Callable[[Find], None],
    progress: Callable[[int], None],
    until: float,
) -> None:
    while True:
        progress(sum(one.inputs for one in tallies.values()))
        for worker in team:
            at_work = [other.tally for other in team]
            left = [one for one in tallies.values() if one.inputs < one.wanted and one not in at_work]
            if worker.tally is None and left and time.monotonic() < until:
                worker.give(max(left, key=lambda one: (one.wanted - one.inputs) / one.wanted), seed)
        busy = {worker.connection: worker for worker in team if worker.tally}
        if not busy:
            return
        for ready in wait([*busy], timeout=5):
            _listen(busy[ready], ready, told)  # type: ignore[index,arg-type]
        for worker in busy.values():
            if worker.tally and worker.stands_still():
                _lost(worker, "stands still", told)


def _listen(worker: _Worker, connection: Connection, told: Callable[[Find], None]) -> None:
    tally = worker.tally
    assert tally is not None
    try:
        said = connection.recv()
    except (EOFError, ConnectionResetError):
        _lost(worker, "the process died", told)
        return
    if isinstance(said, News):
        tally.hear(said)
        if said.outcome.kind == "find":
            told(tally.finds[-1])
        return
    tally.add(said)
    worker.tally = None


def _lost(worker: _Worker, why: str, told: Callable[[Find], None]) -> None:
    """The input that a worker was at ended it, or never ends: a find. Another worker goes on after it."""
    tally, (number, data) = worker.tally, worker.current()
    assert tally is not None
    worker.process.join(0.5)
    if worker.process.exitcode is not None:
        why += f" ({worker.process.exitcode})"
    worker.end()
    tally.finds.append(Find(tally.target.name, Outcome("find", why), data, number))
    told(tally.finds[-1])
    gone = max(0, number - worker.batch.first)  # how those before it came out is not known: they count as refused
    tally.inputs, tally.refused, tally.failed = tally.inputs + gone + 1, tally.refused + gone, tally.failed + 1
    worker.start()
    worker.tally = None


def share_out(count: int, names: Iterable[str] = ()) -> dict[str, int]:
    """So many inputs among targets (all, if none is named), by their shares and bounds."""
    found = [targets()[name] for name in names or targets()]
    parts: dict[str, int] = {}
    for one in sorted(
        found, key=lambda one: one.most / one.share
    ):  # the bounded ones first: others get what they leave
        whole = sum(other.share for other in found if other.name not in parts)
        parts[one.name] = min(one.most, ceil((count - sum(parts.values())) * one.share / whole))
    return parts
