"""`audioguide backgrounds`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from audioguide import resources
from audioguide.cli.hearing import hear_or_write
from audioguide.cli.notes import show_table
from audioguide.cli.options import read_option
from audioguide.errors import RoutineError
from audioguide.preview import as_in_a_hold
from audioguide.resources import shown
from audioguide.sound import backgrounds
from audioguide.units import frames, parse_duration

LONGEST = 3600.0
"""Seconds of a preview."""


@click.group("backgrounds", invoke_without_command=True)
@click.option("--json", "machine", is_flag=True, help="As JSON.")
@click.pass_context
def command(context: click.Context, machine: bool) -> None:
    """What can sound in the holds: the shipped backgrounds and your own. `preview NAME` lets you hear one."""
    if context.invoked_subcommand:
        return
    rows = [_facts(name, path) for name, path in sorted(resources.backgrounds().items())]
    if machine:
        click.echo(json.dumps(rows, ensure_ascii=False, indent=2))
        return
    show_table((row["name"], (row["problem"] or row["description"]) + _marks(row)) for row in rows)


@command.command("preview")
@click.argument("name")
@click.option("-o", "output", metavar="FILE", help="Write it to a file instead; the ending names the format.")
@click.option("--seconds", default="20", metavar="TIME", help="How much of it. Default: 20.")
def preview(name: str, output: str | None, seconds: str) -> None:
    """Hear the background NAME, as it sounds in a hold. Space pauses and goes on, q stops."""
    count = _count(seconds)
    hear_or_write(as_in_a_hold(backgrounds.background(name).sound(), count), output)


def _marks(row: dict[str, Any]) -> str:
    marks = [mark for mark, holds in (("stereo only", row["stereo_only"]), ("your own", row["own"])) if holds]
    return f"  ({', '.join(marks)})" if marks else ""


def _count(seconds: str) -> int:
    length = read_option("--seconds", seconds, parse_duration)
    if length > LONGEST:
        raise click.UsageError("--seconds: an hour is the most.")
    return frames(length)


def _facts(name: str, path: Path) -> dict[str, Any]:
    facts = {
        "name": name,
        "description": "",
        "stereo_only": False,
        "own": path.is_relative_to(resources.own()),
        "file": shown(path),
        "problem": None,
    }
    try:
        background = backgrounds.background(name)
    except RoutineError as error:
        first = error.problems[0]
        return facts | {"problem": str(first) if facts["own"] else f"{first.message} {first.hint}"}
    return facts | {"description": background.preset.description, "stereo_only": background.stereo_only}
