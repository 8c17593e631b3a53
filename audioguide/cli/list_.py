"""`audioguide list`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from shlex import quote
from typing import Any

import click

from audioguide import resources
from audioguide.cli.notes import show_table, tell
from audioguide.cli.opening import standing
from audioguide.cli.options import session_options
from audioguide.errors import RequestError
from audioguide.opening import check_options, session_of_plan, works
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
def command(as_json: bool, tag: str | None, save: str | None, options: Options) -> int:
    """Routines and presets, with their length at these options; ~ where it is a guess because not all is spoken yet.

    A routine that an option does not fit is left out. Exits with 2 when one cannot be used for any other reason.
    """
    if save is not None:
        raise RequestError("A preset is of one routine.", f"Write `audioguide show ROUTINE --save {quote(save)}`.")
    check_options(options)
    under = standing().options
    rows = []
    # Each is told once: a typo in a pose concerns several routines, one in a lexicon nearly all.
    left_out: dict[str, None] = {}
    problems: dict[str, None] = {}
    for path in (*resources.routines().values(), *resources.presets().values()):
        try:
            found = plan(path, options, under)
        except RequestError as error:
            left_out[f"Left out, since it cannot be used: {error}"] = None
            continue
        routine = found.routine
        if tag and tag.casefold() not in map(str.casefold, routine.tags):
            continue
        try:
            timeline, exact = session_of_plan(found).outline()
        except RequestError as error:
            if str(error) not in problems and not works(plan(path, Options())):
                problems[str(error)] = None
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
    tell(left_out)
    if as_json:
        click.echo(json.dumps([row.facts for row in rows], ensure_ascii=False, indent=2))
    elif rows:
        show_table(_table(rows))
    elif not problems:
        click.echo("No routine fits. Try fewer options.", err=True)
    tell(problems)
    return 2 if problems else 0


def _table(rows: list[Row]) -> Iterator[tuple[str, str, str]]:
    for row in rows:
        facts = row.facts
        length = ("~" if facts["estimated"] else "") + clock(round(facts["duration"] * RATE))
        marks = f"  ({', '.join(facts['tags'])})" if facts["tags"] else ""
        if row.preset_of:
            marks = f"  (preset of {row.preset_of})"
        yield facts["id"], f"{length:>8}", f"{facts['title']}{marks}"
