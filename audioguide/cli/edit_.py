"""`audioguide edit`."""

from __future__ import annotations

from pathlib import Path
from shlex import quote

import click

from audioguide import resources
from audioguide.checking import check
from audioguide.cli.editing import edit, report
from audioguide.errors import RequestError
from audioguide.files import make_folder, write_text
from audioguide.presets import find_preset, find_sound
from audioguide.resources import shown
from audioguide.routine.load import find


@click.command("edit")
@click.argument("name")
@click.option("--copy", is_flag=True, help="Of a shipped routine, edit a copy of your own, which then stands for it.")
def command(name: str, copy: bool) -> int:
    """Open a routine or a preset of your own, by NAME or as a file, in your editor ($VISUAL, $EDITOR), and check it."""
    if find_sound(name):
        raise RequestError(f"{name} is sound.", f"Write `audioguide import {quote(name)} -o routine.yaml` first.")
    path = find_preset(name) or find(name)
    if not path.is_file():
        raise RequestError(f"There is no file {shown(path)}.", f"Begin one with `audioguide new {quote(shown(path))}`.")
    if name in resources.routines() and not path.is_relative_to(resources.own()):
        if not copy:
            raise RequestError(
                f"{name} came with audioguide, so it is not edited in place.",
                f"Edit a copy of your own, which then stands for it: `audioguide edit {quote(name)} --copy`.",
            )
        path = _copied(path)
    edit(path)
    return report(check(path))


def _copied(path: Path) -> Path:
    copy = resources.own() / "scripts" / path.name
    make_folder(copy.parent)
    write_text(copy, path.read_text("utf-8"))
    undo = f"audioguide delete {quote(path.stem)}"
    click.echo(f"Copied to {shown(copy)}. `{undo}` brings the shipped one back.", err=True)
    return copy
