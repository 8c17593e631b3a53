"""What a listener can ask of the player, and the keys for it: those of mpv, where mpv has one."""

import unicodedata
from dataclasses import dataclass
from enum import Enum

from audioguide.player.ui.terminal_style import to_ascii


class Command(Enum):
    """One thing to do, with its `keys`, as textual names them, how they are `shown`, and what it does (`help`).

    `label` names it in the footer, together with its neighbours of the same label; without one it is not in the footer.
    """

    PAUSE = ("space", "p"), "space", "pause, go on", "pause"
    STOP = ("q",), "q", "stop", "stop"
    BACK = ("left",), "←", "5 s back", "5 s"
    FORWARD = ("right",), "→", "5 s on", "5 s"
    FAR_BACK = ("down",), "↓", "1 min back"
    FAR_FORWARD = ("up",), "↑", "1 min on"
    PREVIOUS = ("less_than_sign", "pageup"), "<", "previous pose or side", "pose"
    NEXT = ("greater_than_sign", "pagedown"), ">", "next pose or side", "pose"
    REPEAT = ("r",), "r", "this pose again"
    SKIP = ("s",), "s", "skip this pose"
    LONGER = ("plus", "plus_sign"), "+", "5 s longer in this hold", "hold"
    SHORTER = ("minus", "hyphen_minus"), "-", "5 s shorter", "hold"
    KEEP = ("equals_sign",), "=", "hold until you press it again", "keep"
    VOICE_DOWN = ("9",), "9", "voice down", "voice"
    VOICE_UP = ("0",), "0", "voice up", "voice"
    BACKGROUND_DOWN = ("7",), "7", "background down"
    BACKGROUND_UP = ("8",), "8", "background up"
    MUTE = ("m",), "m", "mute"

    def __init__(self, keys: tuple[str, ...], shown: str, help: str, label: str = "") -> None:
        self.keys, self.shown, self.help, self.label = keys, shown, help, label


@dataclass(frozen=True, slots=True)
class SeekTo:
    """Go to a frame of the session."""

    frame: int


COMMANDS = {key: command for command in Command for key in command.keys}  # the command of each key, by the key's name

HELP, HINT = "question_mark", "? lists the keys"


def format_help(*, unicode: bool = True) -> list[str]:
    """The list of keys, one line for each command."""
    shown = [(command.shown if unicode else to_ascii(command.shown), command.help) for command in Command]
    width = max(len(keys) for keys, _ in shown)
    return [f"{keys:<{width}}  {help}" for keys, help in shown]


def name_key(sign: str) -> str:
    """The name of the key that types a sign: "a" for "a", "less_than_sign" for "<"."""
    name = "enter" if sign in "\r\n" else unicodedata.name(sign, "unknown").lower()
    return sign if sign.isalnum() else name.replace("-", "_").replace(" ", "_")
