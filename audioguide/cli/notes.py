"""What a listener is told about a session on stderr: about its options before it begins, and what comes up later."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterable

import click

from audioguide.cli.progress import progress
from audioguide.session import Session
from audioguide.shared import new_trouble


def ready(session: Session) -> Session:
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
    tell(filter(None, (new_trouble(),)))


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
        from audioguide.web.qr import terminal

        click.echo(terminal(address), err=True)


class News:
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
