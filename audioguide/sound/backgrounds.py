"""The backgrounds by name: the shipped ones, and the person's own."""

from __future__ import annotations

from audioguide import resources
from audioguide.errors import RequestError, nearest
from audioguide.sound.layers.form import LOUDNESS
from audioguide.sound.preset import Background, load_background

__all__ = ["LOUDNESS", "Background", "background", "names"]


def names() -> list[str]:
    """Every background, in alphabetical order."""
    return sorted(resources.backgrounds())


def background(name: str) -> Background:
    """The background of that name. RequestError with the nearest name, or with every problem of its file."""
    known = resources.backgrounds()
    if name not in known:
        raise RequestError(f"There is no background {name!r}.", nearest(name, known))
    return load_background(known[name])
