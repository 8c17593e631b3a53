"""What a listener is told about the options, on stderr."""

from __future__ import annotations

from collections.abc import Iterable

import click


def tell(notes: Iterable[str]) -> None:
    """Print each note on a line of its own."""
    for note in notes:
        click.echo(note, err=True)
