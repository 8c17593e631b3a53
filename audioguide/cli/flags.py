"""The options that `list`, `show`, `play` and `export` share, and how their values are read."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, TypeVar

import click

from audioguide.model.notation import parse_length, parse_pattern
from audioguide.model.options import SILENT, Options
from audioguide.model.routine import CHIMES, LEVELS, Length
from audioguide.units import parse_duration

Command = Callable[..., Any]
T = TypeVar("T")

_HOLD = "Hold every pose so long (45s, 1:30, 5 breaths), or one: POSE=1:30, by id, name or step number. Repeatable."


def session_options(command: Command) -> Command:
    """Add the options of a session to a command, which is handed them as `options: Options`."""

    @functools.wraps(command)
    def collect(
        hold: tuple[str, ...],
        scale: float | None,
        length: str | None,
        breath: str | None,
        level: str | None,
        skip: tuple[str, ...],
        voice: str | None,
        background: str | None,
        chime: str | None,
        fallback: str | None,
        beyond_limits: bool,
        **rest: Any,
    ) -> Any:
        everywhere, single = _holds(hold)
        options = Options(
            hold=everywhere,
            holds=single,
            scale=scale,
            length=read_option("--length", length, parse_duration) if length is not None else None,
            breath=read_option("--breath", breath, parse_pattern) if breath is not None else None,
            level=level,  # type: ignore[arg-type]  # click.Choice lets only levels through
            background=background,
            chime=chime,  # type: ignore[arg-type]  # and only chimes
            voice=voice,
            fallback=fallback,
            skip=skip,
            beyond_limits=beyond_limits,
        )
        return command(options=options, **rest)

    for decorate in reversed(
        (
            click.option("--hold", multiple=True, metavar="[POSE=]TIME", help=_HOLD),
            click.option("--scale", type=float, metavar="FACTOR", help="Make holds longer or shorter: 1.25, 0.5."),
            click.option("--length", metavar="TIME", help="Fit the whole session to 12:00, or 20m."),
            click.option("--breath", metavar="PATTERN", help="Breathe 4-6 in every pose (seconds in-out)."),
            click.option("--level", type=click.Choice(LEVELS), help="How much is said."),
            click.option("--skip", multiple=True, metavar="POSE", help="Leave a pose out. Repeatable."),
            click.option("--voice", metavar="NAME", help="Who speaks."),
            click.option("--fallback", metavar="NAME", help="Who goes on when the voice fails, as without a network."),
            click.option("--background", metavar="NAME|none", help="What sounds in the holds."),
            click.option("--chime", type=click.Choice((*CHIMES, SILENT)), help="What ends a hold."),
            click.option("--beyond-limits", is_flag=True, help="Allow holds outside the limits of their poses."),
        )
    ):
        collect = decorate(collect)
    return collect


save_option = click.option("--save", metavar="NAME", help="Keep the routine with these options as a preset.")


def read_option(option: str, text: str, parse: Callable[[str], T]) -> T:
    """The value of an option; where it is none, a UsageError says why."""
    try:
        return parse(text)
    except ValueError as error:
        raise click.UsageError(f"{option}: {error}") from None


def _holds(values: tuple[str, ...]) -> tuple[Length | None, tuple[tuple[str, Length], ...]]:
    everywhere: Length | None = None
    single: list[tuple[str, Length]] = []
    for value in values:
        pose, equals, length = value.rpartition("=")
        read = read_option(f"--hold {value}", length, parse_length)
        if not equals:
            everywhere = read
        elif pose.strip():
            single.append((pose.strip(), read))
        else:
            raise click.UsageError(f"--hold {value}: name the pose before the equals sign.")
    return everywhere, tuple(single)
