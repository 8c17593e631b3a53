"""Finds and runs ffmpeg: decodes sound files of any format, and measures loudness."""

from __future__ import annotations

import errno
import hashlib
import os
import re
import signal
import warnings
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from subprocess import CompletedProcess
from typing import TYPE_CHECKING, BinaryIO

from audioguide.errors import AudioguideError, EnvironmentFailure, RequestError
from audioguide.system.cache import BlobCache, cache_key
from audioguide.system.files import os_error_message
from audioguide.system.mp3_frames import is_whole
from audioguide.system.paths import display_path
from audioguide.system.process import describe_exit, run
from audioguide.units import RATE, format_duration

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from pydub import AudioSegment

_READING = 120.0  # seconds that reading a file may take


def find_ffmpeg() -> str:
    """The path of imageio-ffmpeg's ffmpeg, or of the system's. EnvironmentFailure where there is none."""
    import imageio_ffmpeg

    try:
        return str(imageio_ffmpeg.get_ffmpeg_exe())
    except RuntimeError:
        raise EnvironmentFailure(
            "No ffmpeg was found for this machine. Install ffmpeg, or set IMAGEIO_FFMPEG_EXE to where it is."
        ) from None


def describe_failure(code: int, messages: Sequence[bytes], path: Path | None) -> AudioguideError:
    """The error of an ffmpeg that wrote `path` and ended with an exit code."""
    # The code is a signal's negated number, or else the system's error number, negated, in eight bits.
    number = errno.EFBIG if code == -getattr(signal, "SIGXFSZ", 0) else -code & 0xFF if code > 0 else 0
    if path and number in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return os_error_message(OSError(number, os.strerror(number)), path)
    silent = describe_exit(code) if code else "it ended too early"
    last = messages[-1].decode(errors="replace").strip() if messages else silent
    return EnvironmentFailure(f"ffmpeg failed: {last}. Try again, or run audioguide doctor.")


def run_ffmpeg(arguments: Sequence[str], path: Path, seconds: float, given: bytes = b"") -> CompletedProcess[bytes]:
    """Run ffmpeg to its end. `path` is for messages; EnvironmentFailure where it fails or exceeds `seconds`."""
    try:
        done = run([find_ffmpeg(), "-hide_banner", "-nostats", *arguments], seconds, given)
    except TimeoutError as error:
        raise EnvironmentFailure(f"ffmpeg hangs on {path}: {error}. Try again, or run audioguide doctor.") from None
    except OSError as error:
        raise EnvironmentFailure(f"ffmpeg does not start: {error.strerror}. Run audioguide doctor.") from None
    if done.returncode:
        raise describe_failure(done.returncode, done.stderr.splitlines(), path)
    return done


def program_digest(path: Path, cache: BlobCache) -> str:
    """The checksum of an encoder's file, kept in a cache while it is unchanged: no two builds encode alike."""
    try:
        stat = path.stat()
        key = cache_key("program", str(path.resolve()), stat.st_size, stat.st_mtime_ns)
        if known := cache.get(key):
            return known.decode("ascii", "replace")
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise EnvironmentFailure(f"{path.name} does not start: {error.strerror}. Run audioguide doctor.") from None
    cache.put(key, digest.encode())
    return digest


def segment_type() -> type[AudioSegment]:
    """pydub's AudioSegment, set to use `find_ffmpeg`."""
    with warnings.catch_warnings():
        # pydub looks for ffmpeg on the PATH while it is imported, and imports what Python 3.13 drops.
        warnings.simplefilter("ignore")
        from pydub import AudioSegment
    AudioSegment.converter = find_ffmpeg()
    segment: type[AudioSegment] = AudioSegment
    return segment


def decode(path: Path, longest: float, *shape: str, into: BinaryIO | None = None) -> CompletedProcess[bytes]:
    """The first `longest` seconds of a sound file as 16-bit samples, in the result's output or `into` a file.

    `shape` is ffmpeg's options for the samples. The exit code says whether ffmpeg could read the file, the error output
    why not. EnvironmentFailure where it does not end in time.
    """
    # "file:", since ffmpeg takes a bare name with a colon for a protocol. pydub would need ffprobe, and would read a
    # long WAV file whole.
    read = ("-t", f"{longest:g}", "-i", f"file:{path}", "-map", "0:a:0")
    command = [find_ffmpeg(), "-hide_banner", "-nostdin", "-nostats", *read, *shape, "-f", "s16le", "pipe:1"]
    try:
        return run(command, _READING, into=into)
    except TimeoutError:
        message = f"{display_path(path)} cannot be read in {_READING:g} seconds. Take it away."
        raise EnvironmentFailure(message) from None


def decode_to_segment(path: Path, longest: float) -> AudioSegment:
    """A short sound file in one channel, `RATE`, 16 bit. RequestError where it is no sound, empty or over `longest`."""
    name = display_path(path)
    try:
        with path.open("rb") as file:  # OSError says what is missing or forbidden
            if not file.read(1):
                raise RequestError(f"{name} is empty.", "Record it again, or take it away.")
        done = decode(path, longest + 1, "-ac", "1", "-ar", str(RATE))
    except OSError as error:
        raise EnvironmentFailure(f"{name} cannot be read: {error.strerror}.") from None
    if done.returncode or not done.stdout:
        raise RequestError(f"{name} is not a sound that can be read.", "Save it as WAV, FLAC, M4A or MP3.")
    sound = segment_type()(done.stdout, sample_width=2, frame_rate=RATE, channels=1)
    if sound.duration_seconds > longest:
        raise RequestError(f"{name} is longer than {format_duration(longest)}.", "Cut it to what is to be said.")
    return sound


def read_mp3(content: bytes) -> AudioSegment:
    """A decoded MP3. ValueError where it is none or its last frame is cut off."""
    if not content or not is_whole(content):
        raise ValueError("The MP3 is cut off.")
    segments = segment_type()
    from pydub.exceptions import CouldntDecodeError

    try:
        # With the codec named, pydub does not look for ffprobe.
        return segments.from_file(BytesIO(content), format="mp3", codec="mp3")
    except (CouldntDecodeError, IndexError) as error:
        raise ValueError("The MP3 cannot be decoded.") from error


def measure_loudness(sound: NDArray[np.float32], rate: int = RATE) -> float:
    """The integrated loudness in LUFS (BS.1770, gated) of (frames,) or (frames, channels); -inf for silence."""
    import numpy as np

    missing = max(rate * 4 // 10 - len(sound), 0)  # less than 400 ms is measured with silence after it
    sound = np.ascontiguousarray(np.pad(sound, [(0, missing)] + [(0, 0)] * (sound.ndim - 1)) if missing else sound)
    try:
        from loudness import integrated_loudness
    except ImportError:  # no wheel for macOS on Intel and Windows on ARM: ffmpeg measures to 0.1 LU
        form = ("-f", "f32le", "-ar", str(rate), "-ac", str(sound[0].size), "-i", "pipe:0")
        measure = (*form, "-af", "ebur128=framelog=quiet", "-f", "null", "-")
        done = run_ffmpeg(measure, Path("the sound"), _READING, sound.tobytes())
        found = float(re.findall(r"^\s*I:\s+(\S+) LUFS", done.stderr.decode(errors="replace"), re.MULTILINE)[-1])
        return found if found > -70 else float("-inf")
    return float(integrated_loudness(sound, rate))
