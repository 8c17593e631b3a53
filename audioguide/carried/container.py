"""Where in a sound file that which it carries lies: one way a format."""

# mypy: allow-untyped-calls
# mutagen declares itself typed, and most of it is not.

from __future__ import annotations

import binascii
from base64 import b64decode
from collections.abc import Callable
from pathlib import Path
from typing import Any

from audioguide.carried import id3
from audioguide.errors import RequestError
from audioguide.files import read_bytes
from audioguide.resources import shown

LARGEST = 4_000_000
"""Bytes. The longest shipped routine with all its poses has 20 kB; it is never compressed, so nothing unpacks."""

OBJECT = "audioguide session"
"""The description of the ID3 object (GEOB) in an MP3."""

ITEM = "----:audioguide:session"
"""The free-form item in an M4A."""

COMMENT = "AUDIOGUIDE_SESSION"
"""The Vorbis comment in FLAC and Opus, in base64: a comment is text."""

_BASE64 = 4 / 3
"""Characters a byte."""


def find_payload(path: Path, name: str = "") -> bytes:
    """What the file at `path` carries; `name` is what messages call it.

    RequestError when it cannot be read, is damaged or far too large, or when it carries nothing.
    """
    name = name or shown(path)
    read_bytes(path, 0, "sound", "Check the spelling.")  # whether there is such a file, and it can be opened
    ending = path.suffix.lower()
    if ending not in _READERS:
        raise RequestError(f"A {ending} file carries no routine.", "Export the session as MP3, M4A, Opus or FLAC.")
    try:
        found = _READERS[ending](path)
    except MemoryError:
        raise
    except Exception:  # whatever a parser of foreign bytes comes upon: that file is damaged
        hint = "Get it again from where it came from."
        raise RequestError(f"{name} is damaged, or no {ending} file: what it carries cannot be read.", hint) from None
    if not found:
        hint = "Name the routine that it was made of."
        raise RequestError(f"{name} was not made by audioguide, or has lost its routine.", hint)
    if len(found) > LARGEST:
        raise RequestError(f"{name} carries far more than a routine.", "Name the routine itself.")
    return found


def _in_mp3(path: Path) -> bytes | None:
    return id3.find_object(path, OBJECT, LARGEST)


def _in_mp4(path: Path) -> bytes | None:
    from mutagen.mp4 import MP4

    tags = MP4(path).tags
    found = tags.get(ITEM) if tags is not None else None
    return bytes(found[0]) if found else None


def _in_flac(path: Path) -> bytes | None:
    from mutagen.flac import FLAC

    return _decoded(FLAC(path).tags)


def _in_opus(path: Path) -> bytes | None:
    from mutagen.oggopus import OggOpus

    return _decoded(OggOpus(path).tags)


def _decoded(comments: Any) -> bytes | None:
    (text,) = (comments or {}).get(COMMENT, [""])[:1]
    if len(text) > LARGEST * _BASE64 + 4:
        return bytes(LARGEST + 1)  # said to be too large, and not decoded
    try:
        return b64decode(text, validate=True)
    except binascii.Error:
        raise ValueError("This is not base64.") from None


_READERS: dict[str, Callable[[Path], bytes | None]] = {
    ".mp3": _in_mp3,
    ".m4a": _in_mp4,
    ".m4b": _in_mp4,
    ".opus": _in_opus,
    ".flac": _in_flac,
}
