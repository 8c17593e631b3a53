"""`audioguide import`."""

from __future__ import annotations

from pathlib import Path

import click

from audioguide.errors import RequestError, RoutineError
from audioguide.files import write_text
from audioguide.resources import shown
from audioguide.routine.importing.script import read_script
from audioguide.routine.importing.yaml_text import yaml_text
from audioguide.routine.load import attempt

_YAML = (".yaml", ".yml")


@click.command("import")
@click.argument("file")
@click.option("-o", "output", metavar="ROUTINE", help="Where to, ending with .yaml. Default: it is printed.")
@click.option("--force", is_flag=True, help="Replace a routine that is there already.")
def command(file: str, output: str | None, force: bool) -> None:
    """Make a routine of FILE, plain text or Markdown with pauses. What had to be guessed is told with its line."""
    path, target = Path(file), Path(output) if output else None
    if path.suffix.lower() in _YAML:
        raise RequestError(f"{file} is a routine already, by its ending.", "Name a file of plain text or Markdown.")
    if target:
        _check(target, force)
    script = read_script(path)
    routine, problems = attempt(path, script)
    if problems or routine is None:
        raise RoutineError(problems)
    text = yaml_text(script)
    for guess in script.guesses:
        click.echo(str(guess), err=True)
    if target is None:
        click.echo(text, nl=False)
        return
    write_text(target, text)
    count = len(routine.steps)
    steps = f"{count} step{'' if count == 1 else 's'}"
    click.echo(f"{output}  {steps}. Hear it with `audioguide play {output}`, change it in any editor.")


def _check(target: Path, force: bool) -> None:
    """Raises RequestError for a name that no routine has, and for one that somebody may have worked on."""
    if target.suffix.lower() not in _YAML:
        raise RequestError(f"{target} does not end with .yaml.", f"Write -o {target.stem or 'routine'}.yaml.")
    if target.is_dir():
        raise RequestError(f"{shown(target)} is a folder.", "Name a file in it.")
    if (target.exists() or target.is_symlink()) and not force:
        raise RequestError(f"{shown(target)} is there already.", "Choose another name, or replace it with --force.")
    if not target.parent.is_dir():
        raise RequestError(f"There is no folder {target.parent}.", "Make it, or choose another.")
