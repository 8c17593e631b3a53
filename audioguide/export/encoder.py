"""The encoder: blocks of sound into a file, or into bytes, by ffmpeg as a child process."""

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

import numpy as np
from numpy.typing import NDArray

from audioguide.errors import AudioguideError, EnvironmentFailure
from audioguide.export.formats import Format
from audioguide.system import process
from audioguide.system.ffmpeg import describe_failure, find_ffmpeg
from audioguide.units import RATE, format_duration

STALL = 60.0  # seconds in which an encoder has to read some of the sound that waits for it
_WATCH_INTERVAL = 0.5  # seconds between two checks of that
_CHUNK = 2**16
_PIPE = 2**20  # bytes that Linux lets a pipe hold: three seconds of sound, mixed ahead while the encoder is busy


@dataclass(frozen=True)
class _ShellChild:
    """A process that a shell has started for us. Only the shell could learn its exit code, so `wait` has none."""

    pid: int

    def wait(self) -> None:
        pass

    def kill(self) -> None:
        with suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)


# Starts a command; its input, output and error output are open files, by number. Raises OSError.
Start = Callable[[Sequence[str], int, int, int], subprocess.Popen[bytes] | _ShellChild]


def start_child(command: Sequence[str], stdin: int, stdout: int, stderr: int) -> subprocess.Popen[bytes]:
    """Start a command as a child of this process."""
    return process.start(command, stdin=stdin, stdout=stdout, stderr=stderr)


@contextmanager
def spawn_shell() -> Iterator[Start]:
    """A `Start` for any thread until the block ends: on Linux a shell starts the commands, elsewhere `start_child`.

    Starting a child ourselves stops all threads until it runs ffmpeg: 0.4 ms, and 7 ms on a busy machine.
    """
    if sys.platform != "linux" or not Path("/bin/sh").exists():
        yield start_child
        return
    pipe, nul = subprocess.PIPE, subprocess.DEVNULL
    with process.start(["/bin/sh"], stdin=pipe, stdout=pipe, stderr=nul, bufsize=0) as shell:
        assert shell.stdin
        assert shell.stdout
        commands, replies, one_at_a_time = shell.stdin, shell.stdout, Lock()

        def start(command: Sequence[str], *files: int) -> subprocess.Popen[bytes] | _ShellChild:
            # The shell opens the files before it answers: after that they can be closed here.
            ends = (f"/proc/{os.getpid()}/fd/{file}" for file in files)
            encode = f"{shlex.join(command)} <&4 3>&- 4>&-"  # without an input named, it would have none
            line = "{{ {} & echo $! >&3; }} 3>&1 4<{} >{} 2>{} || echo\n".format(encode, *ends)
            with one_at_a_time, suppress(BrokenPipeError, ValueError):
                commands.write(line.encode())
                return _ShellChild(int(replies.readline()))
            return start_child(command, *files)  # the shell is gone, or may not open them

        yield start


class Encoder:
    """Writes `path` in the format `form` inside its `with` block; the file is complete when the block has ended.

    After an exception in the block ffmpeg is killed, and the file stays incomplete. Without a path the encoded bytes
    are `content` when the block has ended. An MP3 is its bare frames in either case. `start` starts ffmpeg.
    EnvironmentFailure when there is no ffmpeg, it fails or reads no sound for `STALL` seconds, or the disk is full.
    """

    def __init__(self, path: Path | None, form: Format, channels: int = 2, start: Start = start_child) -> None:
        self.path, self.form, self.channels, self._start = path, form, channels, start
        self.frames = 0  # written so far
        self.content = b""

    def __enter__(self) -> Encoder:
        (stdin, write), (read, stdout), (listen, stderr) = (os.pipe() for _ in range(3))
        try:
            self._child = self._start(_command(self.path, self.form, self.channels), stdin, stdout, stderr)
        except BaseException as error:
            for end in (write, read, listen):
                os.close(end)
            if isinstance(error, OSError):
                raise EnvironmentFailure(f"ffmpeg does not start: {error.strerror}. Run audioguide doctor.") from None
            raise
        finally:
            for end in (stdin, stdout, stderr):
                os.close(end)
        self._pipe = os.fdopen(write, "wb")
        if sys.platform == "linux":
            import fcntl

            with suppress(OSError):  # the system limits what all pipes of a user may hold together
                fcntl.fcntl(self._pipe, fcntl.F_SETPIPE_SZ, _PIPE)
        self._output: list[bytes] = []
        self._messages: deque[bytes] = deque(maxlen=20)
        self._waiting = self._stalled = False
        self._chunks_written = 0
        self._ended = Event()
        # Both are read all the time: a child whose output nobody reads waits for ever once its pipe is full.
        self._readers = [
            Thread(target=_read, args=(end, into), daemon=True)
            for end, into in ((read, self._output), (listen, self._messages))
        ]
        self._watcher = Thread(target=self._kill_when_stalled, daemon=True)
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
                self._chunks_written += 1
        except OSError:  # the child is gone; its exit code says why
            raise self._failure() from None
        self._waiting = False
        self.frames += len(block)

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self._waiting = True
        if kind is not None and any(reader.is_alive() for reader in self._readers):
            self._child.kill()
        with suppress(OSError):  # the child is gone; its exit code says why
            self._pipe.close()
        code = self._wait()
        if kind is None and (code or self._stalled):
            raise self._failure()
        self.content = b"".join(self._output)

    def _kill_when_stalled(self) -> None:
        # Checks are counted, not seconds: while this process is stopped, nothing hangs.
        written, checks = 0, 0
        while not self._ended.wait(_WATCH_INTERVAL):
            checks = checks + 1 if self._waiting and self._chunks_written == written else 0
            written = self._chunks_written
            if checks * _WATCH_INTERVAL >= STALL:
                self._stalled = True
                self._child.kill()
                return

    def _failure(self) -> AudioguideError:
        code = self._wait()
        if self._stalled:
            message = f"The encoder ffmpeg hangs: it took no sound for {format_duration(STALL)}."
            return EnvironmentFailure(f"{message} Try again, or run audioguide doctor.")
        return describe_failure(code, b"".join(self._messages).splitlines(), self.path)

    def _wait(self) -> int:
        """Wait until the child, which is about to end, has sent all its messages; its exit code, 0 of a success."""
        for reader in self._readers:
            reader.join()
        code = self._child.wait()
        self._ended.set()
        self._watcher.join()
        return code if code is not None else len(self._messages)  # ffmpeg is silent unless it fails


def _command(path: Path | None, form: Format, channels: int) -> list[str]:
    read = ("-f", form.sample, "-ar", str(RATE), "-ac", str(channels), "-i", "pipe:0")
    # "file:", since a bare name with a colon in it would be taken for a protocol.
    write = (*form.arguments, "-y", f"file:{path}" if path else "pipe:1")
    return [find_ffmpeg(), "-hide_banner", "-nostdin", "-loglevel", "error", *read, *write]


def _read(file: int, into: list[bytes] | deque[bytes]) -> None:
    while content := os.read(file, _CHUNK):
        into.append(content)
    os.close(file)
