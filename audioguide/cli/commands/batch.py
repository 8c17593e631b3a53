"""`audioguide batch`."""

from __future__ import annotations

import json
from collections import Counter
from contextlib import closing
from pathlib import Path

import click

from audioguide.batch.dask import run_on_cluster
from audioguide.batch.job import JobResult
from audioguide.batch.plan import read_plan
from audioguide.batch.pool import run_local
from audioguide.cli import heed_interruption
from audioguide.cli.sessions import progress, tell
from audioguide.errors import RequestError
from audioguide.units import format_clock, format_megabytes, to_frames


@click.command("batch")
@click.argument("plan", type=click.Path(path_type=Path))
@click.option("-o", "folder", type=click.Path(path_type=Path), required=True, metavar="FOLDER", help="Where to.")
@click.option("--jobs", type=click.IntRange(1, 256), metavar="N", help="Sessions at a time. Default: one a core.")
@click.option("--scheduler", metavar="tcp://…", help="Have the workers of a Dask cluster make them.")
@click.option("--json", "machine", is_flag=True, help="Say what became of each row as JSON.")
def batch_command(plan: Path, folder: Path, jobs: int | None, scheduler: str | None, machine: bool) -> int:
    """Make a session for each row of PLAN, a CSV or YAML file: its routine, its options, its file below FOLDER.

    A row that fails stops nothing else. What lies there already, as it would be made now, is not made again: so after
    an interruption the same command goes on where it was.
    """
    if scheduler is not None and jobs:
        raise RequestError("--jobs cannot be combined with --scheduler.", "Leave one of them out.")
    if not folder.is_dir():
        raise RequestError(f"There is no folder {folder}.", "Make it, or choose another.")
    rows = read_plan(plan, folder.absolute())
    results: list[JobResult] = []
    failures: dict[str, int] = {}
    with progress() as stage:
        writing = stage("Sessions")
        source = run_local(rows, jobs) if scheduler is None else run_on_cluster(scheduler, rows)
        with closing(source):
            for result in source:
                heed_interruption()
                results.append(result)
                if not machine:
                    _show(result, plan, failures)
                writing(len(results), len(rows))
    if machine:
        click.echo(json.dumps([result.to_json() for result in results], ensure_ascii=False, indent=2))
    states = Counter[str](result.state for result in results)
    click.echo(_summary(states), err=True)
    tell(dict.fromkeys(filter(None, (result.cache_error for result in results))))
    return 1 if states["failed"] else 2 if states["wrong"] else 0


def _show(result: JobResult, plan: Path, failures: dict[str, int]) -> None:
    """Print what became of a row. What went wrong in the same way before, as by a typo in a lexicon, is told once."""
    match result.state:
        case "made":
            length, size = format_clock(to_frames(result.seconds)), format_megabytes(result.bytes)
            click.echo(f"{result.job.output}  {length}, {size}")
        case "kept":
            click.echo(f"{result.job.output}  unchanged")
        case _:
            first = failures.setdefault(result.error, result.job.line)
            why = f": {result.error}" if first == result.job.line else f" as line {first} did."
            click.echo(f"{plan}:{result.job.line}: {result.job.source} failed{why}", err=True)


def _summary(states: Counter[str]) -> str:
    total = states.total()
    parts = [f"{states['made']} made"]
    if states["kept"]:
        parts.append(f"{states['kept']} unchanged")
    if failed := states["failed"] + states["wrong"]:
        parts.append(f"{failed} failed")
    return f"{total} session{'' if total == 1 else 's'}: {', '.join(parts)}."
