"""The process that starts programs for another one: see `starter`. It is run as a script, and only on Linux.

It is handed commands, each with the ends of four pipes: the program's input, output and messages, and one in which is
told what becomes of it.
"""

from __future__ import annotations

import json
import os
import socket
import struct
import subprocess
import sys
import threading
from contextlib import suppress

NUMBER = struct.Struct("<i")
"""What is told: the number of the program's process, or the system's error, negated; and later its exit code."""

ENDS = 4
_LONGEST = 2**16
"""Bytes of a command."""


def serve(channel: socket.socket) -> None:
    """Start what is asked for until nobody can ask any more. What still runs then ends with its input."""
    # Programs that work hand in hand need not wake one another in the midst of their work: 5 % less of it.
    with suppress(OSError):  # some systems do not let us, and it only costs time
        os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))
    while True:
        command, ends, _, _ = socket.recv_fds(channel, _LONGEST, ENDS)
        if not command:
            return
        stdin, stdout, stderr, tell = ends
        try:
            child = subprocess.Popen(json.loads(command), stdin=stdin, stdout=stdout, stderr=stderr)
        except OSError as error:
            _tell(tell, -(error.errno or 1))
            os.close(tell)
        else:
            _tell(tell, child.pid)
            threading.Thread(target=_tell_end, args=(child, tell), daemon=True).start()
        for end in (stdin, stdout, stderr):
            os.close(end)


def _tell_end(child: subprocess.Popen[bytes], tell: int) -> None:
    _tell(tell, child.wait())
    os.close(tell)


def _tell(tell: int, number: int) -> None:
    with suppress(BrokenPipeError):  # whoever asked is gone
        os.write(tell, NUMBER.pack(number))


if __name__ == "__main__":
    serve(socket.socket(fileno=int(sys.argv[1])))
