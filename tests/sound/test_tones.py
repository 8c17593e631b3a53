import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from audioguide.sound.synth.layer import LoopedSource
from audioguide.sound.synth.tones import Partial, Tones
from audioguide.units import LONGEST_SESSION, RATE

GRID = 8192

PARTIALS = [
    Partial(110.0, 0.2, 0.1, (0.013, 0.031), 0.8, 0.25),
    Partial(441.7, 0.1, -0.1, (0.021, 0.047), -0.9),
    Partial(5000.3, 0.05, 0.2),
]
TONES = LoopedSource([Tones(PARTIALS)])
REFERENCE = TONES.block(0, 5 * GRID)


def directly(partials, frames):
    """The same sum by a sine per sample, with amplitudes straight between grid points."""
    grid = np.arange(frames[0] // GRID, frames[-1] // GRID + 2) * GRID
    total = np.zeros((len(frames), 2))
    for one in partials:
        sway = np.sin(2 * np.pi * np.multiply.outer(grid / RATE, one.sway)).mean(axis=-1)
        amplitude = np.interp(frames, grid, np.sqrt(1 + one.depth * sway))
        sine = amplitude * np.sin(2 * np.pi * ((one.hertz * frames / RATE + one.turn) % 1))
        total += sine[:, None] * [one.left, one.right]
    return total


def test_is_the_sum_of_its_sines():
    assert np.abs(REFERENCE - directly(PARTIALS, np.arange(len(REFERENCE)))).max() < 2e-6


def test_still_is_at_the_end_of_the_longest_session():
    start = round(LONGEST_SESSION * RATE) - 20_000
    expected = directly(PARTIALS, np.arange(start, start + 20_000))
    assert np.abs(TONES.block(start, 20_000) - expected).max() < 2e-6


@given(st.integers(0, 4 * GRID), st.integers(0, GRID))
def test_any_request_gives_the_same_bits(start, count):
    again = LoopedSource([Tones(PARTIALS)]).block(start, count)
    assert again.tobytes() == REFERENCE[start : start + count].tobytes()
    assert (again.shape, again.dtype, again.flags.c_contiguous) == ((count, 2), np.float32, True)


def test_what_is_handed_out_and_kept_cannot_be_changed():
    with pytest.raises(ValueError, match="read-only"):
        TONES.block(0, GRID)[:] = 1
