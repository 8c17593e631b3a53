import os
import signal
import subprocess
import sys
import textwrap
import threading
from pathlib import Path

import numpy as np
import pytest
from encoding import encoding

from audioguide.errors import EnvironmentFailure
from audioguide.export import encoder
from audioguide.export.encoder import Encoder
from audioguide.export.formats import FORMATS, format_of
from audioguide.system.ffmpeg import find_ffmpeg
from audioguide.system.files import atomic_write

MP3 = FORMATS[".mp3"]
LENGTHS = [1, 46, 47, 1105, 1151, 1152, 1153, 1198, 1199, 1200, 2305, 44_100, 3 * 44_100 + 17]


def noise(frames: int, channels: int = 2) -> np.ndarray:
    return np.random.default_rng(frames).uniform(-0.4, 0.4, (frames, channels)).astype(np.float32)


def encode(path: Path, sound: np.ndarray, block: int = 4096) -> Path:
    with encoding(path, format_of(path), sound.shape[1]) as opened:
        for start in range(0, len(sound), block):
            opened.write(sound[start : start + block])
    assert opened.frames == len(sound)
    return path


def decode(path: Path, channels: int = 2) -> np.ndarray:
    command = [find_ffmpeg(), "-v", "error", "-i", path, "-f", "f32le", "-"]
    found = subprocess.run(command, capture_output=True, check=True)
    assert found.stderr == b""
    return np.frombuffer(found.stdout, "<f4").reshape(-1, channels)


@pytest.mark.parametrize("frames", LENGTHS)
def test_an_mp3_decodes_to_as_many_frames_as_went_in(tmp_path, frames):
    assert len(decode(encode(tmp_path / "a.mp3", noise(frames)))) == frames


@pytest.mark.real("mpg123")
@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("frames", LENGTHS)
def test_a_second_decoder_gives_as_many(tmp_path, frames, channels):
    path = encode(tmp_path / "a.mp3", noise(frames, channels))
    found = subprocess.run(["mpg123", "-q", "-s", "-e", "f32", path], capture_output=True, check=True)
    assert len(found.stdout) == frames * 4 * channels
    assert found.stderr == b""


def test_an_mp3_sounds_where_it_should(tmp_path):
    sound = np.zeros((44_100, 2), np.float32)
    sound[20_000:24_000] = 0.5 * np.sin(np.arange(4000) * 0.1)[:, None]
    found = decode(encode(tmp_path / "a.mp3", sound))
    shifts = range(-50, 51)
    alike = [float(np.sum(found[20_000 + shift : 24_000 + shift] * sound[20_000:24_000])) for shift in shifts]
    assert shifts[int(np.argmax(alike))] == 0


@pytest.mark.parametrize("ending", [".wav", ".flac"])
@pytest.mark.parametrize("frames", [1151, 30_011])
def test_lossless_formats_hold_the_nearest_24_bit_values(tmp_path, ending, frames):
    sound = noise(frames) * 3  # a good part of it beyond full scale
    steps = np.clip(np.rint(sound.astype(np.float64) * 2**23), -(2**23), 2**23 - 1)
    np.testing.assert_array_equal(decode(encode(tmp_path / f"a{ending}", sound)) * 2**23, steps)


@pytest.mark.real("ffprobe")
@pytest.mark.parametrize(
    ("ending", "codec", "bits"), [(".mp3", "mp3", "0"), (".wav", "pcm_s24le", "24"), (".flac", "flac", "24")]
)
def test_the_format_is_what_was_asked_for(tmp_path, ending, codec, bits):
    path = encode(tmp_path / f"a{ending}", noise(44_100))
    wanted = "stream=codec_name,sample_rate,channels,bits_per_raw_sample,bits_per_sample,bit_rate"
    command = ["ffprobe", "-v", "error", "-show_entries", wanted, "-of", "default=noprint_wrappers=1", path]
    found = dict(line.split("=") for line in subprocess.check_output(command, text=True).split())
    assert (found["codec_name"], found["sample_rate"], found["channels"]) == (codec, "44100", "2")
    assert bits in (found["bits_per_raw_sample"], found["bits_per_sample"])
    if ending == ".mp3":
        assert found["bit_rate"] == "128000"


@pytest.mark.parametrize("channels", [1, 2])
def test_where_lame_cannot_be_called_ffmpeg_encodes_the_same(tmp_path, monkeypatch, channels):
    sound = noise(30_000, channels)
    inside = decode(encode(tmp_path / "inside.mp3", sound), channels)
    monkeypatch.setattr(encoder, "_find_library", lambda: None)
    outside = decode(encode(tmp_path / "outside.mp3", sound), channels)
    assert len(inside) == len(outside)
    assert np.square(inside - outside).sum() < 0.01 * np.square(outside).sum()


def test_the_same_sound_gives_the_same_file_for_any_block_size(tmp_path):
    sound = noise(20_000)
    files = [encode(tmp_path / f"{size}.mp3", sound, size).read_bytes() for size in (20_000, 8192, 777)]
    assert files[0] == files[1] == files[2]


def test_an_empty_block_changes_nothing(tmp_path):
    with Encoder(tmp_path / "a.wav", FORMATS[".wav"]) as encoder:
        encoder.write(noise(10))
        encoder.write(noise(10)[:0])
    assert len(decode(tmp_path / "a.wav")) == 10


def test_a_block_of_the_wrong_shape_is_refused(tmp_path):
    with pytest.raises(ValueError, match="shape"), Encoder(tmp_path / "a.wav", FORMATS[".wav"]) as encoder:
        encoder.write(noise(10, channels=1))


def test_a_name_like_a_protocol_or_an_option_is_a_file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("http:a.wav", "-y.wav", "100%d.wav"):
        assert len(decode(encode(Path(name), noise(10)).rename("plain.wav"))) == 10


def write_minutes(path: Path, ending: str) -> None:
    with encoding(path, FORMATS[ending]) as encoder:
        for _ in range(100):
            encoder.write(noise(44_100))


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full, a disk without room")
@pytest.mark.parametrize("ending", FORMATS)
def test_a_full_disk_is_named(ending):
    with pytest.raises(EnvironmentFailure, match="disk is full"):
        write_minutes(Path("/dev/full"), ending)


def test_what_ffmpeg_says_is_passed_on(tmp_path):
    with pytest.raises(EnvironmentFailure, match="No such file") as failure:
        write_minutes(tmp_path / "missing" / "a", ".mp3")
    assert "\n" not in str(failure.value)


def test_a_machine_without_ffmpeg(tmp_path, monkeypatch):
    monkeypatch.setenv("IMAGEIO_FFMPEG_EXE", str(tmp_path / "nothing"))
    with pytest.raises(EnvironmentFailure, match="ffmpeg does not start"), encoding(tmp_path / "a.wav"):
        pytest.fail("the body must not run")


def write_until(failure: type[BaseException], target: Path) -> None:
    with atomic_write(target) as (part,), encoding(part, MP3) as encoder:
        encoder.write(noise(100_000))
        raise failure


@pytest.mark.parametrize("failure", [KeyboardInterrupt, ZeroDivisionError])
def test_an_exception_leaves_no_file_and_no_process(tmp_path, failure):
    before = threading.enumerate()
    with pytest.raises(failure):
        write_until(failure, tmp_path / "a.mp3")
    assert list(tmp_path.iterdir()) == []
    assert threading.enumerate() == before  # the reader of ffmpeg's messages ends with ffmpeg


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
@pytest.mark.parametrize("moment", ["while it is written to", "at its end"])
def test_an_encoder_that_is_stopped_is_not_waited_for(tmp_path, monkeypatch, new_children, moment):
    monkeypatch.setattr(encoder, "STALL", 1.0)

    def write() -> None:
        with Encoder(tmp_path / "a.wav", FORMATS[".wav"]) as open_encoder:
            open_encoder.write(noise(44_100))
            os.kill(new_children()[-1], signal.SIGSTOP)
            if moment == "while it is written to":
                for _ in range(100):
                    open_encoder.write(noise(44_100))

    with pytest.raises(EnvironmentFailure, match="hangs: it took no sound for 1s"):
        write()
    assert new_children() == []


def test_a_signal_that_ends_the_encoder_is_named(tmp_path, new_children):
    with pytest.raises(EnvironmentFailure, match="ended by SIGKILL"), Encoder(tmp_path / "a.wav", FORMATS[".wav"]):
        os.kill(new_children()[-1], signal.SIGKILL)


SESSION = """
    import sys
    from pathlib import Path
    import numpy as np
    from audioguide.system.files import atomic_write
    from audioguide.export.encoder import Encoder
    from audioguide.export.formats import FORMATS

    with atomic_write(Path(sys.argv[1])) as (part,), Encoder(part, FORMATS[".mp3"]) as encoder:
        try:
            print("ready", flush=True)
            for _ in range(20_000):  # not for ever, should the test itself be killed
                encoder.write(np.zeros((4410, 2), np.float32))
        except KeyboardInterrupt:
            if sys.argv[2] == "abandon":
                raise
        # A whole block may have been interrupted: what counts is that the encoder lives to take one more.
        encoder.write(np.zeros((4410, 2), np.float32))
"""


def interrupt(target: Path, then: str) -> int:
    """Run an export in a process group of its own, press Ctrl-C there, return the exit code."""
    command = [sys.executable, "-c", textwrap.dedent(SESSION), str(target), then]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
    with subprocess.Popen(command, start_new_session=True, **pipes) as child:
        child.stdout.readline()
        os.killpg(child.pid, signal.SIGINT)
        return child.wait(60)


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX: Ctrl-C is a signal to a process group")
def test_ctrl_c_leaves_nothing(tmp_path):
    assert interrupt(tmp_path / "a.mp3", "abandon") in (-signal.SIGINT, 130)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX: Ctrl-C is a signal to a process group")
def test_ctrl_c_does_not_reach_ffmpeg(tmp_path):
    assert interrupt(tmp_path / "a.mp3", "finish") == 0
    assert [path.name for path in tmp_path.iterdir()] == ["a.mp3"]
    assert len(decode(tmp_path / "a.mp3")) > 0


@pytest.mark.parametrize("ending", [".mp3", ".flac", ".wav"])
def test_every_format_is_as_loud_as_what_was_written(tmp_path, ending):
    """LAME takes 0.45 dB off at this bit rate; the table puts it back."""
    seconds = np.arange(3 * 44_100) / 44_100
    tone = np.repeat(0.3 * np.sin(2 * np.pi * 440 * seconds)[:, None], 2, axis=1).astype(np.float32)
    heard = decode(encode(tmp_path / f"tone{ending}", tone))
    ratio = np.vdot(heard, tone) / np.vdot(tone, tone)
    assert abs(20 * np.log10(ratio)) < 0.02
