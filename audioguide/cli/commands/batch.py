"""`audioguide batch`."""

from collections import Counter
from contextlib import closing
from pathlib import Path

import click

from audioguide.batch.dask import run_on_cluster
from audioguide.batch.job import JobResult, run_local
from audioguide.batch.plan import read_plan
from audioguide.cli import check_interrupt
from audioguide.cli.console import json_option, print_json, print_notes, progress
from audioguide.errors import RequestError
from audioguide.units import format_clock, format_megabytes, to_frames


@click.command("batch")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("-o", "folder", type=click.Path(path_type=Path), required=True, metavar="FOLDER", help="Where to write.")
@click.option("--jobs", type=click.IntRange(1, 256), metavar="N", help="Sessions at a time. Default: one per core.")
@click.option("--scheduler", metavar="tcp://…", help="Use the workers of a Dask cluster.")
@json_option
def batch_command(file: Path, folder: Path, jobs: int | None, scheduler: str | None, as_json: bool) -> int:
    """Write a session for each row of FILE, a CSV or YAML file with routines, options and file names below FOLDER.

    Every mistake in FILE is told before anything is made. A row that fails later does not stop the others. Files
    that are up to date are left as they are, so after an interruption the same command goes on where it stopped.
    """
    if scheduler is not None and jobs:
        raise RequestError("--jobs cannot be combined with --scheduler.", "Leave one of them out.")
    if folder.exists() and not folder.is_dir():
        raise RequestError(f"{folder} is not a folder.", "Choose another.")
    rows, notes = read_plan(file, folder.absolute())
    print_notes(notes)
    results: list[JobResult] = []
    failures: dict[str, int] = {}
    with progress() as stage:
        writing = stage("Sessions")
        source = run_local(rows, jobs) if scheduler is None else run_on_cluster(scheduler, rows)
        with closing(source):
            for result in source:
                check_interrupt()
                results.append(result)
                if not as_json:
                    _print_result(result, file, failures)
                writing(len(results), len(rows))
    if as_json:
        print_json([result.to_json() for result in results])
    states = Counter[str](result.state for result in results)
    counts = {"made": states["made"], "unchanged": states["kept"], "failed": states["failed"] + states["wrong"]}
    parts = [f"{count} {word}" for word, count in counts.items() if count or word == "made"]
    if sheets := sum(result.sheet_made for result in results):
        parts.append(f"{sheets} sheet{'' if sheets == 1 else 's'} made")
    click.echo(f"{len(rows)} session{'' if len(rows) == 1 else 's'}: {', '.join(parts)}.", err=True)
    print_notes(dict.fromkeys(result.cache_error for result in results))
    return 1 if states["failed"] else 2 if states["wrong"] else 0


def _print_result(result: JobResult, file: Path, failures: dict[str, int]) -> None:
    """Print the result of a row. An error that an earlier row had, such as a typo in a lexicon, is not repeated."""
    match result.state:
        case "made":
            length, size = format_clock(to_frames(result.seconds)), format_megabytes(result.bytes)
            click.echo(f"{result.job.output}  {length}, {size}")
        case "kept":
            click.echo(f"{result.job.output}  unchanged")
        case _:
            first = failures.setdefault(result.error, result.job.line)
            why = f": {result.error}" if first == result.job.line else f" as line {first} did."
            click.echo(f"{file}:{result.job.line}: {result.job.source} failed{why}", err=True)
    if "file" in result.job.plan and result.state in ("made", "kept"):
        click.echo(result.job.plan["file"])
    if result.sheet_made:
        click.echo(result.job.sheet["file"])
    print_notes(f"{file}:{result.job.line}: {note}" for note in result.notes)
