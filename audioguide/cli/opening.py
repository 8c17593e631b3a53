"""From what a person asked for to a session: the command's options over a preset's over the standing wishes."""

from __future__ import annotations

from dataclasses import replace

import click

from audioguide.cli.notes import News
from audioguide.config import Config, read_config
from audioguide.errors import RequestError, RoutineError
from audioguide.opening import session_of_plan, works
from audioguide.presets import Plan, check_name, check_source, plan, save
from audioguide.resources import shown
from audioguide.routine.customise import Options
from audioguide.routine.document import Document
from audioguide.session import Session
from audioguide.speech.speaker import Tell


def standing() -> Config:
    """The standing wishes. RoutineError with all that is wrong with them, and where."""
    config = read_config()
    _check_names(config.document)
    return config


def planned(routine: str, options: Options, name: str | None = None) -> Plan:
    """What a command is to make a session of; `name` is the preset that the options shall be saved as."""
    if name is not None:
        check_name(name)
    config = standing()
    found = plan(routine, options, config.options)
    if name is not None:
        check_source(found)
    if found.preset:
        _check_names(found.preset.document)
    return found


def opened(plan: Plan, asked: Options, tell: Tell | None = None) -> Session:
    """The session of a plan. What is refused although it was not asked for now is told with the file it stands in.

    `tell` is told what a listener should know while it is made; without it, that is printed.
    """
    try:
        return replace(session_of_plan(plan), tell=tell or News().tell)
    except RoutineError:
        raise
    except RequestError as error:
        if not works(replace(plan, options=asked)):
            raise
        where = shown(read_config().path)
        if plan.carried:
            where = plan.carried.file
        elif plan.preset and not works(replace(plan, options=plan.kept)):
            where = plan.preset.document.file
        raise RequestError(error.message, f"{error.hint} It was asked for in {where}.".lstrip()) from None


def keep(plan: Plan, name: str | None) -> None:
    """Save the options as a preset, if that was asked for, and say where it is."""
    if name is not None:
        click.echo(f"Saved as {shown(save(name, plan))}: `audioguide play {name}`.", err=True)


def _check_names(document: Document | None) -> None:
    if document:
        from audioguide.checking import unknown_names  # slow to load, and most people have neither file

        if problems := tuple(unknown_names(document)):
            raise RoutineError(problems)
