"""What the terminal can show, judged by its name and the locale; it is never queried."""

import sys
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TextIO

from rich.cells import cell_len, set_cell_size

_DUMB = ("", "dumb", "unknown")

_ASCII = str.maketrans(dict(zip("·…–—−’‘“”←→↑↓", "- . - - - ' ' \" \" <- -> up down".split(), strict=True)))


@dataclass(frozen=True, slots=True)
class TerminalCaps:
    """Whether the terminal can show a whole screen, or at least a line that is written over, and Unicode."""

    screen: bool
    line: bool
    unicode: bool


def detect_terminal(environment: Mapping[str, str], stdin: TextIO | None, stderr: TextIO | None) -> TerminalCaps:
    """What the terminal can show. A screen needs a terminal on stdin too, and one that can move its cursor."""
    line = _is_terminal(stderr)
    windows = sys.platform == "win32"
    able = windows or environment.get("TERM", "") not in _DUMB
    return TerminalCaps(line and _is_terminal(stdin) and able, line, windows or supports_unicode(environment))


def supports_unicode(environment: Mapping[str, str]) -> bool:
    """Whether the locale uses UTF-8. LC_CTYPE=C.UTF-8 beside a plain C locale does not count: Python itself sets it."""
    values = {name: environment.get(name, "") for name in ("LC_ALL", "LC_CTYPE", "LANG")}
    if not values["LC_ALL"] and values["LC_CTYPE"] == "C.UTF-8" and values["LANG"] in ("", "C", "POSIX"):
        return False
    locale = next((value for value in values.values() if value), "C")
    return locale.lower().replace("-", "").partition(".")[2].startswith("utf8") or locale == "UTF-8"


@lru_cache(512)  # a screen asks for the same words again and again
def to_ascii(text: str) -> str:
    """A text in ASCII: letters lose their accents, other signs become question marks."""
    bare = (sign for sign in unicodedata.normalize("NFKD", text.translate(_ASCII)) if not unicodedata.combining(sign))
    return "".join(bare).encode("ascii", "replace").decode("ascii")


def truncate(text: str, width: int, sign: str = "…") -> str:
    """A text in at most `width` columns of a terminal; `sign` marks that its end was cut off."""
    if cell_len(text) <= width:
        return text
    return f"{set_cell_size(text, max(0, width - len(sign))).rstrip()}{sign}" if width > 0 else ""


def _is_terminal(stream: TextIO | None) -> bool:
    try:
        return stream is not None and stream.isatty()
    except ValueError:  # closed
        return False
