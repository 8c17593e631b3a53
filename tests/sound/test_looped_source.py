"""What holds for the sound of any layers: shown on every shipped background."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from audioguide.sound import background
from audioguide.sound.synth.layer import LoopedSource
from audioguide.sound.synth.modulation import BreathPhase
from audioguide.units import LONGEST_SESSION, RATE, to_frames

GRID = 8192

NAMES = [name for name in background.background_names() if name != "music"]
WHOLE = 5 * GRID
BREATHS = (BreathPhase("in", 0, to_frames(0.4)), BreathPhase("out", to_frames(0.4), to_frames(0.3)))


def fresh(name, breaths=()):
    """The sound, made anew."""
    return background.find_background(name).mix_layers(-20.0, breaths)


@pytest.fixture(scope="module", params=NAMES)
def name(request):
    return request.param


@pytest.fixture(scope="module")
def reference(name):
    return fresh(name, BREATHS).block(0, WHOLE)


@given(start=st.integers(0, WHOLE), count=st.integers(0, 2 * GRID))
def test_any_start_and_size_give_the_same_bits(name, reference, start, count):
    count = min(count, WHOLE - start)
    block = fresh(name, BREATHS).block(start, count)
    assert (block.shape, block.dtype, block.flags.c_contiguous) == ((count, 2), np.float32, True)
    assert block.tobytes() == reference[start : start + count].tobytes()


def test_goes_on_to_the_end_of_the_longest_session(name):
    start = round(LONGEST_SESSION * RATE) - 3 * GRID
    there = fresh(name).block(start, 3 * GRID)
    again = fresh(name)
    assert np.concatenate([again.block(at, 1000) for at in range(start, start + 3000, 1000)]).tobytes() == (
        there[:3000].tobytes()
    )
    assert 0.001 < np.abs(there).max() < 1


def test_what_is_handed_out_and_kept_cannot_be_changed(name):
    with pytest.raises(ValueError, match="read-only"):
        fresh(name, BREATHS).block(0, GRID)[:] = 1


def test_what_was_kept_is_what_is_made_anew(name, reference):
    sound = fresh(name, BREATHS)
    assert [sound.block(0, GRID).tobytes() for _ in range(2)] == 2 * [reference[:GRID].tobytes()]


def test_layers_are_summed():
    class Count:
        def make(self, index):
            return np.full((2, GRID), index, np.float32)

    block = LoopedSource([Count(), Count(), Count()]).block(GRID - 1, 2)
    assert block.tolist() == [[0, 0], [3, 3]]
