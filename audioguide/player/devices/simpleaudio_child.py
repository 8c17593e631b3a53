"""The process that plays for `simple`: a library that crashes takes only this with it.

It reads buffers from stdin, each with the time at which it is due, and plays each at its time. Two may overlap. It is
run as a file, and imports nothing of this program, so that it does not matter from where that was started.
"""

from __future__ import annotations

import struct
import sys
import time
from collections import deque
from typing import Any, BinaryIO

HEADER = struct.Struct("<dI")
"""When a buffer is due, by the monotonic clock (one for all processes), and its bytes: s16, two channels."""

READY, MISSING, NO_DEVICE = b"ready\n", b"missing\n", b"no device\n"
"""What it says for a start, on stdout."""

_KEPT = 4  # buffers that are held on to: one that is collected may still be playing


def main(rate: int, buffers: BinaryIO, answers: BinaryIO) -> None:
    """Play at `rate` frames a second until there are no more buffers. An exception ends it when the device fails."""
    try:
        import simpleaudio
    except ImportError:
        answers.write(MISSING)
        return
    try:
        simpleaudio.play_buffer(bytes(rate // 100 * 4), 2, 2, rate).wait_done()  # a device shows only when it is used
    except Exception:
        answers.write(NO_DEVICE)
        return
    answers.write(READY)
    answers.flush()
    playing: deque[Any] = deque(maxlen=_KEPT)
    while len(header := buffers.read(HEADER.size)) == HEADER.size:
        due, size = HEADER.unpack(header)
        data = buffers.read(size)
        time.sleep(max(0.0, due - time.monotonic()))
        playing.append(simpleaudio.play_buffer(data, 2, 2, rate))
    for last in playing:
        last.wait_done()


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.stdin.buffer, sys.stdout.buffer)
