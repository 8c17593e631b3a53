"""A sound of any loudness becomes as loud as narration."""

import numpy as np
import pytest
from loudness import integrated_loudness

from audioguide.speech.clip import normalize_loudness

RATE = 24_000


def noise(seconds: float, level: float) -> np.ndarray:
    return (level * np.random.default_rng(1).standard_normal(round(seconds * RATE))).astype(np.float32)


@pytest.mark.parametrize("level", [0.0005, 0.02, 0.3])
@pytest.mark.parametrize("seconds", [0.5, 2, 10])
def test_loudness(seconds: float, level: float) -> None:
    around = np.zeros(RATE // 2, np.float32)  # which BS.1770 hears in a short sound, and a listener does not
    sound = normalize_loudness(np.concatenate([around, noise(seconds, level), around]), RATE)
    assert sound.dtype == np.float32
    assert integrated_loudness(sound[len(around) : -len(around)], RATE) == pytest.approx(-19, abs=0.3)


def test_a_short_word_is_as_loud_as_a_long_one() -> None:
    tone = 0.05 * np.sin(2 * np.pi * 1000 * np.arange(RATE) / RATE, dtype=np.float32)
    long, short = normalize_loudness(tone, RATE), normalize_loudness(tone[: RATE * 3 // 10], RATE)
    assert 20 * np.log10(short.max() / long.max()) == pytest.approx(0, abs=1)


def test_a_knock_does_not_make_the_words_soft() -> None:
    sound = noise(3, 0.02)
    quiet = normalize_loudness(sound, RATE)
    sound[RATE] = 1.0
    knocked = normalize_loudness(sound, RATE)
    assert np.abs(knocked).max() == 2
    assert np.median(np.abs(knocked)) == pytest.approx(np.median(np.abs(quiet)), rel=0.1)


def test_silence_stays() -> None:
    silence = np.zeros(RATE, np.float32)
    assert np.array_equal(normalize_loudness(silence, RATE), silence)
    assert not len(normalize_loudness(silence[:0], RATE))
