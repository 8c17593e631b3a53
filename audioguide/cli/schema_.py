"""`audioguide schema`."""

from __future__ import annotations

import json
from pathlib import Path

import click

from audioguide.errors import RequestError
from audioguide.files import write_text
from audioguide.routine.schema import FILE, json_schema


@click.command("schema")
@click.option("-o", "output", metavar="FILE", help=f"Write it to a file, as {FILE} beside your routines.")
def command(output: str | None) -> None:
    """The JSON Schema of a routine file, for an editor that checks while you write."""
    text = json.dumps(json_schema(), ensure_ascii=False, indent=2)
    if output is None:
        click.echo(text)
        return
    if Path(output).suffix != ".json":  # the name of a routine would cost somebody's work
        raise RequestError(f"{output} does not end with .json.", f"Write -o {FILE}.")
    write_text(Path(output), text + "\n")
    click.echo(f"{output}  For completion in VS Code, begin a routine beside it with this line:")
    click.echo(f"# yaml-language-server: $schema={Path(output).name}")
