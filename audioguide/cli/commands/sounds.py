"""`audioguide voices`."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import click
import numpy as np

from audioguide.cli import heed_interruption
from audioguide.cli.flags import read_option, session_options
from audioguide.cli.sessions import (
    MessagePrinter,
    hear,
    hear_or_write,
    open_resolved,
    progress,
    resolve_routine,
    show_table,
)
from audioguide.errors import RequestError, RoutineError
from audioguide.export.formats import format_of
from audioguide.model.options import Options
from audioguide.model.routine import CHIMES, Chime
from audioguide.session.preview import Preview, as_in_a_hold
from audioguide.session.preview import preview as preview_of
from audioguide.sound import background as backgrounds
from audioguide.sound.block import silence
from audioguide.sound.chimes import DESCRIPTIONS, render_chime
from audioguide.speech.engines.recordings import Recordings, find_recordings, recording_list, recordings_folder
from audioguide.speech.languages import language_name
from audioguide.speech.voice_choice import check_availability, sample_text
from audioguide.speech.voices import find_profile, load_profile
from audioguide.system import paths
from audioguide.system.paths import display_path
from audioguide.timeline.scheduler import RELEASE_CHIME, START_CHIME
from audioguide.units import format_clock, parse_duration, to_frames


@click.group("voices", invoke_without_command=True)
@click.option("--json", "machine", is_flag=True, help="As JSON.")
@click.pass_context
def voices_command(context: click.Context, machine: bool) -> None:
    """Who can speak: the shipped voices and your own. `preview NAME` lets you hear one."""
    if context.invoked_subcommand:
        return
    rows = [_facts(name, path) for name, path in sorted(paths.voice_files().items())]
    if machine:
        click.echo(json.dumps(rows, ensure_ascii=False, indent=2))
        return
    show_table(
        (
            *(row["name"], _spoken(row["language"]), row["engine"] or "", _where(row["online"])),
            row["problem"] or row["description"] + " (your own)" * row["own"],
        )
        for row in rows
    )


@voices_command.command("preview")
@click.argument("name")
@click.argument("text", required=False)
@click.option("-o", "output", metavar="FILE", help="Write it to a file instead; the ending names the format.")
def preview(name: str, text: str | None, output: str | None) -> None:
    """Hear the voice NAME say TEXT, or a sentence of its language, at the level that it has in a session."""
    voice = find_profile(name)
    path = Path(output) if output is not None else None
    if path:
        format_of(path)
    session = replace(preview_of(voice, sample_text(voice) if text is None else text), tell=MessagePrinter().tell)
    if path is None:
        session.compile()  # what it cannot say is told before a loudspeaker is looked for
        with session.live() as live:
            hear(live)
        return
    with progress() as stage:
        writing = stage("Writing")

        def tell(frames: int, known: int) -> None:
            heed_interruption()
            writing(frames, known)

        timeline = session.export(path, spoken=stage("Speaking"), written=tell)
    click.echo(f"{path}  {format_clock(timeline.frames)}")


@voices_command.command("record-sheet")
@click.argument("routine")
@click.option("--json", "machine", is_flag=True, help="As JSON.")
@session_options
def record_sheet(routine: str, machine: bool, options: Options) -> None:
    """What a voice of your own recordings says in ROUTINE, and the files that are still missing.

    With --voice NAME of a voice with the engine `recorded`; without one, all that there is to record.
    """
    session = open_resolved(resolve_routine(routine, options))
    recorded = session.voice.engine == "recorded"
    recordings = find_recordings(recordings_folder(session.voice)) if recorded else Recordings(Path(), {})
    rows = recording_list(session.outline.utterances, recordings, session.voice.language)
    if machine:
        facts = [{"file": str(row.file), "there": row.exists, "role": row.role, "text": row.text} for row in rows]
        click.echo(json.dumps(facts, ensure_ascii=False, indent=2))
        return
    show_table(("ok" if row.exists else "--", row.file.name, row.role, row.text) for row in rows)
    there = sum(row.exists for row in rows)
    where = f" in {display_path(recordings.folder)}" if recorded else ""
    click.echo(f"{there} of {len(rows)} texts are recorded{where}.", err=True)


def _facts(name: str, path: Path) -> dict[str, Any]:
    """What is to be told of a voice; `problem` says why it does not speak here, and what to do."""
    facts: dict[str, Any] = {
        "name": name,
        "title": "",
        "description": "",
        "language": None,
        "engine": None,
        "online": None,
        "installed": False,
        "own": path.is_relative_to(paths.user_dir()),
        "source": "",
        "file": display_path(path),
        "problem": None,
    }
    try:
        voice = load_profile(path)
        found = check_availability(voice)
    except RequestError as error:
        return facts | {"problem": str(error).splitlines()[0]}
    return facts | {
        "title": voice.title,
        "description": voice.description,
        "language": voice.language,
        "engine": voice.engine,
        "online": found.online,
        "installed": found.missing is None,
        "source": voice.source,
        "problem": found.missing,
    }


def _spoken(language: str | None) -> str:
    """`German`, or `English (GB)`."""
    if language is None:
        return ""
    _, dash, region = language.partition("-")
    return f"{language_name(language)} ({region})" if dash else language_name(language)


def _where(online: bool | None) -> str:
    return "" if online is None else "online" if online else "offline"


LONGEST = 3600.0
"""Seconds of a preview."""


@click.group("backgrounds", invoke_without_command=True)
@click.option("--json", "machine", is_flag=True, help="As JSON.")
@click.pass_context
def backgrounds_command(context: click.Context, machine: bool) -> None:
    """What can sound in the holds: the shipped backgrounds and your own. `preview NAME` lets you hear one."""
    if context.invoked_subcommand:
        return
    rows = [_facts_backgrounds(name, path) for name, path in sorted(paths.background_files().items())]
    if machine:
        click.echo(json.dumps(rows, ensure_ascii=False, indent=2))
        return
    show_table((row["name"], (row["problem"] or row["description"]) + _marks(row)) for row in rows)


@backgrounds_command.command("preview")
@click.argument("name")
@click.option("-o", "output", metavar="FILE", help="Write it to a file instead; the ending names the format.")
@click.option("--seconds", default="20", metavar="TIME", help="How much of it. Default: 20.")
def preview_backgrounds(name: str, output: str | None, seconds: str) -> None:
    """Hear the background NAME, as it sounds in a hold. Space pauses and goes on, q stops."""
    count = _count(seconds)
    hear_or_write(as_in_a_hold(backgrounds.find_background(name).make_source(), count), output)


def _marks(row: dict[str, Any]) -> str:
    marks = [mark for mark, holds in (("stereo only", row["stereo_only"]), ("your own", row["own"])) if holds]
    return f"  ({', '.join(marks)})" if marks else ""


def _count(seconds: str) -> int:
    length = read_option("--seconds", seconds, parse_duration)
    if length > LONGEST:
        raise click.UsageError("--seconds: an hour is the most.")
    return to_frames(length)


def _facts_backgrounds(name: str, path: Path) -> dict[str, Any]:
    facts = {
        "name": name,
        "description": "",
        "stereo_only": False,
        "own": path.is_relative_to(paths.user_dir()),
        "file": display_path(path),
        "problem": None,
    }
    try:
        background = backgrounds.find_background(name)
    except RoutineError as error:
        first = error.problems[0]
        return facts | {"problem": str(first) if facts["own"] else f"{first.message} {first.hint}"}
    return facts | {"description": background.preset.description, "stereo_only": background.stereo_only}


PAUSE = to_frames(1.0)


@click.group("chimes", invoke_without_command=True)
@click.option("--json", "machine", is_flag=True, help="As JSON.")
@click.pass_context
def chimes_command(context: click.Context, machine: bool) -> None:
    """What ends a hold, and begins one too short for words. `preview NAME` lets you hear one."""
    if context.invoked_subcommand:
        return
    if machine:
        rows = [{"name": name, "description": DESCRIPTIONS[name]} for name in CHIMES]
        click.echo(json.dumps(rows, ensure_ascii=False, indent=2))
        return
    show_table((name, DESCRIPTIONS[name]) for name in CHIMES)


@chimes_command.command("preview")
@click.argument("name", type=click.Choice(CHIMES))
@click.option("-o", "output", metavar="FILE", help="Write it to a file instead; the ending names the format.")
def preview_chimes(name: Chime, output: str | None) -> None:
    """Hear the chime NAME: as it ends a hold, then as it begins a short one."""
    release, start = render_chime(name, "release", RELEASE_CHIME), render_chime(name, "start", START_CHIME)
    sound = np.concatenate([silence(PAUSE // 2), release, silence(PAUSE), start, silence(PAUSE)])
    hear_or_write(Preview(len(sound), lambda first, count: sound[first : first + count]), output)
