"""The session that a sound file carries for this program: where in the file it lies is in the table of formats."""

from __future__ import annotations

import json
from pathlib import Path
from typing import NamedTuple

from audioguide.errors import RequestError
from audioguide.export.formats import FORMATS
from audioguide.export.tags.tags import LARGEST_PAYLOAD
from audioguide.system.files import read_bytes
from audioguide.system.paths import display_path


def find_payload(path: Path, name: str = "") -> bytes:
    """What the file at `path` carries; `name` is what messages call it.

    RequestError when it cannot be read, is damaged or far too large, or when it carries nothing.
    """
    name = name or display_path(path)
    read_bytes(path, 0, "sound", "Check the spelling.")  # whether there is such a file, and it can be opened
    ending = path.suffix.lower()
    form = FORMATS.get(ending)
    if form is None or form.tagging is None:
        raise RequestError(f"A {ending} file carries no routine.", "Export the session as MP3, M4A, Opus or FLAC.")
    try:
        found = form.tagging.read_payload(path)
    except MemoryError:
        raise
    except Exception:  # whatever a parser of foreign bytes comes upon: that file is damaged
        hint = "Get it again from where it came from."
        raise RequestError(f"{name} is damaged, or no {ending} file: what it carries cannot be read.", hint) from None
    if not found:
        hint = "Name the routine that it was made of."
        raise RequestError(f"{name} was not made by audioguide, or has lost its routine.", hint)
    if len(found) > LARGEST_PAYLOAD:
        raise RequestError(f"{name} carries far more than a routine.", "Name the routine itself.")
    return found


class Label(NamedTuple):
    """Which session a file has, and the `Session.mark` that it was made by."""

    id: str
    title: str
    mark: str


def read_label(path: Path) -> Label | None:
    """The label of a file that carries a session; None of any other."""
    try:
        data = json.loads(find_payload(path))
    except (RequestError, ValueError, RecursionError):
        return None
    if not isinstance(data, dict):
        return None
    return Label(*(str(data.get(key, "")) for key in Label._fields))
