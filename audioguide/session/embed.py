"""Writes a session as the JSON (ASCII) that an exported file carries. The same session gives the same bytes."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from audioguide.export.tags import LARGEST_PAYLOAD
from audioguide.model.options import Options, to_data
from audioguide.model.selectors import slug
from audioguide.routine.sources import RoutineSource
from audioguide.schema.document import DEEPEST
from audioguide.schema.json_document import depth

FORMAT = "audioguide-session/1"
SAFE_ID = re.compile(r"\w[\w .,()'+&-]{0,119}")
LONGEST_TITLE = 300
"""Characters: a routine's title has 120, a preset's name besides."""

Data = Mapping[str, Any]


@dataclass(frozen=True)
class EmbeddedAssets:
    """The files of a session's voices and backgrounds, by name, and of its phrases, as data."""

    voices: Mapping[str, Data] = field(default_factory=dict)
    backgrounds: Mapping[str, Data] = field(default_factory=dict)
    prompts: Data | None = None


def build_payload(
    written: RoutineSource, id: str, title: str, options: Options, voice: str, assets: EmbeddedAssets
) -> bytes | None:
    """A session as JSON, with all options in force; None when it is too large.

    Nothing in it tells where or when it was made.
    """
    data = {
        "format": FORMAT,
        "id": safe_id(id),
        "title": title[:LONGEST_TITLE],
        "options": to_data(options.with_poses(lambda row, pose: pose)),
        "voice": voice,
        "routine": written.routine,
        "routines": written.included,
        "poses": written.poses,
        "voices": assets.voices,
        "backgrounds": assets.backgrounds,
        "prompts": assets.prompts,
    }
    filled = {key: value for key, value in data.items() if value or key == "options"}
    if depth(filled) > DEEPEST:
        return None
    payload = json.dumps(filled, separators=(",", ":")).encode("ascii")
    return payload if len(payload) <= LARGEST_PAYLOAD else None


def safe_id(id: str) -> str:
    """The id in an exported file. It names the file of another export, so it must not lead to another folder."""
    return id if SAFE_ID.fullmatch(id) else slug(id)[:80] or "session"


def with_fingerprint(payload: bytes, fingerprint: str) -> bytes:
    """A payload with the fingerprint of its export, which tells later whether the file is up to date."""
    return payload[:-1] + f',"mark":{json.dumps(fingerprint)}}}'.encode() if payload and fingerprint else payload
