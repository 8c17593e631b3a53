"""How encoders are started: as children, or by a small process of its own on behalf of one that is large.

A child process begins as a copy of its parent. Of a parent that holds a voice that takes 10 ms, and as much again while
both find out what they no longer share; made the other way (vfork), the child counts for a moment as a second process
of that size. An export has an encoder for each half minute, so a process without any of that starts them on Linux.
"""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from typing import IO, Protocol

from audioguide.machine import APART
from audioguide.output import starter_process
from audioguide.output.starter_process import ENDS, NUMBER


class Child(Protocol):
    """A running program, as `subprocess.Popen` has it."""

    @property
    def stdin(self) -> IO[bytes] | None:
        """Its input."""
        ...

    @property
    def stdout(self) -> IO[bytes] | None:
        """Its output."""
        ...

    @property
    def stderr(self) -> IO[bytes] | None:
        """Its messages."""
        ...

    def wait(self) -> int:
        """The exit code, when it has ended; that of a signal is the signal's number, negated."""
        ...

    def poll(self) -> int | None:
        """The exit code where it has ended."""
        ...

    def kill(self) -> None:
        """End it."""
        ...


Start = Callable[[Sequence[str]], Child]
"""Starts a program, with pipes to all its streams, which are the caller's to close. Raises OSError."""


def start_here(command: Sequence[str]) -> Child:
    """Start a program as a child."""
    pipe = subprocess.PIPE
    child: subprocess.Popen[bytes] = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, **APART)
    return child


def starting() -> AbstractContextManager[Start]:
    """What starts programs on any thread: a small process, where there can be one. It ends with the block."""
    there = sys.platform == "linux" and sys.executable and not getattr(sys, "frozen", False)  # that would be no Python
    return _starter() if there else nullcontext(start_here)


@contextmanager
def _starter() -> Iterator[Start]:
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with theirs:
        # Isolated, and without what is installed: it loads a part of the standard library and nothing else.
        command = [sys.executable, "-I", "-S", starter_process.__file__, str(theirs.fileno())]
        nul = subprocess.DEVNULL
        process = subprocess.Popen(command, pass_fds=[theirs.fileno()], stdin=nul, stdout=nul, stderr=nul, **APART)

    def start(command: Sequence[str]) -> Child:
        try:
            return _started(ours, command)
        except (ChildProcessError, ConnectionError):  # the small process is gone
            return start_here(command)

    try:
        yield start
    finally:
        ours.close()
        process.wait()


def _started(channel: socket.socket, command: Sequence[str]) -> Child:
    pipes = [os.pipe() for _ in range(ENDS)]
    (stdin, write), (read, stdout), (messages, stderr), (told, tell) = pipes
    theirs = [stdin, stdout, stderr, tell]
    started = _Started(write, read, messages, told)
    try:
        socket.send_fds(channel, [json.dumps(command).encode()], theirs)
    except OSError:
        started.close()
        raise
    finally:
        for end in theirs:
            os.close(end)
    started.begin()
    return started


class _Started:
    """A program that the small process was asked to start."""

    def __init__(self, stdin: int, stdout: int, stderr: int, told: int) -> None:
        self.stdin, self.stdout, self.stderr = os.fdopen(stdin, "wb"), os.fdopen(stdout, "rb"), os.fdopen(stderr, "rb")
        self._told = os.fdopen(told, "rb", buffering=0)
        self._pid = 0
        self._code: int | None = None

    def begin(self) -> None:
        """Wait until it runs. Raises OSError where it does not."""
        number = self._number()
        if number is None or number < 0:
            self.close()
            raise OSError(-number, os.strerror(-number)) if number else ChildProcessError(0, "what starts it has ended")
        self._pid = number

    def wait(self) -> int:
        if self._code is None:
            code = self._number()
            self._code = -signal.SIGKILL if code is None else code  # nobody is left who could tell
            self._told.close()
        return self._code

    def poll(self) -> int | None:
        if self._code is None:
            news = select.poll()
            news.register(self._told, select.POLLIN)
            if not news.poll(0):
                return None
        return self.wait()

    def kill(self) -> None:
        with suppress(ProcessLookupError):
            os.kill(self._pid, signal.SIGKILL)

    def close(self) -> None:
        for pipe in (self.stdin, self.stdout, self.stderr, self._told):
            pipe.close()

    def _number(self) -> int | None:
        found = self._told.read(NUMBER.size)
        return NUMBER.unpack(found)[0] if len(found) == NUMBER.size else None
