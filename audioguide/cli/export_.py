"""`audioguide export`."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import click

from audioguide.cli import heed_interruption
from audioguide.cli.notes import ready
from audioguide.cli.opening import keep, opened, planned
from audioguide.cli.options import save_option, session_options
from audioguide.cli.progress import progress
from audioguide.errors import RequestError
from audioguide.output.figures import Figures
from audioguide.output.formats import format_of
from audioguide.output.staging import explain
from audioguide.routine.customise import Options
from audioguide.session import stem_paths
from audioguide.units import RATE, clock, megabytes

BUILD = Path("build")


@click.command("export")
@click.argument("routine")
@click.option("-o", "output", metavar="FILE", help="Where to; the ending names the format. Default: build/ROUTINE.mp3.")
@click.option("--mono", is_flag=True, help="One channel.")
@click.option("--stems", is_flag=True, help="Write voice, background and chimes beside it, as WAV.")
@click.option("--json", "machine", is_flag=True, help="Say what was written as JSON.")
@session_options
@save_option
def command(
    routine: str, output: str | None, mono: bool, stems: bool, machine: bool, options: Options, save: str | None
) -> None:
    """Write the session of ROUTINE, an id, a file or a preset, to an MP3, FLAC or WAV file."""
    plan = planned(routine, options, save)
    session = opened(plan, options)
    path = Path(output) if output else BUILD / f"{session.routine.id}.mp3"
    format_of(path)
    session = ready(session)
    if path.parent == BUILD:
        _make_build(path)
    guess = session.guess()
    found: list[Figures] = []
    with progress() as stage:
        writing = stage("Writing")

        def tell_written(frames: int, known: int) -> None:
            heed_interruption()
            writing(frames, max(guess, known))

        timeline = session.export(
            path,
            mono=mono,
            stems=stems,
            spoken=stage("Speaking"),
            written=tell_written,
            measured=found.append,
        )
    figures = found[0]
    keep(plan, save)
    written = (path, *(stem_paths(path) if stems else ()))
    if machine:
        facts = {
            "file": str(path),
            "frames": timeline.frames,
            "duration": round(timeline.frames / RATE, 6),
            "chapters": len(timeline.chapters),
            "bytes": path.stat().st_size,
            "stems": [str(stem) for stem in written[1:]],
            "figures": {name: value and round(value, 2) for name, value in asdict(figures).items()},
        }
        click.echo(json.dumps(facts, ensure_ascii=False, indent=2))
        return
    count, size = len(timeline.chapters), megabytes(path.stat().st_size)
    click.echo(f"{path}  {clock(timeline.frames)}, {count} chapter{'' if count == 1 else 's'}, {size}")
    click.echo(_sound(figures))
    for stem in written[1:]:
        click.echo(f"{stem}  {megabytes(stem.stat().st_size)}")


def _sound(figures: Figures) -> str:
    """How loud it is, in one line."""
    below = [
        f"{-level:.0f} LU under it {when}"
        for level, when in ((figures.in_holds, "in holds"), (figures.under_speech, "while it speaks"))
        if level is not None
    ]
    parts = (
        _level("voice", figures.narration, "LUFS"),
        below and f"background {' and '.join(below)}",
        _level("all together", figures.programme, "LUFS"),
        _level("true peak before encoding", figures.true_peak, "dBTP"),
    )
    return "  " + ", ".join(part for part in parts if part)


def _level(what: str, value: float | None, unit: str) -> str:
    return "" if value is None else f"{what} {value:.1f} {unit}"


def _make_build(path: Path) -> None:
    try:
        BUILD.mkdir(exist_ok=True)
    except FileExistsError:
        raise RequestError(
            "There is something called build here that is not a folder. Choose a place with -o."
        ) from None
    except OSError as error:
        raise explain(error, path) from None
