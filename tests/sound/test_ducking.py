import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from audioguide.sound.ducking import Duck, fade, fade_in_out
from audioguide.units import db_to_amplitude, to_frames

FADE = to_frames(1.5)

LEVEL = -13
DEPTH = -22 - LEVEL
FLOOR = pytest.approx(db_to_amplitude(DEPTH))
STEEPEST = np.pi / 2 / to_frames(0.005)
"""The most that a gain may move from one frame to the next: a raised cosine of 5 ms."""


def test_a_hold_swells_in_and_out():
    shape = fade_in_out(to_frames(20), 0, to_frames(20))
    assert shape[0] == shape[-1] == 0
    assert (shape[FADE:-FADE] == 1).all()
    assert shape[FADE // 2] == shape[-FADE // 2 - 1] == pytest.approx(0.5, abs=1e-4)
    assert np.abs(np.diff(shape)).max() < STEEPEST


@pytest.mark.parametrize("length", [0, 1, 2, 3, 1001, 2 * FADE - 1, 2 * FADE])
def test_a_short_hold_rises_half_way_and_falls(length):
    shape = fade_in_out(length, 0, length)
    assert len(shape) == length
    assert np.array_equal(shape, shape[::-1])
    assert (np.diff(shape[: (length + 1) // 2]) >= 0).all()
    if length > 1000:
        assert shape.max() > 0.999


def test_is_down_before_a_clip_and_back_one_second_after():
    start, end = to_frames(5), to_frames(7)
    shape = Duck([(start, end)]).gain(0, to_frames(12), LEVEL)
    assert (shape[: start - to_frames(0.3)] == 1).all()
    assert shape[start - to_frames(0.15)] == pytest.approx(db_to_amplitude(DEPTH / 2), abs=1e-3)
    assert shape[start : end + to_frames(0.2)].max() == shape[start : end + to_frames(0.2)].min() == FLOOR
    assert db_to_amplitude(DEPTH) < shape[end + to_frames(0.6)] < 1
    assert (shape[end + to_frames(1) :] == 1).all()
    assert np.abs(np.diff(shape)).max() < STEEPEST


@pytest.mark.parametrize(("gap", "back"), [(0.3, False), (1.49, False), (1.5, True), (4, True)])
def test_stays_down_across_gaps_under_a_second_and_a_half(gap, back):
    first, second = (0, to_frames(1)), (to_frames(1) + to_frames(gap), to_frames(2) + to_frames(gap))
    between = Duck([first, second]).gain(first[1], to_frames(gap), LEVEL)
    assert (between.max() == 1) == back
    if not back:
        assert (between == between[0]).all()
        assert between[0] == FLOOR


def test_without_speech_nothing_is_ducked():
    assert (Duck([]).gain(0, 100, LEVEL) == 1).all()


SPEECH = st.lists(st.integers(1, to_frames(4)), max_size=12).map(
    lambda lengths: list(zip(np.cumsum(lengths)[::2].tolist(), np.cumsum(lengths)[1::2].tolist(), strict=False))
)


@given(SPEECH, st.integers(0, to_frames(8)), st.integers(0, to_frames(2)))
def test_any_piece_has_the_same_bits(speech, start, count):
    length = to_frames(10)
    shapes = (
        lambda start, count: Duck(speech).gain(start, count, LEVEL),
        Duck(speech).amount,
        lambda start, count: fade_in_out(length, start, count),
        lambda start, count: fade(to_frames(3), to_frames(2), start, count, correlation=0.4),
        lambda start, count: fade(to_frames(3), to_frames(2), start, count, out=True),
    )
    for shape in shapes:
        assert np.array_equal(shape(start, count), shape(0, length)[start : start + count])


@given(SPEECH)
def test_speech_is_always_over_a_lowered_background(speech):
    shape = Duck(speech).gain(0, to_frames(30), LEVEL)
    for start, end in speech:
        assert (shape[start:end] == shape[start]).all()
        assert shape[start] == FLOOR
    assert np.abs(np.diff(shape)).max() < STEEPEST
