"""What a person can ask of a session that plays, and the keys that stand for it: mpv's, where mpv has one."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from enum import Enum, auto

from audioguide.player.ui.terminal_style import in_ascii


class Command(Enum):
    """One thing to do, as one key asks for it."""

    PAUSE = auto()
    BACK = auto()
    ON = auto()
    FAR_BACK = auto()
    FAR_ON = auto()
    PREVIOUS = auto()
    NEXT = auto()
    REPEAT = auto()
    SKIP = auto()
    LONGER = auto()
    SHORTER = auto()
    KEEP = auto()
    VOICE_DOWN = auto()
    VOICE_UP = auto()
    BED_DOWN = auto()
    BED_UP = auto()
    MUTE = auto()
    STOP = auto()


@dataclass(frozen=True, slots=True)
class SeekTo:
    """Go to a frame of the session."""

    frame: int


@dataclass(frozen=True, slots=True)
class Binding:
    """The keys of a command, as textual names them, how they are shown, and what the command does.

    `label` is what the foot of the screen says of it, and of those beside it that say the same; nothing without one.
    """

    command: Command
    keys: tuple[str, ...]
    shown: str
    help: str
    label: str = ""


BINDINGS = (
    Binding(Command.PAUSE, ("space", "p"), "space", "pause, go on", "pause"),
    Binding(Command.STOP, ("q",), "q", "stop", "stop"),
    Binding(Command.BACK, ("left",), "←", "5 s back", "5 s"),
    Binding(Command.ON, ("right",), "→", "5 s on", "5 s"),
    Binding(Command.FAR_BACK, ("down",), "↓", "1 min back"),
    Binding(Command.FAR_ON, ("up",), "↑", "1 min on"),
    Binding(Command.PREVIOUS, ("less_than_sign", "pageup"), "<", "previous chapter", "chapter"),
    Binding(Command.NEXT, ("greater_than_sign", "pagedown"), ">", "next chapter", "chapter"),
    Binding(Command.REPEAT, ("r",), "r", "this pose again"),
    Binding(Command.SKIP, ("s",), "s", "skip this pose"),
    Binding(Command.LONGER, ("plus", "plus_sign"), "+", "5 s longer in this hold", "hold"),
    Binding(Command.SHORTER, ("minus", "hyphen_minus"), "-", "5 s shorter", "hold"),
    Binding(Command.KEEP, ("equals_sign",), "=", "hold until you press it again", "keep"),
    Binding(Command.VOICE_DOWN, ("9",), "9", "voice down", "voice"),
    Binding(Command.VOICE_UP, ("0",), "0", "voice up", "voice"),
    Binding(Command.BED_DOWN, ("7",), "7", "background down"),
    Binding(Command.BED_UP, ("8",), "8", "background up"),
    Binding(Command.MUTE, ("m",), "m", "mute"),
)


COMMANDS = {key: binding.command for binding in BINDINGS for key in binding.keys}
"""What each key stands for, by its name."""

HELP = "question_mark"
"""The key that lists the keys."""

HINT = "? lists the keys"


def help_lines(*, unicode: bool = True) -> list[str]:
    """The keys and what they do, a line each."""
    shown = [(binding.shown if unicode else in_ascii(binding.shown), binding.help) for binding in BINDINGS]
    width = max(len(keys) for keys, _ in shown)
    return [f"{keys:<{width}}  {help}" for keys, help in shown]


def key_name(sign: str) -> str:
    """The name of the key that types a sign: itself for letters and digits, "less_than_sign" for "<"."""
    return sign if sign.isalnum() else unicodedata.name(sign, "unknown").lower().replace("-", "_").replace(" ", "_")
