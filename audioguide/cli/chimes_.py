"""`audioguide chimes`."""

from __future__ import annotations

import json

import click
import numpy as np

from audioguide.cli.hearing import hear_or_write
from audioguide.cli.notes import show_table
from audioguide.preview import Preview
from audioguide.routine.model import CHIMES, Chime
from audioguide.sound.block import silence
from audioguide.sound.chimes import DESCRIPTIONS, chime
from audioguide.timeline.holding import RELEASE_CHIME, START_CHIME
from audioguide.units import frames

PAUSE = frames(1.0)


@click.group("chimes", invoke_without_command=True)
@click.option("--json", "machine", is_flag=True, help="As JSON.")
@click.pass_context
def command(context: click.Context, machine: bool) -> None:
    """What ends a hold, and begins one too short for words. `preview NAME` lets you hear one."""
    if context.invoked_subcommand:
        return
    if machine:
        rows = [{"name": name, "description": DESCRIPTIONS[name]} for name in CHIMES]
        click.echo(json.dumps(rows, ensure_ascii=False, indent=2))
        return
    show_table((name, DESCRIPTIONS[name]) for name in CHIMES)


@command.command("preview")
@click.argument("name", type=click.Choice(CHIMES))
@click.option("-o", "output", metavar="FILE", help="Write it to a file instead; the ending names the format.")
def preview(name: Chime, output: str | None) -> None:
    """Hear the chime NAME: as it ends a hold, then as it begins a short one."""
    release, start = chime(name, "release", RELEASE_CHIME), chime(name, "start", START_CHIME)
    sound = np.concatenate([silence(PAUSE // 2), release, silence(PAUSE), start, silence(PAUSE)])
    hear_or_write(Preview(len(sound), lambda first, count: sound[first : first + count]), output)
