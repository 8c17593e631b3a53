"""The noise floor: where nothing sounds, and nowhere else; the same in any pieces; and there after every decoder."""

import subprocess

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from audioguide.export.encoder import Encoder
from audioguide.export.formats import FORMATS
from audioguide.sound.block import fill_silence, silence
from audioguide.system.ffmpeg import find_ffmpeg
from audioguide.units import RATE

TONE = (0.2 * np.sin(np.arange(RATE) / 20)).astype(np.float32)


def level(sound: np.ndarray) -> float:
    return float(20 * np.log10(np.sqrt(np.mean(np.square(sound, dtype=np.float64)))))


def session() -> np.ndarray:
    sound = silence(6 * RATE)
    sound[2 * RATE : 3 * RATE] = TONE[:, np.newaxis]
    return sound


def test_what_sounds_stays_bit_for_bit_and_the_rest_is_at_minus_75() -> None:
    before, after = session(), fill_silence(session(), 0)
    assert np.array_equal(after[2 * RATE + 1 : 3 * RATE], before[2 * RATE + 1 : 3 * RATE])
    assert level(after[: 2 * RATE - 300]) == pytest.approx(-75, abs=0.1)
    assert level(after[3 * RATE + 300 :]) == pytest.approx(-75, abs=0.1)
    assert np.abs(after[: 2 * RATE]).max() < 10 ** (-60 / 20)
    assert np.abs(after[2 * RATE - 8 : 2 * RATE]).max() < 10 ** (-90 / 20)  # it fades before a word
    assert not before[:RATE].any()


@given(first=st.integers(0, 2 * RATE), count=st.integers(1, 20_000), start=st.integers(0, 2**40))
def test_any_piece_of_silence_has_the_noise_of_the_whole(first: int, count: int, start: int) -> None:
    piece, whole = fill_silence(silence(count), start + first), fill_silence(silence(first + count), start)
    assert np.array_equal(piece, whole[first:])


LOSSY = [(form.ending, rate) for form in FORMATS.values() for rate in sorted({*form.bitrates[:1], *form.bitrates[-1:]})]


@pytest.mark.parametrize(("ending", "rate"), [*LOSSY, (".mp3", 128)])
def test_it_is_there_after_decoding(tmp_path, ending: str, rate: int) -> None:
    path = tmp_path / f"a{ending}"
    with Encoder(path, FORMATS[ending].with_bitrate(rate)) as encoder:
        encoder.write(fill_silence(session(), 0))
    command = [find_ffmpeg(), "-v", "error", "-i", path, "-f", "f32le", "-ar", str(RATE), "-"]
    decoded = np.frombuffer(subprocess.run(command, capture_output=True, check=True).stdout, "<f4").reshape(-1, 2)
    for first in np.arange(3.5, 5.5, 0.1):  # in every tenth of a second, also soon after a sound
        assert level(decoded[int(first * RATE) :][: RATE // 10]) == pytest.approx(-75, abs=3)
