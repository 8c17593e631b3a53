"""The child process of the output simpleaudio: when the library crashes, only this process ends.

It reads buffers from stdin, each with the time at which to play it; two may overlap. It runs as a file and imports
nothing of audioguide, so that it does not matter where the program was started.
"""

import struct
import sys
import time
from collections import deque
from typing import Any, BinaryIO

HEADER = struct.Struct("<dI")
"""When to play a buffer, by the monotonic clock that all processes share, and its length in bytes (s16, stereo)."""

READY, MISSING, NO_DEVICE = b"ready\n", b"missing\n", b"no device\n"  # its first line on stdout
_KEPT = 4  # buffers kept alive: one may still play when it would be freed


def main(rate: int, buffers: BinaryIO, answers: BinaryIO) -> None:
    """Play at `rate` frames a second until stdin ends. An exception ends the process when the device fails."""
    try:
        import simpleaudio
    except ImportError:
        answers.write(MISSING)
        return
    try:
        simpleaudio.play_buffer(bytes(rate // 100 * 4), 2, 2, rate).wait_done()  # only playing finds a missing device
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
