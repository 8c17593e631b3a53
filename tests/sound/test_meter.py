"""The streaming meter against the library that measures whole sounds."""

import numpy as np
import pytest

from audioguide.sound.backgrounds import background
from audioguide.sound.loudness import integrated
from audioguide.sound.meter import Meter, Peak, loudness_of
from audioguide.units import RATE, gain


def metered(sound, size=8192):
    meter = Meter(sound.shape[1])
    for start in range(0, len(sound), size):
        meter.hear(sound[start : start + size])
    return loudness_of(meter.powers)


def talk(seconds=30):
    """Noise in syllables and sentences: what the gates are for."""
    time = np.arange(seconds * RATE) / RATE
    shape = (0.6 - 0.4 * np.cos(2 * np.pi * 4 * time)) * (time % 7 < 4)
    return (np.random.default_rng(1).standard_normal((len(time), 2)) * 0.1 * shape[:, None]).astype(np.float32)


@pytest.mark.parametrize("name", ["warm-drone", "ocean", "brown-noise"])
def test_backgrounds_are_as_loud_as_the_library_has_them(name):
    sound = background(name).sound().block(0, 30 * RATE)
    assert metered(sound) == pytest.approx(integrated(sound), abs=0.05)


@pytest.mark.parametrize("size", [1000, 4410, 8192, 100_000])
def test_speech_with_its_pauses_in_blocks_of_any_size(size):
    assert metered(talk(), size) == pytest.approx(integrated(talk()), abs=0.05)


def test_one_channel_alone_is_3_decibels_less():
    both = talk()
    both[:, 1] = both[:, 0]
    assert metered(both) - metered(both[:, :1]) == pytest.approx(3.01, abs=0.01)


def test_silence_and_next_to_nothing_have_no_loudness():
    assert metered(np.zeros((RATE, 2), np.float32)) is None
    assert metered(talk()[: RATE // 4]) is None
    assert Peak().highest == 0


@pytest.mark.parametrize("size", [441, 8192])
@pytest.mark.parametrize("channels", [1, 2])
def test_the_true_peak_lies_between_frames(size, channels):
    """A quarter of the rate, and no frame at its peak: every frame is 3 dB below it."""
    at = np.arange(RATE)
    window = np.hanning(RATE)
    wave = (gain(-5) * window * np.sin(np.pi / 2 * at + np.pi / 4)).astype(np.float32)
    sound = np.repeat(wave[:, None], channels, axis=1)
    peak = Peak()
    for start in range(0, len(sound), size):
        peak.hear(sound[start : start + size])
    assert 20 * np.log10(peak.highest) == pytest.approx(-5, abs=0.05)
    assert 20 * np.log10(np.abs(sound).max()) < -7.9


def test_the_true_peak_of_the_very_last_frame_counts():
    peak = Peak()
    peak.hear(np.pad(np.full((1, 2), 0.5, np.float32), ((99, 0), (0, 0))))
    assert 20 * np.log10(peak.highest) == pytest.approx(-6.02, abs=0.01)
