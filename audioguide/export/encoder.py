"""The encoders: blocks of sound into a file or bytes, by ffmpeg as a child process or by LAME in this one."""

from __future__ import annotations

import ctypes
import os
import sys
from collections import deque
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from threading import Event, Thread
from typing import Any

import numpy as np
from numpy.typing import NDArray

from audioguide.errors import AudioguideError, EnvironmentFailure
from audioguide.export.formats import LAME_LEVEL, Format
from audioguide.system import process
from audioguide.system.ffmpeg import describe_failure, find_ffmpeg
from audioguide.units import RATE, format_duration

STALL = 60.0  # seconds in which an encoder has to read some of the sound that waits for it
_WATCH_INTERVAL = 0.5  # seconds between two checks of that
_CHUNK = 2**16
_PIPE = 2**20  # bytes that Linux lets a pipe hold: three seconds of sound, mixed ahead while the encoder is busy
_JOINT_STEREO, _MONO = 1, 3  # of lame.h
_FUNCTIONS = ("init", "init_params", "encode_buffer_ieee_float", "encode_buffer_interleaved_ieee_float", "encode_flush")


class Encoder:
    """Writes `path` in the format `form` inside its `with` block; the file is complete when the block has ended.

    After an exception in the block ffmpeg is killed, and the file stays incomplete. Without a path the encoded bytes
    are `content` when the block has ended. An MP3 is its bare frames in either case.
    EnvironmentFailure when there is no ffmpeg, it fails or reads no sound for `STALL` seconds, or the disk is full.
    """

    def __init__(self, path: Path | None, form: Format, channels: int = 2) -> None:
        self.path, self.form, self.channels = path, form, channels
        self.frames = 0  # written so far
        self.content = b""

    def __enter__(self) -> Encoder:
        (stdin, write), (read, stdout), (listen, stderr) = (os.pipe() for _ in range(3))
        try:
            command = _command(self.path, self.form, self.channels)
            self._child = process.start(command, stdin=stdin, stdout=stdout, stderr=stderr)
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
        return code


def _command(path: Path | None, form: Format, channels: int) -> list[str]:
    read = ("-f", form.sample, "-ar", str(RATE), "-ac", str(channels), "-i", "pipe:0")
    # "file:", since a bare name with a colon in it would be taken for a protocol.
    write = (*form.arguments, "-y", f"file:{path}" if path else "pipe:1")
    return [find_ffmpeg(), "-hide_banner", "-nostdin", "-loglevel", "error", *read, *write]


def _read(file: int, into: list[bytes] | deque[bytes]) -> None:
    while content := os.read(file, _CHUNK):
        into.append(content)
    os.close(file)


class LameEncoder(AbstractContextManager["LameEncoder"]):
    """Encodes a format in segments: `content` is its bare MP3 frames when the `with` block has ended.

    ffmpeg passes every MP3 frame through five threads, and each start of it costs 11 ms. The package lameenc brings
    LAME as a library, but its own interface takes 16-bit samples and cannot turn the bit reservoir off, so LAME is
    called past it.
    """

    def __init__(self, form: Format, channels: int = 2) -> None:
        assert form.bitrate
        self._library, self._form, self._channels = _find_library(), form, channels
        self._found: list[bytes] = []
        self.frames = 0  # written so far
        self.content = b""
        self._lame = ctypes.c_void_p(self._library.lame_init())
        settings = {
            "in_samplerate": RATE,
            "out_samplerate": RATE,
            "num_channels": channels,
            "mode": _JOINT_STEREO if channels == 2 else _MONO,
            "brate": form.bitrate,
            "quality": LAME_LEVEL,
            "disable_reservoir": 1,
            "bWriteVbrTag": 0,
        }
        for name, value in settings.items():
            getattr(self._library, f"lame_set_{name}")(self._lame, value)
        self._check(self._library.lame_init_params(self._lame))

    def write(self, block: NDArray[np.float32]) -> None:
        """Append a block of shape (frames, channels), full scale at ±1. Other threads run meanwhile."""
        samples = np.frombuffer(self._form.prepare(block), np.float32)
        start = ctypes.c_void_p(samples.ctypes.data)
        if self._channels == 1:
            self._take(self._library.lame_encode_buffer_ieee_float, len(block), start, start)
        else:
            self._take(self._library.lame_encode_buffer_interleaved_ieee_float, len(block), start)
        self.frames += len(block)

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        try:
            if kind is None:
                self._take(self._library.lame_encode_flush, 0)
                self.content = b"".join(self._found)
        finally:
            self._library.lame_close(self._lame)

    def _take(self, encode: Callable[..., int], frames: int, *start: ctypes.c_void_p) -> None:
        buffer = ctypes.create_string_buffer(frames * 5 // 4 + 7200)  # as lame.h says
        given = (*start, frames) if start else ()
        size = self._check(encode(self._lame, *given, buffer, len(buffer)))
        self._found.append(buffer.raw[:size])

    def _check(self, answer: int) -> int:
        if answer < 0:
            raise EnvironmentFailure(f"The encoder LAME failed ({answer}). Try again, or run audioguide doctor.")
        return answer


def open_encoder(form: Format, channels: int = 2) -> LameEncoder | Encoder:
    """An encoder of a segment: LAME in this process, or ffmpeg where its library cannot be called (Windows)."""
    return LameEncoder(form, channels) if _find_library() else Encoder(None, form, channels)


def encoder_program() -> Path:
    """The file with the code that `open_encoder` uses."""
    return Path(_find_library()._name if _find_library() else find_ffmpeg())


@cache
def _find_library() -> Any:
    """LAME's library; None where it is not installed, or does not show its functions."""
    spec = find_spec("lameenc")
    try:
        library = ctypes.CDLL(spec.origin if spec and spec.origin else "")
        for function in _FUNCTIONS:
            getattr(library, f"lame_{function}")
    except (OSError, AttributeError):
        return None
    library.lame_init.restype = ctypes.c_void_p
    return library
