"""`audioguide list`."""

from __future__ import annotations

import json
from typing import Any

import click

from audioguide import resources
from audioguide.cli.options import session_options
from audioguide.errors import RequestError
from audioguide.routine.customise import Options
from audioguide.routine.load import load
from audioguide.session import check_options, session_of
from audioguide.units import RATE, clock


@click.command("list")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@click.option("--tag", metavar="TAG", help="Only routines with this tag.")
@session_options
def command(as_json: bool, tag: str | None, options: Options) -> None:
    """Routines, with their length at these options; ~ where it is a guess because not all is spoken yet.

    A routine that an option does not fit is left out.
    """
    check_options(options)
    rows = []
    for path in resources.routines().values():
        try:
            routine = load(path)
        except RequestError as error:
            click.echo(f"Left out, since it cannot be read: {error}", err=True)
            continue
        if tag and tag.casefold() not in map(str.casefold, routine.tags):
            continue
        try:
            timeline, exact = session_of(routine, options).outline()
        except RequestError:
            continue
        rows.append(
            {
                "id": routine.id,
                "title": routine.title,
                "tags": list(routine.tags),
                "duration": round(timeline.frames / RATE, 3),
                "estimated": not exact,
                "file": routine.file,
            }
        )
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False, indent=2))
    elif not rows:
        click.echo("No routine fits. Try fewer options.", err=True)
    else:
        _table(rows)


def _table(rows: list[dict[str, Any]]) -> None:
    width = max(len(row["id"]) for row in rows)
    for row in rows:
        length = ("~" if row["estimated"] else "") + clock(round(row["duration"] * RATE))
        tags = f"  ({', '.join(row['tags'])})" if row["tags"] else ""
        click.echo(f"{row['id']:<{width}}  {length:>8}  {row['title']}{tags}")
