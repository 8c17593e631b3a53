"""What a file carries, written: a session as a JSON object in ASCII; the same session gives the same bytes."""

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
from audioguide.schema.json_document import DEEPEST, depth

FORMAT = "audioguide-session/1"


FAMILY = "audioguide-session/"


SAFE_ID = re.compile(r"\w[\w .,()'+&-]{0,119}")


LONGEST_TITLE = 300
"""Characters: a routine's title has 120, a preset's name besides."""


Data = Mapping[str, Any]


@dataclass(frozen=True)
class EmbeddedAssets:
    """What a session has besides its routine, by name, as it is written: voices, backgrounds, its language's words."""

    voices: Mapping[str, Data] = field(default_factory=dict)
    backgrounds: Mapping[str, Data] = field(default_factory=dict)
    prompts: Data | None = None


def build_payload(
    written: RoutineSource, id: str, title: str, options: Options, voice: str, belongings: EmbeddedAssets
) -> bytes | None:
    """A session for its file to carry, in which nothing tells where it was made, or when; None when it is too large.

    `options` are all that are in force, `voice` is who speaks.
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
        "voices": belongings.voices,
        "backgrounds": belongings.backgrounds,
        "prompts": belongings.prompts,
    }
    kept = {key: value for key, value in data.items() if value or key == "options"}
    if depth(kept) > DEEPEST:
        return None
    made = json.dumps(kept, separators=(",", ":")).encode("ascii")
    return made if len(made) <= LARGEST_PAYLOAD else None


def safe_id(id: str) -> str:
    """The id that a file carries: it names a file when that is exported again, so that it may lead nowhere else."""
    return id if SAFE_ID.fullmatch(id) else slug(id)[:80] or "session"


def with_mark(payload: bytes, mark: str) -> bytes:
    """A payload that says by which `Session.mark` its file was made."""
    return payload[:-1] + f',"mark":{json.dumps(mark)}}}'.encode() if payload and mark else payload
