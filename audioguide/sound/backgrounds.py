"""The backgrounds by name: the shipped ones, the person's own, and those that came along with a session's file."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from audioguide import resources
from audioguide.errors import RequestError, RoutineError, nearest
from audioguide.routine.document import Document
from audioguide.sound.layers.kind import LOUDNESS
from audioguide.sound.preset import Background, background_in, load_background

__all__ = ["LOUDNESS", "Background", "admit", "background", "makings", "names"]

MOST_GUESTS = 1_000
"""That came along with files, in one process: each is a few kilobytes. Of more, the first ones are forgotten."""

_guests: dict[str, Background] = {}


def names() -> list[str]:
    """Every background, in alphabetical order."""
    return sorted(resources.backgrounds())


def background(name: str) -> Background:
    """The background of that name. RequestError with the nearest name, or with every problem of its file."""
    if guest := _guests.get(name):
        return guest
    known = resources.backgrounds()
    if name not in known:
        raise RequestError(f"There is no background {name!r}.", nearest(name, known))
    return load_background(known[name])


def makings(name: str) -> list[Any]:
    """What the sound of a background depends on, plain data: its preset, and what its layers add to that."""
    found = background(name)
    return [found.data, *(facts for layer in found.layers for facts in layer.kind.makings(found.path.parent))]


def admit(name: str, document: Document) -> str | None:
    """The name under which a background that came along with a file is found from now on in this process.

    None for one that needs files, which nobody looks for, and for one that cannot be read here: it may have a kind of
    layer that is not on this machine. The name (`forest/1f2e…`) tells what is in it, so that two of one name can sound
    in one process.
    """
    try:
        made = background_in(document, name, Path())
    except RoutineError:
        return None
    if not made.travels:
        return None
    digest = hashlib.blake2b(json.dumps(document.data, sort_keys=True).encode(), digest_size=16).hexdigest()
    guest = f"{name}/{digest}"  # no file has a name like that
    _guests.setdefault(guest, made)
    while len(_guests) > MOST_GUESTS:
        _guests.pop(next(iter(_guests)), None)
    return guest
