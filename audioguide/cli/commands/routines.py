"""`audioguide list`, `show`, `check` and `schema`."""

import json
import os
import sys
from operator import attrgetter
from pathlib import Path
from shlex import quote
from textwrap import TextWrapper
from typing import Any

import click

from audioguide.cli import console
from audioguide.cli.console import json_option, print_columns, print_json, print_notes, print_table, progress
from audioguide.cli.flags import save_option, session_options
from audioguide.cli.sessions import fit_and_report, open_resolved, read_settings, resolve_routine, save_preset
from audioguide.errors import RequestError
from audioguide.model.options import Options, to_arguments
from audioguide.model.routine import BackgroundSpec, PoseStep
from audioguide.model.timeline import Timeline
from audioguide.routine.json_schema import SCHEMA_FILE, json_schema
from audioguide.routine.load import find_pose, is_path
from audioguide.session.open import build_session, check_options
from audioguide.session.preset import ResolvedRoutine, resolve
from audioguide.session.session import Session
from audioguide.speech.clip import cache_folder
from audioguide.system import paths
from audioguide.system.cache import cache_key
from audioguide.system.files import file_state, write_text
from audioguide.timeline.serialize import to_json, to_rows, to_table
from audioguide.units import RATE, format_clock
from audioguide.web.row_cache import RowCache, stamp_files


@click.command("list")
@json_option
@click.option("--tag", metavar="TAG", help="Only routines with this tag.")
@click.option("--save", hidden=True)
@session_options
def list_command(as_json: bool, tag: str | None, save: str | None, options: Options) -> int:
    """List routines and presets with their length at these options.

    A length with ~ is an estimate, since not every text is spoken yet. A routine that cannot have an option is left
    out. Exits with 2 when a routine cannot be used for another reason.
    """
    if save is not None:
        raise RequestError("A preset is of one routine.", f"Write `audioguide show ROUTINE --save {quote(save)}`.")
    check_options(options)
    settings = read_settings()
    rows, found = [], []
    known, spoken = RowCache("list.json"), _spoken()
    stamps = stamp_files((options, settings, _outer_state(options, settings.options)))
    presets = paths.preset_files().values()
    # Dictionaries, to print each problem once: a typo in a lexicon concerns nearly all routines.
    left_out: dict[str, None] = {}
    problems: dict[str, None] = {}
    for path in (*paths.routine_files().values(), *presets):
        kept = None if path in presets else known.get(path.stem, None, stamps) or known.get(path.stem, spoken, stamps)
        resolved = None
        if kept is None:
            try:
                resolved = resolve(path, options, settings)
            except RequestError as error:
                left_out[f"Left out, since it cannot be used: {error}"] = None
                continue
        tags = kept["found"]["tags"] if kept else resolved.routine.tags if resolved else ()
        if tag and tag.casefold() not in map(str.casefold, tags):
            continue
        if resolved:
            try:
                kept = _list_row(resolved, build_session(resolved))
            except RequestError as error:
                if error.option is None or resolved.layer(*error.option) == "preset":
                    problems[str(error)] = None
                continue
            if not (resolved.preset or resolved.written.included):
                known.put(path.stem, spoken if kept["found"]["estimated"] else None, stamps, kept, is_wide=False)
        if kept:
            found.append(kept["found"])
            rows.append(kept["shown"])
    known.save()
    print_notes(left_out)
    if as_json:
        print_json(found)
    elif rows:
        print_table(rows)
    elif not problems:
        click.echo("No routine fits. Try fewer options.", err=True)
    print_notes(problems)
    return 2 if problems else 0


def _list_row(resolved: ResolvedRoutine, session: Session) -> dict[str, Any]:
    """What `list` tells of a session, as data and in columns, and why it cannot be spoken here."""
    routine, outline, missing = resolved.routine, session.outline, session.missing
    row: dict[str, Any] = {"id": routine.id, "title": routine.title, "tags": list(routine.tags)}
    row |= {"duration": round(outline.timeline.frames / RATE, 3), "estimated": not outline.is_exact}
    length = ("" if outline.is_exact else "~") + format_clock(outline.timeline.frames)
    notes = f"preset of {resolved.source}" if resolved.preset else ", ".join(routine.tags)
    about = (f"({notes})" if notes else "", f"No voice here: {missing}" if missing else "")
    shown = (routine.id, f"{length:>8}", "  ".join(filter(None, (routine.title, *about))))
    found = row | {"file": routine.file} | ({"missing": missing} if missing else {})
    return {"found": found, "shown": shown, "missing": missing}


def _outer_state(*layers: Options) -> list[Any]:
    """The state of the files that options name, and of all folders with programs and packages, which may speak."""
    named = [name for options in layers for name in (options.cover, options.background) if name]
    return [file_state(Path(name)) for name in (*named, *sys.path, *os.get_exec_path())]


def _spoken() -> str:
    """What tells whether a clip was added or removed since: an estimated length is exact then, or the other way."""
    return cache_key(str([file_state(folder) for folder in sorted(cache_folder().glob("*"))]))


@click.command("show")
@click.argument("routine")
@json_option
@click.option("--all", "all_cues", is_flag=True, help="List each cue with its start, length and step number.")
@click.option("--plot", "picture", metavar="FILE", help="Draw it in FILE (.png, .pdf or .svg), to be printed.")
@session_options
@save_option
def show_command(
    routine: str, as_json: bool, all_cues: bool, picture: str | None, options: Options, save: str | None
) -> None:
    """Show ROUTINE, an id, a file or a preset, on one screen: its chapters, and what your options change in it.

    A pose of the library is shown by its id or name.
    """
    known = {**paths.routine_files(), **paths.preset_files()}
    if not (routine in known or is_path(routine) or paths.is_file(Path(routine))):
        from audioguide.cli.commands.poses import show_pose  # it reads the whole library

        show_pose(routine, known, as_json, options, has_flags=bool(picture or save or all_cues))
        return
    if paths.pose_file(routine) and (step := find_pose(routine)):
        print_notes([f"{routine} is a pose, too: `audioguide show {quote(step.pose.name)}`."])
    path = None if picture is None else Path(picture)
    if path:
        from audioguide.draw.render import check_picture

        check_picture(path)
    resolved = resolve_routine(routine, options, save)
    session = open_resolved(resolved)
    if unheard := session.unheard:
        session = session.draft()
        print_notes((*session.notes, f"Lengths are estimated: {unheard}"))
    else:
        session = fit_and_report(session)
    save_preset(resolved, save)
    with progress() as stage:
        timeline = session.outline.timeline if unheard else session.compile(stage("Speaking"))
    if path:
        session.plot(timeline, path)
    about = "~" if unheard else ""
    if as_json:
        print_json(to_json(timeline, estimated=bool(unheard)), indent=1)
    elif path or all_cues:
        click.echo(path or to_table(timeline, about))
    else:
        _print_overview(session, timeline, resolved, about)


def _print_overview(session: Session, timeline: Timeline, resolved: ResolvedRoutine, about: str) -> None:
    """Print the session on one screen; `about` stands before its length."""
    levels = dict.fromkeys(step.level for step in session.routine.steps if isinstance(step, PoseStep))
    sounds = [BackgroundSpec(name).title for name in session.background_names] or ["no background"]
    in_force = ", ".join((f"voice {session.voice.name}", *(f"level {level}" for level in levels), *sounds))
    print_columns([(False, (timeline.title, about + format_clock(timeline.frames), in_force))])
    if options := to_arguments(resolved.options):
        wrapper = TextWrapper(console.line_width(), subsequent_indent=" " * len("Options: "))
        wrapper.break_long_words = wrapper.break_on_hyphens = False
        click.echo(wrapper.fill(f"Options: {options}"))
    print_columns([*to_rows(timeline, session.routine, resolved.routine)])


@click.command("check")
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@json_option
@click.option("--strict", is_flag=True, help="Exit with 2 on warnings, too.")
def check_command(files: tuple[str, ...], as_json: bool, strict: bool) -> int:
    """Check routine FILEs and print every problem, as FILE:LINE:COLUMN: message.

    Exits with 2 when there is an error.
    """
    from audioguide.session.check import check_all  # slow to load, and only this command needs it

    problems = [problem for found in check_all(files) for problem in found]
    if not as_json:
        return console.print_problems(problems, strict=strict)
    about = attrgetter("severity", "code", "message", "hint")
    keys = ("file", "line", "column", "severity", "code", "message", "hint")
    print_json([dict(zip(keys, (*problem.place[:3], *about(problem)), strict=True)) for problem in problems])
    return 2 if any(strict or problem.severity == "error" for problem in problems) else 0


@click.command("schema")
@click.option("-o", "output", metavar="FILE", help=f"Write it to a file, as {SCHEMA_FILE} beside your routines.")
def schema_command(output: str | None) -> None:
    """Print the JSON Schema of routine files, with which an editor completes and checks what you write."""
    if output is None:
        print_json(json_schema())
        return
    if Path(output).suffix != ".json":  # so that no routine is overwritten
        raise RequestError(f"{output} does not end with .json.", f"Write -o {SCHEMA_FILE}.")
    write_text(Path(output), json.dumps(json_schema(), ensure_ascii=False, indent=2) + "\n")
    click.echo(f"{output}  For completion in VS Code, begin a routine beside it with this line:")
    click.echo(f"# yaml-language-server: $schema={Path(output).name}")
