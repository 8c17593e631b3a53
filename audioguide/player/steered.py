"""What a screen or a line needs of the player, and the keys that steer it."""

from __future__ import annotations

from typing import Protocol

from audioguide.player.command import BINDINGS, Command, SeekTo
from audioguide.player.looks import in_ascii
from audioguide.player.now import Now

COMMANDS = {key: binding.command for binding in BINDINGS for key in binding.keys}
"""What each key stands for, by its name."""

HELP = "question_mark"
"""The key that lists the keys."""

HINT = "? lists the keys"


class Steered(Protocol):
    """A player as those see it who show and steer it."""

    def do(self, command: Command | SeekTo) -> None:
        """Ask for something."""

    def now(self) -> Now:
        """How things are."""

    def wait(self, timeout: float) -> bool:
        """Whether it is over, for which it waits so many seconds at most."""

    def suspend(self) -> None:
        """Fade to silence before the process is stopped."""

    def resume(self) -> None:
        """Go on after that."""


def help_lines(*, unicode: bool = True) -> list[str]:
    """The keys and what they do, a line each."""
    shown = [(binding.shown if unicode else in_ascii(binding.shown), binding.help) for binding in BINDINGS]
    width = max(len(keys) for keys, _ in shown)
    return [f"{keys:<{width}}  {help}" for keys, help in shown]
