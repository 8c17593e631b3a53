import subprocess

import numpy as np
import pytest

from audioguide.output.encoder import find_ffmpeg
from audioguide.output.gapless import crc16, set_length

PLAIN = "-v error -f f32le -ar 44100 -ac 2 -i - -c:a libmp3lame -b:a 128k -id3v2_version 0"
"""What ffmpeg makes of a sound by itself, without a tag in front."""


def test_crc16_of_the_standard_check_string():
    assert crc16(b"123456789") == 0xBB3D


@pytest.mark.parametrize("frames", [5000, 44_100])
def test_a_length_that_was_right_stays_to_the_byte(tmp_path, frames):
    path = tmp_path / "a.mp3"
    silence = np.zeros((frames, 2), np.float32).tobytes()
    subprocess.run([find_ffmpeg(), *PLAIN.split(), path], input=silence, check=True)
    before = path.read_bytes()
    set_length(path, frames)
    assert path.read_bytes() == before  # the length, and with it ffmpeg's own checksum
