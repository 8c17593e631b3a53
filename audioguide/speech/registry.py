"""The speech engines by name."""

from __future__ import annotations

from audioguide.errors import RequestError, nearest
from audioguide.plugins import Plugins
from audioguide.speech.engine import Engine
from audioguide.speech.profile import Profile

ENGINES: Plugins[type[Engine]] = Plugins(
    "audioguide.engines",
    {
        "gtts": "audioguide.speech.online:OnlineEngine",
        "hibari": "audioguide.speech.hibari:HibariEngine",
        "pico": "audioguide.speech.pico:PicoEngine",
        "piper": "audioguide.speech.piper:PiperEngine",
        "recorded": "audioguide.speech.recorded:RecordedEngine",
    },
)


def engine(profile: Profile) -> Engine:
    """The engine of a voice, not yet loaded; RequestError when there is none of that name."""
    return _class_of(profile)(profile)


def is_online(profile: Profile) -> bool:
    """Whether what the voice says leaves the machine; RequestError as of `engine`."""
    return _class_of(profile).online


def _class_of(profile: Profile) -> type[Engine]:
    found = ENGINES.find(profile.engine)
    if found is None:
        raise RequestError(
            f"The voice {profile.name!r} wants the engine {profile.engine!r}, and there is none of that name.",
            nearest(profile.engine, ENGINES.names()),
        )
    return found
