"""Written text to the text that is spoken."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

_GAP = re.compile(r"\s+")
_REPLACED: Mapping[str, str] = {"Cc": " ", "Cs": " ", "Cf": ""}  # control, lone surrogate, invisible


def spoken(text: str) -> str:
    """The text on one line, composed (NFC), without control and invisible characters."""
    if text.isascii() and text.isprintable():
        return _GAP.sub(" ", text).strip()
    signs = (_REPLACED.get(unicodedata.category(sign), sign) for sign in unicodedata.normalize("NFC", text))
    return _GAP.sub(" ", "".join(signs)).strip()
