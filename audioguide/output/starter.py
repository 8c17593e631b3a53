"""Starts encoders: as children, or by a shell on behalf of a process that is large once it holds a voice.

A child begins as a copy of its parent. Of one of 300 MB that takes 10 ms each time. Where it shares the parent's memory
instead, as `subprocess` does on Linux, all threads of the parent wait for it, and it counts as a second process of that
size for as long. An export has an encoder for each half minute, so on Linux a shell starts them, which is small.
"""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Protocol

from audioguide import machine


class Child(Protocol):
    """A running encoder."""

    def wait(self) -> int | None:
        """Its exit code when it has ended; None, at once, where that is not to be had."""
        ...

    def kill(self) -> None:
        """End it, which has not ended yet."""
        ...


Start = Callable[..., Child]
"""Starts a command; its input, output and messages are three open files, by number. Raises OSError."""


def start_child(command: Sequence[str], stdin: int, stdout: int, stderr: int) -> Child:
    """Start it as a child."""
    return machine.start(command, stdin=stdin, stdout=stdout, stderr=stderr)


@contextmanager
def starting() -> Iterator[Start]:
    """What starts encoders, on any thread, until the block ends: a shell, where it can reach the files of others."""
    if sys.platform != "linux" or not Path("/bin/sh").exists():
        yield start_child
        return
    pipe, nul = subprocess.PIPE, subprocess.DEVNULL
    with machine.start(["/bin/sh"], stdin=pipe, stdout=pipe, stderr=nul, bufsize=0) as shell:
        assert shell.stdin
        assert shell.stdout
        talk, listen, one_at_a_time = shell.stdin, shell.stdout, Lock()

        def start(command: Sequence[str], *files: int) -> Child:
            # The shell opens the files before it answers: after that they can be closed here.
            ends = (f"/proc/{os.getpid()}/fd/{file}" for file in files)
            encode = f"{shlex.join(command)} <&4 3>&- 4>&-"  # without an input named, it would have none
            line = "{{ {} & echo $! >&3; }} 3>&1 4<{} >{} 2>{} || echo\n".format(encode, *ends)
            with one_at_a_time, suppress(BrokenPipeError, ValueError):
                talk.write(line.encode())
                return _Started(int(listen.readline()))
            return start_child(command, *files)  # the shell is gone, or may not open them

        yield start


@dataclass(frozen=True)
class _Started:
    pid: int

    def wait(self) -> None:
        return None

    def kill(self) -> None:
        with suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)
