import math
import sys

import numpy as np
import pytest

from audioguide.system.ffmpeg import measure_loudness
from audioguide.units import RATE


@pytest.fixture(autouse=True, params=["loudness", "ffmpeg"])
def library(request, monkeypatch):
    """What measures: the library, or ffmpeg where there is no wheel of it."""
    if request.param == "ffmpeg":
        monkeypatch.setitem(sys.modules, "loudness", None)


def tone(seconds, decibels=0.0):
    """997 Hz, at which BS.1770 defines its reading: 0 dBFS in one channel is -3.01 LUFS."""
    count = round(seconds * RATE)
    return (10 ** (decibels / 20) * np.sin(2 * np.pi * 997 * np.arange(count) / RATE)).astype(np.float32)


def test_reads_the_tone_of_the_standard():
    assert measure_loudness(tone(3)) == pytest.approx(-3.01, abs=0.1)


def test_two_equal_channels_are_three_units_louder_than_one():
    one = tone(3, -20)
    assert measure_loudness(np.stack([one, one], axis=1)) - measure_loudness(one) == pytest.approx(3.01, abs=0.1)


def test_a_sound_shorter_than_a_window_is_measured_with_silence_after_it():
    short = tone(0.2)
    padded = np.pad(short, (0, RATE * 4 // 10 - len(short)))
    assert measure_loudness(short) == pytest.approx(measure_loudness(padded)) == pytest.approx(-6.02, abs=0.1)


def test_silence_has_no_loudness():
    assert measure_loudness(np.zeros((RATE, 2), np.float32)) == -math.inf
