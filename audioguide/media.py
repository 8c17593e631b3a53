"""Sound files of any format, read with the ffmpeg that comes along, as pydub's AudioSegment."""

from __future__ import annotations

import subprocess
import warnings
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from audioguide.errors import EnvironmentFailure, RequestError
from audioguide.resources import shown
from audioguide.units import RATE, plain

if TYPE_CHECKING:
    from pydub import AudioSegment

_READING = 120.0
"""Seconds after which ffmpeg is taken to hang on a file."""


def find_ffmpeg() -> str:
    """The path of the ffmpeg that came with imageio-ffmpeg, or of the machine's. Raises EnvironmentFailure."""
    import imageio_ffmpeg

    try:
        return str(imageio_ffmpeg.get_ffmpeg_exe())
    except RuntimeError:
        raise EnvironmentFailure(
            "No ffmpeg was found for this machine. Install ffmpeg, or set IMAGEIO_FFMPEG_EXE to where it is."
        ) from None


def segment_type() -> type[AudioSegment]:
    """pydub's AudioSegment, which reads and writes with our own ffmpeg."""
    with warnings.catch_warnings():
        # pydub looks for ffmpeg on the PATH while it is imported, and imports what Python 3.13 drops.
        warnings.simplefilter("ignore")
        from pydub import AudioSegment
    AudioSegment.converter = find_ffmpeg()
    segment: type[AudioSegment] = AudioSegment
    return segment


def read_sound(path: Path, longest: float) -> AudioSegment:
    """A short sound file: one channel, `RATE`, 16 bit. No more than `longest` seconds of it are ever in memory.

    RequestError when it is not a sound, holds none, or is longer; EnvironmentFailure when it cannot be read at all.
    """
    # ffmpeg is called here, and not by pydub: that would look for ffprobe, and read a long WAV file whole.
    read = ("-i", f"file:{path}", "-map", "0:a:0", "-t", f"{longest + 1:g}")
    write = ("-ac", "1", "-ar", str(RATE), "-c:a", "pcm_s16le", "-f", "s16le", "pipe:1")
    command = [find_ffmpeg(), "-hide_banner", "-nostdin", "-loglevel", "error", *read, *write]
    try:
        with path.open("rb") as file:  # its own words for what is missing or forbidden
            if not file.read(1):
                raise RequestError(f"{shown(path)} is empty.", "Record it again, or take it away.")
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=_READING, check=False)
    except subprocess.TimeoutExpired:
        raise EnvironmentFailure(f"{shown(path)} cannot be read in {_READING:g} seconds. Take it away.") from None
    except OSError as error:
        raise EnvironmentFailure(f"{shown(path)} cannot be read: {error.strerror}.") from None
    if done.returncode or not done.stdout:
        raise RequestError(f"{shown(path)} is not a sound that can be read.", "Save it as WAV, FLAC, M4A or MP3.")
    sound = segment_type()(done.stdout, sample_width=2, frame_rate=RATE, channels=1)
    if sound.duration_seconds > longest:
        raise RequestError(f"{shown(path)} is longer than {plain(longest)}.", "Cut it to what is to be said.")
    return sound


def read_mp3(content: bytes) -> AudioSegment:
    """An MP3 as it came; ValueError when it is none or its last frame is cut off."""
    if not content or not _whole(content):
        raise ValueError("The MP3 is cut off.")
    segments = segment_type()
    from pydub.exceptions import CouldntDecodeError

    try:
        # With the codec named, pydub does not look for ffprobe.
        return segments.from_file(BytesIO(content), format="mp3", codec="mp3")
    except (CouldntDecodeError, IndexError) as error:
        raise ValueError("The MP3 cannot be decoded.") from error


_BITRATES = {  # kbit/s of Layer III by the header's index: ISO/IEC 11172-3, table of 2.4.2.3, and 13818-3, 2.4.2.3
    True: (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    False: (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
_RATES = {3: (44_100, 48_000, 32_000), 2: (22_050, 24_000, 16_000), 0: (11_025, 12_000, 8_000)}
"""Hz by the header's version (MPEG-1, 2, 2.5) and index."""


def _whole(content: bytes) -> bool:
    """Whether the MP3 frames lie one after another and end where the content ends. ffmpeg is silent about that."""
    position, end = 0, len(content)
    if content[:3] == b"ID3" and end > 10:
        size = content[6:10]
        position = 10 + (size[0] << 21 | size[1] << 14 | size[2] << 7 | size[3])
    if content[-128:-125] == b"TAG":
        end -= 128
    first = position
    while position + 4 <= end:
        length = _frame_length(content[position : position + 4])
        if not length:
            return False
        position += length
    return first < position == end


def _frame_length(header: bytes) -> int:
    """Bytes of the Layer III frame that begins with these four; 0 when none does."""
    version, layer = header[1] >> 3 & 3, header[1] >> 1 & 3
    bitrate, rate, padding = header[2] >> 4, header[2] >> 2 & 3, header[2] >> 1 & 1
    if header[0] != 0xFF or header[1] < 0xE0 or version == 1 or layer != 1 or bitrate in (0, 15) or rate == 3:
        return 0
    first = version == 3
    return (144_000 if first else 72_000) * _BITRATES[first][bitrate] // _RATES[version][rate] + padding
