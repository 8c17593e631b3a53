"""`audioguide new`."""

from __future__ import annotations

import os
from pathlib import Path
from shlex import quote

import click

from audioguide.errors import RequestError
from audioguide.files import write_text
from audioguide.resources import ENDINGS, as_text, shown
from audioguide.routine.schema import FILE as SCHEMA
from audioguide.routine.template import template


@click.command("new")
@click.argument("file")
def command(file: str) -> None:
    """Write a commented routine to start from to FILE, which ends with .yaml and is not there yet."""
    path = Path(file)
    if path.suffix not in ENDINGS:
        raise RequestError(
            f"{file} does not end with .yaml.", f"Write `audioguide new {quote(Path(file).stem or 'mine')}.yaml`."
        )
    if os.path.lexists(path):
        raise RequestError(f"{shown(path)} is there already.", "Choose another name.")
    write_text(path, template(as_text(path.stem), completed=path.with_name(SCHEMA).is_file()))
    typed = quote(file)
    click.echo(f"{file}  Hear it with `audioguide play {typed}`, check it with `audioguide check {typed}`.")
