"""`audioguide list`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from shlex import quote
from typing import Any

import click

from audioguide.cli.flags import save_option, session_options
from audioguide.cli.sessions import (
    fit_and_report,
    open_resolved,
    progress,
    read_settings,
    resolve_routine,
    save_preset,
    show_table,
    tell,
)
from audioguide.errors import Problem, RequestError
from audioguide.model.options import Options
from audioguide.routine.json_schema import SCHEMA_FILE, json_schema
from audioguide.session.open import build_session, check_options
from audioguide.session.preset import resolve
from audioguide.system import paths
from audioguide.system.files import write_text
from audioguide.timeline.serialize import to_json, to_table
from audioguide.units import RATE, format_clock


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
def list_command(as_json: bool, tag: str | None, save: str | None, options: Options) -> int:
    """Routines and presets, with their length at these options; ~ where it is a guess because not all is spoken yet.

    A routine that an option does not fit is left out. Exits with 2 when one cannot be used for any other reason.
    """
    if save is not None:
        raise RequestError("A preset is of one routine.", f"Write `audioguide show ROUTINE --save {quote(save)}`.")
    check_options(options)
    settings = read_settings()
    rows = []
    # Each is told once: a typo in a pose concerns several routines, one in a lexicon nearly all.
    left_out: dict[str, None] = {}
    problems: dict[str, None] = {}
    for path in (*paths.routine_files().values(), *paths.preset_files().values()):
        try:
            found = resolve(path, options, settings)
        except RequestError as error:
            left_out[f"Left out, since it cannot be used: {error}"] = None
            continue
        routine = found.routine
        if tag and tag.casefold() not in map(str.casefold, routine.tags):
            continue
        try:
            outline = build_session(found).outline
        except RequestError as error:
            if error.option is None or found.layer(*error.option) == "preset":
                problems[str(error)] = None
            continue
        facts = {
            "id": routine.id,
            "title": routine.title,
            "tags": list(routine.tags),
            "duration": round(outline.timeline.frames / RATE, 3),
            "estimated": not outline.is_exact,
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
        length = ("~" if facts["estimated"] else "") + format_clock(round(facts["duration"] * RATE))
        marks = f"  ({', '.join(facts['tags'])})" if facts["tags"] else ""
        if row.preset_of:
            marks = f"  (preset of {row.preset_of})"
        yield facts["id"], f"{length:>8}", f"{facts['title']}{marks}"


@click.command("show")
@click.argument("routine")
@click.option("--json", "machine", is_flag=True, help="As JSON.")
@click.option("--plot", "picture", metavar="FILE", help="As a picture to print, in FILE: .png, .pdf or .svg.")
@session_options
@save_option
def show_command(routine: str, machine: bool, picture: str | None, options: Options, save: str | None) -> None:
    """The timeline of ROUTINE, an id, a file or a preset: each cue with its start, its length and its step's number."""
    path = None if picture is None else Path(picture)
    if path:
        from audioguide.draw.plot import check_picture

        check_picture(path)
    resolved = resolve_routine(routine, options, save)
    session = fit_and_report(open_resolved(resolved))
    save_preset(resolved, save)
    with progress() as stage:
        timeline = session.compile(stage("Speaking"))
    if path:
        session.plot(timeline, path)
    if machine:
        click.echo(json.dumps(to_json(timeline), ensure_ascii=False, indent=1))
    elif path:
        click.echo(str(path))
    else:
        click.echo(to_table(timeline))


@click.command("check")
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option("--json", "machine", is_flag=True, help="As JSON.")
@click.option("--strict", is_flag=True, help="Exit with 2 on warnings, too.")
def check_command(files: tuple[str, ...], machine: bool, strict: bool) -> int:
    """Every problem of routine FILEs at once, as FILE:LINE:COLUMN: message. Exits with 2 when there is an error."""
    from audioguide.session.check import check_all  # slow to load, and only this command needs it

    problems = [problem for found in check_all(files) for problem in found]
    if machine:
        click.echo(json.dumps([_as_json(problem) for problem in problems], ensure_ascii=False, indent=2))
    else:
        for problem in problems:
            click.echo(str(problem))
    return 2 if any(strict or problem.severity == "error" for problem in problems) else 0


def _as_json(problem: Problem) -> dict[str, object]:
    return {
        "file": problem.place.file,
        "line": problem.place.line,
        "column": problem.place.column,
        "severity": problem.severity,
        "code": problem.code,
        "message": problem.message,
        "hint": problem.hint,
    }


@click.command("schema")
@click.option("-o", "output", metavar="FILE", help=f"Write it to a file, as {SCHEMA_FILE} beside your routines.")
def schema_command(output: str | None) -> None:
    """The JSON Schema of a routine file, for an editor that checks while you write."""
    text = json.dumps(json_schema(), ensure_ascii=False, indent=2)
    if output is None:
        click.echo(text)
        return
    if Path(output).suffix != ".json":  # the name of a routine would cost somebody's work
        raise RequestError(f"{output} does not end with .json.", f"Write -o {SCHEMA_FILE}.")
    write_text(Path(output), text + "\n")
    click.echo(f"{output}  For completion in VS Code, begin a routine beside it with this line:")
    click.echo(f"# yaml-language-server: $schema={Path(output).name}")
