"""The formats a session can be written in: a table by file ending."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from audioguide.errors import RequestError, suggest
from audioguide.export.tags import id3, mp4, vorbis
from audioguide.export.tags.tags import Tagging

FULL_SCALE = 2**23
"""Steps of a 24-bit sample from 0 to full scale."""


def lame_scale(bitrate: int) -> float:
    """What LAME multiplies its input by at a bit rate in kbit/s (its presets' headroom; measured)."""
    return {192: 0.97, 224: 0.98, 256: 1.0, 320: 1.0}.get(bitrate, 0.95)


def as_floats(block: NDArray[np.float32]) -> memoryview:
    """The samples as they are."""
    return np.ascontiguousarray(block, "<f4").data


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
    """How blocks become a file: the samples ffmpeg is given and its arguments, and what the file can say of itself.

    `pack` turns a float32 block of (frames, channels) into samples of ffmpeg's type `sample`. `bitrate` is in kbit/s
    and one of `bitrates`; a format that loses nothing has none. `tagging` is None where a file has no tags. `scale` is
    what the encoder multiplies its input by at a bit rate. `in_segments` says that its frames stand alone, so that
    it can be encoded in segments (`mp3.Segment`).
    """

    ending: str
    media_type: str
    sample: str
    pack: Callable[[NDArray[np.float32]], memoryview]
    options: str
    bitrate: int | None = None
    bitrates: Sequence[int] = ()
    tagging: Tagging | None = None
    scale: Callable[[int], float] | None = None
    in_segments: bool = False

    @property
    def arguments(self) -> tuple[str, ...]:
        """What ffmpeg is told about the file."""
        rate = () if self.bitrate is None else ("-b:a", f"{self.bitrate}k")
        return (*self.options.split(), *rate)

    def prepare(self, block: NDArray[np.float32]) -> memoryview:
        """The samples for ffmpeg, raised by what the encoder takes off: every format is as loud as the others."""
        if self.scale and self.bitrate:
            block = block / np.float32(self.scale(self.bitrate))
        return self.pack(block)

    def with_bitrate(self, bitrate: int) -> Format:
        """The format at another bit rate, in kbit/s. Raises RequestError where it has none, or not that one."""
        if not self.bitrates:
            raise RequestError(
                f"{self.ending} keeps every sample: there is no bit rate to choose.",
                "Leave --bitrate out, or write .mp3, .m4a or .opus.",
            )
        if bitrate in self.bitrates:
            return replace(self, bitrate=bitrate)
        low, high = self.bitrates[0], self.bitrates[-1]
        if not low <= bitrate <= high:
            hint = f"{self.bitrate}k is usual."
            raise RequestError(f"{self.ending} is written at {low}k to {high}k, not at {bitrate}k.", hint)
        closest = min(self.bitrates, key=lambda rate: abs(rate - bitrate))
        raise RequestError(f"There is no {self.ending} at {bitrate}k.", f"The nearest is {closest}k.")


# Without the bit reservoir every MP3 frame stands alone, so pieces can be encoded apart and laid one after another.
_MP3 = "-f mp3 -c:a libmp3lame -joint_stereo 1 -compression_level 7 -reservoir 0 -write_xing 0 -id3v2_version 0"
_MP3_RATES = (64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
"""ISO/IEC 11172-3, table of 2.4.2.3. Below 64 little is left of a voice's consonants."""

# The lowest rates are those at which speech still is as loud as in a WAV within 0.1 dB.
_AAC_RATES, _OPUS_RATES = range(64, 257), range(48, 257)
_AAC = "-f ipod -c:a aac"
_OPUS = "-f opus -c:a libopus -fflags +bitexact"  # without it every stream gets a number by chance
_WAV = "-f wav -c:a pcm_s24le -rf64 auto"
_FLAC = "-f flac -c:a flac -sample_fmt s32 -bits_per_raw_sample 24"

_FLOATS, _STEPS = ("f32le", as_floats), ("s32le", as_24_bit)

FORMATS = {
    form.ending: form
    for form in (
        Format(".mp3", "audio/mpeg", *_FLOATS, _MP3, 128, _MP3_RATES, id3.TAGGING, lame_scale, in_segments=True),
        Format(".m4a", "audio/mp4", *_FLOATS, _AAC, 128, _AAC_RATES, mp4.TAGGING),
        Format(".m4b", "audio/mp4", *_FLOATS, _AAC, 128, _AAC_RATES, mp4.TAGGING_OF_BOOKS),
        Format(".opus", "audio/ogg", *_FLOATS, _OPUS, 96, _OPUS_RATES, vorbis.TAGGING_OF_OPUS),
        Format(".flac", "audio/flac", *_STEPS, _FLAC, tagging=vorbis.TAGGING_OF_FLAC),
        Format(".wav", "audio/wav", *_STEPS, _WAV),
    )
}


def format_of(path: Path, bitrate: int | None = None) -> Format:
    """The format that the ending of `path` names, in capitals or not, at a bit rate in kbit/s or its usual one.

    Raises RequestError for any other ending, and for a bit rate that the format does not have.
    """
    ending = path.suffix.lower()
    if form := FORMATS.get(ending):
        return form if bitrate is None else form.with_bitrate(bitrate)
    said = (
        f"{ending} is not a format audioguide writes." if ending else f"{path.name} has no ending that names a format."
    )
    raise RequestError(f"{said} {suggest(ending, FORMATS)}")


def parse_bitrate(text: str) -> int:
    """`96k`, `96 kbit/s`, `96` or `96000` to kbit/s. Raises ValueError with a plain sentence."""
    found = re.fullmatch(r"(\d{1,6})\s*(?:k|kbps|kbit/s|kb/s)?", text.strip(), re.IGNORECASE | re.ASCII)
    if not found:
        raise ValueError(f"{text!r} is not a bit rate. Write 96k.")
    rate = int(found[1])
    return rate // 1000 if rate >= 1000 and text.strip().isdigit() else rate
