"""A routine as it was read before, where all that it was read from is as it was.

What a routine is made of is found by name: routines that it includes, and poses. So a note holds, besides the routine,
each name with the file that was found and the digest of its text, and counts only while the same is found again.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from audioguide.errors import RequestError
from audioguide.remember import code, digest, recall, remember
from audioguide.resources import shown
from audioguide.routine.document import text_of
from audioguide.routine.model import Routine
from audioguide.routine.sources import Files, Written
from audioguide.shape import built, plain


def recalled(path: Path, text: str, files: Files) -> tuple[Routine, Written] | None:
    """The routine in the file at `path`, which holds `text`; None where it has to be read."""
    noted = recall(_name(path, text))
    if noted is None or not all(_is_found(look, files) for look in noted["looks"]):
        return None
    return built(Routine, noted["routine"]), built(Written, noted["written"])


def note(path: Path, text: str, files: Files, routine: Routine, written: Written) -> None:
    """Note what was read without a problem, its names being looked up in `files`."""
    looks = [[look.kind, look.name, look.folder, *_state(look.path, look.text)] for look in files.looks]
    remember(_name(path, text), {"looks": looks, "routine": plain(routine), "written": plain(written)})


def _name(path: Path, text: str) -> str:
    return digest("routine", code(), *_state(path, text))


def _state(path: Path, text: str) -> tuple[str, str, str]:
    """All that a routine tells of a file: where it is, what messages call it, and what stands in it."""
    return str(path), shown(path), digest(text)


def _is_found(look: list[Any], files: Files) -> bool:
    kind, name, folder, *state = look
    try:
        path = files.look(kind, name, Path(folder))
        return [*_state(path, text_of(path))] == state
    except RequestError:
        return False
