import numpy as np
import pytest

from audioguide.errors import RequestError
from audioguide.sound import backgrounds
from audioguide.sound.backgrounds import LOUDNESS, background
from audioguide.sound.loudness import integrated
from audioguide.units import RATE, frames

MINUTES = 10


@pytest.fixture(scope="module", params=backgrounds.names())
def sound(request):
    """Ten minutes of every background."""
    return background(request.param).block(0, MINUTES * 60 * RATE)


def test_level(sound):
    assert integrated(sound) == pytest.approx(LOUDNESS, abs=0.05)


def test_no_two_seconds_are_louder_or_softer(sound):
    window = frames(2)
    levels = [integrated(sound[at : at + window]) for at in range(0, len(sound) - window, 4 * window)]
    assert max(levels) - LOUDNESS < 0.7
    assert LOUDNESS - min(levels) < 0.7


def test_the_mono_sum_keeps_the_level(sound):
    # A narration loses 3.01 LU in mono; a background may not fall out of 12 to 14 LU under it.
    assert integrated(sound.mean(axis=1)) + 3.01 == pytest.approx(LOUDNESS, abs=0.9)


def test_both_ears_hear_as_much(sound):
    left, right = (integrated(np.ascontiguousarray(sound[:, ear])) for ear in (0, 1))
    assert left == pytest.approx(right, abs=0.2)


def test_no_direct_current(sound):
    assert np.abs(sound.mean(axis=0, dtype=np.float64)).max() < 1e-6


def test_enough_for_a_phone(sound):
    """At least half of the energy lies above 300 Hz, where a phone's loudspeaker begins."""
    power = np.abs(np.fft.rfft(sound[: 60 * RATE].mean(axis=1))) ** 2
    assert power[300 * 60 :].sum() > 0.5 * power.sum()


def test_nothing_jumps(sound):
    """The fourth difference lets a step through 16 times, a tone under 1 kHz hardly at all."""
    assert np.abs(np.diff(sound[: 60 * RATE].astype(np.float64), n=4, axis=0)).max() < 1e-4


def test_no_loop(sound):
    """The colour, in bands a third of an octave wide, never comes back to what it was for long."""
    second = RATE
    spectra = np.abs(np.fft.rfft(sound[: len(sound) // second * second].mean(axis=1).reshape(-1, second))) ** 2
    edges = (100 * 2 ** (np.arange(12) / 3)).astype(int)
    bands = np.log(np.add.reduceat(spectra, edges, axis=1)[:, :-1] + 1e-9)
    colour = bands - bands.mean(axis=0)
    power = (colour**2).sum() / len(colour)
    alike = [np.sum(colour[:-lag] * colour[lag:]) / (len(colour) - lag) / power for lag in range(20, len(colour) // 2)]
    assert max(alike) < 0.7


def test_moves(sound):
    """No tone stands still: the strongest of them trade places within a minute."""
    spectra = np.abs(np.fft.rfft(sound[: 60 * RATE].mean(axis=1).reshape(60, RATE)))
    assert len(set(spectra.argmax(axis=1).tolist())) > 1


def test_an_unknown_name_is_met_with_the_nearest():
    with pytest.raises(RequestError, match=r"'warm-drown'.*warm-drone"):
        background("warm-drown")
