"""A WAV file in the place of a loudspeaker: what would be heard, as fast as it is made."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path
from threading import Event
from typing import Protocol

from audioguide.errors import RequestError
from audioguide.player.devices.device import BlockSource, Device
from audioguide.player.renderer import BLOCK, KEPT, RESERVE
from audioguide.sound.block import Block
from audioguide.timeline.compiler import LEAD_IN

_MOST = KEPT * BLOCK
_IDLE = 0.005  # seconds between two looks when there is nothing to take


class Writer(Protocol):
    """A file that grows."""

    def write(self, block: Block) -> None:
        """Append a block. Raises EnvironmentFailure where the disk refuses."""


Recorder = Callable[[Path], AbstractContextManager[Writer]]
"""Opens a file to be written; it gets its name when the context is left, and none when that is by an exception."""


class _Stopped(Exception):
    """The session was not played to its end."""


class WavFileDevice(Device):
    """Writes what it takes. A session that nobody steers is written as an export would write it, to the bit.

    It has to be heard to the end: of one that is stopped nothing is kept. A pause is left out.
    """

    audible = False
    preroll_frames = LEAD_IN
    """It needs no silence; but the session begins with some, and that is to be in the file."""

    def __init__(self, path: Path, recorder: Recorder) -> None:
        if path.suffix.lower() not in ("", ".wav"):
            raise RequestError(f"{path} would be a WAV file.", "Let its name end in .wav, or use `audioguide export`.")
        super().__init__()
        self.name = str(path)
        self._path = path
        self._recorder = recorder
        self._closing = ExitStack()
        self._writer: Writer | None = None

    def open(self) -> None:
        """Begin the file. RequestError for a wrong name or folder, EnvironmentFailure where the disk refuses."""
        if self.failed is not None:
            raise self.failed
        self._writer = self._closing.enter_context(self._recorder(self._path))

    @property
    def lost(self) -> bool:
        """Whether it cannot be written any more."""
        return self.failed is not None

    def close(self) -> None:
        """Stop writing. Unless all was written nothing is kept."""
        super().close()
        self._let_go(_Stopped())

    def run(self, supply: BlockSource, halt: Event) -> None:
        """Write all there will be, in a thread of its own."""
        try:
            self._write(supply, halt)
            self._closing.close()
        except _Stopped as stopped:
            self._let_go(stopped)
        except Exception as error:  # raised where the session is played
            self.failed = error
            self._let_go(error)
            return
        while not halt.wait(_IDLE):  # who plays waits until the end has been heard
            supply.take(_MOST)

    def _write(self, supply: BlockSource, halt: Event) -> None:
        """Write all there will be. Never so much at a time that a wait would begin, which a listener would hear."""
        assert self._writer is not None
        while not supply.finished:
            ready = supply.ahead if supply.ended else supply.ahead - RESERVE
            count = min(ready, _MOST)
            fresh = 0
            if count > 0:
                block = supply.take(count)
                fresh = count - min(count, supply.silence)  # what is given in a pause is not the session's
                self._writer.write(block[:fresh])
            if not supply.finished and halt.wait(0 if fresh else _IDLE):
                raise _Stopped

    def _let_go(self, why: Exception) -> None:
        self._closing.__exit__(type(why), why, None)
