"""`audioguide play`."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable

import click

from audioguide.cli import heed_interruption
from audioguide.cli.notes import ready
from audioguide.cli.opening import keep, opened, planned
from audioguide.cli.options import save_option, session_options
from audioguide.live import Live
from audioguide.player.device import Loudspeaker
from audioguide.player.keys import keyboard
from audioguide.player.play import Progress, play
from audioguide.player.status import status_line
from audioguide.routine.customise import Options


@click.command("play")
@click.argument("routine")
@session_options
@save_option
def command(routine: str, options: Options, save: str | None) -> None:
    """Play the session of ROUTINE, an id, a file or a preset. Space pauses and goes on, q stops."""
    plan = planned(routine, options, save)
    session = ready(opened(plan, options))
    keep(plan, save)
    with session.live() as live, keyboard() as keys:
        try:
            outcome = play(live, Loudspeaker(), _status(live, session.guess()), keys=keys, waiting=session.waiting())
        finally:
            _clear()
    if outcome.underruns:
        click.echo(f"The sound broke off {outcome.underruns} times: this machine was too busy.", err=True)
    if outcome.end == "interrupted":
        raise KeyboardInterrupt


def _status(live: Live, guess: int) -> Callable[[Progress], None]:
    """Shows where the session is, on one line of the terminal; `guess` is its length while that is not known."""

    def show(progress: Progress) -> None:
        heed_interruption()
        if not sys.stderr.isatty():
            return
        note = "paused" if progress.paused else "getting ready" if progress.waiting else ""
        width = shutil.get_terminal_size().columns - 1
        estimated = live.frames is None
        frames = max(guess, live.available) if live.frames is None else live.frames
        line = status_line(live.sections, progress.position, frames, estimated=estimated, note=note, width=width)
        sys.stderr.write(f"\r\x1b[K{line}")
        sys.stderr.flush()

    return show


def _clear() -> None:
    if sys.stderr.isatty():
        sys.stderr.write("\r\x1b[K")
        sys.stderr.flush()
