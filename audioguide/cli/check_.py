"""`audioguide check`."""

from __future__ import annotations

import json

import click

from audioguide.checking import check_all
from audioguide.errors import Problem


@click.command("check")
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option("--json", "machine", is_flag=True, help="As JSON.")
@click.option("--strict", is_flag=True, help="Exit with 2 on warnings, too.")
def command(files: tuple[str, ...], machine: bool, strict: bool) -> int:
    """Every problem of routine FILEs at once, as FILE:LINE:COLUMN: message. Exits with 2 when there is an error."""
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
