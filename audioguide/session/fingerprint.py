"""A digest of everything that an export depends on. It tells whether a file is up to date, without rendering it."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from audioguide.errors import AudioguideError, RequestError
from audioguide.export.formats import format_of
from audioguide.session.session import Session
from audioguide.speech.engines.engine import make_engine
from audioguide.speech.languages import base_language
from audioguide.speech.voices import VoiceProfile, serialize_profile
from audioguide.system import paths


def compute_fingerprint(
    session: Session,
    path: Path,
    *,
    mono: bool = False,
    bitrate: int | None = None,
    captions: Sequence[str] = (),
    chapters: Sequence[str] = (),
) -> str:
    """The SHA-256, in hexadecimal, of all that the export of a session to `path` depends on, except the path itself.

    The file carries it, too, and is up to date as long as both are the same. "" if the file cannot carry its session.
    It covers the session as it is embedded in the file, the versions of the sound and of the speech engines, the
    lexicon and phrase files, and the user's recordings and music.
    """
    from audioguide.sound import background
    from audioguide.sound.mixer import SOUND_VERSION

    form = format_of(path, bitrate)
    if form.tagging is None or session.pack is None or not (payload := session.pack().payload):
        return ""
    voices = (session.voice, *session.fallbacks.profiles)
    files = sorted(set(_language_files(voices, session.routine.language)))
    parts = (
        SOUND_VERSION,
        hashlib.sha256(payload).hexdigest(),
        [_describe_voice(voice) for voice in voices],
        [hashlib.sha256(file.read_bytes()).hexdigest() for file in files],
        [(name, background.dependencies(name)) for name in session.background_names],
        (form.bitrate, mono, *captions, *chapters),
    )
    return hashlib.sha256(json.dumps(parts, default=str).encode()).hexdigest()


def _describe_voice(voice: VoiceProfile) -> tuple[Any, ...]:
    try:
        version = make_engine(voice).version
    except AudioguideError:  # it is not installed; an error is raised when it is to speak
        version = ""
    return voice.name, serialize_profile(voice), version


def _language_files(voices: Sequence[VoiceProfile], language: str) -> Iterator[Path]:
    """The files that decide what is said and how it is pronounced."""
    with suppress(RequestError):  # a session that brings its own phrases
        yield paths.prompts_file(language)
    for voice in voices:
        spoken_language = base_language(voice.language)
        yield from paths.lexicon_files(spoken_language)
        if voice.own_lexicon:
            yield voice.own_lexicon
        if spoken := paths.spoken_forms_file(spoken_language):
            yield spoken
