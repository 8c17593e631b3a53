"""The Info frame of an MP3: its exact length, so that a decoder gives back as many frames as went in.

The layout is that of LAME's tag (http://gabriel.mp3-tech.org/mp3infotag.html): in the first MP3 frame, which is silent,
after "Info" come four flag bytes, the number of MP3 frames behind it, the number of bytes with it, a seek table of 100
bytes, a quality, and then 36 bytes that hold the encoder's name, its delay and padding (12 bits each) and end in a
CRC-16 of all before.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from audioguide.mp3 import header, tag_length
from audioguide.units import MP3_FRAME, RATE

DELAY = 576
"""Frames of silence that LAME puts in front, besides the 529 that every decoder does."""

_FIELDS = (0b1111).to_bytes(4, "big")
"""All four are there; where the name stands depends on that."""

_SIDE_INFORMATION = {1: 17, 2: 32}
"""Bytes between the header and "Info", by the number of channels."""

# Decoders believe in delay and padding only where the name is one they know; this is what ffmpeg writes of itself.
_NAME = b"Lavc"
_CONSTANT = 1  # revision 0 of the layout, constant bit rate


def info_frame(bitrate: int, channels: int, count: int = 0, size: int = 0, frames: int = 0) -> bytes:
    """The Info frame of an MP3 at a bit rate (kbit/s), which is followed by `count` MP3 frames of `size` bytes.

    They decode to exactly `frames` frames. Without these it is that of a stream that is still growing: as long, and it
    tells the delay, but no length.
    """
    whole = header(bitrate, channels)
    frame = bytearray(whole.length)
    frame[:4] = whole.bytes
    at = 4 + _SIDE_INFORMATION[channels]
    # The seek table: of each hundredth of the time, where it lies among 256ths of the bytes.
    table = bytes(percent * 256 // 100 for percent in range(100)) if count else bytes(100)
    padding = count * MP3_FRAME - DELAY - frames if count else 0
    tag = b"".join(
        (
            b"Info",
            _FIELDS,
            count.to_bytes(4, "big"),
            (size + len(frame) if count else 0).to_bytes(4, "big"),
            table,
            bytes(4),
            _NAME.ljust(9, b"\0"),
            bytes((_CONSTANT, 0)),
            bytes(8),  # neither a peak nor gains
            bytes((0, min(bitrate, 255))),
            (DELAY << 12 | padding).to_bytes(3, "big"),
            bytes(4),
            (size + len(frame) if count else 0).to_bytes(4, "big"),
            bytes(2),  # no checksum of the sound, which nobody checks
        )
    )
    frame[at : at + len(tag)] = tag
    end = at + len(tag)
    frame[end : end + 2] = crc16(frame[:end]).to_bytes(2, "big")
    return bytes(frame)


def told_seconds(path: Path) -> float:
    """The length of one of our MP3s as its Info frame has it; 0 where it has none, or where bytes are missing."""
    with suppress(OSError), path.open("rb") as file:
        start = tag_length(file.read(10))
        file.seek(start)
        _, _, facts = file.read(4 + max(_SIDE_INFORMATION.values()) + 16).partition(b"Info" + _FIELDS)
        count, size = (int.from_bytes(facts[at : at + 4], "big") for at in (0, 4))
        if size and start + size == os.fstat(file.fileno()).st_size:
            return count * MP3_FRAME / RATE
    return 0.0


def crc16(data: bytes | bytearray) -> int:
    """The CRC-16 of LAME's tag: polynomial 0x8005, least significant bit first, from 0 (CRC-16/ARC)."""
    crc = 0
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0xA001 if crc & 1 else 0)
    return crc
