"""Blocks of sound into a file, or into bytes, by ffmpeg as a child process."""

from __future__ import annotations

import errno
import os
import sys
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from threading import Thread
from types import TracebackType
from typing import IO

import numpy as np
from numpy.typing import NDArray

from audioguide.errors import AudioguideError, EnvironmentFailure
from audioguide.media import find_ffmpeg
from audioguide.output.formats import Format
from audioguide.output.staging import explain
from audioguide.output.starter import Start, start_here
from audioguide.units import RATE

_CHUNK = 2**16
_PIPE = 2**20
"""Bytes that Linux lets a pipe hold: three seconds of sound, which are mixed while the encoder is busy."""


class Encoder:
    """Writes `path` in the format `form` inside its `with` block; the file is whole when that has ended.

    `path` is overwritten, and is meant to be a temporary file (see `staging.staged`): after an exception in the
    block ffmpeg is ended and what it wrote is left half done. Without a path, what was written is `content` when the
    block has ended; an MP3 is its bare frames in either case. `start` starts ffmpeg.

    Raises EnvironmentFailure when there is no ffmpeg, when it fails, and when the disk is full.
    """

    def __init__(self, path: Path | None, form: Format, channels: int = 2, start: Start = start_here) -> None:
        self._start = start
        self.path = path
        self.form = form
        self.channels = channels
        self.frames = 0
        """Frames written so far."""
        self.content = b""

    def __enter__(self) -> Encoder:
        try:
            self._child = self._start(_command(self.path, self.form, self.channels))
        except OSError as error:
            raise EnvironmentFailure(f"ffmpeg does not start: {error.strerror}. Run audioguide doctor.") from None
        assert self._child.stdin
        self._pipe = self._child.stdin
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
