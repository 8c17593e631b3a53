"""The Info frame of an MP3: the exact length, so that a decoder gives back as many frames as went in.

The layout is that of LAME's tag (http://gabriel.mp3-tech.org/mp3infotag.html): in the first MP3 frame, after
"Info", come four flag bytes, the number of MP3 frames, the number of bytes, a seek table of 100 bytes, a quality,
and then 36 bytes that hold the encoder's delay and padding (12 bits each) and end in a CRC-16 of all before.
"""

from __future__ import annotations

from pathlib import Path

from audioguide.units import MP3_FRAME

_LAME_PART = 120
"""Bytes from "Info" to the encoder's version string."""


def set_length(path: Path, frames: int) -> None:
    """Make the MP3 at `path`, which begins with its Info frame, decode to exactly `frames` frames.

    ffmpeg counts no more than one MP3 frame of padding, by which one length in 25 would decode to as many as 46
    frames too many. The padding is what the MP3 frames hold beyond the delay and the sound.
    """
    with path.open("r+b") as file:
        head = bytearray(file.read(MP3_FRAME))
        info = head.index(b"Info")
        lame = info + _LAME_PART
        held = int.from_bytes(head[info + 8 : info + 12], "big") * MP3_FRAME
        delay = int.from_bytes(head[lame + 21 : lame + 24], "big") >> 12
        head[lame + 21 : lame + 24] = (delay << 12 | held - delay - frames).to_bytes(3, "big")
        head[lame + 34 : lame + 36] = crc16(head[: lame + 34]).to_bytes(2, "big")
        file.seek(0)
        file.write(head[: lame + 36])


def crc16(data: bytes | bytearray) -> int:
    """The CRC-16 of LAME's tag: polynomial 0x8005, least significant bit first, from 0 (CRC-16/ARC)."""
    crc = 0
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0xA001 if crc & 1 else 0)
    return crc
