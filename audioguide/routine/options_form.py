"""Options as they are written, with the same words as on the command line: in a preset, and in the config file."""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, field_validator

from audioguide.model.options import Options
from audioguide.model.routine import Level
from audioguide.routine.routine_form import ChimeOrNone
from audioguide.schema.form import Duration, Form, Hold, Name, Pattern, problem


def truth(value: object) -> object:
    """Nothing but true and false."""
    if not isinstance(value, bool):
        raise problem("no-such-choice", "This is either on or off.", "Write true or false.")
    return value


def _factor(value: object) -> object:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0.1 <= value <= 10:
        raise problem("out-of-range", "This is no factor for holds.", "Write a number from 0.1 to 10, as 1.25.")
    return value


def printable(text: str) -> str:
    """A name, or a path, without control characters."""
    if not text.isprintable():
        raise problem("control-character", "There is a control character in this name.", "Type it again by hand.")
    return text


def some(value: object) -> object:
    """A key with nothing after it, as in a file whose lines are all comments, holds no options."""
    return {} if value is None else value


class OptionsForm(Form):
    """The options of a session. The keys of `holds` are poses, as after `--hold`."""

    model_config = ConfigDict(alias_generator=lambda name: name.replace("_", "-"))

    hold: Hold | None = None
    holds: dict[str, Hold] = Field(default_factory=dict)
    scale: Annotated[float, BeforeValidator(_factor)] | None = None
    length: Duration | None = None
    breath: Pattern | None = None
    level: Level | None = None
    background: Name | None = None
    chime: ChimeOrNone | None = None
    voice: Name | None = None
    fallback: Name | None = None
    skip: list[Name] = Field(default_factory=list)
    beyond_limits: Annotated[bool, BeforeValidator(truth)] = False


class StandingForm(OptionsForm):
    """The options of every session, whatever the routine."""

    @field_validator("holds", "skip")
    @classmethod
    def _no_numbers(cls, poses: Any) -> Any:
        if numbered := [pose for pose in poses if re.match(r"\s*\d+\s*$", pose)]:
            reason = f"Step {numbered[0]} is another one in each routine."
            raise problem("invalid", reason, "Name a pose here, and keep step numbers for presets.")
        return poses


class PresetForm(Form):
    """A preset: a routine (an id or a file) and the options it is done with."""

    routine: Annotated[str, Field(min_length=1, max_length=4096), AfterValidator(printable)]
    options: Annotated[OptionsForm, BeforeValidator(some)] = OptionsForm()


class ConfigForm(Form):
    """A person's standing wishes."""

    options: Annotated[StandingForm, BeforeValidator(some)] = StandingForm()


def options_of(form: OptionsForm) -> Options:
    """The options that were written."""
    return Options(
        hold=form.hold,
        holds=tuple(form.holds.items()),
        scale=form.scale,
        length=form.length,
        breath=form.breath,
        level=form.level,
        background=form.background,
        chime=form.chime,
        voice=form.voice,
        fallback=form.fallback,
        skip=tuple(form.skip),
        beyond_limits=form.beyond_limits,
    )
