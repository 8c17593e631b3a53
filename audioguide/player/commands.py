"""What a listener can ask of the player, and the keys for it: those of mpv, where mpv has one."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from enum import Enum, auto

from audioguide.player.ui.terminal_style import to_ascii


class Command(Enum):
    """One thing to do."""

    PAUSE = auto()
    BACK = auto()
    FORWARD = auto()
    FAR_BACK = auto()
    FAR_FORWARD = auto()
    PREVIOUS = auto()
    NEXT = auto()
    REPEAT = auto()
    SKIP = auto()
    LONGER = auto()
    SHORTER = auto()
    KEEP = auto()
    VOICE_DOWN = auto()
    VOICE_UP = auto()
    BACKGROUND_DOWN = auto()
    BACKGROUND_UP = auto()
    MUTE = auto()
    STOP = auto()


@dataclass(frozen=True, slots=True)
class SeekTo:
    """Go to a frame of the session."""

    frame: int


@dataclass(frozen=True, slots=True)
class KeyBinding:
    """The keys of a command, as textual names them, how they are shown, and what the command does.

    `label` names it in the footer, together with its neighbours of the same label; without one it is not in the footer.
    """

    command: Command
    keys: tuple[str, ...]
    shown: str
    help: str
    label: str = ""


BINDINGS = (
    KeyBinding(Command.PAUSE, ("space", "p"), "space", "pause, go on", "pause"),
    KeyBinding(Command.STOP, ("q",), "q", "stop", "stop"),
    KeyBinding(Command.BACK, ("left",), "←", "5 s back", "5 s"),
    KeyBinding(Command.FORWARD, ("right",), "→", "5 s on", "5 s"),
    KeyBinding(Command.FAR_BACK, ("down",), "↓", "1 min back"),
    KeyBinding(Command.FAR_FORWARD, ("up",), "↑", "1 min on"),
    KeyBinding(Command.PREVIOUS, ("less_than_sign", "pageup"), "<", "previous chapter", "chapter"),
    KeyBinding(Command.NEXT, ("greater_than_sign", "pagedown"), ">", "next chapter", "chapter"),
    KeyBinding(Command.REPEAT, ("r",), "r", "this pose again"),
    KeyBinding(Command.SKIP, ("s",), "s", "skip this pose"),
    KeyBinding(Command.LONGER, ("plus", "plus_sign"), "+", "5 s longer in this hold", "hold"),
    KeyBinding(Command.SHORTER, ("minus", "hyphen_minus"), "-", "5 s shorter", "hold"),
    KeyBinding(Command.KEEP, ("equals_sign",), "=", "hold until you press it again", "keep"),
    KeyBinding(Command.VOICE_DOWN, ("9",), "9", "voice down", "voice"),
    KeyBinding(Command.VOICE_UP, ("0",), "0", "voice up", "voice"),
    KeyBinding(Command.BACKGROUND_DOWN, ("7",), "7", "background down"),
    KeyBinding(Command.BACKGROUND_UP, ("8",), "8", "background up"),
    KeyBinding(Command.MUTE, ("m",), "m", "mute"),
)


COMMANDS = {key: binding.command for binding in BINDINGS for key in binding.keys}
"""The command of each key, by the key's name."""

HELP = "question_mark"
"""The key that lists the keys."""

HINT = "? lists the keys"


def format_help(*, unicode: bool = True) -> list[str]:
    """The list of keys, one line for each command."""
    shown = [(binding.shown if unicode else to_ascii(binding.shown), binding.help) for binding in BINDINGS]
    width = max(len(keys) for keys, _ in shown)
    return [f"{keys:<{width}}  {help}" for keys, help in shown]


def name_key(sign: str) -> str:
    """The name of the key that types a sign: "a" for "a", "less_than_sign" for "<"."""
    return sign if sign.isalnum() else unicodedata.name(sign, "unknown").lower().replace("-", "_").replace(" ", "_")
