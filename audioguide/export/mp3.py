"""An MP3 that is written in segments, which are encoded apart, behind a frame that tells its exact length.

Without the bit reservoir an MP3 frame stands alone, but its content depends on the sound around it: the encoder looks
ahead, and its filters remember. So a segment is encoded with a little of the sound before and after it, and the frames
of that are dropped. Measured against a single pass, the joints differ by no more than two passes do elsewhere.

The first frame is silent and holds the Info tag, by which a decoder returns exactly the frames that went in. Its layout
is that of LAME's tag (http://gabriel.mp3-tech.org/mp3infotag.html): "Info", four bytes of flags, the number of MP3
frames after it, the number of bytes with it, a seek table of 100 bytes, a quality, and then 36 bytes with the encoder's
name, its delay and padding (12 bits each), and a CRC-16 of all before.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from audioguide.errors import EnvironmentFailure
from audioguide.export.formats import Format
from audioguide.system.files import os_error_message
from audioguide.system.mp3_frames import build_header, frame_ends, frame_length, tag_length
from audioguide.units import MP3_FRAME, RATE

LENGTH = 1148 * MP3_FRAME  # audio frames that a segment should have: 30 seconds
BEFORE, AFTER = 2 * MP3_FRAME, 3 * MP3_FRAME  # audio frames that are encoded with a segment, and not kept
DELAY = 576  # frames of silence that LAME puts in front, besides the 529 that every decoder adds
_FLAGS = (0b1111).to_bytes(4, "big")  # all four fields are there; the position of the name depends on that
_SIDE_INFORMATION = {1: 17, 2: 32}  # bytes between the header and "Info", by the number of channels
_NAME = b"Lavc"  # as ffmpeg writes it: decoders trust delay and padding only where they know the name
_CONSTANT = 1  # revision 0 of the layout, constant bit rate
# The Info tag without its CRC-16. Quality, low-pass, peak, gains and the checksum of the sound are left 0.
_INFO = struct.Struct(">4s4sII100s4x9sB10xB3s4xI2x")


@dataclass(frozen=True, slots=True)
class Segment:
    """The audio frames `first` to `last` of a session, known up to `total`: its end, or at least `AFTER` on."""

    first: int
    last: int
    total: int

    @property
    def start(self) -> int:
        """The first frame that is encoded with it."""
        return max(0, self.first - BEFORE)

    @property
    def stop(self) -> int:
        """The frame after the last one that is encoded with it."""
        return min(self.total, self.last + AFTER)

    def trim(self, encoded: bytes) -> bytes:
        """The segment's MP3 frames out of those from `start` to `stop`; EnvironmentFailure where some are missing.

        At the session's end all that follow belong to it: they hold what the decoder delays.
        """
        ends = [0, *frame_ends(encoded)]
        first = (self.first - self.start) // MP3_FRAME
        last = first + (self.last - self.first) // MP3_FRAME
        if len(ends) <= last:
            raise EnvironmentFailure("ffmpeg ended before it had encoded all. Try again, or run audioguide doctor.")
        last = len(ends) - 1 if self.last == self.total else last
        return encoded[ends[first] : ends[last]]


def split_chapter(first: int, last: int, total: int) -> Iterator[Segment]:
    """A chapter in segments of about `LENGTH`, whose first cuts stay when something changes after them."""
    edges = [*range(first, max(last - LENGTH // 2, first) + 1, LENGTH), last]
    return (Segment(first, last, total) for first, last in pairwise(edges))


class Mp3File:
    """Writes `path` inside its `with` block, a segment at a time; `finish` completes it. It can be played meanwhile.

    Raises EnvironmentFailure where the disk is full or fails.
    """

    def __init__(self, path: Path, form: Format, channels: int = 2) -> None:
        assert form.bitrate
        self._path = path
        self._encoding = form.bitrate, channels
        self._count = self._size = 0

    def __enter__(self) -> Mp3File:
        with ExitStack() as stack:
            try:
                self._file = stack.enter_context(self._path.open("wb", buffering=0))
            except OSError as error:
                raise os_error_message(error, self._path) from None
            self._write(info_frame(*self._encoding))
            stack.pop_all()
        return self

    def append(self, frames: bytes) -> None:
        """Append MP3 frames that were encoded together: at a constant bit rate their size tells their number."""
        self._write(frames)
        self._count += round(len(frames) * RATE / (125 * self._encoding[0] * MP3_FRAME))
        self._size += len(frames)

    def finish(self, frames: int) -> None:
        """Complete the file, which decodes to so many audio frames."""
        self._file.seek(0)
        self._write(info_frame(*self._encoding, self._count, self._size, frames))

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def _write(self, content: bytes) -> None:
        rest = memoryview(content)
        try:
            while rest:  # an unbuffered file may take less at a time
                rest = rest[self._file.write(rest) :]
        except OSError as error:
            raise os_error_message(error, self._path) from None


def info_frame(bitrate: int, channels: int, count: int = 0, size: int = 0, frames: int = 0) -> bytes:
    """The Info frame of an MP3 at a bit rate (kbit/s) with `count` MP3 frames of `size` bytes, or that still grows.

    They decode to exactly `frames` audio frames.
    """
    head = build_header(bitrate, channels)
    frame = bytearray(head.ljust(frame_length(head), b"\0"))
    at = 4 + _SIDE_INFORMATION[channels]
    whole = size + len(frame) if count else 0
    # The seek table: for each hundredth of the time, its position in 256ths of the bytes.
    table = bytes(percent * 256 // 100 for percent in range(100)) if count else bytes(100)
    padding = count * MP3_FRAME - DELAY - frames if count else 0
    silence = (DELAY << 12 | padding).to_bytes(3, "big")
    end = at + _INFO.size
    rate = min(bitrate, 255)
    frame[at:end] = _INFO.pack(b"Info", _FLAGS, count, whole, table, _NAME, _CONSTANT, rate, silence, whole)
    frame[end : end + 2] = crc16(frame[:end]).to_bytes(2, "big")
    return bytes(frame)


def read_seconds(path: Path) -> float:
    """The length of one of our MP3s by its Info frame, in seconds; 0 where it has none, or where bytes are missing."""
    with suppress(OSError), path.open("rb") as file:
        start = tag_length(file.read(10))
        file.seek(start)
        _, _, fields = file.read(4 + max(_SIDE_INFORMATION.values()) + 16).partition(b"Info" + _FLAGS)
        count, size = (int.from_bytes(fields[at : at + 4], "big") for at in (0, 4))
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
