"""Opening a file in the person's editor, and saying afterwards what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import click

from audioguide.errors import EnvironmentFailure, Problem


def edit(path: Path) -> None:
    """Open a file in $VISUAL or $EDITOR, and wait. EnvironmentFailure where there is none, or it failed."""
    try:
        click.edit(filename=str(path))
    except click.ClickException as error:
        hint = "Name one in the variable EDITOR, as EDITOR=nano"
        raise EnvironmentFailure(f"{error.format_message().rstrip('.')}. {hint}, or open {path} yourself.") from None


def report(problems: Iterable[Problem]) -> int:
    """Print problems, one a line; the exit code that they make."""
    found = tuple(problems)
    for problem in found:
        click.echo(str(problem))
    return 2 if any(problem.severity == "error" for problem in found) else 0
