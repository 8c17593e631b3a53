"""What a listener can ask of the player, and the keys for it: those of mpv, where mpv has one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Literal

from audioguide.player.ui.terminal_style import to_ascii


class Command(Enum):
    """One thing to do, with its `keys`, as the settings write them, and what it does (`help`).

    `label` names it in the footer, together with its neighbours of the same label; without one it is not in the footer.
    A presenter's clicker sends pageup and pagedown, and b, a dot, f5 or escape where it blanks or starts a show.
    """

    PAUSE = "space p b . f5 escape", "pause, go on", "pause"
    STOP = "q", "stop", "stop"
    BACK = "left", "5 s back", "5 s"
    FORWARD = "right", "5 s on", "5 s"
    FAR_BACK = "down", "1 min back"
    FAR_FORWARD = "up", "1 min on"
    PREVIOUS = "< pageup", "previous pose or side", "pose"
    NEXT = "> pagedown", "next pose or side", "pose"
    REPEAT = "r", "this pose again"
    SKIP = "s", "skip this pose"
    LONGER = "+", "5 s longer in this hold", "hold"
    SHORTER = "-", "5 s shorter", "hold"
    KEEP = "=", "hold until you press it again", "keep"
    VOICE_DOWN = "9", "voice down", "voice"
    VOICE_UP = "0", "voice up", "voice"
    BACKGROUND_DOWN = "7", "background down"
    BACKGROUND_UP = "8", "background up"
    MUTE = "m", "mute"

    def __init__(self, keys: str, help: str, label: str = "") -> None:
        self.keys, self.help, self.label = tuple(keys.split()), help, label

    @property
    def word(self) -> str:
        """Its name for people: `voice-down`."""
        return self.name.lower().replace("_", "-")


@dataclass(frozen=True, slots=True)
class SeekTo:
    """Go to a frame of the session."""

    frame: int


@dataclass(frozen=True, slots=True)
class Adjust:
    """Set what the listener hears, whatever it was: whether it is `paused`, or the `volume` (0 to 1) of all."""

    field: Literal["paused", "volume"]
    value: float


ASKS: dict[str, Command | Adjust] = {
    **{command.word: command for command in Command},
    "hold": Adjust("paused", True),
    "go": Adjust("paused", False),
}
"""What is asked for from outside, by its word."""

HELP, HINT = "?", "? lists the keys"
SHOW_QR, PHONE_IS_THERE = "c", "A phone steers this session."

NAMED_KEYS = (
    *"space enter tab escape backspace left right up down pageup pagedown home end insert delete".split(),
    *(f"f{number}" for number in range(1, 13)),
)
"""The keys that type no visible sign, as textual names them; the others are the sign that they type."""

_SHOWN = {"left": "←", "right": "→", "up": "↑", "down": "↓"}


class KeyMap:
    """The keys in force: those that the listener gives to a command (`own`), and the program's that are left."""

    def __init__(self, own: Mapping[Command, Sequence[str]] | None = None) -> None:
        self.own = own or {}
        self.qr_code: list[str] = []  # lines that show the address of the remote, if there is one
        taken = {key for keys in self.own.values() for key in keys}
        left = {command: [key for key in command.keys if key not in taken] for command in Command}
        self.keys: dict[Command, Sequence[str]] = {**left, **self.own}
        self.commands = {key: command for command, keys in self.keys.items() for key in keys}

    def format_help(self, *, unicode: bool = True) -> list[str]:
        """The list of keys, one line for each command that has any: all of the listener's, the program's first."""
        shown = {
            " ".join(_SHOWN.get(key, key) for key in (keys if command in self.own else keys[:1])): command.help
            for command, keys in self.keys.items()
            if keys
        }
        shown |= {SHOW_QR: "the address for a phone"} if self.qr_code else {}
        width = max(map(len, shown))
        lines = (f"{keys:<{width}}  {help}" for keys, help in shown.items())
        return [line if unicode else to_ascii(line) for line in lines]
