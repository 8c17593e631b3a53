"""Which voices there are, which of them work here, and which one speaks a language."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from shlex import quote

from audioguide.errors import AudioguideError, RequestError, suggest
from audioguide.speech.engines.engine import EngineFailure, engine, is_online
from audioguide.speech.languages import base, same_language
from audioguide.speech.voices import Profile, load_profile, profile
from audioguide.system.paths import voice_files

FIRST = "heart"
"""The voice of a routine in its language that names none."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A voice, whether it needs the network, and, where it does not work here, the sentence that says what to do."""

    profile: Profile
    online: bool
    lacks: str | None


def choice(voice: Profile) -> Choice:
    """What is to be known of one voice."""
    online = False
    try:
        online = is_online(voice)
        _ = engine(voice).version
    except AudioguideError as error:
        return Choice(voice, online, str(error))
    return Choice(voice, online, None)


def profiles() -> tuple[Profile, ...]:
    """Every profile that can be read and names an engine that there is, by name."""
    found = []
    for path in voice_files().values():
        with suppress(AudioguideError):
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
        for path in voice_files().values():
            load_profile(path)
        spoken = sorted({base(voice.language) for voice in profiles()})
        raise RequestError(
            f"No voice speaks the language {language!r}.",
            suggest(language, spoken) or "Name a voice with --voice: see `audioguide voices`.",
        )
    offline = [voice for voice in able if not is_online(voice)]
    return next((voice for voice in offline if choice(voice).lacks is None), (offline or able)[0])


def not_installed(voice: Profile, package: str, extra: str) -> EngineFailure:
    """That the voice needs a package of one of our extras; says what to run, or which online voice to take."""
    alike = (other for other in profiles() if same_language(other.language, voice.language))
    online = " or ".join(f"--voice {quote(other.name)}" for other in alike if is_online(other))
    instead = f", or take {online}, which needs the network" if online else ""
    return EngineFailure(
        f"The voice {voice.name!r} needs the package {package}, which is not installed.",
        f"Run: pip install 'audioguide[{extra}]'{instead}.",
    )


def sample(voice: Profile) -> str:
    """What the voice says when it is tried: its own sentence, or that of another voice of its language."""
    alike = (other for other in profiles() if same_language(other.language, voice.language))
    return next((one.sample for one in (voice, *alike) if one.sample), voice.title or voice.name)
