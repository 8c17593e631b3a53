"""What tells whether a session would be made again as it was: a digest of all that it is made of, without making it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from audioguide.errors import AudioguideError, RequestError
from audioguide.speech.engines.engine import engine
from audioguide.speech.languages import base
from audioguide.speech.voices import Profile, as_written
from audioguide.system import paths


def compute_fingerprint(
    payload: bytes, voices: Sequence[Profile], language: str, background_names: Sequence[str], settings: tuple[Any, ...]
) -> str:
    """A digest (SHA-256) of a session and the `settings` of its export, plain data.

    `payload` is the session as it is written. What is not in there is added: the version of the sound, the engines',
    the lexicon, the person's own recordings and music.
    """
    from audioguide.sound import background
    from audioguide.sound.mixer import SOUND_VERSION

    parts = (
        SOUND_VERSION,
        hashlib.sha256(payload).hexdigest(),
        [_voice(voice) for voice in voices],
        [_digest(path) for path in sorted(set(_words(voices, language)))],
        [(name, background.dependencies(name)) for name in background_names],
        settings,
    )
    return hashlib.sha256(json.dumps(parts, default=str).encode()).hexdigest()


def _voice(voice: Profile) -> tuple[Any, ...]:
    try:
        version = engine(voice).version
    except AudioguideError:  # it is not installed: whoever speaks with it says so
        version = ""
    return voice.name, as_written(voice), version


def _words(voices: Sequence[Profile], language: str) -> Iterator[Path]:
    """The files that decide how something is said."""
    with suppress(RequestError):  # a file brings its own
        yield paths.prompts_file(language)
    for voice in voices:
        spoken_language = base(voice.language)
        yield from paths.lexicon_files(spoken_language)
        if voice.own_lexicon:
            yield voice.own_lexicon
        if spoken := paths.spoken_forms_file(spoken_language):
            yield spoken


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
