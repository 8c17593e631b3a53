"""`audioguide new`."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Iterable
from pathlib import Path
from shlex import quote

import click

from audioguide.errors import EnvironmentFailure, Problem, RequestError, RoutineError
from audioguide.routine.importers.script import read_script, routine_to_yaml, script_to_yaml
from audioguide.routine.json_schema import SCHEMA_FILE as SCHEMA
from audioguide.routine.load import check_routine, find_routine, is_path
from audioguide.session.check import check
from audioguide.session.preset import find_preset, find_sound, presets_of
from audioguide.system import paths
from audioguide.system.files import make_folder, write_text
from audioguide.system.paths import ENDINGS, display_path, printable

_NOT_TEXT = {"true", "false", "null"}

_SWITCH = f"""\
# VS Code completes and checks while you write: `audioguide schema -o {SCHEMA}` in this folder says how.
"""


def template(name: str, *, completed: bool) -> str:
    """The text of a new routine, titled after its file's `name`.

    `completed` says that the schema lies beside it, which its first line then tells an editor.
    """
    text = Path(__file__).with_name("template.yaml").read_text("utf-8")
    first = f"# yaml-language-server: $schema={SCHEMA}\n" if completed else _SWITCH
    return first + text.replace("TITLE", _title(name))


def _title(name: str) -> str:
    words = " ".join(re.split(r"[-_\s]+", name)).strip()[:120]
    if not any(letter.isalnum() for letter in words):
        return "My routine"
    title = words[0].upper() + words[1:]
    plain = re.fullmatch(r"[^\W\d_][\w ]*", title) and title.casefold() not in _NOT_TEXT
    return title if plain else json.dumps(title, ensure_ascii=False)


@click.command("new")
@click.argument("file")
def new_command(file: str) -> None:
    """Write a commented routine to start from to FILE, which ends with .yaml and is not there yet."""
    path = Path(file)
    if path.suffix not in ENDINGS:
        raise RequestError(
            f"{file} does not end with .yaml.", f"Write `audioguide new {quote(Path(file).stem or 'mine')}.yaml`."
        )
    if os.path.lexists(path):
        raise RequestError(f"{display_path(path)} is there already.", "Choose another name.")
    write_text(path, template(printable(path.stem), completed=path.with_name(SCHEMA).is_file()))
    typed = quote(file)
    click.echo(f"{file}  Hear it with `audioguide play {typed}`, check it with `audioguide check {typed}`.")


def edit(path: Path) -> None:
    """Open a file in $VISUAL or $EDITOR, and wait. EnvironmentFailure where there is none, or it failed."""
    try:
        click.edit(filename=str(path))
    except click.ClickException as error:
        hint = "Name one in the variable EDITOR, as EDITOR=nano"
        raise EnvironmentFailure(f"{error.format_message().rstrip('.')}. {hint}, or open {path} yourself.") from None


def report(problems: Iterable[Problem]) -> int:
    """Print problems, one a line; the exit code that they make."""
    found = tuple(problems)
    for problem in found:
        click.echo(str(problem))
    return 2 if any(problem.severity == "error" for problem in found) else 0


@click.command("edit")
@click.argument("name")
@click.option("--copy", is_flag=True, help="Of a shipped routine, edit a copy of your own, which then stands for it.")
def edit_command(name: str, copy: bool) -> int:
    """Open a routine or a preset of your own, by NAME or as a file, in your editor ($VISUAL, $EDITOR), and check it."""
    if find_sound(name):
        raise RequestError(f"{name} is sound.", f"Write `audioguide import {quote(name)} -o routine.yaml` first.")
    path = find_preset(name) or find_routine(name)
    if not path.is_file():
        raise RequestError(
            f"There is no file {display_path(path)}.", f"Begin one with `audioguide new {quote(display_path(path))}`."
        )
    if name in paths.routine_files() and not path.is_relative_to(paths.user_dir()):
        if not copy:
            raise RequestError(
                f"{name} came with audioguide, so it is not edited in place.",
                f"Edit a copy of your own, which then stands for it: `audioguide edit {quote(name)} --copy`.",
            )
        path = _copied(path)
    edit(path)
    return report(check(path))


def _copied(path: Path) -> Path:
    copy = paths.user_dir() / "scripts" / path.name
    make_folder(copy.parent)
    write_text(copy, path.read_text("utf-8"))
    undo = f"audioguide delete {quote(path.stem)}"
    click.echo(f"Copied to {display_path(copy)}. `{undo}` brings the shipped one back.", err=True)
    return copy


@click.command("delete")
@click.argument("name")
@click.option("--yes", is_flag=True, help="Do not ask.")
def delete_command(name: str, yes: bool) -> None:
    """Delete a routine or a preset of your own, by NAME. What came with audioguide stays."""
    path = _file(name)
    presets = () if find_preset(name) else presets_of(name)
    if not yes:
        if not sys.stdin.isatty():
            raise RequestError(f"{display_path(path)} is deleted for good.", "Add --yes if that is meant.")
        besides = f", of which these presets are made: {', '.join(presets)}" if presets else ""
        if not click.confirm(f"Delete {display_path(path)}{besides}?", err=True):
            return
    try:
        path.unlink()
    except OSError as error:
        raise EnvironmentFailure(
            f"{display_path(path)} cannot be deleted: {error.strerror}. Delete it by hand."
        ) from None
    back = " The shipped one stands for it again." if name in paths.routine_files() else ""
    click.echo(f"Deleted {display_path(path)}.{back}", err=True)
    if presets and not back:
        click.echo(f"Without it these presets do nothing: {', '.join(presets)}.", err=True)


def _file(name: str) -> Path:
    if is_path(name):
        raise RequestError("Routines and presets are deleted by name.", "Delete other files as you delete any file.")
    path = find_preset(name) or find_routine(name)
    if not path.is_relative_to(paths.user_dir()):
        raise RequestError(f"{name} came with audioguide, so it stays.", "`delete` is for what is your own.")
    return path


@click.command("import")
@click.argument("file")
@click.option("-o", "output", metavar="ROUTINE", help="Where to, ending with .yaml. Default: it is printed.")
@click.option("--force", is_flag=True, help="Replace a routine that is there already.")
def import_command(file: str, output: str | None, force: bool) -> None:
    """Make a routine of FILE, plain text or Markdown with pauses, or take it out of an exported file.

    What had to be guessed is told with its line.
    """
    path, target = Path(file), None if output is None else Path(output)
    if path.suffix.lower() in ENDINGS:
        raise RequestError(f"{file} is a routine already, by its ending.", "Name a file of plain text or Markdown.")
    if target:
        _check(target, force)
    if find_sound(path):
        _take_out(path, target)
        return
    script = read_script(path)
    routine, problems = check_routine(path, script)
    if problems or routine is None:
        raise RoutineError(problems)
    text = script_to_yaml(script)
    for assumption in script.assumptions:
        click.echo(str(assumption), err=True)
    _give(text, target, len(routine.steps))


def _take_out(path: Path, target: Path | None) -> None:
    """The routine that a sound file carries. The options stay there, and are told."""
    from audioguide.model.options import to_arguments
    from audioguide.session.embedded import read_embedded, to_routine_data

    carried = read_embedded(path)
    routine = carried.routine()
    _give(routine_to_yaml(to_routine_data(carried), path.name), target, len(routine.steps))
    if options := to_arguments(carried.options):
        click.echo(f"In {display_path(path)} it was done with {options}", err=True)


def _give(text: str, target: Path | None, count: int) -> None:
    if target is None:
        click.echo(text, nl=False)
        return
    write_text(target, text)
    steps = f"{count} step{'' if count == 1 else 's'}"
    click.echo(f"{target}  {steps}. Hear it with `audioguide play {quote(str(target))}`, change it in an editor.")


def _check(target: Path, force: bool) -> None:
    """Raises RequestError for a name that no routine has, and for one that somebody may have worked on."""
    if target.suffix.lower() not in ENDINGS:
        raise RequestError(f"{target} does not end with .yaml.", f"Write -o {quote(target.stem or 'routine')}.yaml.")
    if target.is_dir():
        raise RequestError(f"{display_path(target)} is a folder.", "Name a file in it.")
    if (target.exists() or target.is_symlink()) and not force:
        raise RequestError(
            f"{display_path(target)} is there already.", "Choose another name, or replace it with --force."
        )
    if not target.parent.is_dir():
        raise RequestError(f"There is no folder {target.parent}.", "Make it, or choose another.")
