"""`audioguide import`."""

from __future__ import annotations

from pathlib import Path
from shlex import quote

import click

from audioguide.errors import RequestError, RoutineError
from audioguide.files import write_text
from audioguide.presets import find_sound
from audioguide.resources import ENDINGS, shown
from audioguide.routine.importing.script import read_script
from audioguide.routine.importing.yaml_text import routine_text, yaml_text
from audioguide.routine.load import attempt


@click.command("import")
@click.argument("file")
@click.option("-o", "output", metavar="ROUTINE", help="Where to, ending with .yaml. Default: it is printed.")
@click.option("--force", is_flag=True, help="Replace a routine that is there already.")
def command(file: str, output: str | None, force: bool) -> None:
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
    routine, problems = attempt(path, script)
    if problems or routine is None:
        raise RoutineError(problems)
    text = yaml_text(script)
    for guess in script.guesses:
        click.echo(str(guess), err=True)
    _give(text, target, len(routine.steps))


def _take_out(path: Path, target: Path | None) -> None:
    """The routine that a sound file carries. The options stay there, and are told."""
    from audioguide.carried import read_carried
    from audioguide.carried.unpacked import arguments, unpacked

    carried = read_carried(path)
    routine = carried.routine()
    _give(routine_text(unpacked(carried), path.name), target, len(routine.steps))
    if options := arguments(carried.options):
        click.echo(f"In {shown(path)} it was done with {options}", err=True)


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
        raise RequestError(f"{shown(target)} is a folder.", "Name a file in it.")
    if (target.exists() or target.is_symlink()) and not force:
        raise RequestError(f"{shown(target)} is there already.", "Choose another name, or replace it with --force.")
    if not target.parent.is_dir():
        raise RequestError(f"There is no folder {target.parent}.", "Make it, or choose another.")
