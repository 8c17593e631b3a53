"""What the terminal can show: told from its name and the locale, never from what it answers."""

from __future__ import annotations

import sys
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    pass


_DUMB = ("", "dumb", "unknown")


_ASCII = str.maketrans(dict(zip("·…–—−’‘“”←→↑↓", "- . - - - ' ' \" \" <- -> up down".split(), strict=True)))


@dataclass(frozen=True, slots=True)
class TerminalCaps:
    """Whether there is a terminal that a whole screen, or at least a line, can be drawn on, and in which signs."""

    screen: bool
    line: bool
    unicode: bool


def detect_terminal(environment: Mapping[str, str], stdin: TextIO | None, stderr: TextIO | None) -> TerminalCaps:
    """What to draw on: a screen needs a terminal to read keys from as well, and one that can move its cursor."""
    line = _terminal(stderr)
    windows = sys.platform == "win32"
    able = windows or environment.get("TERM", "") not in _DUMB
    return TerminalCaps(line and _terminal(stdin) and able, line, windows or supports_unicode(environment))


def supports_unicode(environment: Mapping[str, str]) -> bool:
    """Whether the locale is one of UTF-8. LC_CTYPE=C.UTF-8 beside the plain C locale is Python's own doing, which
    says nothing about the terminal.
    """
    values = {name: environment.get(name, "") for name in ("LC_ALL", "LC_CTYPE", "LANG")}
    if not values["LC_ALL"] and values["LC_CTYPE"] == "C.UTF-8" and values["LANG"] in ("", "C", "POSIX"):
        return False
    locale = next((value for value in values.values() if value), "C")
    return locale.lower().replace("-", "").partition(".")[2].startswith("utf8") or locale == "UTF-8"


@lru_cache(512)  # a screen asks for the same words again and again
def to_ascii(text: str) -> str:
    """A text in ASCII alone: letters without their accents, and a question mark for what there is no letter for."""
    bare = (sign for sign in unicodedata.normalize("NFKD", text.translate(_ASCII)) if not unicodedata.combining(sign))
    return "".join(bare).encode("ascii", "replace").decode("ascii")


def _terminal(stream: TextIO | None) -> bool:
    try:
        return stream is not None and stream.isatty()
    except ValueError:  # closed
        return False
