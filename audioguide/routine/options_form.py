"""Options in a preset, the settings, a row of a batch file and JSON: their form is made of the table of options."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, create_model, field_validator

from audioguide.model.cues import OnOff, parse_cues
from audioguide.model.notation import CONTROLS, parse_factor, parse_hold, parse_pattern, parse_sides
from audioguide.model.options import OPTIONS, Option, Options
from audioguide.schema.form import Cues, Duration, Form, HyphenForm, Name, Pattern, parse_with, problem
from audioguide.units import parse_duration


def strict_bool(value: object) -> object:
    """Nothing but true and false."""
    if not isinstance(value, bool):
        raise problem("no-such-choice", "This is either on or off.", "Write true or false.")
    return value


def check_printable(text: str) -> str:
    """A name, or a path, without control characters."""
    if CONTROLS.search(text):
        raise problem("control-character", "There is a control character in this name.", "Type it again by hand.")
    return text


def empty_as_default(value: object) -> object:
    """A key with nothing after it, as in a file whose lines are all comments, holds no options."""
    return {} if value is None else value


def _as_list(value: object) -> object:
    """One value as a list of one."""
    return [value] if isinstance(value, str | int) and not isinstance(value, bool) else value


def _factor(value: object) -> float:
    try:
        if isinstance(value, int | float) and not isinstance(value, bool):
            return parse_factor(value)
    except ValueError:
        pass
    raise problem("out-of-range", "A scale is a number from 0.1 to 10.", "Write it as 1.25.")


def join(value: object) -> object:
    """A list as it is written in one line."""
    return ",".join(map(str, value)) if isinstance(value, list | tuple) else value


_NOTATIONS: Mapping[Any, Any] = {  # what an option may be in a file, by the parser that its row names: others parse it
    parse_hold: Annotated[Any, parse_with("not-a-hold", parse_hold)],
    parse_duration: Duration,
    parse_pattern: Pattern,
    parse_sides: Annotated[Any, parse_with("invalid", parse_sides, ""), BeforeValidator(join)],
    parse_cues: Cues,
    parse_factor: Annotated[float, BeforeValidator(_factor)],
    str: Name,
}


def _field(row: Option) -> tuple[Any, Any]:
    value: Any = Literal[row.choices] if row.choices else _NOTATIONS.get(row.parse)
    value = value or Annotated[Any, parse_with("invalid", row.parse, "")]
    match row.kind:
        case "switch":
            return Annotated[bool, BeforeValidator(strict_bool)], False
        case "by pose":
            return dict[str, value], Field(default_factory=dict)
        case "poses":
            return list[value], Field(default_factory=list)
    return value | None, None


if TYPE_CHECKING:

    class OptionsForm(HyphenForm):
        """The options of a session, made of the table."""

else:
    OptionsForm = create_model("OptionsForm", __base__=HyphenForm, **{row.name: _field(row) for row in OPTIONS})


class DefaultsForm(OptionsForm):
    """The options of every session, whatever the routine."""

    @field_validator(*(row.name for row in OPTIONS if row.kind in ("by pose", "poses")))
    @classmethod
    def _no_step_numbers(cls, poses: Any) -> Any:
        if numbers := [pose for pose in poses if re.fullmatch(r"\s*\d+\s*", pose)]:
            reason = f"Step {numbers[0]} is another one in each routine."
            raise problem("invalid", reason, "Name a pose here, and keep step numbers for presets.")
        return poses


class PresetForm(Form):
    """A preset: a routine (an id or a file) and the options it is done with."""

    routine: Annotated[str, Field(min_length=1, max_length=4096), AfterValidator(check_printable)]
    options: Annotated[OptionsForm, BeforeValidator(empty_as_default)] = OptionsForm()


class SettingsForm(Form):
    """A person's settings."""

    options: Annotated[DefaultsForm, BeforeValidator(empty_as_default)] = DefaultsForm()
    questions: OnOff = "on"
    keys: Annotated[dict[str, Annotated[list[str], BeforeValidator(_as_list)]], BeforeValidator(empty_as_default)] = (
        Field(default_factory=dict)
    )


def to_options(form: OptionsForm) -> Options:
    """The options of an `OptionsForm`."""

    def to_hashable(value: Any) -> Any:
        items = value.items() if isinstance(value, dict) else value
        return tuple(items) if isinstance(value, dict | list) else value

    return Options(**{row.name: to_hashable(getattr(form, row.name)) for row in OPTIONS})
