"""What the keys of a file may hold: the base of all forms, and the notations of times, holds, breaths and texts."""

import re
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema, create_model
from pydantic_core import PydanticCustomError

from audioguide.errors import Code, suggest
from audioguide.model import cues, notation
from audioguide.model.routine import BreathPattern, Length, Limits
from audioguide.units import parse_duration, parse_pause

PLACEHOLDERS = ("pose", "next", "hold", "side", "round", "rounds")
MOST_TEXT = 5_000  # characters in one spoken text: about six minutes of talk

_TIME_HINT = "Write 45s, 1m30s, 1:30 or 2 min."
_HOURS, _MINUTES = r"(\d+(\.\d+)?\s*(h|hours?))?", r"(\d+(\.\d+)?\s*(m|mins?|minutes?))?"
_TIME_PATTERN = (
    r"^\s*((\d+:[0-5]?\d|\d{1,3}):[0-5]\d(\.\d+)?"
    rf"|(?=\s*\d){_HOURS}\s*{_MINUTES}\s*(\d+(\.\d+)?\s*(s|secs?|seconds?)?)?)\s*$"
)
_DASHED_PATTERN = r"^\s*\d+(\.\d+)?(\s*-\s*\d+(\.\d+)?){%s}\s*$"


class Form(BaseModel):
    """The base of all forms: no unknown keys, nothing changed after reading."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        coerce_numbers_to_str=True,
        arbitrary_types_allowed=True,
        allow_inf_nan=False,
        defer_build=True,  # those within another form are built as a part of it, and only there
    )


class HyphenForm(Form):
    """A form whose keys have hyphens where its fields have underscores."""

    model_config = ConfigDict(alias_generator=lambda name: name.replace("_", "-"))


def problem(code: Code, reason: str, fix: str) -> PydanticCustomError:
    """What a validator raises: pydantic carries the code as the error's type, reason and fix in its context."""
    return PydanticCustomError(code, "{reason}", {"reason": reason, "fix": fix})


def parse_with(code: Code, parse: Callable[[Any], Any], fix: str = _TIME_HINT) -> BeforeValidator:
    """A validator for a notation. Where `parse` raises ValueError, its message is the reason, and `fix` the advice.

    Without a `fix` the last sentence of the message is the advice.
    """

    def validate(value: object) -> object:
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            given = str(value).lower() if isinstance(value, bool) else "nothing" if value is None else ""
            raise problem(code, f"A single value belongs here, not {given or 'a list or a mapping'}.", fix)
        try:
            return parse(value)
        except ValueError as error:
            reason, stop, advice = str(error).rpartition(". ")
            if fix or not stop:
                raise problem(code, str(error).removesuffix(fix).rstrip(), fix) from None
            raise problem(code, f"{reason}.", advice) from None

    return BeforeValidator(validate)


def _describe(pattern: str, *examples: str, number: bool = False) -> WithJsonSchema:
    """The JSON Schema of a notation: a regular expression and examples; where `number`, seconds as a number as well."""
    wrong = f"Write it as {' or '.join(examples)}."  # what VS Code says in place of the pattern
    text = {"type": "string", "pattern": pattern, "examples": list(examples), "patternErrorMessage": wrong}
    return WithJsonSchema({"anyOf": [text, {"type": "number", "minimum": 0}]} if number else text)


_describe_time = partial(_describe, _TIME_PATTERN, number=True)
Duration = Annotated[float, parse_with("not-a-duration", parse_duration), _describe_time("45s", "1m30s", "1:30")]
Interval = Annotated[float, parse_with("not-a-duration", notation.parse_interval), _describe_time("20s", "1:30")]
Pause = Annotated[float, parse_with("not-a-pause", parse_pause), _describe_time("0s", "10s")]
Hold = Annotated[
    Length,
    parse_with("not-a-hold", notation.parse_length),
    _describe(_TIME_PATTERN + r"|^\s*\d+\s*breaths?\s*$", "45s", "5 breaths", number=True),
]
Pattern = Annotated[
    BreathPattern,
    parse_with("not-a-breath-pattern", notation.parse_pattern, "Write 4-6, 4-7-8 or 4-4-4-4."),
    _describe((_DASHED_PATTERN % "1,3").replace(r"(\s*-", r"(\s*\+\s*\d+(\.\d+)?)?(\s*-", 1), "4-6", "4-7-8", "2+1-6"),
]
Tempo = Annotated[
    tuple[float, float, float],
    parse_with("not-a-tempo", notation.parse_tempo, "Write effort, pause and return in seconds: 2-1-2."),
    _describe(_DASHED_PATTERN % "2", "2-1-2"),
]
Range = Annotated[
    Limits,
    parse_with("not-limits", notation.parse_limits, "Write the shortest and the longest: 10s..60s."),
    _describe(r"^.+\.\..+$", "10s..60s"),
]
Moment = Annotated[
    float | Literal["half"],
    parse_with("not-a-moment", notation.parse_at, "Write 10s, -5s (before the end) or half."),
    _describe(r"^.+$", "10s", "-5s", "half", number=True),
]


def _refuse_bool(value: object) -> object:
    if isinstance(value, bool):
        raise problem("not-a-number", f"A whole number belongs here, not {str(value).lower()}.", "Write it in figures.")
    return value


def _check_spoken(text: str) -> str:
    try:
        parts = notation.split_pauses(text)
    except ValueError as error:
        raise problem("not-a-pause", str(error), "Write {pause 2s} or {until 1:30}.") from None
    _check_phrase(" ".join(part for part in parts if isinstance(part, str)))
    return _check_visible(" ".join(text.split()))


def _check_phrase(text: str) -> str:
    if notation.has_pause(text):
        hint = "It may in say, instructions, caution and release."
        raise problem("unknown-placeholder", "A pause may not stand in these words.", hint)
    check_words(text, PLACEHOLDERS)
    return _check_visible(" ".join(text.split()))


def check_words(text: str, placeholders: Sequence[str]) -> None:
    """Raise a problem where a text has no words, or braces that are none of these placeholders."""
    if not any(letter.isalnum() for letter in text):
        raise problem("no-words", "There is nothing to say here.", "Write at least one word.")
    for word in re.findall(r"\{(\w*)\}", text):
        if word not in placeholders:
            hint = suggest(word, placeholders) if placeholders else "Take it out."
            if placeholders is PLACEHOLDERS and hint.startswith("Known"):
                hint += f" A batch file may have a column {word!r}."
            raise problem("unknown-placeholder", f"{{{word}}} stands for nothing.", hint)
    if re.search(r"[{}]", re.sub(r"\{\w+\}", "", text)):
        raise problem("lone-brace", "A brace here has no partner.", "Placeholders look like {next}.")


def _check_visible(text: str) -> str:
    if notation.CONTROLS.search(text):
        raise problem("control-character", "There is a control character in this text.", "Type it again by hand.")
    return text


def _check_name(text: str) -> str:
    if not any(letter.isalnum() for letter in text):
        raise problem("no-name", "A name needs a letter or a digit.", "Write at least one letter.")
    if notation.has_pause(text):
        raise problem("unknown-placeholder", "A pause may not stand in a name.", "Take it out.")
    return _check_visible(text)


Count = Annotated[int, Field(ge=1, le=notation.MOST_TIMES), BeforeValidator(_refuse_bool)]
Id = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$", max_length=80)]
Name = Annotated[str, Field(min_length=1, max_length=120), AfterValidator(_check_name)]
Spoken = Annotated[str, Field(max_length=MOST_TEXT), AfterValidator(_check_spoken)]
Phrase = Annotated[str, Field(max_length=MOST_TEXT), AfterValidator(_check_phrase)]  # without a pause in it


def _spell_out(value: object) -> object:
    """Cues written in one line as a mapping, and true and false as on and off."""
    if isinstance(value, str):
        try:
            return cues.split_cues(value)
        except ValueError as error:
            raise problem("not-a-mapping", str(error), "") from None
    items = value.items() if isinstance(value, dict) else ()
    return {cue: {True: "on", False: "off"}[how] if isinstance(how, bool) else how for cue, how in items} or value


if TYPE_CHECKING:
    Cues = cues.Cues
else:
    _CHOICES = {name.replace("-", "_"): (Literal[choices] | None, None) for name, (choices, _) in cues.CUES.items()}
    Cues = Annotated[
        create_model("CuesForm", __base__=HyphenForm, **_CHOICES),
        BeforeValidator(_spell_out),
        AfterValidator(lambda form: cues.Cues(**form.model_dump()) if form.model_fields_set else None),
    ]
