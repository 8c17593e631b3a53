"""`audioguide play`."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from audioguide.cli import heed_interruption
from audioguide.cli.flags import save_option, session_options
from audioguide.cli.save_edits import offer_to_keep
from audioguide.cli.sessions import (
    MessagePrinter,
    fit_and_report,
    open_resolved,
    resolve_routine,
    save_preset,
    tell_trouble,
)
from audioguide.cli.start_position import beginning, first_frame
from audioguide.model.options import Options
from audioguide.player.devices.device import MINIAUDIO, OUTPUTS, create_device
from audioguide.player.player import Player
from audioguide.player.transport import EndReason, PlayerState
from audioguide.player.ui.terminal_style import detect_terminal
from audioguide.session.session import Session
from audioguide.timeline.resume import make_bookmark

if TYPE_CHECKING:
    from audioguide.export.encoder import Encoder

_LOOK = 0.02  # seconds between two looks at whether it has begun
_LOOKS = 75


@click.command("play")
@click.argument("routine")
@click.option("--from", "time", metavar="TIME", help="Begin so far into the session, as 3:20.")
@click.option("--start-at", "pose", metavar="POSE", help="Begin with a pose: its id, name or step number.")
@click.option("--resume/--no-resume", default=None, help="Go on where you stopped, or don't, without being asked.")
@click.option("--device", metavar="NAME", help="The sound device, or a part of its name. See `audioguide doctor`.")
@click.option("--output", "out", metavar="OUTPUT", default=MINIAUDIO, help=f"What plays it: {', '.join(OUTPUTS)}.")
@click.option("--plain", "one_line", is_flag=True, help="One line instead of the whole screen.")
@session_options
@save_option
def play_command(
    routine: str,
    time: str | None,
    pose: str | None,
    resume: bool | None,
    device: str | None,
    out: str,
    one_line: bool,
    options: Options,
    save: str | None,
) -> None:
    """Play the session of ROUTINE, an id, a file or a preset. Space pauses and goes on, q stops, ? lists the keys."""
    sound_device = create_device(out, device, _record_wav)
    sound_device.prepare()
    resolved = resolve_routine(routine, options, save)
    news = MessagePrinter()
    session = fit_and_report(open_resolved(resolved, news.tell))
    save_preset(resolved, save)
    with session.live() as live:
        begin = beginning(session.routine, resolved.key, time=time, pose=pose, resume=resume)
        start = first_frame(live, begin)
        with Player(live, sound_device, waiting=session.waiting(), start=start) as player:
            news.pass_on(player.tell)
            _let_it_begin(player)
            from audioguide.player.history import Progress, SessionLog, describe_underruns

            def progress(now: PlayerState) -> Progress:
                left = partial(make_bookmark, session.routine.steps, now.version.sections, now.position)
                return Progress(now.frames_played, now.length, now.underruns, left)

            def tick(now: PlayerState) -> None:
                heed_interruption()
                entry.update(progress(now))

            diary = SessionLog(news.tell)  # what nobody hears is not in it
            title = session.routine.title
            with (
                diary.begin(resolved.key, title, begin.again)
                if sound_device.audible
                else diary.disabled_entry() as entry
            ):
                try:
                    end = _attend(player, session, one_line, tick)
                finally:
                    news.pass_on(None)  # the screen is gone
                entry.end(end, progress(player.now()))
    tell_trouble()
    if end == "interrupted":
        offer_to_keep(resolved, live.changed(), save, ask=False)
        raise KeyboardInterrupt
    if gaps := player.outcome.underruns:
        click.echo(f"{describe_underruns(gaps)}: this machine was too busy.", err=True)
    offer_to_keep(resolved, live.changed(), save)


def _record_wav(path: Path) -> AbstractContextManager[Encoder]:
    from audioguide.session.output import record_wav  # what it needs takes a while to load

    return record_wav(path)


def _attend(player: Player, session: Session, one_line: bool, tick: Callable[[PlayerState], None]) -> EndReason:
    """Show it and steer it by what there is of a terminal, until it is over."""
    seen = detect_terminal(os.environ, sys.stdin, sys.stderr)
    title, guess = session.routine.title, player.now().version.frames or session.outline.timeline.frames
    if seen.screen and not one_line:
        from audioguide.player.ui.screen import run_screen

        return run_screen(player, title, tick, guess=guess, unicode=seen.unicode)
    from audioguide.player.ui.status_line import run_status_line

    return run_status_line(player, tick, title=title, guess=guess, line=seen.line, unicode=seen.unicode)


def _let_it_begin(player: Player) -> None:
    """The sound comes first: what a diary and a screen need takes a while to load, and would take the time from it."""
    for _ in range(_LOOKS):
        if player.wait(_LOOK) or player.now().frames_played:
            return
        heed_interruption()
