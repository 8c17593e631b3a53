"""`audioguide list`."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import click

from audioguide import resources
from audioguide.cli.opening import standing
from audioguide.cli.options import session_options
from audioguide.errors import RequestError
from audioguide.opening import check_options, session_of_plan
from audioguide.presets import plan
from audioguide.routine.customise import Options
from audioguide.units import RATE, clock


@dataclass(frozen=True, slots=True)
class Row:
    """A routine or a preset as `list --json` has it, and the routine of a preset."""

    facts: dict[str, Any]
    preset_of: str | None


@click.command("list")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@click.option("--tag", metavar="TAG", help="Only routines with this tag.")
@click.option("--save", hidden=True)
@session_options
def command(as_json: bool, tag: str | None, save: str | None, options: Options) -> None:
    """Routines and presets, with their length at these options; ~ where it is a guess because not all is spoken yet.

    A routine that an option does not fit is left out.
    """
    if save is not None:
        raise RequestError("A preset is of one routine.", f"Write `audioguide show ROUTINE --save {save}`.")
    check_options(options)
    under = standing().options
    rows = []
    for path in (*resources.routines().values(), *resources.presets().values()):
        try:
            found = plan(path, options, under)
        except RequestError as error:
            click.echo(f"Left out, since it cannot be used: {error}", err=True)
            continue
        routine = found.routine
        if tag and tag.casefold() not in map(str.casefold, routine.tags):
            continue
        try:
            timeline, exact = session_of_plan(found).outline()
        except RequestError:
            continue
        facts = {
            "id": routine.id,
            "title": routine.title,
            "tags": list(routine.tags),
            "duration": round(timeline.frames / RATE, 3),
            "estimated": not exact,
            "file": routine.file,
        }
        rows.append(Row(facts, found.source if found.preset else None))
    if as_json:
        click.echo(json.dumps([row.facts for row in rows], ensure_ascii=False, indent=2))
    elif not rows:
        click.echo("No routine fits. Try fewer options.", err=True)
    else:
        _table(rows)


def _table(rows: list[Row]) -> None:
    width = max(len(row.facts["id"]) for row in rows)
    for row in rows:
        facts = row.facts
        length = ("~" if facts["estimated"] else "") + clock(round(facts["duration"] * RATE))
        marks = f"  ({', '.join(facts['tags'])})" if facts["tags"] else ""
        if row.preset_of:
            marks = f"  (preset of {row.preset_of})"
        click.echo(f"{facts['id']:<{width}}  {length:>8}  {facts['title']}{marks}")
