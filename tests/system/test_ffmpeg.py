"""Sound files of any format, and what is none."""

import subprocess
from pathlib import Path

import pytest

from audioguide.errors import EnvironmentFailure, RequestError
from audioguide.system.ffmpeg import decode_to_segment, find_ffmpeg, read_mp3, run_ffmpeg
from audioguide.units import RATE

TONE = "sine=frequency=440:duration=1.5:sample_rate=48000"


def make(path: Path, source: str = TONE, *arguments: str) -> Path:
    command = [find_ffmpeg(), "-v", "error", "-f", "lavfi", "-i", source, *arguments, "-y", path]
    subprocess.run(command, check=True, capture_output=True)
    return path


@pytest.mark.parametrize("ending", ["wav", "mp3", "flac", "ogg", "opus", "m4a", "aiff", "webm"])
def test_every_format(tmp_path: Path, ending: str) -> None:
    sound = decode_to_segment(make(tmp_path / f"a: tone.{ending}", TONE, "-ac", "2"), 10)
    assert (sound.channels, sound.frame_rate, sound.sample_width) == (1, RATE, 2)
    assert sound.duration_seconds == pytest.approx(1.5, abs=0.1)
    assert sound.max_dBFS > -25


def test_eight_channels_at_96_khz(tmp_path: Path) -> None:
    path = make(tmp_path / "studio.wav", TONE, "-ac", "8", "-ar", "96000")
    assert decode_to_segment(path, 10).duration_seconds == pytest.approx(1.5, abs=0.01)


def test_ten_hours_are_refused_before_they_fill_the_memory(tmp_path: Path) -> None:
    path = tmp_path / "night.wav"
    make(path, "anullsrc=r=8000:cl=mono:d=1")
    with path.open("r+b") as file:  # a header that promises ten hours, and as many bytes, none of which take room
        seconds = 36_000
        header = bytearray(file.read(78))
        at = header.index(b"data") + 4
        header[at : at + 4] = (16_000 * seconds).to_bytes(4, "little")
        file.seek(0)
        file.write(header)
        file.truncate(len(header) + 16_000 * seconds)
    with pytest.raises(RequestError, match=r"night\.wav is longer than 5m\. Cut it"):
        decode_to_segment(path, 300)


def test_what_is_no_sound(tmp_path: Path) -> None:
    text, empty, picture = tmp_path / "text.wav", tmp_path / "empty.mp3", tmp_path / "picture.mp4"
    text.write_text("This is no sound at all. " * 100)
    empty.touch()
    make(picture, "color=c=blue:s=64x64:d=0.2")
    for path in (text, picture):
        with pytest.raises(RequestError, match=rf"{path.name} is not a sound that can be read\. Save it as"):
            decode_to_segment(path, 10)
    with pytest.raises(RequestError, match=r"empty\.mp3 is empty\."):
        decode_to_segment(empty, 10)
    with pytest.raises(EnvironmentFailure, match=r"gone\.wav cannot be read: No such file"):
        decode_to_segment(tmp_path / "gone.wav", 10)


@pytest.mark.parametrize("options", ["-ar 24000 -ac 1 -b:a 64k", "-ar 44100 -q:a 4", "-ar 8000 -b:a 16k", "-ar 16000"])
@pytest.mark.parametrize(
    "tags", ["-write_xing 0 -id3v2_version 0", "-id3v2_version 3 -write_id3v1 1 -metadata title=x"]
)
def test_an_mp3_is_whole_or_not(tmp_path: Path, options: str, tags: str) -> None:
    content = make(tmp_path / "tone.mp3", TONE, *options.split(), *tags.split()).read_bytes()
    assert read_mp3(content).duration_seconds == pytest.approx(1.5, abs=0.2)
    tail = 128 if "id3v1" in tags else 0
    for cut in (len(content) - tail - 1, len(content) - tail - 30, 3, 0):
        with pytest.raises(ValueError, match="The MP3"):
            read_mp3(content[:cut])
    with pytest.raises(ValueError, match="The MP3"):
        read_mp3(b"<html>" + content)


def test_an_ffmpeg_that_does_not_come_to_an_end(tmp_path):
    for_ever = ("-f", "lavfi", "-i", "anullsrc", "-f", "null", "-")
    with pytest.raises(EnvironmentFailure, match=r"ffmpeg hangs on .*a\.mp3: no answer within 0\.5 seconds"):
        run_ffmpeg(for_ever, tmp_path / "a.mp3", 0.5)
