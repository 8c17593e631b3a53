"""The speech engines by name. A new one is one file and one line here."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import Any

from audioguide.errors import RequestError, nearest
from audioguide.speech.engine import Engine
from audioguide.speech.profile import Profile

ENGINES: Mapping[str, tuple[str, str]] = {
    "gtts": ("audioguide.speech.online", "OnlineEngine"),
    "hibari": ("audioguide.speech.hibari", "HibariEngine"),
    "pico": ("audioguide.speech.pico", "PicoEngine"),
    "piper": ("audioguide.speech.piper", "PiperEngine"),
    "recorded": ("audioguide.speech.recorded", "RecordedEngine"),
}
"""Module and class of each engine; the class takes the Profile."""


def engine(profile: Profile) -> Engine:
    """The engine of a voice, not yet loaded; RequestError when there is none of that name."""
    made: Engine = _class_of(profile)(profile)
    return made


def is_online(profile: Profile) -> bool:
    """Whether what the voice says leaves the machine; RequestError as of `engine`."""
    online: bool = _class_of(profile).online
    return online


def _class_of(profile: Profile) -> Any:
    if profile.engine not in ENGINES:
        raise RequestError(
            f"The voice {profile.name!r} wants the engine {profile.engine!r}, and there is none of that name.",
            nearest(profile.engine, ENGINES),
        )
    module, name = ENGINES[profile.engine]
    return getattr(importlib.import_module(module), name)
