"""What a file is to carry, as bytes: the same session gives the same ones."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from audioguide.carried.tree import DEEPEST, depth
from audioguide.output.tags.model import LARGEST
from audioguide.routine.customise import Options, slug
from audioguide.routine.model import Length
from audioguide.routine.options import as_written
from audioguide.routine.sources import Written

FORMAT = "audioguide-session/1"
FAMILY = "audioguide-session/"

SAFE_ID = re.compile(r"\w[\w .,()'+&-]{0,119}")

LONGEST_TITLE = 300
"""Characters: a routine's title has 120, a preset's name besides."""

Data = Mapping[str, Any]


@dataclass(frozen=True)
class Belongings:
    """What a session has besides its routine, by name, as it is written: voices, backgrounds, its language's words."""

    voices: Mapping[str, Data] = field(default_factory=dict)
    backgrounds: Mapping[str, Data] = field(default_factory=dict)
    prompts: Data | None = None


def payload(
    written: Written, id: str, title: str, options: Options, voice: str, belongings: Belongings
) -> bytes | None:
    """A session for its file to carry, in which nothing tells where it was made, or when; None when it is too large.

    `options` are all that are in force, `voice` is who speaks.
    """
    data = {
        "format": FORMAT,
        "id": safe_id(id),
        "title": title[:LONGEST_TITLE],
        "options": as_written(_once(options)),
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
    return made if len(made) <= LARGEST else None


def safe_id(id: str) -> str:
    """The id that a file carries: it names a file when that is exported again, so that it may lead nowhere else."""
    return id if SAFE_ID.fullmatch(id) else slug(id)[:80] or "session"


def marked(payload: bytes, mark: str) -> bytes:
    """A payload that says by which `Session.mark` its file was made."""
    return payload[:-1] + f',"mark":{json.dumps(mark)}}}'.encode() if payload and mark else payload


def _once(options: Options) -> Options:
    """The last hold that a pose is given counts, so it also stands last."""
    holds: dict[str, Length] = {}
    for pose, length in options.holds:
        holds.pop(pose, None)
        holds[pose] = length
    return replace(options, holds=tuple(holds.items()))
