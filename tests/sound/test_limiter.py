import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from audioguide.sound.block import apply_gain
from audioguide.sound.limiter import CONTEXT, HARMLESS, HOP, limit
from audioguide.units import db_to_amplitude

CEILING = db_to_amplitude(-2)


def true_peak(block):
    """The highest amplitude at eight times the rate, by a spectrum with zeros above."""
    return max(np.abs(np.fft.irfft(np.fft.rfft(side), 8 * len(side)) * 8).max() for side in block.T.astype(float))


def limited(block):
    """All of `block`, with silence around it, after the limiter."""
    found = limit(np.pad(block, ((CONTEXT, CONTEXT), (0, 0))))
    return block if found is None else apply_gain(block, found)


def noise(count, top):
    """Bursts of sound up to 8 kHz, the highest sample at `top` dBFS."""
    spectrum = np.fft.rfft(np.random.default_rng(4).standard_normal((count, 2)), axis=0)
    spectrum[round(8000 / 44100 * count) :] = 0
    bursts = (1 + np.sin(np.arange(count) / 3000)) * np.hanning(count)
    made = np.fft.irfft(spectrum, count, axis=0) * bursts[:, None]
    return (made / np.abs(made).max() * db_to_amplitude(top)).astype(np.float32)


@pytest.mark.parametrize("top", [-3, -1, 0, 3, 9])
def test_no_true_peak_above_the_ceiling(top):
    assert true_peak(limited(noise(HOP * 1000, top))) < CEILING * db_to_amplitude(0.1)


def test_a_peak_between_the_samples_is_seen():
    # A quarter of the rate, between its peaks: the samples lie 3 dB under the wave.
    count = HOP * 200
    wave = 0.95 * np.sin(np.pi / 2 * np.arange(count) + np.pi / 4) * np.hanning(count)
    block = np.stack([wave, wave], axis=1).astype(np.float32)
    assert np.abs(block).max() < CEILING < true_peak(block)
    assert true_peak(limited(block)) < CEILING * db_to_amplitude(0.1)


def test_where_nothing_exceeds_nothing_is_touched():
    assert limit(noise(HOP * 100, -2.8) * np.float32(0.8)) is None
    assert limit(np.full((HOP * 100, 2), HARMLESS, np.float32)) is None


def test_the_gain_is_exactly_one_away_from_a_peak():
    block = np.zeros((HOP * 400, 2), np.float32)
    block[HOP * 200, 1] = 1.0
    found = limit(block)
    assert found is not None
    touched = np.flatnonzero(found != 1) + CONTEXT
    assert HOP * 200 - CONTEXT <= touched[0] < HOP * 200 < touched[-1] <= HOP * 201 + CONTEXT
    assert found.min() == pytest.approx(CEILING, rel=1e-3)


def test_the_gain_moves_without_a_corner():
    block = np.zeros((HOP * 400, 2), np.float32)
    block[HOP * 200] = 1.0
    found = limit(block)
    assert found is not None
    assert np.abs(np.diff(found)).max() < (1 - CEILING) * 2 / (10 * HOP)


@given(st.integers(0, 100), st.integers(1, 60))
def test_a_piece_needs_no_more_than_its_context(first, hops):
    block = noise(HOP * 250, 4)
    whole = limit(block)
    start, stop = first * HOP, (first + hops) * HOP
    piece = limit(block[start : stop + 2 * CONTEXT])
    assert whole is not None
    # To the last bits, which the matrix product rounds by the row; the mixer always asks for the same pieces.
    assert np.abs((1 if piece is None else piece) - whole[start:stop]).max() < 1e-6
