"""Parts for the player's tests that go exactly as far as they are told: nothing here depends on the clock."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

import numpy as np

from audioguide.errors import AudioguideError
from audioguide.model.timeline import Section
from audioguide.player.buffer import PlaybackBuffer
from audioguide.player.commands import Command, SeekTo
from audioguide.player.devices.device import BlockSource
from audioguide.player.player import Player
from audioguide.player.renderer import RenderAhead
from audioguide.player.source import SessionVersion
from audioguide.sound.block import Block, silence
from audioguide.sound.mixer import Stems
from audioguide.timeline.edit_hold import EditCommand
from audioguide.units import to_frames


def noise(count: int, seed: int = 7) -> Block:
    """Sound in which every frame is unlike any other, and none is silent; whole steps of s16."""
    steps = np.random.default_rng(seed).integers(200, 12_000, (count, 2))
    return (steps / 32_768).astype(np.float32)


class Written:
    """A source that has been rendered already, of which `available` frames are let out, and its only take.

    It is all voice, unless there is a `background` besides. A change puts the next of `takes` in force.
    """

    def __init__(
        self,
        sound: Block,
        available: int | None = None,
        *,
        known: bool = True,
        lead_in: int = 0,
        background: Block | None = None,
        sections: Sequence[Section] = (),
        takes: Sequence[SessionVersion] = (),
    ) -> None:
        self.lead_in = lead_in
        self.sound = sound
        self.available = len(sound) if available is None else available
        self.frames = len(sound) if known else None
        self.failed: BaseException | None = None
        self.sections = sections
        self.version: SessionVersion = self
        self.wishes: list[tuple[EditCommand, int]] = []
        self._background = background
        self._takes = list(takes)

    def stems(self, start: int, count: int) -> Stems:
        assert 0 <= start <= start + count <= self.available
        voice = self.sound[start : start + count]
        voice.flags.writeable = False
        nothing = silence(count)
        return Stems(voice, nothing if self._background is None else self._background[start : start + count], nothing)

    def edit_hold(self, command: EditCommand, position: Callable[[], int], ended: int | None = None) -> str:
        self.wishes.append((command, position()))
        if self._takes:
            self.version = self._takes.pop(0)
        return f"It is {command} now."

    def end_open_hold(self, position: Callable[[], int]) -> None:
        raise AssertionError("nothing is kept going")


class Level:
    """A background of one constant level, which remembers what it was asked for."""

    def __init__(self, level: float = 0.25) -> None:
        self.level = level
        self.asked: list[tuple[int, int]] = []

    def block(self, start: int, count: int) -> Block:
        self.asked.append((start, count))
        return np.full((count, 2), self.level, np.float32)


class Endless:
    """A supply of one level, which never ends, and counts what is taken."""

    ahead = to_frames(3600)
    ended = finished = False
    silence = 0

    def __init__(self, level: float = 0.25) -> None:
        self.level = level
        self.taken = 0

    def take(self, count: int) -> Block:
        self.taken += count
        return np.full((count, 2), self.level, np.float32)


class FakeDevice:
    """Takes sound when it is told to, and keeps it. A patient one waits for the pump first, however long that takes."""

    name = "Fake"
    latency = 2_000
    preroll_frames = 0
    underruns = 0
    outgrown = False

    def __init__(self, *, patient: bool = True) -> None:
        self.patient = patient
        self.lost = False
        self.failed: AudioguideError | None = None
        self.opened = 0
        self.closed = False
        self.blocks: list[Block] = []
        self.supply: BlockSource | None = None

    def prepare(self) -> None:
        pass

    def open(self) -> None:
        self.opened += 1

    def start(self, supply: BlockSource) -> None:
        self.lost = self.closed = False
        self.supply = supply

    def close(self) -> None:
        self.closed = True
        self.supply = None

    def take(self, count: int) -> None:
        """Take so many frames; nothing from a player that is over."""
        until(lambda: self.supply is not None or self.closed)
        supply = self.supply
        if supply is None:
            return
        if self.patient:
            until(lambda: supply.ahead >= count or supply.ended or self.closed)
        self.blocks.append(supply.take(count))

    @property
    def heard(self) -> Block:
        return np.concatenate(self.blocks) if self.blocks else np.zeros((0, 2), np.float32)


def until(done: Callable[[], object], seconds: float = 20.0) -> None:
    """Wait for another thread."""
    late = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < late, "it never comes to that"
        time.sleep(0.0005)


def ask(player: Player, *commands: Command | SeekTo) -> None:
    """Ask for something, and wait until it is done."""
    for command in commands:
        player.do(command)
    done = f"{player.now().message_count} and {len(commands)} are done"
    player.tell(done)
    until(lambda: player.now().message == done or player.wait(0))


def hear(player: Player, device: FakeDevice, block: int = 4_410) -> None:
    """Let the device take all that there is."""
    while not player.wait(0):
        device.take(block)


def listen(pump: RenderAhead, feed: PlaybackBuffer, count: int) -> Block:
    """What a device hears that takes `count` frames, block by block, from a pump that always has the time it needs."""
    heard = []
    for start in range(0, count, 1_000):
        fill(pump)
        heard.append(feed.take(min(1_000, count - start)))
    return np.concatenate(heard)


def fill(pump: RenderAhead) -> None:
    """Step the pump until there is nothing to do."""
    for _ in range(10_000):
        if not pump.step():
            return
    raise AssertionError("the pump never comes to rest")
