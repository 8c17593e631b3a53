"""File names that every disk takes: those of FAT and Windows are the narrowest."""

from __future__ import annotations

import re
import unicodedata

LONGEST = 150
"""Bytes of a name in UTF-8 without its endings: most disks have room for 255, and players show far less."""

_UNSAFE = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f-\x9f\ud800-\udfff]')
_DEVICES = re.compile(r"(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\..*)?", re.IGNORECASE)
"""Names that are devices on Windows, with any ending."""


def safe_name(text: str, ending: str) -> str:
    """A name for a file out of any text; what no disk may refuse stays as it is. `ending` begins with a dot.

    It begins with neither a dot, which hides a file, nor `#`, which makes it a comment in a playlist.
    """
    name = _UNSAFE.sub("-", unicodedata.normalize("NFC", text)).lstrip(".# ")
    name = name.encode()[:LONGEST].decode(errors="ignore").rstrip(". ")
    if not name or _DEVICES.fullmatch(name):
        name = f"session-{name}".rstrip("-")
    return f"{name}{ending}"
