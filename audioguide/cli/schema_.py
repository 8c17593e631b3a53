"""`audioguide schema`."""

from __future__ import annotations

import json

import click

from audioguide.routine.written import json_schema


@click.command("schema")
def command() -> None:
    """The JSON Schema of a routine file, for an editor that checks while you write."""
    click.echo(json.dumps(json_schema(), ensure_ascii=False, indent=2))
