"""What the commands share: settings and options to a session, progress, messages, writing and playing it."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

import click

from audioguide.cli import heed_interruption
from audioguide.errors import RoutineError
from audioguide.export.formats import format_of
from audioguide.model.options import Options
from audioguide.model.timeline import Timeline
from audioguide.player.source import PlayableSession
from audioguide.schema.document import Document
from audioguide.session.config import Config, read_config
from audioguide.session.open import build_session
from audioguide.session.preset import ResolvedRoutine, check_name, check_source, resolve, save
from audioguide.session.preview import Preview
from audioguide.session.session import Session
from audioguide.speech.voice_speaker import Tell
from audioguide.system.paths import display_path
from audioguide.system.process import share_one_heap
from audioguide.system.remote_cache import take_error
from audioguide.units import format_clock

Stage = Literal["Speaking", "Writing", "Sending", "Sessions"]


@contextmanager
def progress() -> Iterator[Callable[[Stage], Callable[[int, int], None]]]:
    """Gives, for a stage, what is to be told (done, total); its bar shows when that is told first."""
    if not sys.stderr.isatty():
        yield lambda stage: lambda done, total: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description:<9}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bars:

        def of(stage: Stage) -> Callable[[int, int], None]:
            bar = bars.add_task(stage, total=None, visible=False)
            return lambda done, total: bars.update(bar, completed=done, total=total, visible=True)

        yield of


def fit_and_report(session: Session) -> Session:
    """The session with all its options in force, a length to be fitted to included; what came of them is told."""
    with progress() as stage:
        session = session.fitted(stage("Speaking"))
    tell(session.notes)
    return session


def tell(notes: Iterable[str]) -> None:
    """Print each note on a line of its own."""
    for note in notes:
        click.echo(note, err=True)


def tell_trouble() -> None:
    """Say what is wrong with the store that machines share, if that was not said yet."""
    tell(filter(None, (take_error(),)))


def can_ask() -> bool:
    """Whether there is somebody who sees a question and can answer it."""
    return sys.stdin is not None and sys.stdin.isatty() and sys.stderr.isatty()


def show_table(rows: Iterable[Iterable[str]]) -> None:
    """Print rows in columns. On a terminal the last one is wrapped within its column; elsewhere no line is broken."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table.grid(padding=(0, 2, 0, 0))
    for row in rows:
        table.add_row(*map(Text, row))
    for column in table.columns[:-1]:
        column.no_wrap = True
    console = Console(width=None if sys.stdout.isatty() else 10_000)
    with console.capture() as printed:
        console.print(table)
    for line in printed.get().splitlines():
        click.echo(line.rstrip())


def show_address(address: str) -> None:
    """Print an address that a phone is to open, on a terminal with its code to be scanned."""
    click.echo(address)
    sys.stdout.flush()
    if sys.stderr.isatty():
        from audioguide.web.send import render_qr_text

        click.echo(render_qr_text(address), err=True)


class MessagePrinter:
    """What a listener is told while a session is made, on any thread, each line once: on stderr, until something else
    that shows lines takes it.
    """

    def __init__(self) -> None:
        self._told: set[str] = set()
        self._lock = threading.Lock()
        self._show: Callable[[str], None] | None = None

    def tell(self, line: str) -> None:
        """Show a line, if it was not shown yet."""
        with self._lock:
            if line not in self._told:
                self._told.add(line)
                (self._show or _print)(line)

    def pass_on(self, show: Callable[[str], None] | None) -> None:
        """From now on `show` is handed the lines; with None they are printed again."""
        self._show = show


def _print(line: str) -> None:
    """A status line makes room."""
    click.echo(f"\r\x1b[K{line}" if sys.stderr.isatty() else line, err=True)


def read_settings() -> Config:
    """The person's settings. RoutineError with all that is wrong with them, and where."""
    config = read_config()
    _check_names(config.document)
    return config


def resolve_routine(source: str, options: Options, save_as: str | None = None) -> ResolvedRoutine:
    """What a command makes a session of; `save_as` is the preset that the options shall be kept as."""
    if save_as is not None:
        check_name(save_as)
    resolved = resolve(source, options, read_settings())
    if save_as is not None:
        check_source(resolved)
    if resolved.preset:
        _check_names(resolved.preset.document)
    return resolved


def open_resolved(resolved: ResolvedRoutine, tell: Tell | None = None) -> Session:
    """The session of a resolved routine. What `tell` would be told is printed without it."""
    return build_session(resolved, tell or MessagePrinter().tell)


def save_preset(resolved: ResolvedRoutine, name: str | None) -> None:
    """Save the options as a preset, if that was asked for, and say where it is."""
    if name is not None:
        click.echo(f"Saved as {display_path(save(name, resolved))}: `audioguide play {name}`.", err=True)


def _check_names(document: Document | None) -> None:
    if document:
        from audioguide.session.check import find_unknown_names  # slow to load, and most people have neither file

        if problems := tuple(find_unknown_names(document)):
            raise RoutineError(problems)


def write(
    session: Session,
    path: Path,
    *,
    mono: bool = False,
    bitrate: int | None = None,
    stems: bool = False,
    captions: Sequence[str] = (),
    chapters: Sequence[str] = (),
) -> Timeline:
    """Export a session as `Session.export` does, and show how far it is."""
    share_one_heap()
    guess = session.outline.timeline.frames
    with progress() as stage:
        writing = stage("Writing")

        def tell_written(frames: int, known: int) -> None:
            heed_interruption()
            writing(frames, max(guess, known))

        timeline = session.export(
            path,
            mono=mono,
            bitrate=bitrate,
            stems=stems,
            captions=captions,
            chapters=chapters,
            spoken=stage("Speaking"),
            written=tell_written,
        )
    tell_trouble()
    return timeline


def hear(sound: PlayableSession) -> None:
    """Play it on the loudspeaker; space pauses. Raises KeyboardInterrupt when it is broken off."""
    from audioguide.player.devices.miniaudio import Loudspeaker
    from audioguide.player.player import Player
    from audioguide.player.ui.status_line import run_status_line

    with Player(sound, Loudspeaker()) as player:
        end = run_status_line(player, lambda _: heed_interruption(), line=False)
    if end == "interrupted":
        raise KeyboardInterrupt
    _ = player.outcome  # which raises what it failed with


def hear_or_write(sound: Preview, output: str | None) -> None:
    """Play it, or write it to a file whose ending names the format."""
    if output is None:
        hear(sound)
        return
    path = Path(output)
    format_of(path)
    with progress() as stage:
        writing = stage("Writing")

        def tell(done: int) -> None:
            heed_interruption()
            writing(done, sound.frames)

        sound.write(path, tell)
    click.echo(f"{path}  {format_clock(sound.frames)}")
