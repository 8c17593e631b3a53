"""Keeps the machine from going to sleep while a session plays, with what the system has for that."""

from __future__ import annotations

import shlex
import subprocess
import sys
import threading
from contextlib import suppress
from shutil import which
from typing import TYPE_CHECKING

from audioguide.system.process import start

if TYPE_CHECKING:
    from audioguide.player.player import Player

NO_SLEEP_LOCK = "This machine may go to sleep while it plays."
_LONGEST_PAUSE, _TURN = 300.0, 1.0  # seconds: until a paused session lets it sleep, and between two looks
_WHO = "--who=audioguide --why='A session plays.' --mode=block"
_COMMANDS = {  # each holds its lock as long as the program runs that it starts
    "linux": (
        f"systemd-inhibit --what=sleep {_WHO}",  # over SSH only the other one may be allowed
        f"systemd-inhibit --what=idle {_WHO}",
        f"elogind-inhibit --what=idle:sleep {_WHO}",
        "gnome-session-inhibit --app-id audioguide --reason 'A session plays.' --inhibit idle:suspend",
    ),
    "darwin": ("caffeinate -i",),
}


def list_holders() -> list[list[str]]:
    """The commands that keep this machine awake until what is given to them ends."""
    commands = (shlex.split(command) for command in _COMMANDS.get(sys.platform, ()))
    return [[*command, "cat"] for command in commands if which(command[0])]


def keep_awake(player: Player, halt: threading.Event, pause: float = _LONGEST_PAUSE, turn: float = _TURN) -> bool:
    """Keep the machine awake until `halt`, but not in a pause that is longer than `pause` seconds.

    The commands end with this process, however that ends: they read from it. False as soon as none of them runs.
    """
    held: list[subprocess.Popen[bytes]] = []
    paused, works = 0.0, True
    while works and not halt.wait(turn):
        paused = paused + turn if player.now().transport.paused else 0.0
        if sys.platform == "win32":
            import ctypes

            ctypes.windll.kernel32.SetThreadExecutionState(0x80000001 if paused < pause else 0x80000000)
        elif paused >= pause:
            _release(held)
        elif not held:
            for command in list_holders():
                with suppress(OSError):
                    held.append(
                        start(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
                    )
            works = bool(held)
        else:
            works = any(child.poll() is None for child in held)
    _release(held)
    return works


def _release(held: list[subprocess.Popen[bytes]]) -> None:
    while held:
        child = held.pop()
        if child.stdin:
            child.stdin.close()
        child.kill()
        child.wait()
