"""`audioguide new`, `edit`, `delete` and `import`."""

import json
import os
import re
from contextlib import suppress
from itertools import islice
from pathlib import Path
from shlex import quote

import click

from audioguide.cli.console import confirm, line_width, print_notes, print_problems, yes_option
from audioguide.errors import EnvironmentFailure, RequestError, RoutineError
from audioguide.model.options import Options, to_arguments
from audioguide.routine.importers.script import Script, read_script, routine_to_yaml, script_to_yaml
from audioguide.routine.json_schema import SCHEMA_FILE as SCHEMA
from audioguide.routine.load import check_routine, find_routine, is_path
from audioguide.session.check import check, find_unspeakable
from audioguide.session.open import build_session
from audioguide.session.preset import find_preset, find_sound, presets_of, resolve
from audioguide.system import paths
from audioguide.system.files import make_folder, write_text
from audioguide.system.paths import ENDINGS, display_path, printable

_COMPLETION = f"VS Code can complete and check what you write: `audioguide schema -o {SCHEMA}` in this folder says how."


@click.command("new")
@click.argument("file")
def new_command(file: str) -> None:
    """Write a commented routine to start from to FILE, which ends with .yaml and does not exist yet."""
    path = Path(file)
    check_target(path, "audioguide new", "Choose another name.")
    write_text(path, template(printable(path.stem), completed=path.with_name(SCHEMA).is_file()))
    typed = quote(file)
    click.echo(f"{file}  Play it with `audioguide play {typed}`, check it with `audioguide check {typed}`.")


def template(name: str, *, completed: bool) -> str:
    """The text of a new routine whose file has this name; if `completed`, it names the JSON Schema beside it."""
    text = Path(__file__).with_name("template.yaml").read_text("utf-8")
    first = f"# yaml-language-server: $schema={SCHEMA}\n" if completed else f"# {_COMPLETION}\n"
    return first + text.replace("TITLE", _make_title(name))


def _make_title(name: str) -> str:
    words = " ".join(re.split(r"[-_\s]+", name)).strip()[:120]
    if not any(letter.isalnum() for letter in words):
        return "My routine"
    title = words[0].upper() + words[1:]
    plain = re.fullmatch(r"[^\W\d_][\w ]*", title) and title.casefold() not in ("true", "false", "null")
    return title if plain else json.dumps(title, ensure_ascii=False)


@click.command("edit")
@click.argument("name")
@click.option("--copy", is_flag=True, help="Edit your own copy of a shipped routine, which is then used instead.")
@click.option("--language", metavar="LANGUAGE", help="With --copy: the copy is in this language, as de.")
def edit_command(name: str, copy: bool, language: str | None) -> int:
    """Open a routine or a preset of your own in your editor ($VISUAL or $EDITOR), then check it.

    NAME is its name or its file.
    """
    if language and not copy:
        raise RequestError("Only a copy can be in another language.", "Add --copy.")
    if find_sound(name):
        hint = f"Write `audioguide import {quote(name)} -o routine.yaml` first."
        raise RequestError(f"{name} is a sound file.", hint)
    path = find_preset(name) or find_routine(name)
    shown = display_path(path)
    if not path.is_file():
        raise RequestError(f"There is no file {shown}.", f"Begin one with `audioguide new {quote(shown)}`.")
    if name in paths.routine_files() and not path.is_relative_to(paths.user_dir()):
        if not copy:
            hint = f"Edit your own copy, which is then used instead: `audioguide edit {quote(name)} --copy`."
            raise RequestError(f"{name} came with audioguide, so it is not edited in place.", hint)
        if language:
            resolved = resolve(name, Options(language=language))
            _ = build_session(resolved)  # or it has no words in it
            text = routine_to_yaml(resolved.written.routine, name)
        else:
            text = path.read_text("utf-8")
        path = paths.user_dir() / "scripts" / path.name
        make_folder(path.parent)
        write_text(path, text)
        undo = f"audioguide delete {quote(path.stem)}"
        click.echo(f"Copied to {display_path(path)}. `{undo}` brings the shipped one back.", err=True)
    open_editor(path)
    return print_problems(check(path))


def open_editor(path: Path) -> None:
    """Open a file in $VISUAL or $EDITOR, and wait. EnvironmentFailure where there is none, or it failed."""
    try:
        click.edit(filename=str(path))
    except click.ClickException as error:
        hint = "Name one in the variable EDITOR, as EDITOR=nano"
        raise EnvironmentFailure(f"{error.format_message().rstrip('.')}. {hint}, or open {path} yourself.") from None


@click.command("delete")
@click.argument("name")
@yes_option
def delete_command(name: str, yes: bool) -> None:
    """Delete a routine or a preset of your own, by NAME. What came with audioguide cannot be deleted."""
    if is_path(name):
        raise RequestError("Routines and presets are deleted by name.", "Delete other files as you delete any file.")
    preset = find_preset(name)
    path = preset or find_routine(name)
    shown = display_path(path)
    if not path.is_relative_to(paths.user_dir()):
        raise RequestError(f"{name} came with audioguide, so it cannot be deleted.", "Name a routine of your own.")
    presets = () if preset else presets_of(name)
    users = f", which these presets use: {', '.join(presets)}" if presets else ""
    if not confirm(f"Delete {shown}{users}?", yes=yes, abort=False):
        return
    try:
        path.unlink()
    except OSError as error:
        raise EnvironmentFailure(f"{shown} cannot be deleted: {error.strerror}. Delete it by hand.") from None
    shipped = name in paths.routine_files()
    click.echo(f"Deleted {shown}.{' The shipped one is used again.' if shipped else ''}", err=True)
    if presets and not shipped:
        click.echo(f"These presets do not work without it: {', '.join(presets)}.", err=True)


@click.command("import")
@click.argument("file")
@click.option("-o", "output", metavar="ROUTINE", help="Where to write it, ending with .yaml. Default: print it.")
@click.option("--force", is_flag=True, help="Replace an existing routine.")
@click.option("--explain", is_flag=True, help="Print FILE with what became of each line, in place of the routine.")
def import_command(file: str, output: str | None, force: bool, explain: bool) -> None:
    """Make a routine of FILE: a text with pauses, or a sound file that audioguide exported.

    A text is plain text, Markdown, HTML, SSML, subtitles (SRT, VTT, LRC) or a table (CSV, TSV). What had to be guessed,
    and what is left out, is printed with its line.
    """
    path, target = Path(file), None if output is None else Path(output)
    if path.suffix.lower() in ENDINGS:
        raise RequestError(f"{file} is a routine already, by its ending.", "Name a text, as plain text or Markdown.")
    if target:
        check_target(target, "-o", "" if force else "Choose another name, or add --force.")
    script: Script | None = None
    if find_sound(path):
        if explain:
            raise RequestError(f"{file} is sound, and has no lines to explain.", "Leave --explain out.")
        from audioguide.session.embedded import read_embedded, to_routine_data

        embedded = read_embedded(path)
        routine = embedded.routine()
        text, arguments = routine_to_yaml(to_routine_data(embedded), path.name), to_arguments(embedded.options)
        notes = [f"{display_path(path)} was exported with {arguments}"] if arguments else []
    else:
        script = read_script(path)
        found, problems = check_routine(path, script)
        if problems or found is None:
            raise RoutineError(problems)
        routine, text, notes = found, script_to_yaml(script), [str(assumption) for assumption in script.assumptions]
        with suppress(RequestError):  # no words or no voice of its language, which is told where it is played
            notes += map(str, islice(find_unspeakable(script, routine), 20))
    if explain and script:
        _print_explained(script)
    if target is None:
        click.echo("" if explain else text, nl=False)
    else:
        write_text(target, text)
        steps = f"{len(routine.steps)} step{'' if len(routine.steps) == 1 else 's'}"
        click.echo(f"{target}  {steps}. Play it with `audioguide play {quote(str(target))}`, change it in an editor.")
    print_notes(notes)


def _print_explained(script: Script) -> None:
    """Print each line of a script, and under it what became of its words, in grey on a terminal."""
    for row, fate in script.explain(line_width()):
        click.echo(row)
        if fate:
            click.echo(click.style(fate, dim=True))


def check_target(target: Path, example: str, hint: str) -> None:
    """RequestError where `target` is no name of a routine, or exists and there is a `hint` what to do about that."""
    if target.suffix not in ENDINGS:
        fix = f"Write `{example} {quote(target.stem or 'mine')}.yaml`."
        raise RequestError(f"{target} does not end with .yaml.", fix)
    if hint and os.path.lexists(target):
        raise RequestError(f"{display_path(target)} exists already.", hint)
