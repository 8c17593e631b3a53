"""`music`: a person's own files, one after the other and round again, each flowing into the next."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from typing import Annotated, ClassVar

import numpy as np
from annotated_types import Len

from audioguide import resources
from audioguide.resources import shown
from audioguide.routine.document import Keys
from audioguide.sound.layers.kind import LOUDNESS, LayerSpec
from audioguide.sound.recording import Recording, recording
from audioguide.sound.sound import GRID, Planes
from audioguide.units import frames, gain

MOST = 50
"""Files in one layer."""

_ENDINGS = frozenset(
    ".aac .ac3 .aif .aiff .alac .amr .ape .caf .flac .m4a .m4b .mka .mp2 .mp3 .mp4 .oga .ogg .opus .wav .webm .wma "
    ".wv".split()
)

CROSSFADE = frames(3.0)
"""Frames in which one piece goes and the next one comes; of a piece under 12 seconds, a quarter."""


@dataclass(frozen=True)
class Files(LayerSpec):
    """`music: {files: [a.mp3, b.flac]}`, paths as seen from the preset's file; `music: {}` is all that is one's own."""

    travels: ClassVar[bool] = False

    files: Annotated[tuple[Annotated[str, Len(1, 1000)], ...], Len(1, MOST)] | None = None

    def layer(self, gain: float, folder: Path) -> Music:
        """The music. What was never heard before is decoded now."""
        return Music([recording(path) for path in self.paths(folder)], gain)

    def missing(self, folder: Path) -> Iterator[tuple[Keys, str, str]]:
        """Files that are not there."""
        paths = self.paths(folder)
        if not paths:
            yield (), f"There is no music in {shown(own_music())} yet.", "Put files of any format there."
        for number, path in enumerate(paths):
            if not resources.is_file(path):
                yield ("files", number), f"There is no file {shown(path)}.", "Write its path as seen from this file."

    def makings(self, folder: Path) -> Iterator[tuple[str, int, int]]:
        """Name, size and time of change of each file: music is large, and what was not touched is the same."""
        for path in self.paths(folder):
            stat = path.stat()
            yield path.name, stat.st_size, stat.st_mtime_ns

    def paths(self, folder: Path) -> list[Path]:
        """The files, those that are not there included."""
        if self.files is not None:
            return [folder / resources.written(file) for file in self.files]
        try:
            found = sorted(own_music().iterdir())
        except OSError:
            return []
        return [path for path in found if path.suffix.lower() in _ENDINGS and path.is_file()][:MOST]


def own_music() -> Path:
    """The folder of the person's own music."""
    return resources.own() / "music"


class Music:
    """Recordings in a ring: a layer. Each is brought to `LOUDNESS`, and begins while the one before ends."""

    def __init__(self, pieces: Sequence[Recording], factor: float) -> None:
        self._pieces = tuple(pieces)
        self._gains = [np.float32(factor * gain(LOUDNESS - piece.loudness)) for piece in pieces]
        # Between two pieces as much of a crossfade as the shorter one has room for.
        fades = [min(CROSSFADE, len(piece) // 4, len(after) // 4) for piece, after in _ring(self._pieces)]
        self._out = fades
        self._in = [fades[-1], *fades[:-1]]
        *starts, self._period = accumulate(
            (len(piece) - fade for piece, fade in zip(pieces, fades, strict=True)), initial=0
        )
        self._starts = list(starts)

    def make(self, index: int) -> Planes:
        """Grid block `index`."""
        made = np.zeros((2, GRID), np.float32)
        round_, at = divmod(index * GRID, self._period)
        number = bisect_right(self._starts, at) - 1
        turn = round_ * len(self._pieces) + number - 1  # the one before may still be fading
        while (begin := self._begin(turn) - index * GRID) < GRID:
            # At the very beginning nothing comes before the first piece, and it needs no fade.
            if turn >= 0:
                self._lay(turn, made, begin)
            turn += 1
        return made

    def _begin(self, turn: int) -> int:
        round_, number = divmod(turn, len(self._pieces))
        return round_ * self._period + self._starts[number]

    def _lay(self, turn: int, onto: Planes, begin: int) -> None:
        """Add what of a turn lies in a grid block, where it begins at frame `begin`."""
        number = turn % len(self._pieces)
        piece = self._pieces[number]
        first, last = max(begin, 0), min(begin + len(piece), GRID)
        if first >= last:
            return
        at = np.arange(first - begin, last - begin)
        sound = piece.read(first - begin, last - begin)
        sound *= self._gains[number]
        fade_in, fade_out = self._in[number] if turn else 0, self._out[number]
        if at[0] < fade_in:
            sound *= np.sin(np.pi / 2 * np.minimum(at / fade_in, 1)).astype(np.float32)
        if at[-1] >= len(piece) - fade_out:
            sound *= np.sin(np.pi / 2 * np.minimum((len(piece) - at) / fade_out, 1)).astype(np.float32)
        onto[:, first:last] += sound


def _ring(pieces: Sequence[Recording]) -> Iterator[tuple[Recording, Recording]]:
    """Each piece with the one that comes after it."""
    return zip(pieces, (*pieces[1:], pieces[0]), strict=True)
