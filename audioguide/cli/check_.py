"""`audioguide check`."""

from __future__ import annotations

import json

import click

from audioguide.errors import Place, Problem, RequestError
from audioguide.session import check


@click.command("check")
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option("--json", "machine", is_flag=True, help="As JSON.")
@click.option("--strict", is_flag=True, help="Exit with 2 on warnings, too.")
def command(files: tuple[str, ...], machine: bool, strict: bool) -> int:
    """Every problem of routine FILEs at once, as FILE:LINE:COLUMN: message. Exits with 2 when there is an error."""
    problems = [problem for file in files for problem in _problems(file)]
    if machine:
        click.echo(json.dumps([_as_json(problem) for problem in problems], ensure_ascii=False, indent=2))
    else:
        for problem in problems:
            click.echo(str(problem))
    return 2 if any(strict or problem.severity == "error" for problem in problems) else 0


def _problems(file: str) -> tuple[Problem, ...]:
    try:
        return check(file)
    except RequestError as error:
        return (Problem(Place(file, 1, 1), str(error)),)


def _as_json(problem: Problem) -> dict[str, object]:
    return {
        "file": problem.place.file,
        "line": problem.place.line,
        "column": problem.place.column,
        "severity": problem.severity,
        "message": problem.message,
        "hint": problem.hint,
    }
