"""The kinds of layers that a background is made of, by the word that a preset writes.

A new kind is one file, one line here, and its form in `preset_form.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module

from audioguide.sound.layers.kind import Kind

KINDS: Mapping[str, tuple[str, str]] = {
    "drone": ("audioguide.sound.layers.drone", "Drone"),
    "noise": ("audioguide.sound.layers.noise", "Noise"),
    "drops": ("audioguide.sound.layers.drops", "Drops"),
    "bowls": ("audioguide.sound.layers.bowls", "Bowls"),
    "binaural": ("audioguide.sound.layers.binaural", "Binaural"),
    "music": ("audioguide.sound.layers.music", "Files"),
}
"""Module and class of each kind: most backgrounds need one or two of them."""


def kind(word: str) -> type[Kind]:
    """The class of a kind."""
    module, name = KINDS[word]
    found: type[Kind] = getattr(import_module(module), name)
    return found
