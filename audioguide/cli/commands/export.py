"""`audioguide export`."""

from dataclasses import asdict, astuple
from pathlib import Path
from typing import Any

import click

from audioguide.cli.console import json_option, print_json
from audioguide.cli.due import next_option, resolve_given, with_plan_option
from audioguide.cli.flags import save_option, session_options
from audioguide.cli.sessions import fit_and_report, open_resolved, save_preset, write
from audioguide.errors import RequestError
from audioguide.export.captions import CAPTIONS, CHAPTERS, sidecar_paths
from audioguide.export.formats import FORMATS, LAYOUTS, Format, format_of, parse_bitrate
from audioguide.export.loudness_report import Loudness, measure_file
from audioguide.export.tags import MAX_CHAPTERS
from audioguide.model.options import Options
from audioguide.session.output import stem_paths
from audioguide.system.files import os_error_message
from audioguide.units import RATE, format_clock, format_megabytes

BUILD = Path("build")


def _read_bitrate(context: click.Context, option: click.Parameter, text: str | None) -> int | None:
    try:
        return None if text is None else parse_bitrate(text)
    except ValueError as error:
        raise RequestError(str(error)) from None


@click.command("export")
@click.argument("routine", required=False)
@next_option
@with_plan_option
@click.option(
    "-o", "output", metavar="FILE", help="Where to write; the ending names the format. Default: build/ROUTINE.mp3."
)
@click.option("--to", metavar="FOLDER", help="Write into a phone's folder, and only what changed.")
@click.option("--format", type=click.Choice([ending[1:] for ending in FORMATS]), help="Of a folder. Default: mp3.")
@click.option("--layout", type=click.Choice([*LAYOUTS]), help="Of a folder: what is to read it. Default: plain.")
@click.option(
    "--feed", metavar="URL", help="With --to: also write a podcast feed; URL is where the folder can be read."
)
@click.option("--prune", is_flag=True, help="Remove from the folder what was put there and is no longer asked for.")
@click.option("--all", "every", is_flag=True, help="Write every routine and preset, to build/ or the folder of --to.")
@click.option("--tag", metavar="TAG", help="With --all: only routines with this tag.")
@click.option("--mono", is_flag=True, help="Write one channel.")
@click.option("--no-pictures", "pictures", flag_value=False, default=True, help="No pictures of the poses.")
@click.option("--bitrate", metavar="RATE", callback=_read_bitrate, help="Of MP3, M4A, M4B or Opus, such as 96k.")
@click.option("--stems", is_flag=True, help="Also write voice, background and chimes, each as WAV.")
@click.option("--captions", type=click.Choice(CAPTIONS), multiple=True, help="Also write what is said, with times.")
@click.option("--chapters", type=click.Choice(CHAPTERS), multiple=True, help="Also write the chapters, with times.")
@click.option("--loudness", is_flag=True, help="Measure the loudness of the finished file.")
@json_option
@session_options
@save_option
def export_command(
    routine: str | None,
    due: bool,
    with_plan: bool,
    output: str | None,
    to: str | None,
    format: str | None,
    layout: str | None,
    feed: str | None,
    prune: bool,
    every: bool,
    tag: str | None,
    stems: bool,
    loudness: bool,
    as_json: bool,
    options: Options,
    save: str | None,
    **settings: Any,
) -> int:
    """Write the session of ROUTINE, an id, a file or a preset, to an MP3, M4A, M4B, Opus, FLAC or WAV file,
    or to one page that plays in any browser without a network (.html).

    With --to it goes into a folder that a phone plays from, which also gets a playlist and a cover, or that an
    Audiobookshelf, a Jellyfin or a web server reads.
    """
    if tag is not None and not every:
        raise RequestError("--tag chooses among all routines.", "Add --all, or leave --tag out.")
    if every and (routine is not None or save is not None or due):
        raise RequestError("--all is every routine.", "Leave ROUTINE, --next and --save out, or leave --all out.")
    if every or to is not None:
        if output is not None or stems or loudness:
            raise RequestError("A folder gets files under their own names.", "Leave -o, --stems and --loudness out.")
        from audioguide.cli.commands.export_folder import export_all_to_folder, export_to_folder, open_folder

        folder = open_folder(_build_folder() if to is None else Path(to), format, layout, feed)
        if every:
            return export_all_to_folder(folder, tag, options, settings, prune=prune, as_json=as_json)
    elif format or layout or feed or prune:
        raise RequestError("--format, --layout, --feed and --prune are of a folder.", "Add --to FOLDER.")
    if (given := resolve_given(routine, options, save, due=due, with_plan=with_plan)) is None:
        print_json(None) if as_json else None
        return 0
    resolved, _ = given
    if to is not None:
        export_to_folder(folder, resolved, settings, save, prune=prune, as_json=as_json)
        return 0
    session = open_resolved(resolved)
    path = Path(output) if output is not None else BUILD / f"{session.routine.id}.mp3"
    form = format_of(path, settings["bitrate"])
    if loudness and form.ending == ".html":
        raise RequestError("--loudness measures a sound file.", "Measure an MP3 of the session: its sound is the same.")
    session = fit_and_report(session)
    if path.parent == BUILD:
        _build_folder()
    timeline = write(session, path, stems=stems, **settings)
    measured = measure_file(path, timeline) if loudness else None
    save_preset(resolved, save)
    beside = stem_paths(path) if stems else ()
    sidecars = sidecar_paths(path, settings["captions"], settings["chapters"])
    count, size = len(timeline.chapters), path.stat().st_size
    if as_json:
        facts = {
            "file": str(path),
            "frames": timeline.frames,
            "duration": round(timeline.frames / RATE, 6),
            "chapters": count,
            "chapters_in_file": min(count, MAX_CHAPTERS) if form.tagging else 0,
            "bytes": size,
            "stems": [str(stem) for stem in beside],
            "sidecars": [str(sidecar) for sidecar in sidecars],
            "loudness": measured and asdict(measured),
        }
        print_json(facts)
        return 0
    click.echo(f"{path}  {format_clock(timeline.frames)}, {describe_chapters(count, form)}, {format_megabytes(size)}")
    if measured:
        click.echo(_describe_loudness(measured))
    for stem in beside:
        click.echo(f"{stem}  {format_megabytes(stem.stat().st_size)}")
    for sidecar in sidecars:
        click.echo(sidecar)
    return 0


def describe_chapters(count: int, form: Format) -> str:
    """How many chapters a session has, and how many of them its file holds."""
    note = ""
    if form.tagging is None:
        note = f" (not in the file: a {form.ending} has no tags)"
    elif count > MAX_CHAPTERS:
        note = f" (the file holds {MAX_CHAPTERS} at most, so neighbours are joined)"
    return f"{count} chapter{'' if count == 1 else 's'}{note}"


def _describe_loudness(measured: Loudness) -> str:
    units = {"voice": "LUFS", "all together": "LUFS", "true peak": "dBTP"}
    figures = zip(units.items(), astuple(measured), strict=True)
    known = [f"{what} {value:.1f} {unit}" for (what, unit), value in figures if value is not None]
    return f"  {', '.join(known) or 'silence'}"


def _build_folder() -> Path:
    """The folder for exports without -o, made where it is missing."""
    try:
        BUILD.mkdir(exist_ok=True)
    except FileExistsError:
        raise RequestError("There is a file called build here.", "Choose a place with -o.") from None
    except OSError as error:
        raise os_error_message(error, BUILD / "any") from None
    return BUILD
