"""Sessions cut into pieces: where, and that the pieces of an MP3 are the MP3."""

import subprocess
from functools import cache
from itertools import pairwise

import numpy as np
import pytest
from encoding import encoding
from hypothesis import given
from hypothesis import strategies as st

from audioguide.export.encoder import Encoder
from audioguide.export.formats import FORMATS, format_of
from audioguide.export.mp3 import Mp3File, Segment, split_chapter
from audioguide.system.ffmpeg import find_ffmpeg
from audioguide.system.mp3_frames import frame_ends
from audioguide.units import MP3_FRAME, RATE, to_frames

LENGTH = 1148 * 1152


@given(st.integers(0, 100), st.integers(1, 20_000), st.integers(1, 20_000))
def test_pieces_lie_end_to_end_on_the_grid(before, length, more):
    """And what comes later moves no cut before it."""
    first, last = before * MP3_FRAME, (before + length) * MP3_FRAME
    found = list(split_chapter(first, last, last))
    assert (found[0].first, found[-1].last) == (first, last)
    assert all(one.last == other.first for one, other in pairwise(found))
    assert all(piece.first % MP3_FRAME == 0 for piece in found)
    lengths = [piece.last - piece.first for piece in found]
    assert set(lengths[:-1]) <= {LENGTH}
    assert lengths[-1] < 1.5 * LENGTH
    assert lengths[-1] >= LENGTH / 2 or len(found) == 1
    longer = list(split_chapter(first, last + more * MP3_FRAME, last))
    assert [piece.first for piece in longer[: len(found)]] == [piece.first for piece in found]


@cache
def sound(seconds: float, channels: int = 2) -> np.ndarray:
    """Noise under a voice-like buzz in syllables, loud and soft, with silences: no stretch like another."""
    time = np.arange(to_frames(seconds)) / RATE
    buzz = sum(np.sin(2 * np.pi * (120 + 9 * np.sin(time)) * harmonic * time) / harmonic for harmonic in range(1, 12))
    shape = (0.6 - 0.4 * np.cos(2 * np.pi * 4 * time)) * (time % 7 < 5)
    noise = np.random.default_rng(1).standard_normal((len(time), channels)) * 0.02 * (time % 11 > 2)[:, None]
    return ((0.1 * buzz * shape)[:, None] + noise).astype(np.float32)


def encode(path, mix, cuts, bitrate=None):
    """An MP3 by pieces between these MP3 frames."""
    form, channels, total = format_of(path, bitrate), mix.shape[1], len(mix)
    edges = [0, *(cut * MP3_FRAME for cut in cuts), total]
    with Mp3File(path, form, channels) as file:
        for first, last in pairwise(edges):
            piece = Segment(first, last, total)
            with Encoder(None, form, channels) as encoder:
                encoder.write(mix[piece.start : piece.stop])
            file.append(piece.trim(encoder.content))
        file.finish(total)
    return path


def decode(command, channels=2):
    found = subprocess.run(command, capture_output=True, check=True)
    assert found.stderr == b""
    return np.frombuffer(found.stdout, "<f4").reshape(-1, channels)


def by_ffmpeg(path, channels=2):
    return decode([find_ffmpeg(), "-v", "error", "-i", path, "-f", "f32le", "-"], channels)


CUTS = {"two": [700], "many": [1, 2, 3, 100, 101, 500, 777, 1148], "at the end": [1500, 1530]}


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("cuts", CUTS.values(), ids=CUTS)
@pytest.mark.parametrize("beyond", [47, *(pytest.param(beyond, marks=pytest.mark.slow) for beyond in (0, 1, 46, 1151))])
def test_pieces_decode_to_exactly_the_frames_that_went_in(tmp_path, cuts, channels, beyond):
    mix = sound(41, channels)[: 1531 * MP3_FRAME + beyond]
    path = encode(tmp_path / "a.mp3", mix, cuts)
    assert len(by_ffmpeg(path, channels)) == len(mix)


@pytest.mark.real("mpg123")
@pytest.mark.parametrize("cuts", CUTS.values(), ids=CUTS)
def test_a_second_decoder_agrees(tmp_path, cuts):
    mix = sound(40)
    path = encode(tmp_path / "a.mp3", mix, cuts)
    theirs = decode(["mpg123", "-q", "-s", "-e", "f32", path])
    ours = by_ffmpeg(path)
    assert len(theirs) == len(ours) == len(mix)
    assert np.abs(theirs - ours).max() < 1e-4


@pytest.mark.real("mp3val")
@pytest.mark.parametrize("bitrate", [64, 128, 320])
def test_the_checker_of_mp3_files_finds_nothing(tmp_path, bitrate):
    path = encode(tmp_path / "a.mp3", sound(40), CUTS["many"], bitrate)
    found = subprocess.run(["mp3val", path], capture_output=True, text=True, check=True).stdout
    said = [line for line in found.splitlines() if line.startswith(("WARNING", "ERROR", "PROBLEM"))]
    assert [line for line in said if "No supported tags" not in line] == []  # tags come later
    assert "CBR" in found


@pytest.mark.slow
def test_the_joints_are_like_a_single_pass(tmp_path):
    """The fast way against the slow one: nothing is heard of a joint, in level or in time."""
    mix = sound(60)
    cuts = [300, 700, 1148, 1600, 2000]
    joined = by_ffmpeg(encode(tmp_path / "a.mp3", mix, cuts))
    with encoding(tmp_path / "b.mp3") as encoder:
        encoder.write(mix)
    single = by_ffmpeg(tmp_path / "b.mp3")
    assert len(joined) == len(single)
    apart, error = np.abs(joined - single).max(axis=1), np.abs(single - mix).max(axis=1)
    for cut in cuts:
        at = slice((cut - 2) * MP3_FRAME, (cut + 2) * MP3_FRAME)
        assert apart[at].max() <= 0.002
        assert np.abs(joined[at] - mix[at]).max() <= max(1.1 * error[at].max(), 0.002)


def test_frames_stand_alone():
    """No frame borrows from the one before: its main data begin at 0 (ISO/IEC 11172-3, 2.4.1.7)."""
    with Encoder(None, FORMATS[".mp3"]) as encoder:
        encoder.write(sound(5))
    ends = [0, *frame_ends(encoder.content)]
    assert ends[-1] == len(encoder.content)
    starts = [encoder.content[end : end + 6] for end in ends[:-1]]
    assert all(start[4] == 0 and start[5] & 0x80 == 0 for start in starts)
