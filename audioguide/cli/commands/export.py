"""`audioguide export`."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import click

from audioguide.cli.flags import save_option, session_options
from audioguide.cli.sessions import fit_and_report, open_resolved, resolve_routine, save_preset, write
from audioguide.errors import RequestError
from audioguide.export.captions import CAPTIONS, CHAPTERS, sidecar_paths
from audioguide.export.formats import Format, format_of, parse_bitrate
from audioguide.export.loudness_report import Loudness, measure_file
from audioguide.export.tags import MAX_CHAPTERS
from audioguide.model.options import Options
from audioguide.session.output import stem_paths
from audioguide.system.files import os_error_message
from audioguide.units import RATE, format_clock, format_megabytes

BUILD = Path("build")


@click.command("export")
@click.argument("routine", required=False)
@click.option("-o", "output", metavar="FILE", help="Where to; the ending names the format. Default: build/ROUTINE.mp3.")
@click.option("--to", metavar="FOLDER", help="A phone's folder: of what it has, only what changed is written.")
@click.option("--all", "every", is_flag=True, help="Every routine and preset, to build/ or the folder of --to.")
@click.option("--tag", metavar="TAG", help="With --all: only routines with this tag.")
@click.option("--mono", is_flag=True, help="One channel.")
@click.option("--bitrate", metavar="RATE", help="Of an MP3, M4A, M4B or Opus, such as 96k.")
@click.option("--stems", is_flag=True, help="Write voice, background and chimes beside it, as WAV.")
@click.option("--captions", type=click.Choice(CAPTIONS), multiple=True, help="Write what is said beside it, timed.")
@click.option("--chapters", type=click.Choice(CHAPTERS), multiple=True, help="Write its chapters beside it.")
@click.option("--loudness", is_flag=True, help="Measure how loud the finished file is, and tell.")
@click.option("--json", "machine", is_flag=True, help="Say what was written as JSON.")
@session_options
@save_option
def export_command(
    routine: str | None,
    output: str | None,
    to: str | None,
    every: bool,
    tag: str | None,
    mono: bool,
    bitrate: str | None,
    stems: bool,
    captions: tuple[str, ...],
    chapters: tuple[str, ...],
    loudness: bool,
    machine: bool,
    options: Options,
    save: str | None,
) -> int:
    """Write the session of ROUTINE, an id, a file or a preset, to an MP3, M4A, M4B, Opus, FLAC or WAV file.

    With --to, to an MP3 in a folder that a phone plays from, with a playlist and a cover; with --all, every session.
    """
    rate = _bitrate(bitrate)
    if routine is None and not every:
        raise click.UsageError("Missing argument 'ROUTINE'.")
    if tag is not None and not every:
        raise RequestError("--tag chooses among all routines.", "Write --all besides, or leave it out.")
    if every and (routine is not None or save is not None):
        raise RequestError("--all is every routine.", "Leave ROUTINE and --save out, or leave --all out.")
    if every or to is not None:
        if output is not None or stems or loudness:
            raise RequestError("Into a folder go MP3s by their own names.", "Leave -o, --stems and --loudness out.")
        from audioguide.cli.commands.export_folder import Settings, shelve, shelve_all

        settings = Settings(mono, rate, captions, chapters)
        if routine is None:
            return shelve_all(Path(to) if to is not None else _built(), tag, options, settings, machine=machine)
        return shelve(Path(to or ""), routine, options, settings, save, machine=machine)
    assert routine is not None
    resolved = resolve_routine(routine, options, save)
    session = open_resolved(resolved)
    path = Path(output) if output is not None else BUILD / f"{session.routine.id}.mp3"
    form = format_of(path, rate)
    session = fit_and_report(session)
    if path.parent == BUILD:
        _built()
    timeline = write(session, path, mono=mono, bitrate=rate, stems=stems, captions=captions, chapters=chapters)
    measured = measure_file(path, timeline) if loudness else None
    save_preset(resolved, save)
    beside = stem_paths(path) if stems else ()
    sidecars = sidecar_paths(path, captions, chapters)
    count = len(timeline.chapters)
    if machine:
        facts = {
            "file": str(path),
            "frames": timeline.frames,
            "duration": round(timeline.frames / RATE, 6),
            "chapters": count,
            "chapters_in_file": min(count, MAX_CHAPTERS) if form.tagging else 0,
            "bytes": path.stat().st_size,
            "stems": [str(stem) for stem in beside],
            "sidecars": [str(sidecar) for sidecar in sidecars],
            "loudness": measured and asdict(measured),
        }
        click.echo(json.dumps(facts, ensure_ascii=False, indent=2))
        return 0
    size = format_megabytes(path.stat().st_size)
    click.echo(f"{path}  {format_clock(timeline.frames)}, {describe_chapters(count, form)}, {size}")
    if measured:
        click.echo(_heard(measured))
    for stem in beside:
        click.echo(f"{stem}  {format_megabytes(stem.stat().st_size)}")
    for sidecar in sidecars:
        click.echo(sidecar)
    return 0


def describe_chapters(count: int, form: Format) -> str:
    """How many chapters a session has, and how many of them its file holds."""
    told = f"{count} chapter{'' if count == 1 else 's'}"
    if form.tagging is None:
        return f"{told} (not in the file: a {form.ending} has no tags)"
    if count > MAX_CHAPTERS:
        return f"{told} (the file holds {MAX_CHAPTERS}, the most there can be: neighbours are joined)"
    return told


def _heard(measured: Loudness) -> str:
    """How loud it is, in one line."""
    parts = (
        ("voice", measured.narration, "LUFS"),
        ("all together", measured.programme, "LUFS"),
        ("true peak", measured.true_peak, "dBTP"),
    )
    told = [f"{what} {value:.1f} {unit}" for what, value, unit in parts if value is not None]
    return f"  {', '.join(told) or 'silence'}"


def _bitrate(text: str | None) -> int | None:
    try:
        return None if text is None else parse_bitrate(text)
    except ValueError as error:
        raise RequestError(str(error)) from None


def _built() -> Path:
    """The folder for renders, which is made where it is missing."""
    try:
        BUILD.mkdir(exist_ok=True)
    except FileExistsError:
        raise RequestError(
            "There is something called build here that is not a folder. Choose a place with -o."
        ) from None
    except OSError as error:
        raise os_error_message(error, BUILD / "any") from None
    return BUILD
