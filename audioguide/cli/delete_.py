"""`audioguide delete`."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from audioguide import resources
from audioguide.errors import EnvironmentFailure, RequestError
from audioguide.presets import find_preset, made_of
from audioguide.resources import shown
from audioguide.routine.load import find, is_path


@click.command("delete")
@click.argument("name")
@click.option("--yes", is_flag=True, help="Do not ask.")
def command(name: str, yes: bool) -> None:
    """Delete a routine or a preset of your own, by NAME. What came with audioguide stays."""
    path = _file(name)
    presets = () if find_preset(name) else made_of(name)
    if not yes:
        if not sys.stdin.isatty():
            raise RequestError(f"{shown(path)} is deleted for good.", "Add --yes if that is meant.")
        besides = f", of which these presets are made: {', '.join(presets)}" if presets else ""
        if not click.confirm(f"Delete {shown(path)}{besides}?", err=True):
            return
    try:
        path.unlink()
    except OSError as error:
        raise EnvironmentFailure(f"{shown(path)} cannot be deleted: {error.strerror}. Delete it by hand.") from None
    back = " The shipped one stands for it again." if name in resources.routines() else ""
    click.echo(f"Deleted {shown(path)}.{back}", err=True)
    if presets and not back:
        click.echo(f"Without it these presets do nothing: {', '.join(presets)}.", err=True)


def _file(name: str) -> Path:
    if is_path(name):
        raise RequestError("Routines and presets are deleted by name.", "Delete other files as you delete any file.")
    path = find_preset(name) or find(name)
    if not path.is_relative_to(resources.own()):
        raise RequestError(f"{name} came with audioguide, so it stays.", "`delete` is for what is your own.")
    return path
