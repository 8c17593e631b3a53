"""Finds a command, runs it, and turns every error into one sentence and an exit code."""

import errno
import os
import sys
from importlib import import_module

import click

from audioguide.cli import INTERRUPTED
from audioguide.errors import AudioguideError
from audioguide.version import __version__

# Each command's module and one line of help, known without loading the module.
COMMANDS = {
    "list": ("routines", "List routines and presets with their length."),
    "show": ("routines", "Show a session on one screen, or a pose of the library."),
    "check": ("routines", "Check routine files and print every problem."),
    "play": ("play", "Play a session on the loudspeaker."),
    "export": ("export", "Write a session to a file: MP3, M4A, Opus, FLAC or WAV."),
    "plan": ("planned", "Plan sessions for weeks: what is done, due and missed."),
    "sheet": ("print_sheet", "Write a session on paper, with figures, for a person."),
    "batch": ("batch", "Write many sessions, one for each row of a batch file."),
    "serve": ("phone", "Serve the web page for your phone."),
    "send": ("phone", "Send a session to a phone in the same network."),
    "log": ("share_log", "Show the sessions that you did, and when."),
    "compose": ("compose", "Put together a session for today, of what you wish."),
    "poses": ("poses", "List the poses, or preview one."),
    "voices": ("sounds", "List the voices, or preview one."),
    "backgrounds": ("sounds", "List the sounds for the holds, or preview one."),
    "chimes": ("sounds", "List the chimes that end a hold, or preview one."),
    "import": ("edit", "Make a routine from a text with pauses, or from an exported file."),
    "new": ("edit", "Write a commented routine to start from."),
    "edit": ("edit", "Open a routine or preset of your own in your editor."),
    "delete": ("edit", "Delete a routine or preset of your own."),
    "config": ("settings", "Show your settings and where each comes from."),
    "cache": ("settings", "Show what is cached, or clear it."),
    "schema": ("routines", "Print the JSON Schema of routine files, for editors."),
    "doctor": ("doctor", "Check what works on this machine."),
}


LONGEST_ARGUMENT = 10_000  # characters; a spoken text has at most half of that


class _LazyGroup(click.Group):
    """Imports a command's module when the command is used."""

    def list_commands(self, context: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        if name.startswith("-"):
            return None  # click says that there is no such option
        if name not in COMMANDS:
            from audioguide.errors import suggest

            context.fail(f"There is no command {name!r}. {suggest(name, COMMANDS)}")
        module = import_module(f"audioguide.cli.commands.{COMMANDS[name][0]}")
        command: click.Command = getattr(module, f"{name}_command")
        return command

    def format_commands(self, context: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, help) for name, (_, help) in COMMANDS.items()])


@click.group(cls=_LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, message="audioguide %(version)s")
def group() -> None:
    """Voice-guided sessions: turn a written routine into a spoken one, and play it or export it as an MP3.

    `audioguide COMMAND --help` explains a command and its options.
    """


def run(arguments: list[str]) -> int:
    """Run one command and return its exit code; errors go to stderr."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # a terminal without “é” shows a question mark, not a traceback
    code, error = _run(arguments)
    if error:
        from audioguide.model.notation import CONTROLS  # a name in it may have signs that a terminal acts on

        click.echo("\n".join(CONTROLS.sub("?", line) for line in error.split("\n")), err=True)
    return code


def _run(arguments: list[str]) -> tuple[int, str]:
    """Run one command; its exit code, and the sentence of an error."""
    if any("\0" in argument for argument in arguments):  # no shell passes one, but another program can
        return 2, "A name cannot have a NUL character in it. Write it again."
    if any(len(argument) > LONGEST_ARGUMENT for argument in arguments):  # comparing it with all options takes minutes
        return 2, f"An argument has over {LONGEST_ARGUMENT:,} characters. Put so long a text into a file."
    try:
        code = group.main(arguments, "audioguide", standalone_mode=False)
        sys.stdout.flush()
    except click.UsageError as error:
        where = error.ctx.command_path if error.ctx else "audioguide"
        message = error.format_message()
        return error.exit_code, f"{message}{'' if message.endswith(('.', '?')) else '.'} See `{where} --help`."
    except (KeyboardInterrupt, click.Abort):
        return INTERRUPTED, "Stopped."
    except AudioguideError as error:
        return error.exit_code, str(error)
    except BrokenPipeError:  # the reader of our output has closed it; Python must not complain at exit, too
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1, ""
    except OSError as error:
        if error.errno == errno.ENAMETOOLONG:  # only a name that the user gave can be too long
            return 2, f"The name {error.filename} is too long for this disk. Choose a shorter one."
        where = f" ({error.filename})" if error.filename else ""
        return 1, f"The system refused: {error.strerror or error}{where}."
    return (code if isinstance(code, int) else 0), ""
