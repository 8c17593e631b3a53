"""Blocks of sound into a file, or into bytes, by ffmpeg as a child process."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from threading import Thread
from types import TracebackType
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from audioguide.errors import AudioguideError, EnvironmentFailure
from audioguide.media import find_ffmpeg
from audioguide.output.formats import Format
from audioguide.output.staging import explain
from audioguide.units import RATE

# Ctrl-C reaches the whole process group. The child is in one of its own: what Ctrl-C means is decided here alone.
if sys.platform == "win32":
    APART: dict[str, Any] = {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP}
else:
    APART: dict[str, Any] = {"start_new_session": True}


if sys.platform == "linux":
    # A child is made for every piece. With vfork() each is, until it has become ffmpeg, a second process with all of
    # our memory for whoever adds up what we use; with fork() it shares that. It takes 1 ms more.
    subprocess._USE_VFORK = False  # type: ignore[misc]  # which the library's documentation calls safe

_CHUNK = 2**16
_PIPE = 2**20
"""Bytes that Linux lets a pipe hold: three seconds of sound, which are mixed while the encoder is busy."""


class Encoder:
    """Writes `path` in the format `form` inside its `with` block; the file is whole when that has ended.

    `path` is overwritten, and is meant to be a temporary file (see `staging.staged`): after an exception in the
    block ffmpeg is ended and what it wrote is left half done. Without a path, what was written is `content` when the
    block has ended; an MP3 is its bare frames in either case. Raises EnvironmentFailure when there is no ffmpeg, when
    it fails, and when the disk is full.
    """

    def __init__(self, path: Path | None, form: Format, channels: int = 2) -> None:
        self.path = path
        self.form = form
        self.channels = channels
        self.frames = 0
        """Frames written so far."""
        self.content = b""

    def __enter__(self) -> Encoder:
        self._child = _start(self.path, self.form, self.channels)
        assert self._child.stdin
        self._pipe: IO[bytes] = self._child.stdin
        _widen(self._pipe)
        # Read all the time: a child whose words nobody reads waits for ever once their pipe is full.
        self._messages: deque[bytes] = deque(maxlen=20)
        self._made: list[bytes] = []
        streams = (self._child.stderr, self._messages), (self._child.stdout, self._made)
        self._readers = [
            Thread(target=words.extend, args=(iter(partial(os.read, stream.fileno(), _CHUNK), b""),), daemon=True)
            for stream, words in streams
            if stream
        ]
        for reader in self._readers:
            reader.start()
        return self

    def write(self, block: NDArray[np.float32]) -> None:
        """Append a block of shape (frames, channels), full scale at ±1; waits while the encoder is busy."""
        if block.ndim != 2 or block.shape[1] != self.channels:
            raise ValueError(f"a block of shape {block.shape} for {self.channels} channels")
        try:
            self._pipe.write(self.form.prepare(block))
        except OSError:  # the child is gone; its exit code says why
            raise self._failure() from None
        self.frames += len(block)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if kind is None:
                self._finish()
        finally:
            self._stop()

    def _finish(self) -> None:
        with suppress(OSError):  # of a child that is gone: its exit code says why
            self._pipe.close()
        if self._child.wait():
            raise self._failure()
        self._join()
        self.content = b"".join(self._made)

    def _failure(self) -> AudioguideError:
        code = self._child.wait()
        self._join()
        return failure(code, b"".join(self._messages).splitlines(), self.path)

    def _join(self) -> None:
        for reader in self._readers:
            reader.join()

    def _stop(self) -> None:
        if self._child.poll() is None:
            self._child.kill()
        with suppress(OSError):
            self._pipe.close()
        self._child.wait()
        self._join()
        for stream in (self._child.stderr, self._child.stdout):
            if stream:
                stream.close()


def failure(code: int, messages: Sequence[bytes], path: Path | None) -> AudioguideError:
    """Why ffmpeg, writing `path`, ended with an exit code: the negated number of the system's error, in eight bits."""
    if path and code > 0 and -code & 0xFF == errno.ENOSPC:
        return explain(OSError(errno.ENOSPC, ""), path)
    last = messages[-1].decode(errors="replace").strip() if messages else f"exit code {code}"
    return EnvironmentFailure(f"The encoder ffmpeg failed: {last}. Try again, or run audioguide doctor.")


def _start(path: Path | None, form: Format, channels: int) -> subprocess.Popen[bytes]:
    read = ("-f", form.sample, "-ar", str(RATE), "-ac", str(channels), "-i", "pipe:0")
    # "file:", since a bare name with a colon in it would be taken for a protocol.
    write = (*form.arguments, "-y", f"file:{path}" if path else "pipe:1")
    try:
        return subprocess.Popen(
            [find_ffmpeg(), "-hide_banner", "-nostdin", "-loglevel", "error", *read, *write],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL if path else subprocess.PIPE,
            stderr=subprocess.PIPE,
            **APART,
        )
    except OSError as error:
        raise EnvironmentFailure(f"ffmpeg does not start: {error.strerror}. Run audioguide doctor.") from None


def _widen(pipe: IO[bytes]) -> None:
    if sys.platform == "linux":
        import fcntl

        with suppress(OSError):  # all pipes of a person have a bound together
            fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, _PIPE)
