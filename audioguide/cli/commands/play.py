"""`audioguide play`."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from audioguide.cli import check_interrupt
from audioguide.cli.console import MessagePrinter, can_ask, print_notes
from audioguide.cli.due import next_option, resolve_given
from audioguide.cli.flags import read_option, save_option, session_options
from audioguide.cli.hands_free import hands_free, open_remote
from audioguide.cli.play_sounds import make_live_sounds
from audioguide.cli.sessions import fit_and_report, open_resolved, read_settings, save_preset
from audioguide.cli.start_position import choose_start, find_first_frame
from audioguide.errors import EnvironmentFailure, RequestError
from audioguide.model.options import OPTIONS, Options, to_arguments
from audioguide.model.selectors import pose_names
from audioguide.player.commands import KeyMap
from audioguide.player.devices import MINIAUDIO, OUTPUTS, create_device
from audioguide.player.player import Player
from audioguide.player.transport import EndReason, PlayerState, TransportState
from audioguide.player.ui.terminal_style import detect_terminal
from audioguide.session.preset import ResolvedRoutine, check_name
from audioguide.session.session import Session
from audioguide.system.process import is_busy
from audioguide.system.remote_cache import take_error
from audioguide.timeline.edits import EditedHold, to_options
from audioguide.timeline.resume import make_bookmark
from audioguide.units import parse_duration

if TYPE_CHECKING:
    from audioguide.export.encoder import Encoder
    from audioguide.player.history import LogEntry, SessionLog


@click.command("play")
@click.argument("routine", required=False)
@next_option
@click.option("--from", "time", metavar="TIME", help="Begin this far into the session, as 3:20.")
@click.option("--start-at", "pose", metavar="POSE", help="Begin with a pose: its id, name or step number.")
@click.option("--resume/--no-resume", default=None, help="Go on where you stopped, or not, without being asked.")
@click.option("--start-in", metavar="TIME", help="Begin after this time, which is counted down: 20s.")
@click.option("--rest-after", metavar="TIME", help="Time to lie still after the session, until a bell: 1m.")
@click.option("--device", metavar="NAME", help="The sound device, or a part of its name. See `audioguide doctor`.")
@click.option("--output", "out", metavar="OUTPUT", default=MINIAUDIO, help=f"What plays it: {', '.join(OUTPUTS)}.")
@click.option("--remote", is_flag=True, help="Show a QR code: a phone that opens it steers the session.")
@click.option("--plain", "one_line", is_flag=True, help="Show one line instead of the whole screen.")
@click.option(
    "--no-questions", is_flag=True, help="Do not ask how it felt. `questions: off` in the settings never asks."
)
@session_options
@save_option
def play_command(
    routine: str | None,
    due: bool,
    time: str | None,
    pose: str | None,
    resume: bool | None,
    start_in: str | None,
    rest_after: str | None,
    device: str | None,
    out: str,
    remote: bool,
    one_line: bool,
    no_questions: bool,
    options: Options,
    save: str | None,
) -> None:
    """Play the session of ROUTINE, an id, a file or a preset. Space pauses and goes on, q stops, ? lists the keys.

    With --next it is what is due of your plans, or of the plan that ROUTINE names.
    """
    sound_device = create_device(out, device, _record_wav)
    around = ("--start-in", start_in), ("--rest-after", rest_after)
    before, after = (read_option(name, text, parse_duration) if text else 0.0 for name, text in around)
    if out.startswith("wav:") and before + after:
        raise RequestError("A file has no time before and after it.", "Leave out --start-in and --rest-after.")
    sound_device.prepare()
    if (given := resolve_given(routine, options, save, due=due)) is None:
        return
    resolved, plan_day = given
    messages, keys = MessagePrinter(), read_settings().keys or KeyMap()
    phones = open_remote(keys) if remote else None
    session = fit_and_report(open_resolved(resolved, messages.tell))
    save_preset(resolved, save)
    with session.stream() as live:
        start = choose_start(session.routine, resolved.key, time=time, pose=pose, resume=resume)
        first = find_first_frame(live, start)
        awake = session.awake and sound_device.audible
        sounds, waiting = make_live_sounds(session, live, before, after, sound_device.audible), session.waiting_sound()
        with Player(live, sound_device, waiting=waiting, start=first, awake=awake, sounds=sounds) as player:
            messages.redirect(player.tell)
            _wait_for_sound(player)
            from audioguide.player.held_poses import HeldPoses
            from audioguide.player.history import Progress, SessionLog, describe_underruns

            def progress(now: PlayerState) -> Progress:
                held.follow(now.version.sections, now.position, now.frames_played)
                bookmark = partial(make_bookmark, session.routine.steps, now.version.sections, now.position)
                return Progress(now.frames_played, now.length, now.underruns, bookmark, held.longest)

            def tick(now: PlayerState) -> None:
                check_interrupt()
                entry.update(progress(now))

            log, held = SessionLog(messages.tell), HeldPoses(session.routine.steps, first)
            about, is_heard = (resolved.key, session.routine.title, start.resumed), sound_device.audible
            recorded = log.begin(*about, plan_day) if is_heard else log.disabled_entry()
            with recorded as entry, hands_free(player, session, phones, audible=is_heard):
                try:
                    end = _show(player, session, one_line, tick, keys)
                finally:
                    messages.redirect(None)  # the screen is gone
                entry.end(end, progress(player.now()))
    print_notes((take_error(),))
    if end == "interrupted":
        save_edits(resolved, live.list_edited_holds(), save, player.now().transport, ask=False)
        raise KeyboardInterrupt
    if gaps := player.outcome.underruns:
        click.echo(f"{describe_underruns(gaps)}{': this machine was too busy' * is_busy()}.", err=True)
    if end == "finished" and entry.counts and not no_questions and read_settings().questions:
        _note_feeling(log, entry, session)
    save_edits(resolved, live.list_edited_holds(), save, player.now().transport)


def _record_wav(path: Path) -> AbstractContextManager[Encoder]:
    from audioguide.session.output import record_wav  # slow to load

    return record_wav(path)


def _wait_for_sound(player: Player) -> None:
    """Wait until the sound begins, 1.5 s at most: loading the log and the screen would delay it."""
    for _ in range(75):
        if player.wait(0.02) or player.now().frames_played:
            return
        check_interrupt()


def _show(
    player: Player, session: Session, one_line: bool, tick: Callable[[PlayerState], None], keys: KeyMap
) -> EndReason:
    """Show the session on the screen or in a line, and obey its keys, until it ends."""
    terminal = detect_terminal(os.environ, sys.stdin, sys.stderr)
    title, guess = session.routine.title, player.now().version.frames or session.outline.timeline.frames
    if terminal.screen and not one_line:
        from audioguide.player.ui.screen import run_screen

        return run_screen(player, session.routine, tick, guess=guess, unicode=terminal.unicode, keymap=keys)
    from audioguide.player.ui.status_line import run_status_line

    line, unicode = terminal.line, terminal.unicode
    return run_status_line(player, tick, title=title, guess=guess, line=line, unicode=unicode, keymap=keys)


def _note_feeling(log: SessionLog, entry: LogEntry, session: Session) -> None:
    from audioguide.cli.ask_feeling import ask_feeling
    from audioguide.session.felt_rules import ASK

    felt, hurt = ask_feeling(pose_names(session.routine.steps))
    try:
        if felt or hurt:
            log.feel(entry.id, felt, hurt)
    except EnvironmentFailure as failure:  # what is asked after this is kept all the same
        click.echo(f"How it felt was not recorded. {failure}", err=True)
    if hurt:
        click.echo(ASK, err=True)


def save_edits(
    resolved: ResolvedRoutine, edits: Sequence[EditedHold], name: str | None, volumes: TransportState, ask: bool = True
) -> None:
    """Save changed holds and volumes in a preset: `name`, or the one that the user answers, if `ask` allows it."""
    saved, notes = to_options(edits, resolved.routine, beyond_limits=resolved.options.beyond_limits)
    print_notes(f"Changed: {edit}" for edit in edits)
    changed = {"voice_level": volumes.voice, "background_level": volumes.background}
    for row in OPTIONS:
        if change := changed.get(row.name):
            before = getattr(resolved.options, row.name) or 0.0
            print_notes([f"Changed: {row.key} {before:+g} → {before + change:+g}"])
            try:
                saved = replace(saved, **{row.name: row.parse(before + change)})
            except ValueError as error:
                notes += (f"The {row.key} is not saved. {error}",)
    print_notes(notes)
    if saved == Options():
        return
    ask = ask and can_ask()
    if name is None and not ask:
        click.echo(f"To keep this, give {to_arguments(saved)} --save NAME the next time.", err=True)
        return
    options = saved.over(resolved.saved_options)
    if name is None:
        from audioguide.cli.ask_feeling import ignore_keys

        ignore_keys()
    while (name := name or _ask_for_name(resolved)) is not None:
        try:
            save_preset(replace(resolved, saved_options=options), name)
            return
        except RequestError as error:
            click.echo(str(error), err=True)
            if not ask:
                return
            name = None


def _ask_for_name(resolved: ResolvedRoutine) -> str | None:
    offer = resolved.preset.name if resolved.preset else f"my-{resolved.routine.id}"
    try:
        check_name(offer)
    except RequestError:
        offer = "mine"
    question = f"Save this as a preset? Type a name, y for {offer}, or Enter for no"
    answer = click.prompt(question, default="", show_default=False, err=True).strip()
    if answer.lower() in ("", "n", "no"):
        return None
    return offer if answer.lower() in ("y", "yes") else answer
