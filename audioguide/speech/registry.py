"""The speech engines by name. A new one is one file and one line here."""

from __future__ import annotations

import importlib
from collections.abc import Mapping

from audioguide.errors import RequestError, nearest
from audioguide.speech.engine import Engine
from audioguide.speech.profile import Profile

ENGINES: Mapping[str, tuple[str, str]] = {
    "hibari": ("audioguide.speech.hibari", "HibariEngine"),
}
"""Module and class of each engine; the class takes the Profile."""


def engine(profile: Profile) -> Engine:
    """The engine of a voice, not yet loaded; RequestError when there is none of that name."""
    if profile.engine not in ENGINES:
        raise RequestError(
            f"The voice {profile.name!r} wants the engine {profile.engine!r}, and there is none of that name. "
            f"{nearest(profile.engine, ENGINES)}".strip()
        )
    module, name = ENGINES[profile.engine]
    made: Engine = getattr(importlib.import_module(module), name)(profile)
    return made
