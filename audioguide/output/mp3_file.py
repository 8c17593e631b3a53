"""An MP3 that grows by pieces, which were encoded apart from one another."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType

from audioguide.files import explain
from audioguide.output.formats import Format
from audioguide.output.infoframe import info_frame
from audioguide.units import MP3_FRAME, RATE


class Mp3File:
    """Writes `path` inside its `with` block, each piece as it comes; `finish` makes it whole.

    What is there at any time can be played as far as it goes: an Info frame in front tells the delay from the start.
    Raises EnvironmentFailure where the disk is full or fails.
    """

    def __init__(self, path: Path, form: Format, channels: int = 2) -> None:
        assert form.bitrate
        self._path = path
        self._shape = form.bitrate, channels
        self._count = self._size = 0

    def __enter__(self) -> Mp3File:
        try:
            self._file = self._path.open("wb", buffering=0)
        except OSError as error:
            raise explain(error, self._path) from None
        try:
            self._write(info_frame(*self._shape))
        except BaseException:
            self._file.close()
            raise
        return self

    def append(self, frames: bytes) -> None:
        """Go on with MP3 frames that were encoded in one go: at a constant bit rate their bytes tell how many."""
        self._write(frames)
        self._count += round(len(frames) * RATE / (125 * self._shape[0] * MP3_FRAME))
        self._size += len(frames)

    def finish(self, frames: int) -> None:
        """All is there, and it decodes to so many audio frames."""
        self._file.seek(0)
        self._write(info_frame(*self._shape, self._count, self._size, frames))

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def _write(self, content: bytes) -> None:
        rest = memoryview(content)
        try:
            while rest:  # an unbuffered file may take less at a time
                rest = rest[self._file.write(rest) :]
        except OSError as error:
            raise explain(error, self._path) from None
