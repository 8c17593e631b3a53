"""A voice profile as it is written: a file of `voices/`."""

from __future__ import annotations

from typing import Annotated, Generic, TypeVar

from pydantic import Field

from audioguide.routine.written import Form
from audioguide.speech.profile import LETTERS, PAUSE

N = TypeVar("N")
Rate = Annotated[float, Field(ge=0.5, le=2.0)]
Gain = Annotated[float, Field(ge=-40.0, le=20.0)]
"""What a stored clip has room for (`clip.py`)."""


class PartsForm(Form, Generic[N]):
    """A number for each part."""

    narration: N
    breath: N
    count: N


class ProfileForm(Form):
    """A voice profile as it is written."""

    title: str = ""
    description: str = ""
    source: str = ""
    sample: str = ""
    engine: Annotated[str, Field(min_length=1)]
    model: Annotated[str, Field(min_length=1)]
    language: Annotated[str, Field(min_length=1)]
    seed: Annotated[int, Field(ge=0, lt=2**32)] = 0
    rate: PartsForm[Rate]
    gain: PartsForm[Gain]
    pause: Annotated[float, Field(ge=0.0, le=5.0)] = PAUSE
    letters: Annotated[float, Field(ge=5.0, le=50.0)] = LETTERS
    lexicon: bool | Annotated[str, Field(min_length=1)] = True
    fallback: Annotated[str, Field(min_length=1)] | None = None
