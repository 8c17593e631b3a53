"""`audioguide export`."""

from __future__ import annotations

import json
from pathlib import Path

import click

from audioguide.cli import heed_interruption
from audioguide.cli.notes import ready
from audioguide.cli.opening import keep, opened, planned
from audioguide.cli.options import save_option, session_options
from audioguide.cli.progress import progress
from audioguide.errors import RequestError
from audioguide.output.formats import format_of
from audioguide.output.staging import explain
from audioguide.routine.customise import Options
from audioguide.session import stem_paths
from audioguide.units import RATE, clock

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
        )
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
        }
        click.echo(json.dumps(facts, ensure_ascii=False, indent=2))
        return
    count = len(timeline.chapters)
    click.echo(f"{path}  {clock(timeline.frames)}, {count} chapter{'' if count == 1 else 's'}, {_size(path)}")
    for stem in written[1:]:
        click.echo(f"{stem}  {_size(stem)}")


def _make_build(path: Path) -> None:
    try:
        BUILD.mkdir(exist_ok=True)
    except FileExistsError:
        raise RequestError(
            "There is something called build here that is not a folder. Choose a place with -o."
        ) from None
    except OSError as error:
        raise explain(error, path) from None


def _size(path: Path) -> str:
    return f"{path.stat().st_size / 1e6:.1f} MB"
