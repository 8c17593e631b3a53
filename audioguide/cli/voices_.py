"""`audioguide voices`."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from audioguide import resources
from audioguide.cli import heed_interruption
from audioguide.cli.hearing import hear
from audioguide.cli.notes import News, show_table
from audioguide.cli.opening import opened, planned
from audioguide.cli.options import session_options
from audioguide.cli.progress import progress
from audioguide.errors import RequestError
from audioguide.opening import preview as preview_of
from audioguide.output.formats import format_of
from audioguide.resources import shown
from audioguide.routine.customise import Options
from audioguide.speech.choice import choice, sample
from audioguide.speech.profile import load_profile, profile
from audioguide.speech.recorded import Recordings, find_recordings, folder_of, sheet
from audioguide.speech.script import language_name
from audioguide.units import clock


@click.group("voices", invoke_without_command=True)
@click.option("--json", "machine", is_flag=True, help="As JSON.")
@click.pass_context
def command(context: click.Context, machine: bool) -> None:
    """Who can speak: the shipped voices and your own. `preview NAME` lets you hear one."""
    if context.invoked_subcommand:
        return
    rows = [_facts(name, path) for name, path in sorted(resources.voices().items())]
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


@command.command("preview")
@click.argument("name")
@click.argument("text", required=False)
@click.option("-o", "output", metavar="FILE", help="Write it to a file instead; the ending names the format.")
def preview(name: str, text: str | None, output: str | None) -> None:
    """Hear the voice NAME say TEXT, or a sentence of its language, at the level that it has in a session."""
    voice = profile(name)
    path = Path(output) if output is not None else None
    if path:
        format_of(path)
    session = replace(preview_of(voice, sample(voice) if text is None else text), tell=News().tell)
    if path is None:
        session.timeline()  # what it cannot say is told before a loudspeaker is looked for
        with session.live() as live:
            hear(live)
        return
    with progress() as stage:
        writing = stage("Writing")

        def tell(frames: int, known: int) -> None:
            heed_interruption()
            writing(frames, known)

        timeline = session.export(path, spoken=stage("Speaking"), written=tell)
    click.echo(f"{path}  {clock(timeline.frames)}")


@command.command("record-sheet")
@click.argument("routine")
@click.option("--json", "machine", is_flag=True, help="As JSON.")
@session_options
def record_sheet(routine: str, machine: bool, options: Options) -> None:
    """What a voice of your own recordings says in ROUTINE, and the files that are still missing.

    With --voice NAME of a voice with the engine `recorded`; without one, all that there is to record.
    """
    session = opened(planned(routine, options), options)
    recorded = session.voice.engine == "recorded"
    recordings = find_recordings(folder_of(session.voice)) if recorded else Recordings(Path(), {})
    with session.speaker() as speaker:
        rows = sheet(session.utterances(speaker), recordings, session.voice.language)
    if machine:
        facts = [{"file": str(row.file), "there": row.there, "role": row.role, "text": row.text} for row in rows]
        click.echo(json.dumps(facts, ensure_ascii=False, indent=2))
        return
    show_table(("ok" if row.there else "--", row.file.name, row.role, row.text) for row in rows)
    there = sum(row.there for row in rows)
    where = f" in {shown(recordings.folder)}" if recorded else ""
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
        "own": path.is_relative_to(resources.own()),
        "source": "",
        "file": shown(path),
        "problem": None,
    }
    try:
        voice = load_profile(path)
        found = choice(voice)
    except RequestError as error:
        return facts | {"problem": str(error).splitlines()[0]}
    return facts | {
        "title": voice.title,
        "description": voice.description,
        "language": voice.language,
        "engine": voice.engine,
        "online": found.online,
        "installed": found.lacks is None,
        "source": voice.source,
        "problem": found.lacks,
    }


def _spoken(language: str | None) -> str:
    """`German`, or `English (GB)`."""
    if language is None:
        return ""
    _, dash, region = language.partition("-")
    return f"{language_name(language)} ({region})" if dash else language_name(language)


def _where(online: bool | None) -> str:
    return "" if online is None else "online" if online else "offline"
