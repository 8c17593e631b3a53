"""One object (GEOB) of an ID3 tag, and nothing else of it: ID3v2.3.0 and 2.4.0, sections 3 and 4.15 or 16.

mutagen writes our tags, and does not read a stranger's: it unpacks compressed frames to whatever size they have, and
takes a time that grows with the square of the number of frames.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

LARGEST_TAG = 16_000_000
"""Bytes of a whole tag: what is carried, a cover and a transcript are a quarter of that."""

_UNSYNCHRONISED, _EXTENDED = 0x80, 0x40
_PACKED = {3: 0x00C0, 4: 0x000C}
"""Flags of a frame that is compressed or encrypted, which ours never is."""

_WITH_LENGTH, _STUFFED = 0x0001, 0x0002
_WIDE = (1, 2)
"""Encodings of two bytes a letter."""


def find_object(path: Path, description: str, most: int) -> bytes | None:
    """The object of that description in the tag at the start of a file; None where there is none.

    ValueError where the tag is damaged, larger than `LARGEST_TAG`, or where the object has over `most` bytes.
    """
    with path.open("rb") as file:
        head = file.read(10)
        if head[:3] != b"ID3" or head[3] not in _PACKED:
            return None
        size = _synchsafe(head[6:10])
        if size > LARGEST_TAG or 10 + size > os.fstat(file.fileno()).st_size:
            raise ValueError("The tag is larger than it can be.")
        tag = file.read(size)
    version, flags = head[3], head[5]
    if version == 3 and flags & _UNSYNCHRONISED:
        tag = _plain(tag)
    for name, frame_flags, frame in _frames(tag, version, extended=bool(flags & _EXTENDED)):
        if name == b"GEOB" and not frame_flags & _PACKED[version]:
            if version == 4:
                frame = frame[4:] if frame_flags & _WITH_LENGTH else frame
                frame = _plain(frame) if frame_flags & _STUFFED or flags & _UNSYNCHRONISED else frame
            said, data = _object(frame)
            if said == description:
                if len(data) > most:
                    raise ValueError("The object is larger than it can be.")
                return data
    return None


def _frames(tag: bytes, version: int, *, extended: bool) -> Iterator[tuple[bytes, int, bytes]]:
    """Name, flags and content of each frame."""
    number = _synchsafe if version == 4 else _big_endian
    at = 0
    if extended:
        # Version 2.3 does not count the four bytes of the size itself.
        at = number(tag[:4]) + (4 if version == 3 else 0)
    while at + 10 <= len(tag) and tag[at]:
        size = number(tag[at + 4 : at + 8])
        if at + 10 + size > len(tag):
            raise ValueError("A frame ends behind the tag.")
        yield tag[at : at + 4], _big_endian(tag[at + 8 : at + 10]), tag[at + 10 : at + 10 + size]
        at += 10 + size


def _object(frame: bytes) -> tuple[str, bytes]:
    """Description and data: after the encoding come the type, the file's name and the description, each ended by 0."""
    encoding = frame[0]
    _, rest = _text(frame[1:], 0)
    _, rest = _text(rest, encoding)
    return _text(rest, encoding)


def _text(content: bytes, encoding: int) -> tuple[str, bytes]:
    if encoding not in _WIDE:
        end = content.index(b"\0")
        return content[:end].decode("utf-8" if encoding == 3 else "latin-1"), content[end + 1 :]
    end = next(at for at in range(0, len(content), 2) if content[at : at + 2] == b"\0\0")
    return content[:end].decode("utf-16" if encoding == 1 else "utf-16-be"), content[end + 2 :]


def _big_endian(content: bytes) -> int:
    return int.from_bytes(content, "big")


def _synchsafe(content: bytes) -> int:
    """A number whose bytes have seven bits each."""
    return sum((byte & 0x7F) << 7 * place for place, byte in enumerate(reversed(content)))


def _plain(content: bytes) -> bytes:
    """Without the zeros that keep what is no sound from looking like it."""
    return content.replace(b"\xff\0", b"\xff")
