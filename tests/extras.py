"""Extras: their tests are skipped where they are not installed, unless all real parts are asked for."""

import os
import sys
from importlib.util import find_spec

import pytest


def needs(package: str) -> pytest.MarkDecorator:
    """Skip without the package; with AUDIOGUIDE_REAL set, run and fail."""
    missing = find_spec(package) is None and not os.environ.get("AUDIOGUIDE_REAL")
    return pytest.mark.skipif(missing, reason=f"needs {package}, which is not installed")


def need_simpleaudio() -> None:
    """Skip without the second output; with AUDIOGUIDE_REAL set, only on a Python that it has no release for."""
    if find_spec("simpleaudio") is None and (sys.version_info >= (3, 12) or not os.environ.get("AUDIOGUIDE_REAL")):
        pytest.skip("needs simpleaudio, which is not installed")


BAD_TEXTS = [
    ("", "nothing to say"),
    ("...", "nothing to say"),
    ("!? — ( )", "nothing to say"),
    ("🙂", "nothing to say"),
    ("Дыши", "Latin letters only"),
    ("Breathe 吸气", "Latin letters only"),
]
"""What no voice of a Latin script says, and what is said about it."""

ODD_TEXTS = ["Uttanāsana", "Ein & aus", "x 🙂 y", "4-7-8", "-m foo", "--help me", "a < b > c", "'quoted' \"text\""]
"""What every voice says somehow."""
