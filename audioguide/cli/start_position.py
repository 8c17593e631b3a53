"""Where playback begins: at the start, where the user left the session, or where the options say."""

from __future__ import annotations

import sys
import time as clock_time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from audioguide.cli import check_interrupt
from audioguide.cli.console import can_ask, print_notes
from audioguide.cli.flags import read_option
from audioguide.errors import RequestError
from audioguide.model.routine import Routine
from audioguide.model.timeline import Section
from audioguide.session.stream import SessionStream
from audioguide.timeline.resume import bookmark_step, find_start, resolve_bookmark, snap_to_word_start
from audioguide.units import format_clock, parse_pause, to_frames

if TYPE_CHECKING:
    from audioguide.player.history import SessionRecord


@dataclass(frozen=True, slots=True)
class StartPosition:
    """Where to begin: `find` gives the frame, None until it is compiled; `resumed` is the session that goes on."""

    find: Callable[[Sequence[Section]], int | None] = lambda sections: 0
    name: str = ""
    resumed: SessionRecord | None = None


def choose_start(
    routine: Routine, key: str, *, time: str | None, pose: str | None, resume: bool | None
) -> StartPosition:
    """The start that the options name. Without options, asks a user who left the session in the middle."""
    if time is not None and pose is not None:
        raise click.UsageError("--from and --start-at are two places to begin at: give one of them.")
    if resume and (time is not None or pose is not None):
        raise click.UsageError("--resume goes on where you stopped: leave out --from and --start-at, or --resume.")
    if time is not None:
        frame = to_frames(read_option("--from", time, parse_pause))
        return StartPosition(lambda sections: snap_to_word_start(sections, frame), time)
    if pose is not None:
        step = bookmark_step(routine.steps, pose)
        return StartPosition(lambda sections: find_start(sections, step), pose)
    if resume is False or (resume is None and not can_ask()):
        return StartPosition()
    from audioguide.player.history import SessionLog

    left = SessionLog(lambda line: click.echo(line, err=True)).unfinished(key)
    mark = resolve_bookmark(left.mark, routine.steps) if left and left.mark else None
    if mark is None:
        print_notes(["There is nothing to resume, so it begins at the start."] if resume else ())
        return StartPosition()
    if resume is None:
        question = f"You stopped at {mark}, {format_clock(to_frames(mark.seconds))} in. Go on from there?"
        if not click.confirm(question, default=True, err=True):
            return StartPosition()
    return StartPosition(lambda sections: find_start(sections, mark), str(mark), left)


def find_first_frame(live: SessionStream, start: StartPosition) -> int:
    """Wait until the session is compiled up to its start, and give that frame. RequestError if it ends before."""
    announced = not sys.stderr.isatty()
    while (frame := start.find(live.sections)) is None:
        check_interrupt()
        if live.failed is not None:
            raise live.failed
        if live.frames is not None and start.find(live.sections) is None:
            raise RequestError(f"The session is only {format_clock(live.frames)} long.", f"Begin before {start.name}.")
        if not announced:
            click.echo(f"Speaking all up to {start.name}, to find where that is.", err=True)
        announced = True
        clock_time.sleep(0.02)
    return frame
