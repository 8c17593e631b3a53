"""Finds the command, runs it, and turns whatever goes wrong into one sentence and an exit code."""

from __future__ import annotations

import errno
import os
import sys
from importlib import import_module

import click

from audioguide.cli import INTERRUPTED
from audioguide.errors import AudioguideError
from audioguide.version import __version__

_MODULES = {
    "list": "routines",
    "show": "routines",
    "check": "routines",
    "schema": "routines",
    "serve": "phone",
    "send": "phone",
    "voices": "sounds",
    "backgrounds": "sounds",
    "chimes": "sounds",
    "import": "edit",
    "new": "edit",
    "edit": "edit",
    "delete": "edit",
    "config": "settings",
    "cache": "settings",
}
"""The modules of the commands that have none of their own name."""

COMMANDS = {
    "list": "Routines, with their length.",
    "show": "The timeline of a routine: what is heard, and when.",
    "check": "Every problem of routine files at once.",
    "play": "Play a session on the loudspeaker.",
    "export": "Write a session to a file: MP3, M4A, Opus, FLAC or WAV.",
    "batch": "Many sessions: one for each row of a plan.",
    "serve": "The page for the phone.",
    "send": "Send a session to the phone.",
    "log": "What was done, and when.",
    "voices": "Who can speak; lets you hear one.",
    "backgrounds": "What can sound in the holds; lets you hear one.",
    "chimes": "What ends a hold; lets you hear one.",
    "import": "A routine from text with pauses, or from a file that was exported.",
    "new": "A commented routine to start from.",
    "edit": "Opens a routine or preset of your own in your editor.",
    "delete": "Deletes a routine or preset of your own.",
    "config": "Your settings and where each comes from.",
    "cache": "What is kept so that it need not be made again.",
    "schema": "The JSON Schema of a routine, for editors.",
    "doctor": "What works on this machine.",
}


class _Lazy(click.Group):
    """Knows its commands by name and help, and imports a command's module when it is used."""

    def list_commands(self, context: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        module = import_module(f"audioguide.cli.commands.{_MODULES.get(name, name)}")
        command: click.Command = getattr(module, f"{name}_command")
        return command

    def format_commands(self, context: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def resolve_command(
        self, context: click.Context, arguments: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = arguments[0]
        if name not in COMMANDS and not name.startswith("-"):
            from audioguide.errors import suggest

            context.fail(f"There is no command {name!r}. {suggest(name, COMMANDS)}")
        return super().resolve_command(context, arguments)


@click.group(cls=_Lazy, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, message="audioguide %(version)s")
def group() -> None:
    """Voice-guided sessions: a written routine becomes a narrated cool-down, heard live or exported as an MP3."""


def run(arguments: list[str]) -> int:
    """Run one command; returns its exit code. What is wrong is said on stderr."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # a terminal that has no “é” gets a question mark, not a traceback
    if any("\0" in argument for argument in arguments):  # no shell hands one over, but another program can
        click.echo("A name cannot have a NUL character in it. Write it again.", err=True)
        return 2
    try:
        code = group.main(arguments, "audioguide", standalone_mode=False)
        sys.stdout.flush()
    except click.UsageError as error:
        where = error.ctx.command_path if error.ctx else "audioguide"
        message = error.format_message()
        click.echo(f"{message}{'' if message.endswith(('.', '?')) else '.'} See `{where} --help`.", err=True)
        return error.exit_code
    except (KeyboardInterrupt, click.Abort):
        click.echo("Stopped.", err=True)
        return INTERRUPTED
    except AudioguideError as error:
        click.echo(str(error), err=True)
        return error.exit_code
    except BrokenPipeError:
        # Whoever read our output has seen enough. Python would complain once more when it flushes at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except OSError as error:
        if error.errno == errno.ENAMETOOLONG:  # the name was given: nothing of ours is that long
            click.echo(f"The name {error.filename} is too long for this disk. Choose a shorter one.", err=True)
            return 2
        where = f" ({error.filename})" if error.filename else ""
        click.echo(f"The system refused: {error.strerror or error}{where}.", err=True)
        return 1
    return code if isinstance(code, int) else 0
