"""Parts for the player's tests that go exactly as far as they are told: nothing here depends on the clock."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator

import numpy as np

from audioguide.player.device import Pull
from audioguide.player.feed import Feed
from audioguide.player.pump import Pump
from audioguide.sound.block import Block


def noise(count: int, seed: int = 7) -> Block:
    """Sound in which every frame is unlike any other, and none is silent; whole steps of s16."""
    steps = np.random.default_rng(seed).integers(200, 12_000, (count, 2))
    return (steps / 32_768).astype(np.float32)


class Written:
    """A source that has been rendered already, of which `available` frames are let out."""

    def __init__(self, sound: Block, available: int | None = None, *, known: bool = True, lead_in: int = 0) -> None:
        self.lead_in = lead_in
        self.sound = sound
        self.available = len(sound) if available is None else available
        self.frames = len(sound) if known else None
        self.failed: BaseException | None = None

    def block(self, start: int, count: int) -> Block:
        assert 0 <= start <= start + count <= self.available
        block = self.sound[start : start + count]
        block.flags.writeable = False
        return block


class Level:
    """A background of one constant level, which remembers what it was asked for."""

    def __init__(self, level: float = 0.25) -> None:
        self.level = level
        self.asked: list[tuple[int, int]] = []

    def block(self, start: int, count: int) -> Block:
        self.asked.append((start, count))
        return np.full((count, 2), self.level, np.float32)


class FakeDevice:
    """Takes sound when it is told to, and keeps it. A patient one waits for the pump first, however long that takes."""

    latency = 2_000
    late = 0

    def __init__(self, *, patient: bool = True) -> None:
        self.patient = patient
        self.open_now = False
        self.closed = False
        self.blocks: list[Block] = []
        self._pull: Pull | None = None

    def open(self) -> None:
        self.open_now = True

    def start(self, pull: Pull) -> None:
        self._pull = pull

    def close(self) -> None:
        self.closed = True
        self._pull = None

    def take(self, count: int) -> None:
        assert self._pull is not None
        feed = self._pull.__self__  # type: ignore[attr-defined]
        while self.patient and feed.ahead < count and not feed.ended:
            time.sleep(0)
        self.blocks.append(self._pull(count))

    @property
    def heard(self) -> Block:
        return np.concatenate(self.blocks) if self.blocks else np.zeros((0, 2), np.float32)


class Script:
    """Keys that come by script; waiting for one is what lets the device take its next block, so no time passes.

    Each entry is a key, None for a tick without one, or an exception to be raised. The last one is repeated.
    """

    def __init__(self, device: FakeDevice, entries: Iterable[str | BaseException | None] = (), block: int = 4_410):
        self._device = device
        self._entries: Iterator[str | BaseException | None] = iter(entries)
        self._block = block

    def read(self, timeout: float) -> str | None:
        self._device.take(self._block)
        entry = next(self._entries, None)
        if isinstance(entry, BaseException):
            raise entry
        return entry


def listen(pump: Pump, feed: Feed, count: int) -> Block:
    """What a device hears that takes `count` frames, block by block, from a pump that always has the time it needs."""
    heard = []
    for start in range(0, count, 1_000):
        fill(pump)
        heard.append(feed.take(min(1_000, count - start)))
    return np.concatenate(heard)


def fill(pump: Pump) -> None:
    """Step the pump until there is nothing to do."""
    for _ in range(10_000):
        if not pump.step():
            return
    raise AssertionError("the pump never comes to rest")
