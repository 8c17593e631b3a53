"""What a listener is told about the options, on stderr, before the session begins."""

from __future__ import annotations

from collections.abc import Iterable

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
