"""A device that writes a WAV file: what would be heard, as fast as it is rendered."""

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
    """An open file."""

    def write(self, block: Block) -> None:
        """Append a block. EnvironmentFailure where the disk is full or fails."""


Recorder = Callable[[Path], AbstractContextManager[Writer]]
"""Opens a file for writing. It appears under its name when the context is left without an exception."""


class WavFileDevice(Device):
    """Writes what it takes, without pauses: the file that an export would write. No file remains of a part."""

    audible = False
    preroll_frames = LEAD_IN  # so that the session's own lead-in is in the file

    def __init__(self, path: Path, recorder: Recorder) -> None:
        if path.suffix.lower() not in ("", ".wav"):
            raise RequestError(f"{path} would be a WAV file.", "Let its name end in .wav, or use `audioguide export`.")
        super().__init__()
        self.name, self._path, self._recorder = str(path), path, recorder
        self._closing = ExitStack()
        self._writer: Writer | None = None

    def open(self) -> None:
        """Create the file. RequestError for a wrong name or folder, EnvironmentFailure where the disk fails."""
        if self.failed is not None:
            raise self.failed
        self._writer = self._closing.enter_context(self._recorder(self._path))

    @property
    def lost(self) -> bool:
        """Whether writing failed."""
        return self.failed is not None

    def close(self) -> None:
        """Stop writing; an incomplete file is deleted."""
        super().close()
        self._delete(RuntimeError("the session did not play to its end"))

    def run(self, supply: BlockSource, halt: Event) -> None:
        """Write the session. It never takes so much at once that the renderer would begin an audible wait."""
        assert self._writer is not None
        try:
            while not supply.finished:
                count = min(supply.ahead if supply.ended else supply.ahead - RESERVE, _MOST)
                fresh = 0
                if count > 0:
                    block = supply.take(count)
                    fresh = count - min(count, supply.silence)  # the silence of a pause is left out
                    self._writer.write(block[:fresh])
                if not supply.finished and halt.wait(0 if fresh else _IDLE):
                    return
            self._closing.close()
        except Exception as error:  # the player raises it
            self.failed = error
            self._delete(error)
            return
        while not halt.wait(_IDLE):  # the player waits until the end was taken
            supply.take(_MOST)

    def _delete(self, why: Exception) -> None:
        self._closing.__exit__(type(why), why, None)  # a file that was closed stays
