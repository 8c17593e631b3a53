"""Asks after a session how it felt: one key, and the pose if something hurt. Nobody has to answer."""

import shutil
import sys
import time
from collections.abc import Mapping

import click

from audioguide.cli.console import can_ask
from audioguide.player.history import Felt
from audioguide.player.ui.keyboard import KeyReader, open_keyboard
from audioguide.player.ui.terminal_style import truncate

PATIENCE = 60.0  # seconds without a key after which there is no answer: who lies on a mat need not get up for this
_DEAF = 0.8  # seconds after the end
FELT: Mapping[str, Felt] = {"e": "easier", "r": "right", "h": "harder"}
QUESTION = "How was it?  e easier, r right, h harder, p something hurt, Enter no answer"


def ask_feeling(poses: Mapping[str, str]) -> tuple[Felt | None, tuple[str, ...]]:
    """How it felt and which poses hurt; `poses` are the names of the session's poses by id. Without a terminal nothing
    is asked.
    """
    hurt: dict[str, None] = {}
    if can_ask():
        ignore_keys()
        with open_keyboard() as keys:
            click.echo(QUESTION, err=True)
            while (key := keys.read(PATIENCE)) not in (None, "enter"):
                if key in FELT:
                    click.echo(f"{FELT[key]}. Noted.", err=True)
                    return FELT[key], tuple(hurt)
                if key == "p":
                    hurt |= dict.fromkeys(_choose_pose(keys, poses))
                    click.echo(QUESTION, err=True)
    return None, tuple(hurt)


def ignore_keys() -> None:
    """Let pass what was typed for the player, which has just ended, and is no answer to a question."""
    until = time.monotonic() + _DEAF
    with open_keyboard() as keys:
        while (left := until - time.monotonic()) > 0:
            keys.read(left)


def _choose_pose(keys: KeyReader, poses: Mapping[str, str]) -> tuple[str, ...]:
    """The pose that hurt, chosen by its number or with the arrows; 0 is none."""
    names = ["nothing", *poses.values()]
    for number, name in enumerate(names):
        click.echo(f"{number:>3}  {name}", err=True)
    chosen, key = 0, None
    while key != "enter":
        width = shutil.get_terminal_size().columns - 1
        line = truncate(f"Which one? A number or the arrows, then Enter: {chosen} {names[chosen]}", width)
        sys.stderr.write(f"\r{line}{' ' * (width - len(line))}\r")
        sys.stderr.flush()
        if (key := keys.read(PATIENCE)) is None:
            chosen = 0
            break
        if key in ("up", "down"):
            chosen = (chosen + (1 if key == "down" else -1)) % len(names)
        elif key.isdecimal():
            chosen = next((number for number in (10 * chosen + int(key), int(key)) if number < len(names)), chosen)
    click.echo(err=True)
    return tuple(poses)[chosen - 1 : chosen] if chosen else ()
