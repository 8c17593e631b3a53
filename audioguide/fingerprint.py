"""What tells whether a session would be made again as it was: a digest of all that it is made of, without making it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from audioguide import __version__, resources
from audioguide.errors import AudioguideError, RequestError
from audioguide.session import Session
from audioguide.speech.profile import Profile, as_written
from audioguide.speech.registry import engine
from audioguide.speech.script import base


def fingerprint(session: Session, *settings: Any) -> str | None:
    """A digest (SHA-256) of a session and the `settings` of its export, plain data; None where that cannot be told.

    What its file carries is the session as it is written, and stands for it. What is not in there is added: this
    program's version, the engines', the lexicon, the person's own recordings and music.
    """
    payload = session.pack().payload if session.pack else b""
    if not payload:
        return None
    voices = (session.voice, *(standby.profile for standby in session.standbys))
    parts = (
        __version__,
        hashlib.sha256(payload).hexdigest(),
        [_voice(voice) for voice in voices],
        [_digest(path) for path in sorted(set(_words(session, voices)))],
        [part for name in session.backgrounds() for part in _background(name)],
        settings,
    )
    return hashlib.sha256(json.dumps(parts, default=str).encode()).hexdigest()


def _voice(voice: Profile) -> tuple[Any, ...]:
    try:
        version = engine(voice).version
    except AudioguideError:  # it is not installed: whoever speaks with it says so
        version = ""
    return voice.name, as_written(voice), version


def _words(session: Session, voices: tuple[Profile, ...]) -> Iterator[Path]:
    """The files that decide how something is said."""
    with suppress(RequestError):  # a file brings its own
        yield resources.prompts_file(session.routine.language)
    for voice in voices:
        language = base(voice.language)
        yield from resources.lexicon_files(language)
        if isinstance(voice.lexicon, Path):
            yield voice.lexicon
        if spoken := resources.spoken_file(language):
            yield spoken


def _background(name: str) -> Iterator[Any]:
    from audioguide.sound import backgrounds
    from audioguide.sound.layers.music import Files

    found = backgrounds.background(name)
    yield name, found.data
    for layer in found.layers:
        if isinstance(layer.kind, Files):
            for path in layer.kind.paths(found.path.parent):
                stat = path.stat()  # music is large: what was not touched is the same
                yield path.name, stat.st_size, stat.st_mtime_ns


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
