"""What a folder of sessions says about itself: the hidden file in it, written and read."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from audioguide.draw.cover import Bar

_FORMAT = "audioguide-folder/1"
_LARGEST = 4_000_000
"""Bytes. A session has about 1 kB of it."""


@dataclass(frozen=True, slots=True)
class Shelved:
    """A session on the shelf: `mark` changes with all that it is made of, `seconds` is its length, `bars` are its holds
    as fractions of that, and `files` are the digests (SHA-256) of its files by name, the sound first.
    """

    id: str
    mark: str
    title: str
    seconds: float
    bars: tuple[Bar, ...]
    files: Mapping[str, str]

    @property
    def sound(self) -> str:
        """The name of its sound."""
        return next(iter(self.files))


def manifest(sessions: Mapping[str, Shelved], cover: str | None) -> bytes:
    """The bytes of it; `cover` is the digest of the cover that was drawn, if one was."""
    facts = {
        session.id: {
            "mark": session.mark,
            "title": session.title,
            "seconds": session.seconds,
            "bars": [[round(bar.start, 5), round(bar.end, 5)] for bar in session.bars],
            "files": dict(session.files),
        }
        for session in sessions.values()
    }
    return json.dumps({"format": _FORMAT, "cover": cover, "sessions": facts}, separators=(",", ":")).encode()


def read_manifest(path: Path) -> tuple[dict[str, Shelved], str | None]:
    """What a manifest says: the sessions by id, and the digest of the cover that was drawn.

    It may be anybody's. What is wrong with it makes it say nothing: then all is made anew.
    """
    try:
        with path.open("rb") as file:
            raw = file.read(_LARGEST + 1)
        data = json.loads(raw) if len(raw) <= _LARGEST else {}
        if data.get("format") != _FORMAT:
            return {}, None
        return {id: _shelved(id, facts) for id, facts in data["sessions"].items()}, data["cover"]
    except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return {}, None


def _shelved(id: str, facts: Mapping[str, Any]) -> Shelved:
    files = {str(name): str(digest) for name, digest in facts["files"].items()}
    if not files or any(Path(name).name != name or name[0] == "." or not name.isprintable() for name in files):
        raise ValueError
    bars = tuple(Bar(float(start), float(end)) for start, end in facts["bars"])
    seconds = float(facts["seconds"])
    if not 0 < seconds < 1e6 or not all(0 <= bar.start <= bar.end <= 1 for bar in bars):
        raise ValueError
    return Shelved(id, str(facts["mark"]), str(facts["title"]), seconds, bars, files)
