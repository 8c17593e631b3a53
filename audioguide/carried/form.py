"""What a file carries, as it is written: a JSON object, in ASCII, without white space."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field

from audioguide.carried.payload import LONGEST_TITLE, SAFE_ID
from audioguide.routine.wishes import OptionsForm
from audioguide.routine.written import Form, Name, slip

Data = dict[str, Any]


def _safe(id: str) -> str:
    if not SAFE_ID.fullmatch(id):
        raise slip("not-an-id", "This cannot be the id of a routine.", "Write letters, digits and hyphens.")
    return id


def _printable(text: str) -> str:
    if not text.isprintable():
        raise slip("control-character", "There is a control character in this title.", "Take it out.")
    return text


def _numbered(steps: object) -> object:
    if isinstance(steps, dict) and not isinstance(steps.get("steps"), list):
        raise slip("not-a-routine", "This is no routine: it has no steps.", "Get the file again.")
    return steps


RoutineData = Annotated[Data, BeforeValidator(_numbered)]


class CarriedForm(Form):
    """A session in its file.

    `options` are all that were in force. `voice` is who spoke. What `routine` names is looked up in `routines` and
    `poses` alone; `voices`, `backgrounds` and `prompts` (the session's own words in its language) come before those of
    the machine.
    """

    format: str
    mark: str = ""
    id: Annotated[str, AfterValidator(_safe)]
    title: Annotated[str, Field(min_length=1, max_length=LONGEST_TITLE), AfterValidator(_printable)]
    options: OptionsForm
    voice: Name
    routine: RoutineData
    routines: Annotated[dict[Name, RoutineData], Field(max_length=500)] = Field(default_factory=dict)
    poses: Annotated[dict[str, Data], Field(max_length=5_000)] = Field(default_factory=dict)
    voices: Annotated[dict[Name, Data], Field(max_length=20)] = Field(default_factory=dict)
    backgrounds: Annotated[dict[Name, Data], Field(max_length=50)] = Field(default_factory=dict)
    prompts: Data | None = None
