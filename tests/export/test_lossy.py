"""M4A, M4B and Opus beside MP3: their length, their loudness, their bit rates."""

import json
import subprocess
from pathlib import Path

import numpy as np
import pytest
from encoding import encoding

from audioguide.export.encoder import find_ffmpeg
from audioguide.export.formats import FORMATS, format_of

LOSSY = [ending for ending, form in FORMATS.items() if form.bitrates]
AAC = [".m4a", ".m4b"]


def noise(frames: int, channels: int) -> np.ndarray:
    return np.random.default_rng(frames).uniform(-0.4, 0.4, (frames, channels)).astype(np.float32)


def encode(path: Path, sound: np.ndarray, bitrate: int | None = None) -> Path:
    with encoding(path, format_of(path, bitrate), sound.shape[1]) as encoder:
        encoder.write(sound)
    return path


def decode(path: Path, channels: int) -> np.ndarray:
    command = [find_ffmpeg(), "-v", "error", "-i", path, "-f", "f32le", "-"]
    found = subprocess.run(command, capture_output=True, check=True)
    assert found.stderr == b""
    return np.frombuffer(found.stdout, "<f4").reshape(-1, channels)


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("ending", AAC)
@pytest.mark.parametrize("frames", [46, 1023, 1024, 1025, 44_100, 132_317])
def test_aac_decodes_to_as_many_frames_as_went_in(tmp_path, ending, frames, channels):
    assert len(decode(encode(tmp_path / f"a{ending}", noise(frames, channels)), channels)) == frames


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("frames", [1152, 44_100, 132_317])
def test_opus_decodes_to_the_same_time_at_its_own_rate(tmp_path, frames, channels):
    found = decode(encode(tmp_path / "a.opus", noise(frames, channels)), channels)
    assert abs(len(found) - frames * 48_000 / 44_100) <= 1


@pytest.mark.parametrize("ending", LOSSY)
@pytest.mark.parametrize("channels", [1, 2])
def test_at_every_rate_it_is_as_loud_as_what_was_written(tmp_path, ending, channels):
    """Within 0.1 dB: a tone, so that no measure with a gate stands between."""
    seconds = np.arange(2 * 44_100) / 44_100
    tone = np.repeat(0.3 * np.sin(2 * np.pi * 440 * seconds)[:, None], channels, axis=1).astype(np.float32)
    rates = FORMATS[ending].bitrates
    for rate in sorted({rates[0], 96, 128, 192, 224, rates[-1]}):
        heard = decode(encode(tmp_path / f"{rate}{ending}", tone, rate), channels)
        power = np.mean(heard[len(heard) // 4 : -len(heard) // 4] ** 2) / np.mean(tone[22_050:-22_050] ** 2)
        assert abs(10 * np.log10(power)) < 0.1, rate


@pytest.mark.real("ffprobe")
@pytest.mark.parametrize(
    ("ending", "codec", "rate"), [(".m4a", "aac", 44_100), (".m4b", "aac", 44_100), (".opus", "opus", 48_000)]
)
def test_the_format_is_what_was_asked_for(tmp_path, ending, codec, rate):
    path = encode(tmp_path / f"a{ending}", noise(88_200, 2))
    command = ["ffprobe", "-v", "error", "-show_streams", "-of", "json", path]
    (stream,) = json.loads(subprocess.check_output(command))["streams"]
    assert (stream["codec_name"], int(stream["sample_rate"]), stream["channels"]) == (codec, rate, 2)


@pytest.mark.real("ffprobe")
def test_an_mp3_has_the_bit_rate_that_was_asked_for(tmp_path):
    for rate in FORMATS[".mp3"].bitrates:
        path = encode(tmp_path / f"{rate}.mp3", noise(30_011, 1), rate)
        command = ["ffprobe", "-v", "error", "-show_entries", "stream=bit_rate", "-of", "csv=p=0", path]
        assert int(subprocess.check_output(command)) == rate * 1000
        assert len(decode(path, 1)) == 30_011


@pytest.mark.parametrize("ending", LOSSY)
def test_a_lower_rate_is_a_smaller_file(tmp_path, ending):
    sound, rates = noise(5 * 44_100, 2), FORMATS[ending].bitrates
    small, large = (encode(tmp_path / f"{rate}{ending}", sound, rate).stat().st_size for rate in (rates[0], rates[-1]))
    assert small < large / 2


@pytest.mark.parametrize("ending", FORMATS)
def test_the_same_sound_gives_the_same_file(tmp_path, ending):
    first, second = (encode(tmp_path / f"{name}{ending}", noise(20_000, 2)).read_bytes() for name in "ab")
    assert first == second
