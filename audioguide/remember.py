"""What was read before, kept as plain data, so that the same text need not be parsed and checked again.

The parser and the forms take longer to load than a session takes to compile. A note is JSON in a cache below the
person's folder, named by all that it follows from: the text, and the code that reads it. Nothing in it can run, and a
damaged one is none. Whatever goes wrong here costs time and nothing else, so nothing is raised.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from audioguide.blobs import Blobs
from audioguide.resources import cache_root

ROOM = 20_000_000
"""Bytes that notes may take: thousands of routines."""

_PACKAGE = Path(__file__).parent
_PARSERS = ("pydantic", "ruamel.yaml")


def notes_folder() -> Path:
    """Where notes are kept."""
    return cache_root() / "notes"


def digest(*parts: str | bytes) -> str:
    """The name of what follows from these parts: 40 hexadecimal digits."""
    made = hashlib.blake2b(digest_size=20)
    for part in parts:
        raw = part if isinstance(part, bytes) else part.encode("utf-8", "surrogatepass")
        made.update(b"%d:" % len(raw) + raw)
    return made.hexdigest()


def recall(name: str) -> Any:
    """What was noted under a name; None when nothing was, or when it is damaged."""
    with contextlib.suppress(ValueError, RecursionError):
        return json.loads(_notes().get(name) or b"null")
    return None


def remember(name: str, value: Any) -> None:
    """Note plain data under a name, if the folder lets us."""
    with contextlib.suppress(ValueError, RecursionError):
        _notes().put(name, json.dumps(value, separators=(",", ":")).encode())


def _notes() -> Blobs:
    return Blobs(notes_folder(), ".json", b"agnote\x01", ROOM, shared=None)


@cache
def code() -> str:
    """The state of the code that reads, told from its files, as Python does. What another one noted is not used."""
    states = [f"{path} {at.st_mtime_ns} {at.st_size}" for path, at in sorted(_sources(_PACKAGE))]
    for library in _PARSERS:
        found = find_spec(library)
        if found and found.origin:
            at = Path(found.origin).stat()
            states.append(f"{found.origin} {at.st_mtime_ns} {at.st_size}")
    return digest(*states)


def _sources(folder: Path) -> list[tuple[str, os.stat_result]]:
    found: list[tuple[str, os.stat_result]] = []
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.endswith(".py"):
                found.append((entry.path, entry.stat()))
            elif "." not in entry.name and not entry.name.startswith("_") and entry.is_dir():
                found += _sources(Path(entry.path))
    return found
