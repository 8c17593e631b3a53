"""The formats that a session can be written in, and how the session that a file carries is read back."""

from __future__ import annotations

import hashlib
import json
import re
from collections import ChainMap
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from audioguide.errors import RequestError, suggest
from audioguide.export.tags import LARGEST_PAYLOAD, Tagging, id3, mp4, one_file, vorbis
from audioguide.system.files import read_bytes
from audioguide.system.paths import display_path

FULL_SCALE = 2**23  # steps of a 24-bit sample from 0 to full scale


@dataclass(frozen=True, slots=True)
class Format:
    """How blocks become a file: what ffmpeg is given and told, and which tags the file has.

    `pack` turns a float32 block of (frames, channels) into samples of ffmpeg's type `sample`. `bitrate` is in kbit/s
    and one of `bitrates`; a lossless format has none. `tagging` is None where a file has no tags. `scale` gives the
    factor that the encoder applies to its input at a bit rate. `in_segments` says that its frames stand alone, so that
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
        return (*self.options.split(), *(("-b:a", f"{self.bitrate}k") if self.bitrate else ()))

    def prepare(self, block: NDArray[np.float32]) -> memoryview:
        """The samples for ffmpeg. They make up for the encoder's factor, so that every format is equally loud."""
        if self.scale and self.bitrate:
            block = block / np.float32(self.scale(self.bitrate))
        return self.pack(block)

    def with_bitrate(self, bitrate: int) -> Format:
        """The format at another bit rate, in kbit/s. Raises RequestError where it has none, or not that one."""
        if not self.bitrates:
            hint = "Leave --bitrate out, or write .mp3, .m4a or .opus."
            raise RequestError(f"{self.ending} keeps every sample: there is no bit rate to choose.", hint)
        if bitrate in self.bitrates:
            return replace(self, bitrate=bitrate)
        low, high = self.bitrates[0], self.bitrates[-1]
        if not low <= bitrate <= high:
            fault = f"{self.ending} is written at {low}k to {high}k, not at {bitrate}k."
            raise RequestError(fault, f"{self.bitrate}k is usual.")
        closest = min(self.bitrates, key=lambda rate: abs(rate - bitrate))
        raise RequestError(f"There is no {self.ending} at {bitrate}k.", f"The nearest is {closest}k.")


def lame_scale(bitrate: int) -> float:
    """The factor that LAME applies to its input at a bit rate in kbit/s (its presets' headroom; measured)."""
    return {192: 0.97, 224: 0.98, 256: 1.0, 320: 1.0}.get(bitrate, 0.95)


def pack_floats(block: NDArray[np.float32]) -> memoryview:
    """The samples as they are."""
    return np.ascontiguousarray(block, "<f4").data


def pack_24_bit(block: NDArray[np.float32]) -> memoryview:
    """Samples rounded to 24 bits (ffmpeg would truncate), clipped at full scale, in the upper bits of an int32."""
    steps = np.multiply(block, FULL_SCALE, dtype=np.float32)
    np.rint(steps, out=steps)
    np.clip(steps, -FULL_SCALE, FULL_SCALE - 1, out=steps)
    return np.ascontiguousarray(steps.astype("<i4") << 8).data


# Without the bit reservoir every MP3 frame stands alone, so segments can be encoded apart and joined.
LAME_LEVEL = 7  # see docs/pieces.md
_LAME = f"-c:a libmp3lame -joint_stereo 1 -compression_level {LAME_LEVEL} -reservoir 0"
_MP3 = f"-f mp3 {_LAME} -write_xing 0 -id3v2_version 0"
# ISO/IEC 11172-3, table of 2.4.2.3. Below 64 a voice loses its consonants.
_MP3_RATES = (64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
# At the lowest rates speech is still as loud as in a WAV, within 0.1 dB.
_AAC_RATES, _OPUS_RATES = range(64, 257), range(48, 257)
_AAC = "-f ipod -c:a aac"
_OPUS = "-f opus -c:a libopus -fflags +bitexact"  # without it every stream gets a random number
_WAV = "-f wav -c:a pcm_s24le -rf64 auto"
_FLAC = "-f flac -c:a flac -sample_fmt s32 -bits_per_raw_sample 24"
_FLOATS, _STEPS = ("f32le", pack_floats), ("s32le", pack_24_bit)

FORMATS = {
    form.ending: form
    for form in (
        Format(".mp3", "audio/mpeg", *_FLOATS, _MP3, 128, _MP3_RATES, id3.TAGGING, lame_scale, in_segments=True),
        Format(".m4a", "audio/mp4", *_FLOATS, _AAC, 128, _AAC_RATES, mp4.TAGGING),
        Format(".m4b", "audio/mp4", *_FLOATS, _AAC, 128, _AAC_RATES, mp4.TAGGING_OF_BOOKS),
        Format(".opus", "audio/ogg", *_FLOATS, _OPUS, 96, _OPUS_RATES, vorbis.TAGGING_OF_OPUS),
        Format(".flac", "audio/flac", *_STEPS, _FLAC, tagging=vorbis.TAGGING_OF_FLAC),
        Format(".wav", "audio/wav", *_STEPS, _WAV),
        Format(".html", "text/html", *_FLOATS, _MP3, 128, _MP3_RATES, one_file.TAGGING, lame_scale, in_segments=True),
    )
}

_BOOK = ("{artist}", "{title}", "{title}")  # a folder for each, with its cover
LAYOUTS = {"plain": ("{name}",), "audiobookshelf": _BOOK, "jellyfin": _BOOK}
"""Of a folder of sessions: the folders in it and the name of a sound, by what is to read them."""


def format_of(path: Path, bitrate: int | None = None) -> Format:
    """The format that the ending of `path` names, at a bit rate in kbit/s or its usual one. RequestError for others."""
    ending = path.suffix.lower()
    if form := FORMATS.get(ending):
        return form if bitrate is None else form.with_bitrate(bitrate)
    unknown, without = f"{ending} is not a format audioguide writes.", f"{path.name} has no ending that names a format."
    raise RequestError(f"{unknown if ending else without} {suggest(ending, FORMATS)}")


def parse_bitrate(text: str) -> int:
    """`96k`, `96 kbit/s`, `96` or `96000` to kbit/s. Raises ValueError with a plain sentence."""
    found = re.fullmatch(r"(\d{1,6})\s*(?:k|kbps|kbit/s|kb/s)?", text.strip(), re.IGNORECASE | re.ASCII)
    if not found:
        raise ValueError(f"{text!r} is not a bit rate. Write 96k.")
    rate = int(found[1])
    return rate // 1000 if rate >= 1000 and text.strip().isdigit() else rate


def find_payload(path: Path, name: str = "") -> bytes:
    """The session that the file at `path` carries, as JSON. RequestError, with `name` for it, where it has none."""
    name = name or display_path(path)
    read_bytes(path, 0, "sound", "Check the spelling.")  # is there such a file, and can it be opened?
    ending = path.suffix.lower()
    form = FORMATS.get(ending)
    if form is None or form.tagging is None:
        raise RequestError(f"A {ending} file carries no routine.", "Export the session as MP3, M4A, Opus or FLAC.")
    try:
        found = form.tagging.read_payload(path)
    except Exception:  # any that a parser raises on foreign bytes (a length in them may be one of memory, too)
        hint = "Get it again from where it came from."
        raise RequestError(f"{name} is damaged, or not a {ending} file: its session cannot be read.", hint) from None
    if not found:
        fault = f"{name} was not made by audioguide, or has lost its routine."
        raise RequestError(fault, "Name the routine that it was made of.")
    if len(found) > LARGEST_PAYLOAD:
        raise RequestError(f"{name} carries far more than a routine.", "Name the routine itself.")
    return found


class SessionLabel(NamedTuple):
    """What a file says of the session that it carries; `mark` is the fingerprint of its export.

    `guid` is the same for the same session, however it was encoded, and another one for any other.
    """

    id: str
    title: str
    mark: str
    language: str
    description: str
    artist: str
    guid: str


def read_label(path: Path) -> SessionLabel | None:
    """The label of a file that carries a session; None of any other."""
    with suppress(RequestError, ValueError, RecursionError):
        data = json.loads(find_payload(path))
        if isinstance(data, dict):
            parts = (part for key in ("options", "routine") if isinstance(part := data.get(key), dict))
            texts = ChainMap(data, *parts, {"language": "en"})
            guid = hashlib.sha256(json.dumps({**data, "mark": ""}, sort_keys=True).encode()).hexdigest()[:32]
            return SessionLabel._make([*(str(texts.get(key, "")) for key in SessionLabel._fields[:-1]), guid])
    return None
