"""A message bus of the desktop, in a process of its own, and a session that plays with it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from pulse import wait_until

TEN_POSES = (
    "title: Ten minutes\ndefaults: {background: none, cues: {countdown: off}}\nsteps:\n"
    + "  - {pose: {name: Twist, hold: 1m, sides: [left side, right side]}}\n"
    + "  - {pose: {name: Bend, hold: 1m}}\n" * 9
)


@dataclass
class Bus:
    """A running dbus-daemon."""

    process: subprocess.Popen[str]
    address: str

    @property
    def environment(self) -> dict[str, str]:
        return {"DBUS_SESSION_BUS_ADDRESS": self.address, "DBUS_SYSTEM_BUS_ADDRESS": self.address}

    def playerctl(self, *arguments: str) -> str:
        """What `playerctl` prints; empty where it fails."""
        command = ["playerctl", "-p", "audioguide", *arguments]
        done = subprocess.run(command, env=os.environ | self.environment, capture_output=True, text=True, timeout=30)
        return done.stdout.strip()


@contextmanager
def running_bus() -> Iterator[Bus]:
    command = ["dbus-daemon", "--session", "--nofork", "--print-address"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout
        try:
            yield Bus(process, process.stdout.readline().strip())
        finally:
            process.kill()


@contextmanager
def playing(routine, environment: dict[str, str], *options: str) -> Iterator[subprocess.Popen[str]]:
    """A session that plays to nobody, in real time."""
    command = [sys.executable, "-m", "audioguide", "play", str(routine), "--output", "null", *options]
    pipe, env = subprocess.PIPE, os.environ | environment
    with subprocess.Popen(command, env=env, stdin=subprocess.DEVNULL, stdout=pipe, stderr=pipe, text=True) as child:
        try:
            yield child
        finally:
            with suppress(ProcessLookupError):
                child.kill()


def until_shows(bus: Bus, wanted: str, *arguments: str) -> None:
    wait_until(lambda: bus.playerctl(*arguments) == wanted, f"{' '.join(arguments)} to be {wanted!r}", seconds=60)
