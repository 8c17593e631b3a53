"""What the keys of a file may hold: the base of all forms, and the notations of times, holds, breaths and texts."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    WithJsonSchema,
)
from pydantic_core import PydanticCustomError

from audioguide.errors import Code, suggest
from audioguide.model import notation
from audioguide.model.routine import BreathPattern, Length, Limits
from audioguide.units import parse_duration, parse_pause

PLACEHOLDERS = ("pose", "next", "hold", "side", "round", "rounds")


STEP_KINDS = ("pose", "say", "rest", "breathe", "repeat", "include")


_TIMES = "Write 45s, 1m30s, 1:30 or 2 min."


MOST_TEXT = 5_000
"""Characters in one spoken text: about six minutes of talk."""


def problem(code: Code, reason: str, fix: str) -> PydanticCustomError:
    """What a validator raises: pydantic carries the code as the error's type, reason and fix in its context."""
    return PydanticCustomError(code, "{reason}", {"reason": reason, "fix": fix})


def _read(code: Code, parse: Callable[[Any], Any], fix: str) -> BeforeValidator:
    """A notation; where it is not met, the parser says why, and `fix` what to write."""

    def validate(value: object) -> object:
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            given = str(value).lower() if isinstance(value, bool) else "nothing" if value is None else ""
            raise problem(code, f"A single value belongs here, not {given or 'a list or a mapping'}.", fix)
        try:
            return parse(value)
        except ValueError as error:
            raise problem(code, str(error).removesuffix(fix).rstrip(), fix) from None

    return BeforeValidator(validate)


def _as(pattern: str, *examples: str, number: bool = False) -> WithJsonSchema:
    wrong = f"Write it as {' or '.join(examples)}."  # what VS Code says in place of the pattern
    text = {"type": "string", "pattern": pattern, "examples": list(examples), "patternErrorMessage": wrong}
    return WithJsonSchema({"anyOf": [text, {"type": "number", "minimum": 0}]} if number else text)


_HOURS, _MINUTES = r"(\d+(\.\d+)?\s*(h|hours?))?", r"(\d+(\.\d+)?\s*(m|mins?|minutes?))?"


_TIME = (
    r"^\s*((\d+:[0-5]?\d|\d{1,3}):[0-5]\d(\.\d+)?"
    rf"|(?=\s*\d){_HOURS}\s*{_MINUTES}\s*(\d+(\.\d+)?\s*(s|secs?|seconds?)?)?)\s*$"
)


_DASHES = r"^\s*\d+(\.\d+)?(\s*-\s*\d+(\.\d+)?){%s}\s*$"


Duration = Annotated[
    float, _read("not-a-duration", parse_duration, _TIMES), _as(_TIME, "45s", "1m30s", "1:30", number=True)
]


Pause = Annotated[float, _read("not-a-pause", parse_pause, _TIMES), _as(_TIME, "0s", "10s", number=True)]


Hold = Annotated[
    Length,
    _read("not-a-hold", notation.parse_length, _TIMES),
    _as(_TIME + r"|^\s*\d+\s*breaths?\s*$", "45s", "5 breaths", number=True),
]


Pattern = Annotated[
    BreathPattern,
    _read("not-a-breath-pattern", notation.parse_pattern, "Write 4-6, 4-7-8 or 4-4-4-4."),
    _as(_DASHES % "1,3", "4-6", "4-7-8", "4-4-4-4"),
]


Tempo = Annotated[
    tuple[float, float, float],
    _read("not-a-tempo", notation.parse_tempo, "Write effort, pause and return in seconds: 2-1-2."),
    _as(_DASHES % "2", "2-1-2"),
]


Span = Annotated[
    Limits,
    _read("not-limits", notation.parse_limits, "Write the shortest and the longest: 10s..60s."),
    _as(r"^.+\.\..+$", "10s..60s"),
]


At = Annotated[
    float | Literal["half"],
    _read("not-a-moment", notation.parse_at, "Write 10s, -5s (before the end) or half."),
    _as(r"^.+$", "10s", "-5s", "half", number=True),
]


def _no_truth(value: object) -> object:
    if isinstance(value, bool):
        raise problem("not-a-number", f"A whole number belongs here, not {str(value).lower()}.", "Write it in figures.")
    return value


Count = Annotated[int, Field(ge=1, le=999), BeforeValidator(_no_truth)]


def _spoken(text: str) -> str:
    try:
        parts = notation.split_pauses(text)
    except ValueError as error:
        raise problem("not-a-pause", str(error), "A pause looks like {pause 2s}.") from None
    _phrase(" ".join(part for part in parts if isinstance(part, str)))
    return _visible(" ".join(text.split()))


def _phrase(text: str) -> str:
    if notation.has_pause(text):
        hint = "It may in say, instructions, caution and release."
        raise problem("unknown-placeholder", "A pause may not stand in these words.", hint)
    if not any(letter.isalnum() for letter in text):
        raise problem("no-words", "There is nothing to say here.", "Write at least one word.")
    for word in re.findall(r"\{(\w*)\}", text):
        if word not in PLACEHOLDERS:
            raise problem("unknown-placeholder", f"{{{word}}} stands for nothing.", suggest(word, PLACEHOLDERS))
    if re.search(r"[{}]", re.sub(r"\{\w+\}", "", text)):
        raise problem("lone-brace", "A brace here has no partner.", "Placeholders look like {next}.")
    return _visible(" ".join(text.split()))


def _visible(text: str) -> str:
    if any(unicodedata.category(letter) == "Cc" for letter in text):
        raise problem("control-character", "There is a control character in this text.", "Type it again by hand.")
    return text


def _named(text: str) -> str:
    if not any(letter.isalnum() for letter in text):
        raise problem("no-name", "This is no name.", "Write at least one letter.")
    if notation.has_pause(text):
        raise problem("unknown-placeholder", "A pause may not stand in a name.", "Take it out.")
    return _visible(text)


Spoken = Annotated[str, Field(max_length=MOST_TEXT), AfterValidator(_spoken)]


Phrase = Annotated[str, Field(max_length=MOST_TEXT), AfterValidator(_phrase)]
"""Spoken without a pause, since it has its moment."""


Name = Annotated[str, Field(min_length=1, max_length=120), AfterValidator(_named)]


Id = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$", max_length=80)]


class Form(BaseModel):
    """What all written things share: no unknown keys, nothing changed after reading."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        coerce_numbers_to_str=True,
        arbitrary_types_allowed=True,
        allow_inf_nan=False,
        defer_build=True,  # those within another form are built as a part of it, and only there
    )
