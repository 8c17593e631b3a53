"""`audioguide show`."""

from __future__ import annotations

import json
from pathlib import Path

import click

from audioguide.cli.notes import ready
from audioguide.cli.opening import keep, opened, planned
from audioguide.cli.options import save_option, session_options
from audioguide.cli.progress import progress
from audioguide.routine.customise import Options
from audioguide.timeline.render import as_json, as_table


@click.command("show")
@click.argument("routine")
@click.option("--json", "machine", is_flag=True, help="As JSON.")
@click.option("--plot", "picture", metavar="FILE", help="As a picture to print, in FILE: .png, .pdf or .svg.")
@session_options
@save_option
def command(routine: str, machine: bool, picture: str | None, options: Options, save: str | None) -> None:
    """The timeline of ROUTINE, an id, a file or a preset: each cue with its start, its length and its step's number."""
    path = None if picture is None else Path(picture)
    if path:
        from audioguide.draw.plot import check_picture

        check_picture(path)
    plan = planned(routine, options, save)
    session = ready(opened(plan, options))
    keep(plan, save)
    with progress() as stage:
        timeline = session.timeline(stage("Speaking"))
    if path:
        session.plot(timeline, path)
    if machine:
        click.echo(json.dumps(as_json(timeline), ensure_ascii=False, indent=1))
    elif path:
        click.echo(str(path))
    else:
        click.echo(as_table(timeline))
