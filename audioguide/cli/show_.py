"""`audioguide show`."""

from __future__ import annotations

import json

import click

from audioguide.cli.notes import tell
from audioguide.cli.options import session_options
from audioguide.cli.progress import progress
from audioguide.routine.customise import Options
from audioguide.session import open_session
from audioguide.timeline.render import as_json, as_table


@click.command("show")
@click.argument("routine")
@click.option("--json", "machine", is_flag=True, help="As JSON.")
@session_options
def command(routine: str, machine: bool, options: Options) -> None:
    """The timeline of ROUTINE, an id or a file: each cue with its start, its length and its step's number."""
    session = open_session(routine, options)
    tell(session.notes)
    with progress() as stage:
        timeline = session.timeline(stage("Speaking"))
    if machine:
        click.echo(json.dumps(as_json(timeline), ensure_ascii=False, indent=1))
    else:
        click.echo(as_table(timeline))
