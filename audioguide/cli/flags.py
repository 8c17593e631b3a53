"""The session options as command-line flags, made from the table of options."""

import functools
from collections.abc import Callable, Iterator
from itertools import groupby
from typing import Any, TypeVar

import click

from audioguide.model.options import OPTIONS, Option, Options

Command = Callable[..., Any]
T = TypeVar("T")

# The rows of each flag: `--hold` has two, for all poses and for one.
_FLAGS = {flag: tuple(rows) for flag, rows in groupby(OPTIONS, lambda row: row.flag or f"--{row.key}")}


def session_options(command: Command) -> Command:
    """Add the session options to a command, which gets them as `options: Options`."""

    @functools.wraps(command)
    def collect(**arguments: Any) -> Any:
        values: dict[str, Any] = {}
        for flag, rows in _FLAGS.items():
            values.update(_read(flag, rows, arguments.pop(flag.removeprefix("--").replace("-", "_"))))
        return command(options=Options(**values), **arguments)

    for flag, rows in reversed(_FLAGS.items()):
        help = " ".join(row.help for row in rows)
        match rows:
            case [Option(kind="switch")]:
                add = click.option(flag, is_flag=True, help=help)
            case [Option(kind="value", choices=(_, *_) as choices)]:
                add = click.option(flag, type=click.Choice(choices), help=help)
            case _:
                many = len(rows) > 1 or rows[0].kind in ("poses", "by pose", "cues")
                add = click.option(flag, multiple=many, metavar=" or ".join(row.metavar for row in rows), help=help)
        collect = add(collect)
    return collect


output_option = click.option("-o", "output", metavar="FILE", help="Write a file; the ending names the format.")
save_option = click.option("--save", metavar="NAME", help="Save the routine with these options as a preset.")


def read_option(option: str, text: str, parse: Callable[[str], T]) -> T:
    """Parse the value of an option. UsageError says what is wrong with it."""
    try:
        return parse(text)
    except ValueError as error:
        raise click.UsageError(f"{option}: {error}") from None


def _read(flag: str, rows: tuple[Option, ...], given: Any) -> Iterator[tuple[str, Any]]:
    if not isinstance(given, tuple):
        (row,) = rows
        yield row.name, given if row.kind == "switch" or given is None else read_option(flag, given, row.parse)
        return
    for row in rows:
        if row.kind == "poses":
            yield row.name, given
        elif row.kind == "cues":
            yield row.name, read_option(flag, ",".join(given), row.parse) if given else None
        elif row.kind == "value":
            values = [read_option(f"{flag} {text}", text, row.parse) for text in given if "=" not in text]
            yield row.name, functools.reduce(lambda under, over: row.merge(over, under), values, None)
        else:
            yield row.name, tuple(_pair(flag, row, text) for text in given if "=" in text or len(rows) == 1)


def _pair(flag: str, row: Option, text: str) -> tuple[str, Any]:
    pose, equals, value = text.rpartition("=")
    if not equals:
        raise click.UsageError(f"{flag} {text}: name the pose before it, as {flag} {row.metavar}.")
    if not pose.strip():
        raise click.UsageError(f"{flag} {text}: name the pose before the equals sign.")
    return pose.strip(), read_option(f"{flag} {text}", value, row.parse)
