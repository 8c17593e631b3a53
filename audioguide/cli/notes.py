"""What a listener is told about a session on stderr: about its options before it begins, and what comes up later."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterable

import click

from audioguide.cli.progress import progress
from audioguide.session import Session


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


def teller() -> Callable[[str], None]:
    """Prints lines while a session is made, on any thread, each once; a status line makes room."""
    told: set[str] = set()
    lock = threading.Lock()

    def tell(line: str) -> None:
        with lock:
            if line not in told:
                told.add(line)
                click.echo(f"\r\x1b[K{line}" if sys.stderr.isatty() else line, err=True)

    return tell
