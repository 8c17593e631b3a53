"""Where a session begins: at its start, where it was left, or where the person says."""

from __future__ import annotations

import sys
import time as clock_time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from audioguide.cli import heed_interruption
from audioguide.cli.flags import read_option
from audioguide.cli.sessions import can_ask
from audioguide.errors import RequestError
from audioguide.model.routine import Routine
from audioguide.model.timeline import Section
from audioguide.session.stream import SessionStream
from audioguide.timeline.resume import bookmark_step, find_start, resolve_bookmark, snap_to_word_start
from audioguide.units import format_clock, parse_pause, to_frames

if TYPE_CHECKING:
    from audioguide.player.history import SessionRecord

_LOOK = 0.02  # seconds between two looks at what is made so far

Find = Callable[[Sequence[Section]], int | None]
"""The frame to begin at, None while it is not there yet."""


@dataclass(frozen=True, slots=True)
class Beginning:
    """How to find the frame, what that is called, and the session in the diary that is gone on with."""

    find: Find
    called: str = ""
    again: SessionRecord | None = None


START = Beginning(lambda sections: 0)


def beginning(routine: Routine, key: str, *, time: str | None, pose: str | None, resume: bool | None) -> Beginning:
    """Where the person wants to begin; asked, if they left that session in the middle and do not say."""
    if time is not None and pose is not None:
        raise click.UsageError("--from and --start-at are two places to begin at: give one of them.")
    if resume and (time is not None or pose is not None):
        raise click.UsageError("--resume goes on where you stopped: leave out --from and --start-at, or --resume.")
    if time is not None:
        frame = to_frames(read_option("--from", time, parse_pause))
        return Beginning(lambda sections: snap_to_word_start(sections, frame), time)
    if pose is not None:
        named = bookmark_step(routine.steps, pose)
        return Beginning(lambda sections: find_start(sections, named), pose)
    return _going_on(routine, key, resume) or START


def _going_on(routine: Routine, key: str, resume: bool | None) -> Beginning | None:
    if resume is False or (resume is None and not can_ask()):
        return None
    from audioguide.player.history import SessionLog

    left = SessionLog(lambda line: click.echo(line, err=True)).unfinished(key)
    mark = resolve_bookmark(left.mark, routine.steps) if left and left.mark else None
    if left is None or mark is None:
        if resume:
            click.echo("There is nothing to go on with: it begins at its start.", err=True)
        return None
    if resume is None:
        far = format_clock(to_frames(mark.seconds))
        question = f"You stopped at {mark}, {far} in. Go on from there?"
        if not click.confirm(question, default=True, err=True):
            return None
    return Beginning(lambda sections: find_start(sections, mark), str(mark), left)


def first_frame(live: SessionStream, begin: Beginning) -> int:
    """The frame to begin at, as soon as that much of the session is made. RequestError where it has no such place."""
    told = False
    while (frame := begin.find(live.sections)) is None:
        heed_interruption()
        if live.failed is not None:
            raise live.failed
        if live.frames is not None and begin.find(live.sections) is None:
            raise RequestError(
                f"The session is only {format_clock(live.frames)} long.", f"Begin before {begin.called}."
            )
        if not told and sys.stderr.isatty():
            click.echo(f"All up to {begin.called} has to be spoken first, to know where that is.", err=True)
        told = True
        clock_time.sleep(_LOOK)
    return frame
