import subprocess

import numpy as np
import pytest
from encoding import encoding

from audioguide.export.formats import FORMATS
from audioguide.export.mp3 import crc16, info_frame
from audioguide.system.ffmpeg import find_ffmpeg
from audioguide.system.mp3_frames import frame_ends, frame_length

DELAY = 576

PLAIN = "-v error -f f32le -ar 44100 -ac 2 -i - -c:a libmp3lame -joint_stereo 1 -b:a 128k -reservoir 0 -id3v2_version 0"
"""What ffmpeg makes of a sound by itself, without a tag in front."""


def test_crc16_of_the_standard_check_string():
    assert crc16(b"123456789") == 0xBB3D


@pytest.mark.parametrize("frames", [5000, 44_100, 1_000_000])
def test_it_says_what_the_encoders_own_says(tmp_path, frames):
    silence = np.zeros((frames, 2), np.float32)
    subprocess.run([find_ffmpeg(), *PLAIN.split(), tmp_path / "a.mp3"], input=silence.tobytes(), check=True)
    with encoding(tmp_path / "b.mp3") as encoder:
        encoder.write(silence)
    theirs, ours = ((tmp_path / name).read_bytes() for name in ("a.mp3", "b.mp3"))
    assert len(theirs) == len(ours)
    frame = frame_length(ours)
    # All that says how to decode; what fills a frame after its end is the encoder's name.
    for start in (0, *frame_ends(theirs[frame:])):
        said = slice(frame + start, frame + start + 36)
        assert theirs[said] == ours[said]
    assert theirs[36:52] == ours[36:52]  # what it is, and how many frames and bytes there are
    if frames == 1_000_000:  # of a short file their table is coarse
        tables = (np.frombuffer(content, np.uint8, 100, 52).astype(int) for content in (ours, theirs))
        assert np.abs(np.subtract(*tables)).max() <= 4
    assert theirs[177:180] == ours[177:180]  # delay and padding
    assert int.from_bytes(ours[190:192], "big") == crc16(ours[:190])


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("bitrate", FORMATS[".mp3"].bitrates)
def test_it_fits_into_a_frame_of_any_bit_rate(bitrate, channels):
    for frame in (info_frame(bitrate, channels), info_frame(bitrate, channels, 3, 1254, 1000)):
        assert len(frame) == frame_length(frame)
    assert 3 * 1152 - DELAY - 1000 >= 529  # or mpg123 does not believe it


@pytest.mark.parametrize("channels", [1, 2])
def test_of_a_file_that_grows_the_delay_is_known(tmp_path, channels):
    """A player that is given the beginning of a file hears it where it lies."""
    sound = np.zeros((44_100, channels), np.float32)
    sound[20_000:24_000] = 0.5 * np.sin(np.arange(4000) * 0.1)[:, None]
    with encoding(tmp_path / "a.mp3", channels=channels) as encoder:
        encoder.write(sound)
    whole = (tmp_path / "a.mp3").read_bytes()
    growing = info_frame(128, channels) + whole[frame_length(whole) :]
    command = [find_ffmpeg(), "-v", "error", "-f", "mp3", "-i", "-", "-f", "f32le", "-"]
    raw = subprocess.run(command, input=growing, capture_output=True, check=True).stdout
    found = np.frombuffer(raw, "<f4").reshape(-1, channels)
    shifts = range(-50, 51)
    alike = [float(np.sum(found[20_000 + shift : 24_000 + shift] * sound[20_000:24_000])) for shift in shifts]
    assert shifts[int(np.argmax(alike))] == 0
