"""Blocks of sound into a file, or into bytes, by ffmpeg as a child process."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Lock, Thread
from types import TracebackType
from typing import IO, Protocol

import numpy as np
from numpy.typing import NDArray

from audioguide.errors import AudioguideError, EnvironmentFailure
from audioguide.export.formats import Format
from audioguide.system import process
from audioguide.system.ffmpeg import describe_failure, find_ffmpeg
from audioguide.units import RATE, format_duration


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
    return process.start(command, stdin=stdin, stdout=stdout, stderr=stderr)


@contextmanager
def spawn_shell() -> Iterator[Start]:
    """What starts encoders, on any thread, until the block ends: a shell, where it can reach the files of others."""
    if sys.platform != "linux" or not Path("/bin/sh").exists():
        yield start_child
        return
    pipe, nul = subprocess.PIPE, subprocess.DEVNULL
    with process.start(["/bin/sh"], stdin=pipe, stdout=pipe, stderr=nul, bufsize=0) as shell:
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


STALL = 60.0
"""Seconds in which an encoder has to take some of the sound that waits for it."""

_LOOK = 0.5
"""Seconds between two looks at whether it does."""

_CHUNK = 2**16
_PIPE = 2**20
"""Bytes that Linux lets a pipe hold: three seconds of sound, which are mixed while the encoder is busy."""


class Encoder:
    """Writes `path` in the format `form` inside its `with` block; the file is whole when that has ended.

    `path` is overwritten, and is meant to be a temporary file (see `files.staged`): after an exception in the block
    ffmpeg is ended and what it wrote is left half done. Without a path, what was written is `content` when the block
    has ended; an MP3 is its bare frames in either case. `start` starts ffmpeg.

    Raises EnvironmentFailure when there is no ffmpeg, when it fails or takes no sound for `STALL` seconds, and when the
    disk is full.
    """

    def __init__(self, path: Path | None, form: Format, channels: int = 2, start: Start = start_child) -> None:
        self._start = start
        self.path = path
        self.form = form
        self.channels = channels
        self.frames = 0
        """Frames written so far."""
        self.content = b""

    def __enter__(self) -> Encoder:
        (stdin, write), (read, stdout), (listen, stderr) = (os.pipe() for _ in range(3))
        try:
            self._child = self._start(_command(self.path, self.form, self.channels), stdin, stdout, stderr)
        except BaseException as error:
            for end in (write, read, listen):
                os.close(end)
            if isinstance(error, OSError):
                message = f"ffmpeg does not start: {error.strerror}. Run audioguide doctor."
                raise EnvironmentFailure(message) from None
            raise
        finally:
            for end in (stdin, stdout, stderr):
                os.close(end)
        self._pipe = os.fdopen(write, "wb")
        _widen(self._pipe)
        self._made: list[bytes] = []
        self._messages: deque[bytes] = deque(maxlen=20)
        self._waiting = self._stalled = False
        self._taken = 0
        self._over = Event()
        # Read all the time: a child whose words nobody reads waits for ever once their pipe is full.
        self._readers = [
            Thread(target=_read, args=(end, into), daemon=True)
            for end, into in ((read, self._made), (listen, self._messages))
        ]
        self._watcher = Thread(target=self._watch, daemon=True)
        for thread in (*self._readers, self._watcher):
            thread.start()
        return self

    def write(self, block: NDArray[np.float32]) -> None:
        """Append a block of shape (frames, channels), full scale at ±1; waits while the encoder is busy."""
        if block.ndim != 2 or block.shape[1] != self.channels:
            raise ValueError(f"a block of shape {block.shape} for {self.channels} channels")
        samples = self.form.prepare(block).cast("B") if len(block) else b""
        self._waiting = True
        try:
            for at in range(0, len(samples), _CHUNK):
                self._pipe.write(samples[at : at + _CHUNK])
                self._taken += 1
        except OSError:  # the child is gone; its exit code says why
            raise self._failure() from None
        self._waiting = False
        self.frames += len(block)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._waiting = True
        if kind is not None and any(reader.is_alive() for reader in self._readers):
            self._child.kill()
        with suppress(OSError):  # of a child that is gone: its exit code says why
            self._pipe.close()
        code = self._end()
        if kind is None and (code or self._stalled):
            raise self._failure()
        self.content = b"".join(self._made)

    def _watch(self) -> None:
        """End an encoder that hangs. Looks are counted, not seconds: while this process is stopped, nothing hangs."""
        taken, looks = 0, 0
        while not self._over.wait(_LOOK):
            looks = looks + 1 if self._waiting and self._taken == taken else 0
            taken = self._taken
            if looks * _LOOK >= STALL:
                self._stalled = True
                self._child.kill()
                return

    def _failure(self) -> AudioguideError:
        code = self._end()
        if self._stalled:
            return EnvironmentFailure(
                f"The encoder ffmpeg hangs: it took no sound for {format_duration(STALL)}. "
                "Try again, or run audioguide doctor."
            )
        return describe_failure(code, b"".join(self._messages).splitlines(), self.path)

    def _end(self) -> int:
        """Wait for all that the child has to say, and for its exit code: it has ended, or is about to."""
        for reader in self._readers:
            reader.join()
        code = self._child.wait()
        self._over.set()
        self._watcher.join()
        return code if code is not None else len(self._messages)  # it says nothing unless it fails


def _read(file: int, into: list[bytes] | deque[bytes]) -> None:
    while piece := os.read(file, _CHUNK):
        into.append(piece)
    os.close(file)


def _command(path: Path | None, form: Format, channels: int) -> list[str]:
    read = ("-f", form.sample, "-ar", str(RATE), "-ac", str(channels), "-i", "pipe:0")
    # "file:", since a bare name with a colon in it would be taken for a protocol.
    write = (*form.arguments, "-y", f"file:{path}" if path else "pipe:1")
    return [find_ffmpeg(), "-hide_banner", "-nostdin", "-loglevel", "error", *read, *write]


def _widen(pipe: IO[bytes]) -> None:
    if sys.platform == "linux":
        import fcntl

        with suppress(OSError):  # all pipes of a person have a bound together
            fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, _PIPE)
