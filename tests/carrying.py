"""Files that carry a session, made without a sound in them: a tag is enough to be opened again."""

from __future__ import annotations

import json
from pathlib import Path

from audioguide.export.formats import format_of
from audioguide.export.tags import Tags
from audioguide.export.writer import write_tags
from audioguide.model.options import Options
from audioguide.session.open import open_session
from audioguide.timeline.compiler import compile
from audioguide.timeline.serialize import to_json


def carry(payload: bytes, path: Path) -> Path:
    """An MP3 that is only a tag with a payload."""
    path.write_bytes(b"")
    write_tags(path, format_of(path), Tags(title="Title", frames=44_100, payload=payload))
    return path


def send(source: str | Path, path: Path, options: Options | None = None) -> Path:
    """The session of a routine, as a file that carries it."""
    return carry(open_session(source, options).pack().payload, path)


def data_of(source: str | Path, options: Options | None = None) -> dict:
    """What the session's file would carry."""
    return json.loads(open_session(source, options).pack().payload)


def heard(session) -> dict:
    """The timeline with estimated lengths of clips, without where its words are written."""
    with session.speaker() as speaker:
        timeline = to_json(compile(session.routine, speaker.estimate, session.phrases))
    return {**timeline, "cues": [{**cue, "line": None, "file": None} for cue in timeline["cues"]]}
