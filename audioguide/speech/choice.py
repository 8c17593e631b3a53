"""Which voices there are, which of them work here, and which one speaks a language."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

from audioguide.errors import AudioguideError, RequestError, nearest
from audioguide.resources import voices
from audioguide.speech.profile import Profile, load_profile, profile
from audioguide.speech.registry import engine, is_online
from audioguide.speech.script import base, same_language

FIRST = "heart"
"""The voice of a routine in its language that names none."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A voice, whether it needs the network, and, where it does not work here, the sentence that says what to do."""

    profile: Profile
    online: bool
    lacks: str | None


def choice(voice: Profile) -> Choice:
    """What is to be known of one voice; RequestError when its engine is unknown."""
    online = is_online(voice)
    try:
        _ = engine(voice).version
    except AudioguideError as error:
        return Choice(voice, online, str(error))
    return Choice(voice, online, None)


def profiles() -> tuple[Profile, ...]:
    """Every profile that can be read and names an engine that there is, by name."""
    found = []
    for path in voices().values():
        with suppress(RequestError):
            voice = load_profile(path)
            is_online(voice)
            found.append(voice)
    return tuple(sorted(found, key=lambda voice: voice.name))


def voice_for(language: str) -> Profile:
    """The voice of a routine that names none: an offline one if there is one, and one that works here if one does.

    RequestError when no voice speaks the language; RoutineError when that may be because a voice's file is wrong.
    """
    if same_language(profile(FIRST).language, language):
        return profile(FIRST)
    able = [voice for voice in profiles() if same_language(voice.language, language)]
    if not able:
        for path in voices().values():
            load_profile(path)
        spoken = sorted({base(voice.language) for voice in profiles()})
        raise RequestError(
            f"No voice speaks the language {language!r}.",
            nearest(language, spoken) or "Name a voice with --voice: see `audioguide voices`.",
        )
    offline = [voice for voice in able if not is_online(voice)]
    return next((voice for voice in offline if choice(voice).lacks is None), (offline or able)[0])


def online_voices(language: str) -> list[str]:
    """The names of the voices of a language that need the network."""
    return [voice.name for voice in profiles() if same_language(voice.language, language) and is_online(voice)]


def sample(voice: Profile) -> str:
    """What the voice says when it is tried: its own sentence, or that of another voice of its language."""
    alike = (other for other in profiles() if same_language(other.language, voice.language))
    return next((one.sample for one in (voice, *alike) if one.sample), voice.title or voice.name)
