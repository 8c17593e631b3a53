from pathlib import Path

import numpy as np
import pytest

from audioguide.errors import RequestError
from audioguide.export.formats import FORMATS, format_of, pack_24_bit, pack_floats, parse_bitrate
from audioguide.routine.load import SOUND_ENDINGS

STEP = 2.0**-23


def values(*samples: float) -> list[int]:
    """What arrives in the upper 24 bits."""
    words = np.frombuffer(pack_24_bit(np.array([samples], np.float32)), "<i4")
    assert not np.any(words & 0xFF)
    return [int(word) >> 8 for word in words]


def test_24_bit_values_are_the_nearest_ones():
    assert values(0.0, STEP, -STEP, 0.4 * STEP, 0.6 * STEP, -0.6 * STEP, 0.5) == [0, 1, -1, 0, 1, -1, 2**22]


def test_a_value_halfway_goes_to_the_even_one():
    assert values(0.5 * STEP, 1.5 * STEP, -0.5 * STEP, -1.5 * STEP) == [0, 2, 0, -2]


def test_24_bit_values_are_clipped_at_full_scale():
    assert values(1.0, 1.5, -1.0, -7.0, 1.0 - STEP) == [2**23 - 1, 2**23 - 1, -(2**23), -(2**23), 2**23 - 1]


def test_every_24_bit_value_survives():
    steps = np.arange(-(2**23), 2**23, 997, dtype=np.int32)
    words = np.frombuffer(pack_24_bit((steps * np.float32(STEP)).reshape(-1, 1)), "<i4")
    np.testing.assert_array_equal(words >> 8, steps)


@pytest.mark.parametrize("prepare", [pack_floats, pack_24_bit])
def test_a_block_of_any_layout_is_interleaved(prepare):
    block = np.random.default_rng(1).uniform(-1, 1, (7, 2)).astype(np.float32)
    assert bytes(prepare(np.asfortranarray(block))) == bytes(prepare(block))
    assert bytes(prepare(np.repeat(block, 2, axis=0)[::2])) == bytes(prepare(block))


def test_the_ending_names_the_format_in_capitals_or_not():
    assert format_of(Path("a/b.c/Cool.down.MP3")) is FORMATS[".mp3"]


@pytest.mark.parametrize(("name", "said"), [("a.mp4", ".mp4"), ("a", "no ending"), (".mp3", "no ending"), ("a.", "a.")])
def test_another_ending_is_refused_with_the_known_ones(name, said):
    with pytest.raises(RequestError, match=r"\.mp3") as error:
        format_of(Path(name))
    assert said in str(error.value)


@pytest.mark.parametrize(("ending", "bitrate"), [(".mp3", 96), (".m4a", 64), (".m4b", 256), (".opus", 48)])
def test_a_bit_rate_is_what_ffmpeg_is_told(ending, bitrate):
    arguments = format_of(Path(f"a{ending}"), bitrate).arguments
    assert arguments[arguments.index("-b:a") + 1] == f"{bitrate}k"


@pytest.mark.parametrize(
    ("name", "bitrate", "said"),
    [
        ("a.wav", 96, "no bit rate to choose"),
        ("a.flac", 96, "no bit rate to choose"),
        ("a.mp3", 100, "nearest is 96k"),
        ("a.mp3", 32, "64k to 320k"),
        ("a.m4a", 320, "64k to 256k"),
        ("a.opus", 0, "48k to 256k"),
    ],
)
def test_a_bit_rate_that_a_format_does_not_have_is_refused(name, bitrate, said):
    with pytest.raises(RequestError, match=said):
        format_of(Path(name), bitrate)


@pytest.mark.parametrize("text", ["96k", "96", "96000", " 96 kbit/s ", "96K", "96kbps"])
def test_a_bit_rate_as_people_write_it(text):
    assert parse_bitrate(text) == 96


@pytest.mark.parametrize("text", ["", "k", "high", "-96k", "96.5k", "9" * 40, "٩٦k"])
def test_what_is_no_bit_rate(text):
    with pytest.raises(ValueError, match="Write 96k"):
        parse_bitrate(text)


def test_what_can_be_written_is_known_as_sound_where_a_routine_is_wanted():
    assert tuple(FORMATS) == (*SOUND_ENDINGS, ".html")  # HTML can be a script, too
