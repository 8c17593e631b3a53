"""The formats a session can be written in: a table by file ending."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from audioguide.errors import RequestError, nearest
from audioguide.output import gapless

FULL_SCALE = 2**23
"""Steps of a 24-bit sample from 0 to full scale."""


LAME_SCALE = np.float32(0.95)
"""What LAME multiplies its input by at 128 kbit/s and below (its presets' headroom; 0.9499 was measured)."""


def for_lame(block: NDArray[np.float32]) -> memoryview:
    """The samples as floats, raised by what LAME takes off: an MP3 is as loud as the other formats."""
    return np.ascontiguousarray(block / LAME_SCALE, "<f4").data


def as_24_bit(block: NDArray[np.float32]) -> memoryview:
    """The nearest 24-bit value of every sample, clipped at full scale, in the upper bits of an int32.

    Rounded here, as ffmpeg's own conversion cuts the rest off. A float32 holds every step exactly.
    """
    steps = np.multiply(block, FULL_SCALE, dtype=np.float32)
    np.rint(steps, out=steps)
    np.clip(steps, -FULL_SCALE, FULL_SCALE - 1, out=steps)
    return np.ascontiguousarray(steps.astype("<i4") << 8).data


@dataclass(frozen=True, slots=True)
class Format:
    """How blocks become a file: the samples ffmpeg is given, its arguments, and what is put right afterwards.

    `prepare` turns a float32 block of (frames, channels) into samples of ffmpeg's type `sample`;
    `complete` is handed the written file and its length in frames.
    """

    ending: str
    sample: str
    prepare: Callable[[NDArray[np.float32]], memoryview]
    arguments: tuple[str, ...]
    complete: Callable[[Path, int], None] | None = None


_MP3 = "-f mp3 -c:a libmp3lame -b:a 128k -joint_stereo 1 -write_xing 1 -id3v2_version 0"
_WAV = "-f wav -c:a pcm_s24le -rf64 auto"
_FLAC = "-f flac -c:a flac -sample_fmt s32 -bits_per_raw_sample 24"

FORMATS = {
    form.ending: form
    for form in (
        Format(".mp3", "f32le", for_lame, tuple(_MP3.split()), gapless.set_length),
        Format(".wav", "s32le", as_24_bit, tuple(_WAV.split())),
        Format(".flac", "s32le", as_24_bit, tuple(_FLAC.split())),
    )
}


def format_of(path: Path) -> Format:
    """The format that the ending of `path` names, in capitals or not. Raises RequestError for any other."""
    ending = path.suffix.lower()
    if form := FORMATS.get(ending):
        return form
    said = (
        f"{ending} is not a format audioguide writes." if ending else f"{path.name} has no ending that names a format."
    )
    raise RequestError(f"{said} {nearest(ending, FORMATS)}")
