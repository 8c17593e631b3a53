"""What commands do with sessions: make one of a routine, the options and the settings; write it; play it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from audioguide.cli import check_interrupt
from audioguide.cli.console import MessagePrinter, print_notes, progress
from audioguide.errors import RoutineError
from audioguide.model.options import Options
from audioguide.model.timeline import Timeline
from audioguide.schema.document import Document
from audioguide.session.config import Config, read_config
from audioguide.session.open import build_session
from audioguide.session.preset import ResolvedRoutine, check_name, check_source, resolve, save
from audioguide.session.session import Session
from audioguide.speech.voice_speaker import Tell
from audioguide.system.paths import display_path
from audioguide.system.process import share_one_heap
from audioguide.system.remote_cache import take_error
from audioguide.units import format_clock

if TYPE_CHECKING:
    from audioguide.player.source import PlayableSession
    from audioguide.session.preview import Preview


def read_settings() -> Config:
    """The user's settings. RoutineError with all that is wrong with them, and where."""
    config = read_config()
    _check_names(config.document)
    return config


def resolve_routine(source: str, options: Options, save_as: str | None = None) -> ResolvedRoutine:
    """The routine of an id, a file or a preset, with options and settings; `save_as` is checked as a preset's name."""
    resolved = resolve(source, options, read_settings())
    if save_as is not None:
        check_name(save_as)
        check_source(resolved)
    if resolved.preset:
        _check_names(resolved.preset.document)
    return resolved


def _check_names(document: Document | None) -> None:
    if document:
        from audioguide.session.check import find_unknown_names  # slow to load, and most people have neither file

        if problems := tuple(find_unknown_names(document)):
            raise RoutineError(problems)


def open_resolved(resolved: ResolvedRoutine, tell: Tell | None = None) -> Session:
    """The session of a resolved routine. Its messages go to `tell`, or else are printed."""
    return build_session(resolved, tell or MessagePrinter().tell)


def fit_and_report(session: Session) -> Session:
    """The session fitted to the length that was asked for, if any; prints what came of the options."""
    with progress() as stage:
        session = session.fit(stage("Speaking"))
    print_notes(session.notes)
    return session


def save_preset(resolved: ResolvedRoutine, name: str | None) -> None:
    """Save the options as a preset, unless the name is None, and print where it is."""
    if name is not None:
        click.echo(f"Saved as {display_path(save(name, resolved))}: `audioguide play {name}`.", err=True)


def write(session: Session, path: Path, **settings: Any) -> Timeline:
    """Export a session with the settings of `Session.export`, and show the progress."""
    share_one_heap()
    guess = session.outline.timeline.frames
    with progress() as stage:
        writing = stage("Writing")

        def show_written(frames: int, known: int) -> None:
            check_interrupt()
            writing(frames, max(guess, known))

        timeline = session.export(path, **settings, spoken=stage("Speaking"), written=show_written)
    print_notes((take_error(),))
    return timeline


def play_preview(sound: PlayableSession) -> None:
    """Play a sound on the loudspeaker; space pauses. KeyboardInterrupt when the user stops it."""
    from audioguide.player.devices.miniaudio import Loudspeaker
    from audioguide.player.player import Player
    from audioguide.player.ui.status_line import run_status_line

    with Player(sound, Loudspeaker(), awake=True) as player:
        end = run_status_line(player, lambda _: check_interrupt(), line=False)
    if end == "interrupted":
        raise KeyboardInterrupt
    _ = player.outcome  # raises the error that ended it


def play_or_write(sound: Preview, output: str | None) -> None:
    """Play a sound, or write it to a file whose ending names the format."""
    if output is None:
        play_preview(sound)
        return
    path = Path(output)
    with progress() as stage:
        writing = stage("Writing")

        def show_written(done: int) -> None:
            check_interrupt()
            writing(done, sound.frames)

        sound.write(path, show_written)
    click.echo(f"{path}  {format_clock(sound.frames)}")


def play_or_export(session: Session, output: str | None) -> None:
    """Play a short session, or export it to a file whose ending names the format."""
    if output is not None:
        path = Path(output)
        click.echo(f"{path}  {format_clock(write(session, path).frames)}")
        return
    session.compile()  # reports what the voice cannot say before a loudspeaker is looked for
    with session.stream() as live:
        play_preview(live)
